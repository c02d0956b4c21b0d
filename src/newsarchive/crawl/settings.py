"""What Scrapy is run with. Its defaults suit scraping on a fast line; these suit an archive that runs for years.

Every entry stands with its reason; the measured ones were taken with Scrapy 2.19.0 against a hostile local server.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from newsarchive.version import __version__

if TYPE_CHECKING:
    from newsarchive.settings import Settings

PRODUCT = "newsarchive"
"""The product token in User-Agent (RFC 9110, section 10.1.5), and the name that robots files may address."""

_LONGEST_PAUSE = 120.0
"""Seconds that a run waits for a busy host; a host that asks for more is left for the next run."""


def crawl_settings(settings: Settings, *, log_level: str = "WARNING") -> dict[str, Any]:
    """All Scrapy settings of a crawl, for `CrawlerProcess` or a project's settings module."""
    return {
        **_identity(settings),
        **_limits(settings),
        **_pace(settings),
        **_safety(settings),
        "NEWSARCHIVE_READ_TDMREP": settings.rights.read_tdmrep,
        **_components(),
        **_engine(log_level),
    }


def user_agent(contact: str) -> str:
    """The name that the crawler goes by, with the contact for operators of crawled sites where there is one.

    >>> user_agent("https://harbor.example/bot").partition("/")[2].partition(" ")[2]
    '(+https://harbor.example/bot)'
    """
    folded = " ".join(contact.split())
    return f"{PRODUCT}/{__version__} (+{folded})" if folded else f"{PRODUCT}/{__version__}"


def _identity(settings: Settings) -> dict[str, Any]:
    return {
        "BOT_NAME": PRODUCT,
        "USER_AGENT": user_agent(settings.archive.contact),
        "ROBOTSTXT_OBEY": settings.crawl.obey_robots,  # Scrapy's own default is not to
        "ROBOTSTXT_USER_AGENT": PRODUCT,  # rules address a product, not a version
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            # Scrapy offers br and zstd as well; readers of WARC files fail on both, and each is a bomb more.
            "Accept-Encoding": "gzip",
            # No Accept-Language: a site that negotiates should show its own language, not ours.
        },
    }


def _limits(settings: Settings) -> dict[str, Any]:
    return {
        # 1 GiB by default: a brotli answer of 1,428 bytes became 944 MB and 1.9 GB of memory.
        "DOWNLOAD_MAXSIZE": settings.crawl.max_body,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": settings.crawl.timeout,  # for the whole response, so a dripping server is cut as well
        "DNS_TIMEOUT": 10,
        "REDIRECT_MAX_TIMES": 5,  # 20 by default; RFC 9309 asks for 5 for robots files
        "RETRY_TIMES": 1,  # the frontier tries again in a later run, which helps more than at once
        "RETRY_GIVE_UP_LOG_LEVEL": "INFO",  # a page that fails is an outcome, not an error of the crawl
        # Each page asks for the next one, so that depth counts pages: with a limit of 6, crawls of more than some 200
        # pages ended early. What bounds a crawl is in `harvest`, `agenda` and `discovery.traps`.
        "DEPTH_LIMIT": 0,
        "URLLENGTH_LIMIT": 2000,
        "MEMUSAGE_LIMIT_MB": 1500,  # a crawl needs about 100 MB; one that grows is stopped, not the machine
    }


def _pace(settings: Settings) -> dict[str, Any]:
    crawl = settings.crawl
    own = {
        urlsplit(source.url).hostname or "": {"delay": source.delay, "concurrency": crawl.concurrency_per_host}
        for source in settings.sources.values()
        if source.delay is not None
    }
    return {
        "DOWNLOADER": "newsarchive.crawl.retry.CountingDownloader",  # Scrapy's own lets bursts past the next limits
        "CONCURRENT_REQUESTS": 32,
        "CONCURRENT_REQUESTS_PER_DOMAIN": crawl.concurrency_per_host,
        "DOWNLOAD_DELAY": crawl.delay,
        "DOWNLOAD_DELAY_JITTER": 0,  # +-50 % by default, which undercuts a delay that was promised
        "DOWNLOAD_SLOTS": own,
        "AUTOTHROTTLE_ENABLED": crawl.delay > 0,  # a delay of 0 asks for full speed
        "AUTOTHROTTLE_START_DELAY": crawl.delay,
        "AUTOTHROTTLE_MAX_DELAY": max(crawl.delay, crawl.max_delay),
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(crawl.concurrency_per_host),
        "NEWSARCHIVE_MAX_DELAY": crawl.max_delay,
        "NEWSARCHIVE_LONGEST_PAUSE": max(_LONGEST_PAUSE, crawl.max_delay),
    }


