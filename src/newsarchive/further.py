"""Where does an article go on? The link from one of its pages to the next one, or to all of it on one page.

Read from the bytes, without a tree: it is asked of every page that is fetched. `rel=next` alone is no sign, since many
sites name the next article so; the address has to be that of this page with the next number.
"""

from __future__ import annotations

import html
import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from newsarchive.folding import article_key, page_number
from newsarchive.urls import absolute, canonicalise

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PARTS: Final = 30
"""Further pages of one article; the longest picture stories have about that many."""
_MOST_BYTES: Final = 2_000_000
_MOST_LINKS: Final = 500
"""Links looked at, of those that could be meant. Hostile pages of 2 MB take 30 ms, 100 KB with 1,200 links 4 ms."""
_ALL: Final = re.compile(rb"=(?:all|full|single|1|true)\b", re.IGNORECASE)
_AFTER: Final = frozenset({b"/", b"-", b"_", *(b"%d" % digit for digit in range(10))})
"""What stands behind `/page` in the address of a page with a number."""
_TAG: Final = re.compile(rb"<(?:a|link)\b[^<>]{0,1000}>", re.IGNORECASE)
_HREF: Final = re.compile(rb"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_ONWARD: Final = re.compile(
    rb"\b(?:rel|class|title|aria-label|id)\s*=\s*[\"']?[^\"'>]{0,200}"
    rb"(?:\bnext\b|pagin|\bpager\b|page-numbers|weiter|suivant|siguiente)",
    re.IGNORECASE,
)
_REL_NEXT: Final = re.compile(rb"\brel\s*=\s*[\"']?[^\"'>]{0,40}\bnext\b", re.IGNORECASE)
_WHOLE: Final = re.compile(
    r"[?&](?:page|view|pages?)=(?:all|full|single)(?:&|$)|[?&](?:singlepage|onepage)=(?:1|true)(?:&|$)"
)
_TRAILING: Final = re.compile(r"/(\d{1,2})/?$")


def further_page(body: bytes, url: str) -> str | None:
    """The page that follows one of an article's pages; None where it is the last, or the only one.

    Of a first page that links to all of the article on one page, that one follows and no other.

    >>> further_page(b'<a rel="next" href="?page=2">Next</a>', "https://harbor.example/world/summit")
    'https://harbor.example/world/summit?page=2'
    >>> further_page(b'<link rel="next" href="/world/another-story">', "https://harbor.example/world/summit") is None
    True
    """
    start = body[:_MOST_BYTES]
    if _WHOLE.search(url) or not _may_go_on(start):
        return None
    whole, number = _numbered(url)
    following = None
    for tag, target in _links(start, url, number + 1):
        if number == 1 and _WHOLE.search(target) and _is_same(target, url):
            return target
        numbered = _numbered(target, bare=bool(_REL_NEXT.search(tag)))
        if following is None and _ONWARD.search(tag) and numbered == (whole, number + 1):
            following = target
    return following if number <= MAX_PARTS else None


def _may_go_on(body: bytes) -> bool:
    """Whether any sign of a further page stands in the page, in small letters as addresses and attributes do.

    Three passes of 0.1 ms over 100 KB: it is asked of every page in the process that fetches.
    """
    page_signs = (
        body[at + 4 : at + 6].startswith((b"=", b"s="))
        or (body[at - 1 : at] == b"/" and body[at + 4 : at + 5] in _AFTER)
        for at in _places(body, b"page")
    )
    rel_signs = (b"rel=" in body[max(0, at - 6) : at] for at in _places(body, b"next"))
    return any(page_signs) or any(rel_signs) or b"view=" in body


def _places(body: bytes, word: bytes) -> Iterator[int]:
    at = body.find(word)
    while at >= 0:
        yield at
        at = body.find(word, at + 1)


def _links(body: bytes, url: str, number: int) -> Iterator[tuple[bytes, str]]:
    """The links that have the number in them, or that may lead to the whole; a page has few, and a hostile one many."""
    digits = str(number).encode()
    tags = (match[0] for match in _TAG.finditer(body))
    told = (tag for tag in tags if (digits in tag and _ONWARD.search(tag)) or _ALL.search(tag))
    for tag in islice(told, _MOST_LINKS):
        if found := _HREF.search(tag):
            href = next(group for group in found.groups() if group is not None)
            if target := absolute(html.unescape(href.decode("utf-8", errors="replace")), url):
                yield tag, target


def _numbered(url: str, *, bare: bool = True) -> tuple[str, int]:
    """An address without the number of its page, and that number; `bare` numbers at its end count as well."""
    whole, number = page_number(canonicalise(url))
    if number == 1 and bare and (match := _TRAILING.search(whole)) and int(match[1]) > 1:
        return whole[: match.start()], int(match[1])
    return whole, number


def _is_same(one: str, other: str) -> bool:
    """Whether one address is the other's, but for what chooses all pages at once."""
    return article_key(_WHOLE.sub(lambda found: found[0][0] if found[0].endswith("&") else "", one)) == article_key(
        other
    )
