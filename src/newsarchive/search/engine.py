"""What every search engine of an archive can be asked, and what it answers: protocols and values, no engine.

Two engines stand behind these: `native` (Whoosh's storage, evaluated with NumPy) and `tantivy_engine` (the library
tantivy). Nothing here assumes that the index is on this machine or that one process asks it: ids and not numbers of
documents, values and not objects of an engine, tokens where a later question goes on from an earlier one. For the same
articles and the same query every engine finds the same articles; scores may differ, and with them an order by
relevance.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from newsarchive.models.query import Query, TextPlace, Words
    from newsarchive.search.document import Document
    from newsarchive.search.stamps import Stamp

EngineName = Literal["whoosh", "tantivy"]
"""As `[index] engine` of the settings and the stamp of an index say it."""

Sort = Literal["relevance", "newest", "oldest", "longest", "most-edited"]
"""The order of an answer. Equal places stand newest first, then by id; a time that is not known comes last."""

Facet = Literal["source", "category", "language", "author", "month", "edited", "copies"]
FACETS: tuple[Facet, ...] = ("source", "category", "language", "author", "month", "edited", "copies")
"""What the articles of an answer can be counted by.

`source` and `category` count each article by its main value, `author` by each of its authors, `month` by the month of
publication as `2019-02` (UTC). `edited` is `yes` or `no`, `copies` is `yes` for a near-duplicate of an article that was
published earlier and else `no`. An article without a value is counted nowhere.
"""


class Found(NamedTuple):
    """One article that answers."""

    id: str
    score: float
    """Comparable within one answer only; 0 where the answer is not sorted by relevance."""
    copies: int = 0
    """Near-duplicates that answer as well and are folded under this one; 0 unless copies are folded."""


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many of the articles that answer have a value."""

    value: str
    """As it is shown, not as it is compared."""
    count: int


class Form(NamedTuple):
    """A word of the index that a word of the query stands for."""

    word: str
    """As it is indexed: case and width folded, diacritics kept."""
    documents: int
    """Articles in which it counts as a form, in the field that is asked; those that were deleted but still stand in the
    files of the index may be counted."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of the articles that answer, and how many there are in all."""

    total: int
    """All that answer, exact, folded copies too."""
    found: tuple[Found, ...]
    next: str | None = None
    """Where the next page begins: the `after` of the next question with the same query and order. None on the last."""
    facets: Mapping[str, tuple[FacetCount, ...]] = field(default_factory=dict)
    """By facet, the most frequent value first, equal ones by value; `month` in the order of time, every one of them.
    All articles that answer are counted, whether on this page or not, folded copies too."""
    folded: int = 0
    """How many of all that answer stand under another as its copy; 0 unless copies are folded."""


@dataclass(frozen=True, slots=True)
class ExplainedNode:
    """One node of a query's tree, and what it comes to in this index."""

    kind: str
    """The node's kind as its JSON form names it: `term`, `near`, `and` …"""
    place: TextPlace | None
    """Where it stands in the query's text."""
    documents: int
    """Articles that answer to this node alone, hidden ones left out."""
    forms: tuple[Form, ...] = ()
    """What a word, prefix, wildcard or fuzzy word stands for, the most frequent first; empty for other nodes."""
    parts: tuple[ExplainedNode, ...] = ()
    checked: int = 0
    """Articles whose positions were compared one by one, since the engine has no query of its own for this node."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """How an engine answers a query, and at what cost."""

    engine: EngineName
    tree: ExplainedNode
    engine_query: str
    """What the engine evaluates, in its own words; for reading only."""
    milliseconds: float
    """CPU time of one evaluation of the whole query, sorted by relevance, in milliseconds."""


class Searcher(Protocol):
    """Reads an index as it stood when it was opened. A context manager; not to be shared between threads.

    Every question may raise IntegrityError where the index is damaged, and UsageError where the query cannot be
    answered as it is meant: a pattern that stands for too many words, a cursor of another question.
    """

    @property
    def stamp(self) -> Stamp:
        """What the index was made from and how far it has come."""

    def __len__(self) -> int:
        """How many articles there are, hidden ones among them."""

    def close(self) -> None:
        """Let go of the files. Calling it twice does no harm."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def ids(self) -> list[str]:
        """The ids of all articles, sorted; one that is there twice stands twice."""

    def read_through(self) -> Iterator[int]:
        """Read all that the index holds; gives now and then how much was read. Damage raises IntegrityError."""

    def search(  # noqa: PLR0913 - one question in one call: an engine may be far away
        self,
        query: Query,
        *,
        sort: Sort = "relevance",
        limit: int = 20,
        offset: int = 0,
        after: str | None = None,
        facets: Sequence[str] = (),
        most_values: int = 20,
        fold_copies: bool = False,
    ) -> Answer:
        """The articles that answer: at most `limit`, from place `offset` on or those that follow a cursor.

        Args:
            query: what is asked.
            sort: the order.
            limit: articles of this page; 0 counts only.
            offset: articles that are left out before it, after the cursor's place if there is one.
            after: the `next` of the answer before, for the same query and order. A commit between the two questions
                changes scores; an article may then be missed or come twice, where the order is by relevance.
            facets: names out of `FACETS`.
            most_values: values of one facet at the most.
            fold_copies: of near-duplicates that answer, give the one that was published first, in its own place of the
                order, with the number of the others (see `newsarchive.search.copies`).

        Raises:
            UsageError: a facet is not known, the cursor is of another order or no cursor.
        """

    def count(self, query: Query) -> int:
        """How many articles answer."""

    def count_hidden(self, query: Query) -> int:
        """How many articles would answer that are hidden."""

    def scan(self, query: Query, *, sort: Sort = "relevance") -> Iterator[Found]:
        """All articles that answer, in order; holds some bytes per article, no texts."""

    def expand(self, node: Words) -> list[Form]:
        """What a word, prefix, wildcard or fuzzy word stands for in this index, the most frequent first.

        Of a word that falls into several, the forms of each.
        """

    def near_words(self, word: str, *, most: int = 5) -> list[Form]:
        """Words of the index that are spelled much like this one, the likeliest first; the word itself is not one."""

    def explain(self, query: Query) -> Explanation:
        """How the query is answered, node by node, and what it costs. Each node is evaluated by itself."""


class Writer(Protocol):
    """The one writer of an index folder, for as long as it is open. A context manager.

    A class has two more methods that make one, both with `folder` and `generation` (which store of articles the index
    is made from). `create` begins an empty index in place of what stands in the folder, whichever engine wrote it; it
    has no stamp before its first commit. `open` goes on with one and raises IndexMissing where none of this version,
    engine and store stands there, IntegrityError where its files are damaged. Both raise ArchiveLocked while another
    process writes. Readers are never in the way, nor disturbed; a killed writer leaves the last commit and no lock.
    """

    def close(self) -> None:
        """Let go of the lock. Calling it twice does no harm."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def apply(self, upserts: Iterable[Document] = (), deletes: Iterable[str] = (), *, revision: int) -> None:
        """Put documents in, replacing those of the same id, and take others out; then say so in the stamp.

        Where an id is put in twice, the last one counts; one that is put in and taken out is out.

        Raises:
            NewsarchiveError: a document could not be indexed or written; nothing of the batch was.
        """

    def build(self, documents: Iterable[Document], *, revision: int, workers: int = 1) -> int:
        """Put many documents in, and write the stamp at the very end; how many there were.

        `workers` processes or threads may share the work; an engine may do with fewer.
        """

    def compact(self) -> None:
        """Merge everything, so that the words of deleted documents are gone from the files as well."""
