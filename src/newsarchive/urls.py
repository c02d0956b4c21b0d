"""Web addresses: one spelling for each, what a link means, what site one belongs to, the key of archive indexes.

Syntax follows RFC 3986 (https://www.rfc-editor.org/rfc/rfc3986), section 6.2 for normalisation. Where browsers accept
more than it (white space, backslashes, numeric hosts), they are followed: https://url.spec.whatwg.org/.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, unquote_to_bytes, urljoin, urlsplit

from newsarchive.errors import UsageError

DEFAULT_PORTS = {"http": 80, "https": 443}

TRACKING_PREFIXES = (
    "utm_",  # campaign tags, the most common of all
    "itm_",  # the same for links inside a site
    "mtm_", "matomo_", "pk_", "piwik_",  # campaign tags of Matomo
    "at_",  # campaign tags of Piano (AT Internet)
    "ns_",  # campaign tags of Comscore
    "hsa_", "_hs",  # HubSpot
    "fb_action_", "fb_source", "fb_ref",  # shares on Facebook
    "oly_", "vero_", "mc_",  # mail newsletters: Omeda, Vero, Mailchimp
)  # fmt: skip
"""Query parameters that start so tell where a reader came from, never what is shown."""

TRACKING_NAMES = frozenset({
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid", "ttclid",
    "igshid", "igsh", "li_fat_id", "srsltid", "dicbo", "tblci",  # ids of one click, given by ad and search networks
    "_ga", "_gl", "mkt_tok", "wt_zmc", "wtmc", "xtor", "zanpid", "spm", "guccounter", "wprov",  # visitor counters
    "cmp", "cmpid", "icid", "ncid", "ocid", "mbid", "smid", "smtyp", "ftag", "maca",  # campaign codes of publishers
    "ref_src", "ref_url", "__twitter_impression", "guce_referrer", "guce_referrer_sig",  # the referring page
})  # fmt: skip
"""Whole names of tracking parameters, lower case."""

ORIGIN_NAMES = frozenset({"ref", "source", "src", "srcref", "from", "via", "partner", "share"})
"""Parameters that tell an origin on one site and choose the content on another: only `ORIGIN_VALUES` are dropped."""

ORIGIN_VALUES = frozenset({
    "rss", "feed", "atom", "twitter", "facebook", "fb", "x", "google", "googlenews", "newsletter", "push", "email",
    "mail", "whatsapp", "telegram", "linkedin", "reddit", "social", "share",
})  # fmt: skip

SECOND_LEVELS = frozenset({"ac", "co", "com", "edu", "go", "gob", "gov", "gouv", "ne", "net", "nom", "or", "org"})
"""Labels that a country sells names under (co.uk, com.au, or.jp). The whole Public Suffix List
(https://publicsuffix.org/) would have to be kept up to date; here a miss only means that two unrelated sites count as
one when a page links from one to the other."""

HOSTING = frozenset({
    "blogspot.com", "github.io", "gitlab.io", "herokuapp.com", "medium.com", "netlify.app", "pages.dev",
    "substack.com", "tumblr.com", "vercel.app", "wordpress.com", "workers.dev",
})  # fmt: skip
"""Hosts whose subdomains belong to different people."""

_VARIANTS = re.compile(r"(?:www\d{0,2}|m|mobile|amp)\.")
"""Subdomains that show the same site to another reader."""

_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?")
_BAD_LABELS = re.compile(r"\.\.")
_EDGES = "".join(map(chr, range(0x21)))  # WHATWG: C0 controls and space around a URL are dropped
_INSIDE = re.compile(r"[\t\r\n]")  # WHATWG: these three are dropped inside as well
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_IN_PATH = "/!$&'()*+,;=:@%"
_IN_QUERY = _IN_PATH + "?"
_NORMAL = re.compile(r"[A-Za-z0-9._~/!$&'()*+,;=:@?-]*")
_MAX_SOURCE_NAME = 63

_SURT_SAFE = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
_SURT_SESSION_PATH = re.compile(r"/(?:\((?:[a-z]\([0-9a-z]{24}\))+\)|\([0-9a-z]{24}\))(?=/[^?]+\.aspx)")
_SURT_SESSIONS = tuple(
    re.compile(rf"(.*){session}(?:&|$)")
    for session in (
        "jsessionid=[0-9a-z]{32}",
        "phpsessid=[0-9a-z]{32}",
        "sid=[0-9a-z]{32}",
        "aspsessionid[a-z]{8}=[a-z]{24}",
        "cfid=[^&]+&cftoken=[^&]+",
    )
)
"""Session ids that web archives ignore, as the tool `surt` of the Internet Archive lists them."""


class _Parts(NamedTuple):
    scheme: str
    host: str
    """Lower case, ASCII; an IPv6 address stands in brackets."""
    port: int | None
    """None where it is the scheme's own."""
    path: str
    query: str

    @property
    def authority(self) -> str:
        return self.host if self.port is None else f"{self.host}:{self.port}"


def canonicalise(url: str) -> str:
    """The one spelling of a web URL that stands for all its spellings; doing it twice changes nothing.

    Scheme and host are lower case, international names are in punycode; user name, default port, fragment and
    tracking parameters are dropped; dot segments are resolved; percent-encoding is upper case and only where needed.
    The order of the other parameters and a slash at the end are kept: servers tell them apart.

    >>> canonicalise("HTTPS://Harbor.Example:443/a/../b%7e%c3%a9?utm_source=x&id=7&b=#top")
    'https://harbor.example/b~%C3%A9?id=7&b='
    >>> canonicalise("http://münchen.example"), canonicalise("https://harbor.example/?fbclid=1")
    ('http://xn--mnchen-3ya.example/', 'https://harbor.example/')

    Raises:
        UsageError: it is no http or https URL with a host.
    """
    parts = _split(url)
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _is_tracking(pair))
    return _join(parts._replace(query=query))


