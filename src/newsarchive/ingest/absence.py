"""Which captures say that an article is gone: 404, 410, and redirects to where no article can be.

An answer of 5xx, 403 or 429, a timeout or a page that is no article says nothing of the kind. One 404 is enough: it is
what the server said at that time, and the article comes back with its next accepted capture.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from newsarchive.discovery import looks_like_article, looks_like_section
from newsarchive.models import Role
from newsarchive.urls import canonicalise, is_web_url

if TYPE_CHECKING:
    from newsarchive.holdings import Holdings
    from newsarchive.models import Capture

_MISSING: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_MOVED: Final = frozenset({301, 302, 303, 307, 308})


def absence(capture: Capture) -> str | None:
    """Why a capture says that no article stands at its URL: `404`, `410` or `302 to URL`; None where it does not."""
    if capture.origin.role is not Role.PAGE or not is_web_url(capture.url):
        return None
    if capture.status in _MISSING:
        return str(int(capture.status or 0))
    target = capture.location
    if capture.status in _MOVED and target and is_web_url(target) and leads_away(capture.url, target):
        return f"{capture.status} to {target}"
    return None


def leads_away(url: str, target: str) -> bool:
    """Whether a redirect of an article's URL leads to a front page or a section instead of an article.

    >>> leads_away("https://harbor.example/politics/summit-ends-without-deal", "https://harbor.example/politics/")
    True
    >>> leads_away("http://harbor.example/a/summit-ends", "https://www.harbor.example/a/summit-ends")
    False
    """
    old, new = _path(url), _path(target)
    if old == new:
        return False
    if not new:
        return True
    return not looks_like_article(target) and (looks_like_section(target) or old.startswith(f"{new}/"))


def _path(url: str) -> str:
    return canonicalise(url).partition("?")[0].split("://", 1)[1].partition("/")[2].rstrip("/")


def note_absence(holdings: Holdings, row: int, capture: Capture) -> None:
    """Keep what a new capture says of its article's absence, and bring the article up to date."""
    if why := absence(capture):
        url = canonicalise(capture.url)
        holdings.changes.add_absence(row, url=url, captured_at=capture.captured_at, why=why)
        holdings.articles.refresh_of_url(url)


def work_out_changes(holdings: Holdings) -> None:
    """Work out what changed in an archive that an older version made; once, under the lock `process`."""
    changes = holdings.changes
    if not changes.is_current:
        for row, capture in changes.work_out():
            if why := absence(capture):
                changes.add_absence(row, url=canonicalise(capture.url), captured_at=capture.captured_at, why=why)
