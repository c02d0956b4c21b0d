"""Names and versions of what reads pages: a record made by another one is due to be made anew."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

from newsarchive.extraction.guide import NO_GUIDE
from newsarchive.version import __version__

if TYPE_CHECKING:
    from newsarchive.extraction.guide import Guide

REVISION: Final = 1
"""Counted up with every change of this package that can change a result."""


def extractor_version(guide: Guide = NO_GUIDE) -> str:
    """What stands in `Extraction.extractor`, such as `newsarchive 0.1.0/1, trafilatura 2.3.1`.

    A publisher's rule adds its digest, as in `..., rule 5b0d2e9c`: a page that was read with another rule, or
    without one, is due to be read anew.
    """
    return f"{_programs()}, rule {guide.rule.digest}" if guide.rule else _programs()


@cache
def _programs() -> str:
    try:
        body = f"trafilatura {version('trafilatura')}"
    except PackageNotFoundError:
        body = "trafilatura unknown"
    return f"newsarchive {__version__}/{REVISION}, {body}"
