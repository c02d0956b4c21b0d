"""Names and versions of what reads pages: a record made by another one is due to be made anew."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from newsarchive.version import __version__

REVISION: Final = 3
"""Counted up with every change of this package that can change a result."""


@cache
def extractor_version() -> str:
    """The programs that read pages, such as `newsarchive 0.1.0/2, trafilatura 2.3.1`.

    `Guide.extractor` adds what else decides how a page is read.
    """
    try:
        body = f"trafilatura {version('trafilatura')}"
    except PackageNotFoundError:
        body = "trafilatura unknown"
    return f"newsarchive {__version__}/{REVISION}, {body}"