def is_web_url(url: str) -> bool:
    """Whether this is a complete http or https URL with a host that can be.

    >>> is_web_url("https://harbor.example"), is_web_url("/news"), is_web_url("file:///etc/hosts")
    (True, False, False)
    """
    try:
        _split(url)
    except UsageError:
        return False
    return True


def absolute(href: str, base: str) -> str | None:
    """The web URL that a link means on a page, normalised, without fragment; None where it leads to no web page.

    Tracking parameters stay: what is asked for is the link as it was given.

    >>> absolute("../world/#top", "https://harbor.example/news/today")
    'https://harbor.example/world/'
    >>> absolute("mailto:desk@harbor.example", "https://harbor.example/") is None
    True
    """
    href = _clean(href)
    try:
        # A scheme that is not the web's is never joined: urljoin would leave it alone anyway, but slower.
        if _SCHEME.match(href) and not href[:5].lower().startswith(("http:", "https")):
            return None
        return _join(_split(urljoin(_clean(base), href)))
    except (UsageError, ValueError):
        return None


def host_of(url: str) -> str:
    """Host and, where it is not the scheme's own, port.

    >>> host_of("https://Harbor.example:443/a"), host_of("http://localhost:8000/")
    ('harbor.example', 'localhost:8000')

    Raises:
        UsageError: it is no http or https URL with a host.
    """
    return _split(url).authority


def site_of(url: str) -> str:
    """The host without port and without `www`, `m`, `mobile` or `amp` in front.

    >>> site_of("https://www.harbor.example/a"), site_of("https://m.co.uk/"), site_of("https://news.harbor.example/")
    ('harbor.example', 'm.co.uk', 'news.harbor.example')

    Raises:
        UsageError: it is no http or https URL with a host.
    """
    host = _split(url).host
    while (match := _VARIANTS.match(host)) and not _is_public_suffix(host[match.end() :]):
        host = host[match.end() :]
    return host


def same_site(one: str, other: str) -> bool:
    """Whether two URLs are of one site: the same `site_of`, or one a subdomain of the other; False for no web URL.

    >>> same_site("https://www.harbor.example/", "https://sport.harbor.example/cup")
    True
    >>> same_site("https://harbor.co.uk/", "https://co.uk/"), same_site("http://a.localhost/", "http://localhost/")
    (False, False)
    """
    try:
        first, second = site_of(one), site_of(other)
    except UsageError:
        return False
    parent, child = sorted((first, second), key=len)
    return parent == child or (child.endswith("." + parent) and not _is_public_suffix(parent))


def source_name(url: str) -> str:
    """A name for a site in the settings.

    >>> source_name("https://www.harborpost.example/"), source_name("http://127.0.0.1:8000/")
    ('harborpost.example', '127.0.0.1-8000')

    Raises:
        UsageError: it is no http or https URL with a host.
    """
    port = _split(url).port
    name = re.sub(r"[^a-z0-9._-]", "-", site_of(url).strip("[]")) + (f"-{port}" if port else "")
    return name[-_MAX_SOURCE_NAME:].lstrip("._-") or "source"


def _is_public_suffix(host: str) -> bool:
    labels = host.split(".")
    if len(labels) == 1 or host in HOSTING:
        return True
    return len(labels) == 2 and len(labels[1]) == 2 and labels[0] in SECOND_LEVELS  # noqa: PLR2004 - a country code


