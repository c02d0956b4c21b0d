"""robots.txt: may this be fetched, how fast, and where are the sitemaps? RFC 9309 (https://www.rfc-editor.org/rfc/rfc9309).

The matching is protego's; what the RFC says of sizes and failures is done here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urljoin

from protego import Protego

from newsarchive.urls import absolute, is_web_url

MAX_BYTES = 500 * 1024
"""What RFC 9309, 2.5, asks to be read at least. A file of 23 MB took 29 s and 850 MB without a limit."""
MAX_SITEMAPS = 1_000
_MAX_DELAY = 86_400.0
"""Seconds; a longer Crawl-delay is a mistake, and callers cap it lower."""
_SLOW_DOWN = 429


@dataclass(frozen=True, slots=True)
class Robots:
    """What one robots file says to one crawler."""

    agent: str
    """The product token that groups are matched by, such as `newsarchive`."""
    crawl_delay: float | None
    """Seconds between two requests, from Crawl-delay or Request-rate, the larger; None where nothing is said."""
    sitemaps: tuple[str, ...]
    """Absolute, in the file's order."""
    is_available: bool
    """False where the file could not be had; then everything is allowed, or nothing is."""
    _rules: Protego | None = field(repr=False)
    _without_rules: bool = field(repr=False)
    """What holds where there are no rules."""

    @classmethod
    def parse(cls, body: bytes, *, url: str, agent: str) -> Self:
        """Read a robots file; nothing in it is an error. Lines after `MAX_BYTES` are not read."""
        if len(body) > MAX_BYTES:
            body = body[:MAX_BYTES].rpartition(b"\n")[0]  # half a rule may forbid or allow far too much
        text = body.decode("utf-8-sig", errors="replace").replace("\0", "")
        rules = Protego.parse(text)
        delays = [delay for delay in (rules.crawl_delay(agent), _seconds(rules, agent)) if delay is not None]
        links = (absolute(link, url) for link in list(rules.sitemaps)[:MAX_SITEMAPS])
        return cls(
            agent=agent,
            crawl_delay=min(max(delays), _MAX_DELAY) if delays else None,
            sitemaps=tuple(dict.fromkeys(link for link in links if link)),
            is_available=True,
            _rules=rules,
            _without_rules=True,
        )

    @classmethod
    def unavailable(cls, status: int | None) -> Self:
        """What holds where the file could not be had: with an HTTP status, or without any answer (None).

        A client error or endless redirects allow everything, a server error or silence nothing (RFC 9309, 2.3.1).
        429 counts as a server error: it asks for less, not for more.
        """
        allowed = status is not None and 300 <= status < 500 and status != _SLOW_DOWN  # noqa: PLR2004 - status classes
        return cls(agent="*", crawl_delay=None, sitemaps=(), is_available=False, _rules=None, _without_rules=allowed)

    def allows(self, url: str) -> bool:
        """Whether a URL may be fetched; never True for what is no web URL."""
        if not is_web_url(url):
            return False
        if self._rules is None:
            return self._without_rules
        return self._rules.can_fetch(url, self.agent)


def robots_url(url: str) -> str:
    """Where the robots file of a URL's host is.

    >>> robots_url("https://harbor.example:8443/news?page=2")
    'https://harbor.example:8443/robots.txt'
    """
    return urljoin(url, "/robots.txt")


def _seconds(rules: Protego, agent: str) -> float | None:
    rate = rules.request_rate(agent)
    return rate.seconds / rate.requests if rate else None