def _safety(settings: Settings) -> dict[str, Any]:
    return {
        "NEWSARCHIVE_ALLOW_PRIVATE_HOSTS": settings.crawl.allow_private_hosts,
        "TWISTED_DNS_RESOLVER": "newsarchive.crawl.guard.GuardedResolver",
        "DOWNLOAD_HANDLERS": {
            "http": "newsarchive.crawl.wire.WireHandler",  # HTTP/1.1 only: HTTP/2 has no agreed WARC form
            "https": "newsarchive.crawl.wire.WireHandler",
            # A link or a sitemap could read local files with these.
            "file": None,
            "data": None,
            "ftp": None,
            "s3": None,
        },
        "DOWNLOAD_VERIFY_CERTIFICATES": True,  # not by default
        "COOKIES_ENABLED": False,  # a server made the next request carry a Cookie header of 9 MB
        "METAREFRESH_ENABLED": False,  # a page that refreshes itself is still the page
        "REFERER_ENABLED": False,  # sites need not learn who linked to them
        "HTTPPROXY_ENABLED": False,  # a proxy would resolve names where the guard cannot see
        # Both open a port that runs code.
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
    }


def _components() -> dict[str, Any]:
    scrapy = "scrapy.downloadermiddlewares"
    ours = "newsarchive.crawl"
    return {
        "DOWNLOADER_MIDDLEWARES": {
            f"{scrapy}.robotstxt.RobotsTxtMiddleware": None,  # fetches where robots.txt answers 503
            f"{ours}.rights.RightsMiddleware": 90,  # what is opted out costs its host not even a robots file
            f"{ours}.robots.RobotsMiddleware": 100,
            f"{scrapy}.httpauth.HttpAuthMiddleware": None,  # no site is logged in to
            f"{scrapy}.retry.RetryMiddleware": None,  # does not know Retry-After
            f"{ours}.retry.BusyHostMiddleware": 550,
            f"{scrapy}.redirect.MetaRefreshMiddleware": None,
            f"{scrapy}.redirect.RedirectMiddleware": None,
            f"{ours}.guard.PlainRedirectMiddleware": 600,
            f"{scrapy}.cookies.CookiesMiddleware": None,
            f"{scrapy}.httpproxy.HttpProxyMiddleware": None,
            f"{scrapy}.httpcache.HttpCacheMiddleware": None,  # the WARC files are the cache
            f"{ours}.capture.CaptureMiddleware": 950,  # inside HttpCompression (590): bodies stay coded
            f"{ours}.guard.GuardMiddleware": 990,  # the last to see a request
        },
        "SPIDER_MIDDLEWARES": {
            "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
            "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,  # a lint for spiders
        },
        "EXTENSIONS": {
            "scrapy.extensions.throttle.AutoThrottle": None,  # goes below a Crawl-delay
            f"{ours}.retry.HostThrottle": 0,
            "scrapy.extensions.telnet.TelnetConsole": None,
            "scrapy.extensions.remote_control.RemoteControl": None,
            "scrapy.extensions.feedexport.FeedExporter": None,  # exports are made from the archive
            "scrapy.extensions.spiderstate.SpiderState": None,
            "scrapy.extensions.memdebug.MemoryDebugger": None,
        },
    }


def _engine(log_level: str) -> dict[str, Any]:
    return {
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        # Saves 15 to 25 % of the CPU time of a page.
        "ASYNCIO_EVENT_LOOP": "uvloop.Loop" if importlib.util.find_spec("uvloop") else None,
        # Scrapy starts this many tasks for each response, 100 by default: 2.9 ms a page instead of 2.1.
        "CONCURRENT_ITEMS": 4,
        "WARN_ON_GENERATOR_RETURN_VALUE": False,  # reads the callback's source code anew for each response
        # The frontier is a table of the archive: a killed JOBDIR lost 1,092 of 1,500 pages in silence.
        "JOBDIR": None,
        "HTTPCACHE_ENABLED": False,
        "LOG_LEVEL": log_level,
        "LOG_SHORT_NAMES": True,
        "STATS_DUMP": False,  # the run's counts are stored with the run
    }
