"""newsarchive: an archival scraper and full-text search library for news.

import newsarchive as na

with na.open("~/hanoi") as archive:
    for hit in archive.search('"Hanoi summit"', since="2019-02-20"):
        print(hit.published, hit.source, hit.headline)

na.extract(html, url="https://...").headline
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from newsarchive.version import __version__

if TYPE_CHECKING:
    from newsarchive.api import explain, extract, fetch, open, rule_for  # noqa: A004 - na.open(...) reads as it should
    from newsarchive.archive import Archive, Results
    from newsarchive.models import Article, Capture, Change, Diff, Explanation, Extraction, Hit, Rule, Version

__all__ = [
    "Archive",
    "Article",
    "Capture",
    "Change",
    "Diff",
    "Explanation",
    "Extraction",
    "Hit",
    "Results",
    "Rule",
    "Version",
    "__version__",
    "explain",
    "extract",
    "fetch",
    "open",
    "rule_for",
]

# Imported when first asked for (PEP 562): `import newsarchive` alone costs next to nothing.
_HOMES: Final = {
    "Archive": "newsarchive.archive",
    "Article": "newsarchive.models",
    "Capture": "newsarchive.models",
    "Change": "newsarchive.models",
    "Diff": "newsarchive.models",
    "Explanation": "newsarchive.models",
    "Extraction": "newsarchive.models",
    "Hit": "newsarchive.models",
    "Results": "newsarchive.archive",
    "Rule": "newsarchive.models",
    "Version": "newsarchive.models",
    "explain": "newsarchive.api",
    "extract": "newsarchive.api",
    "fetch": "newsarchive.api",
    "open": "newsarchive.api",
    "rule_for": "newsarchive.api",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - PEP 562
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
