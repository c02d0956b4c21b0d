"""Which URLs lead to the same article? A key that the variants of one page share, and the other ways to write one.

News sites show an article under many addresses: with and without `www`, for telephones, as AMP, for print. Where a page
names its canonical link, that decides. Where it names none, and before a page is fetched at all, the rules here do.
They stand in `docs/urls.md`. A rule is taken in only where two addresses that differ by it are never two articles.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from typing import Final
from urllib.parse import unquote, urlsplit

from newsarchive.urls import canonicalise, site_of

_VARIANT_ENDS: Final = frozenset({"amp", "print"})
"""Last segments that show the page before them in another form; a story whose whole name is one of these is unknown."""
_AMP_FIRST: Final = "amp"
_ROOT: Final = 2
"""Parts of the path `/`, split at its slash; a longer one has a name."""
_AMP_FILE: Final = re.compile(r"\.amp(?=$|\.s?html?$)", re.IGNORECASE)
_INDEX_FILE: Final = re.compile(r"(?:index|default)\.(?:s?html?|php|aspx?|jsp)", re.IGNORECASE)

_PAGE_PARAMETER: Final = re.compile(
    r"(?<=[?&])(?:page|paged|pg|p|pagenumber|seite|pagina)=(\d{1,4})(?:&|$)", re.IGNORECASE
)
_PAGE_SEGMENT: Final = re.compile(r"/(?:page|seite|pagina|p)[/_-]?(\d{1,4})(?=/|$|\.s?html?$)", re.IGNORECASE)

_YES: Final = frozenset({"", "1", "true", "yes", "on"})
_SWITCHES: Final = frozenset({"amp", "_amp", "isamp", "print", "printable", "printview", "mobile", "m"})
"""Parameters that choose a form of the page where they say yes. `m=0` asks Blogspot for the full page."""
_FORMS: Final = frozenset({"amp", "print", "mobile"})
_FORM_NAMES: Final = frozenset({"outputtype", "output", "view", "mode", "format"})
_WHOLE: Final = frozenset({"1", "all", "full", "single"})
"""What `page` says of an article's first page, or of all its pages on one."""


def article_key(url: str) -> str:
    """What every address of one article has in common; no address itself, since it may lead nowhere.

    Scheme, `www`, a host or path for telephones, AMP or print, a name such as `index.html`, a slash at the end, the
    order of parameters, and those that `canonicalise` drops make no difference. All else does.

    >>> article_key("https://www.harbor.example/summit/?b=2&a=1"), article_key("http://m.harbor.example/summit?a=1&b=2")
    ('harbor.example/summit?a=1&b=2', 'harbor.example/summit?a=1&b=2')
    >>> article_key("https://amp.harbor.example/summit.amp.html"), article_key("https://harbor.example/summit.html")
    ('harbor.example/summit.html', 'harbor.example/summit.html')

    Raises:
        UsageError: it is no http or https URL with a host.
    """
    url = canonicalise(url)
    split = urlsplit(url)
    query = "&".join(sorted(_telling(split.query)))
    authority = f"{site_of(url)}:{split.port}" if split.port else site_of(url)
    return f"{authority}{_plain_path(split.path)}{'?' if query else ''}{query}"


def plain_form(url: str) -> str:
    """The address of the article itself where a URL shows its AMP or print form; the same URL where it does not.

    >>> plain_form("https://harbor.example/summit/amp/"), plain_form("https://amp.harbor.example/summit?print=1")
    ('https://harbor.example/summit/', 'https://amp.harbor.example/summit')

    Raises:
        UsageError: it is no http or https URL with a host.
    """
    url = canonicalise(url)
    split = urlsplit(url)
    path = _without_form(split.path)
    query = "&".join(pair for pair in split.query.split("&") if pair and not _is_form(pair))
    return canonicalise(split._replace(path=path, query=query).geturl())


def spellings(url: str) -> tuple[str, ...]:
    """The URLs under which the same page is most likely known already, if it is: its plain form first.

    With and without `www`, over http and https, with and without a slash at the end; never the URL itself.

    Raises:
        UsageError: it is no http or https URL with a host.
    """
    own = canonicalise(url)
    plain = plain_form(own)
    found = dict.fromkeys([plain])
    split = urlsplit(plain)
    bare = split.netloc.removeprefix("www.")
    hosts = [split.netloc, *(() if _is_address(split.hostname or "") else (f"www.{bare}", bare))]
    paths = [split.path]
    if split.path != "/":
        paths.append(split.path.removesuffix("/") if split.path.endswith("/") else f"{split.path}/")
    query = f"?{split.query}" if split.query else ""
    for path in paths:
        for host, scheme in itertools.product(hosts, ("https", "http")):
            # The parts are those of a canonical URL, and so is what is put together of them: but for a port.
            other = f"{scheme}://{host}{path}{query}"
            found[canonicalise(other) if split.port else other] = None
    found.pop(own, None)
    return tuple(found)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def page_number(url: str) -> tuple[str, int]:
    """A URL without the number of its page, and that number; 1 where it has none.

    >>> page_number("https://harbor.example/world?sort=new&page=3"), page_number("https://harbor.example/world/page/3/")
    (('https://harbor.example/world?sort=new', 3), ('https://harbor.example/world', 3))
    >>> page_number("https://harbor.example/world/")
    ('https://harbor.example/world', 1)
    """
    path, mark, query = url.partition("?")
    if mark and (match := _PAGE_PARAMETER.search(f"?{query}")):
        query = f"?{query}"[: match.start()].lstrip("?") + f"?{query}"[match.end() :]
    elif match := _PAGE_SEGMENT.search(path):
        path = path[: match.start()] + path[match.end() :]
    whole = path.rstrip("/") + (f"?{query.rstrip('&')}" if query.rstrip("&") else "")
    return whole, int(match[1]) if match else 1


def _telling(query: str) -> list[str]:
    """The parameters that choose what is shown."""
    pairs = (pair for pair in query.split("&") if pair and not _is_form(pair))
    return [pair for pair in pairs if not _is_whole(pair)]


def _is_form(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name, value = name.lower(), value.lower()
    if name == "m":  # often an id elsewhere, so that only Blogspot's own two values are taken for a form
        return value in {"0", "1"}
    if name in _SWITCHES:
        return value in _YES or value in _FORMS
    return name in _FORM_NAMES and value in _FORMS


def _is_whole(pair: str) -> bool:
    name, _, value = pair.partition("=")
    return name.lower() == "page" and value.lower() in _WHOLE


def _without_form(path: str) -> str:
    segments = path.split("/")
    slash = len(segments) > _ROOT and segments[-1] == ""
    if slash:
        segments.pop()
    before = None
    while segments != before:  # AMP pages have print forms, and the other way round
        before = list(segments)
        if len(segments) > _ROOT and segments[1].lower() == _AMP_FIRST:
            del segments[1]
        if len(segments) > _ROOT and segments[-1].lower() in _VARIANT_ENDS:
            segments.pop()
        segments[-1] = _AMP_FILE.sub("", segments[-1]) or segments[-1]
    return "/".join(segments) + ("/" if slash else "")


def _plain_path(path: str) -> str:
    before = None
    while path != before:
        before = path
        folder, _, name = _without_form(path).rpartition("/")
        path = f"{folder}/" if _INDEX_FILE.fullmatch(unquote(name)) else f"{folder}/{name}"
        path = path.rstrip("/") or "/"
    return path
