"""Which captures an export holds: those of its articles, and what they refer to, each once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from newsarchive.errors import WarcError
from newsarchive.warc import records_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsarchive.holdings import Holdings
    from newsarchive.models import Article, Capture
    from newsarchive.warc import Taken

Versions = Literal["all", "latest"]
ALL: Final[Versions] = "all"


class Gathered(NamedTuple):
    """A capture with all its WARC records, its own first."""

    capture: Capture
    records: tuple[Taken, ...]
    original: str | None
    """Of a revisit, the record id of the capture that holds its payload, where the archive has it."""


class Gathering:
    """Gives the captures of articles, each once, and remembers what could not be read.

    It remembers an id for each capture that it gave: about 100 bytes.
    """

    def __init__(self, holdings: Holdings, *, versions: Versions = ALL) -> None:
        self._holdings = holdings
        self._versions = versions
        self._given: set[str] = set()
        self.problems: list[str] = []
        """For a person: each capture whose records are damaged or gone."""

    def of(self, article: Article) -> Iterator[Gathered]:
        """The captures of an article that were not given before, in the order of capture.

        A capture that only says that the page was the same as an earlier one (a revisit) comes after the one that it
        refers to, whatever article that belongs to.
        """
        for capture in self._wanted(article):
            yield from self._with_referred(capture)

    def _wanted(self, article: Article) -> Sequence[Capture]:
        table = self._holdings.captures
        if self._versions == ALL:
            wanted = table.of_article(article.id)
        else:
            shown = table.by_record(article.latest.record_id)
            wanted = table.with_parts(shown) if shown else iter(())
        return [capture for capture in wanted if self._holdings.barring.why(capture.url) is None]

    def _with_referred(self, capture: Capture) -> Iterator[Gathered]:
        if capture.record_id in self._given:
            return
        self._given.add(capture.record_id)
        name = f"{capture.url}, captured {capture.captured_at:%Y-%m-%d %H:%M:%S}"

        def tell(error: WarcError) -> None:
            # Where the archive lies is nobody's affair, and two makers have it at two places.
            self.problems.append(f"{name}: {error.message.replace(f'{self._holdings.folder}{os.sep}', '')}")

        try:
            records = records_of(self._holdings.warc_folder, capture, on_damage=tell)
        except WarcError as error:
            tell(error)
            return
        original = None
        if capture.revisit:
            row = self._holdings.captures.original(capture)
            if row is None:
                self.problems.append(f"{name}: the archive does not have the capture that it refers to")
            else:
                original = row.capture.record_id
                yield from self._with_referred(row.capture)
        yield Gathered(capture, records, original)