def _is_tracking(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name = name.lower()
    if name in ORIGIN_NAMES:
        return value.lower() in ORIGIN_VALUES
    return name in TRACKING_NAMES or name.startswith(TRACKING_PREFIXES)


def _clean(url: str) -> str:
    # WHATWG: a backslash is a slash. Left in place, it would hide the host that a browser would go to.
    before, mark, after = _INSIDE.sub("", url.strip(_EDGES)).partition("?")
    return before.replace("\\", "/") + mark + after


def _join(parts: _Parts) -> str:
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.authority}{parts.path}{query}"


@lru_cache(maxsize=512)
def _split(url: str) -> _Parts:
    """Take a URL apart, with every part normalised."""
    try:
        split = urlsplit(_clean(url))
        scheme, port, host = split.scheme, split.port, split.hostname or ""
        if scheme not in DEFAULT_PORTS:
            raise UsageError(f"{url[:200]!r} is no web URL", tip="it must start with http:// or https://")
        return _Parts(
            scheme=scheme,
            host=_host(host),
            port=None if port == DEFAULT_PORTS[scheme] else port,
            path=_resolve(_escape(split.path, _IN_PATH)),
            query=_escape(split.query, _IN_QUERY),
        )
    except ValueError as error:
        raise UsageError(f"{url[:200]!r} is no web URL: {error}") from error


def _host(host: str) -> str:
    """A host in lower case ASCII; raises ValueError where no host can be spelled so."""
    if ":" in host:
        return f"[{ipaddress.IPv6Address(host.partition('%')[0]).compressed}]"
    if not host.isascii() or "%" in host:
        host = _to_ascii(unquote(host, errors="strict"))
    host = host.lower().removesuffix(".")
    if not _HOST.fullmatch(host) or _BAD_LABELS.search(host):
        raise ValueError(f"{host!r} is no host")
    last = host.rpartition(".")[2]
    if last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last):  # WHATWG: a number at the end makes it an address
        return _ipv4(host)
    return host


def _ipv4(host: str) -> str:
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError as error:
        raise ValueError(f"{host!r} is no address") from error


def _to_ascii(host: str) -> str:
    # Not the codec "idna": it is IDNA 2003 and turns ß into ss, which is another host today (UTS #46, section 4).
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", host).lower())
    labels = folded.replace("\u3002", ".").replace("\u00ad", "").split(".")
    return ".".join(part if part.isascii() else "xn--" + part.encode("punycode").decode("ascii") for part in labels)


def _escape(text: str, safe: str) -> str:
    """Percent-encoding in its normal form (RFC 3986, 6.2.2.1 and 6.2.2.2); a lone percent sign is encoded."""
    if _NORMAL.fullmatch(text) and (safe is _IN_QUERY or "?" not in text):
        return text
    return quote(_ESCAPE.sub(_normal_escape, text), safe=safe, errors="replace")


def _normal_escape(match: re.Match[str]) -> str:
    if match[1] is None:
        return "%25"
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else match[0].upper()


def _resolve(path: str) -> str:
    """Dot segments resolved (RFC 3986, 5.2.4); never empty."""
    if "/." not in path:
        return path or "/"
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def surt_key(url: str) -> str:
    """The key that a CDXJ index is sorted by: the host reversed, everything in lower case, parameters sorted.

    It is written as the tools `surt`, pywb and cdxj-indexer write it, so that they find what we wrote
    (https://iipc.github.io/warc-specifications/specifications/cdx-format/openwayback-cdxj/). What is no web URL is
    its own key.

    >>> surt_key("https://www.harbor.example/News/?b=2&a=1#top"), surt_key("urn:uuid:7")
    ('example,harbor)/news?a=1&b=2', 'urn:uuid:7')
    """
    try:
        parts = _split(url)
    except UsageError:
        return url
    host = re.sub(r"^www\d*\.", "", parts.host.strip("[]"))
    path = _surt_escape(re.sub(r"/{2,}", "/", _resolve(_unescape(parts.path)))).lower()
    path = _SURT_SESSION_PATH.sub("", path, count=1)
    query = _surt_query(_surt_escape(_unescape(parts.query)).lower())
    port = f":{parts.port}" if parts.port else ""
    return f"{','.join(reversed(host.split('.')))}{port}){path.removesuffix('/') or '/'}{query}"


def _surt_query(query: str) -> str:
    for session in _SURT_SESSIONS:
        query = session.sub(r"\1", query, count=1)
    return "?" + "&".join(sorted(query.split("&"), key=lambda pair: pair.split("=", 1))) if query else ""


def _surt_escape(text: str) -> str:
    return quote(text, safe=_SURT_SAFE, encoding="latin-1")


def _unescape(text: str) -> str:
    """Percent-encoding undone until nothing changes, one character for each byte."""
    data = text.encode()
    while (plain := unquote_to_bytes(data)) != data:
        data = plain
    return data.decode("latin-1")
