"""Which sources there are: the tables of the settings, and the files in `spiders/`."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from newsarchive.errors import UnknownSource

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from newsarchive.settings import SourceSettings


def source_of(sources: Mapping[str, SourceSettings], name: str) -> tuple[str, SourceSettings]:
    """A source of the settings by its name.

    Raises:
        UnknownSource: there is none; the tip names the nearest.
    """
    if name in sources:
        return name, sources[name]
    raise unknown(name, sources)


def unknown(name: str, known: Collection[str]) -> UnknownSource:
    """The error for a source that is listed nowhere."""
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        tip = f"did you mean {near[0]!r}?"
    elif known:
        tip = f"known sources: {', '.join(sorted(known))}"
    else:
        tip = "add one with `newsarchive sources add URL`"
    return UnknownSource(f"no source is named {name!r}", tip=tip)
