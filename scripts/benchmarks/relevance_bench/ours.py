"""Our ranking by the writer, the query language, relaxing and the searcher that a person gets.

A search never relaxes two or three words. To compare rankings with those of peers, which rank by any of the words,
lists of any length are relaxed here; `as_searched` says what a person gets.

A query of a collection is handed over as its words side by side, in small letters: its full stops, brackets and
question marks are no search syntax, and some collections are written in capitals, where AND would be an operator.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsarchive.search import Document, IndexWriter, Searcher, parse
from newsarchive.search.analysis import tokens
from newsarchive.search.relaxing import SENTENCE, relaxed
from relevance_bench.measures import DEPTH

if TYPE_CHECKING:
    from pathlib import Path

    from relevance_bench.collections import Collection

_SOME_DAY = datetime(2020, 1, 1, tzinfo=UTC)


def build(collection: Collection, folder: Path) -> None:
    """Write an index of the collection. An article's id is its number, as those of some collections are too long."""
    documents = (
        Document(
            id=str(number),
            url=f"https://collection.example/{number}",
            headline=text.headline,
            body=text.body,
            first_seen=_SOME_DAY,
            last_seen=_SOME_DAY,
            language="en",
        )
        for number, text in enumerate(collection.texts)
    )
    with IndexWriter.create(folder, generation="bench") as writer:
        writer.build(documents, revision=1)


class Ours:
    """An index of a collection, and what a person gets who asks it."""

    def __init__(self, collection: Collection, folder: Path) -> None:
        build(collection, folder)
        self._collection = collection
        self._folder = folder
        self.open()

    def open(self) -> None:
        """Open the index anew, as after a change of the constants of the ranking."""
        self._searcher = Searcher(self._folder, generation="bench")

    def as_searched(self, query: str) -> list[str]:
        """The texts that a search for a query of the collection finds; best first."""
        return self.rank(query, shortest=SENTENCE)

    def rank(self, query: str, *, shortest: int = 2) -> list[str]:
        """The same with lists from so many words on relaxed."""
        asked = parse(" ".join(tokens(self._collection.queries[query].lower())), now=_SOME_DAY)
        answer = self._searcher.search(relaxed(asked, self._searcher, shortest=shortest).query, limit=DEPTH)
        return [self._collection.texts[int(found.id)].id for found in answer.found]
