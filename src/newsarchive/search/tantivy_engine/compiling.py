"""From a query's tree to one query of the library, put together from its query objects."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from newsarchive.models import query as q
from newsarchive.search.document import url_key
from newsarchive.search.language.wording import exact_key
from newsarchive.search.native import near as places
from newsarchive.search.native.forms import Piece, index_field, pieces
from newsarchive.search.tantivy_engine import checking
from newsarchive.search.tantivy_engine.dictionary import Dictionary, Forms
from newsarchive.search.tantivy_engine.fields import PLACES
from newsarchive.search.tantivy_engine.library import library
from newsarchive.search.tantivy_engine.terms import MOST_ALTERNATIVES, Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np

_SCORED: Final = (q.Term, q.Phrase, q.Prefix, q.Wildcard, q.Fuzzy)
_FAR: Final = 10_000
"""A distance of near words from which on positions are checked here."""
_METACHARACTERS: Final = frozenset("\\.+*?()|[]{}^$#&-~")


class Compiler:
    """Makes queries for one searcher; `checked` counts what was compared outside the library."""

    def __init__(self, searcher: Any, schema: Any, copies: Callable[[], Iterable[str]]) -> None:  # noqa: ANN401 - the library's
        """Make a compiler.

        Args:
            searcher: the library's.
            schema: the library's.
            copies: gives the ids of all articles that are copies of an earlier one.
        """
        self.dictionary = Dictionary(searcher)
        self.checked = 0
        self._searcher = searcher
        self._schema = schema
        self._make = Words(searcher, schema, self.dictionary)
        self._copies = copies

    def query(self, node: q.Query, within: Sequence[Any] = ()) -> Any:  # noqa: ANN401, C901, PLR0911, PLR0912 - one return per kind of node
        """The query of a node.

        Args:
            node: what is asked.
            within: queries that all of the answer must answer as well; what must be checked is looked for there only.

        Raises:
            UsageError: a word stands for too many words of the index.
        """
        make = self._make
        match node:
            case q.Term() | q.Phrase() | q.Prefix() | q.Wildcard() | q.Fuzzy():
                return self._words(node, within)
            case q.Near():
                return self._near(node, within)
            case q.NotNear():
                return self._not_near(node, within)
            case q.AtLeast():
                return self._at_least(node, within)
            case q.And():
                return self._and(node, within)
            case q.Or():
                return make.any_of([self.query(part, within) for part in node.parts])
            case q.Some():
                times = Counter(node.parts)  # one that is repeated counts once, and weighs so many times
                return make.any_of([make.heavier(self.query(part, within), times[part]) for part in times], node.least)
            case q.Not():
                return make.but(make.everything(), self.query(node.part, within))
            case q.Exact():
                return self._exact(node)
            case q.DateRange():
                return self._dates(node)
            case q.NumberRange():
                return self._range(node.field.value, node.least, None if node.most is None else node.most + 1)
            case q.Has():
                return make.value("has", node.property.value)
            case q.Is(state=q.State.COPY):
                return make.values("id", self._copies())
            case q.Is():
                return make.value("state", node.state.value)
            case q.Everything():
                return make.everything()

    def surface(self, fields: Sequence[str], word: str) -> Any:  # noqa: ANN401 - a tantivy.Query
        """One surface and no other form of it."""
        return self._make.word(fields, Forms(frozenset([word]), {}))

    def form(self, fields: Sequence[str], forms: Forms, word: str) -> Any:  # noqa: ANN401 - a tantivy.Query
        """One of the forms of a word, where it counts as one."""
        if word in forms.anywhere:
            return self.surface(fields, word)
        only = frozenset([word])
        return self._make.word(
            fields, Forms(frozenset(), {k: only for k, more in forms.by_language.items() if word in more})
        )

    def without(self, query: Any, ids: Iterable[str]) -> Any:  # noqa: ANN401 - tantivy.Query
        """What answers a query, but these articles."""
        return self._make.but(query, self._make.values("id", ids))

    def among(self, query: Any, ids: Iterable[str]) -> Any:  # noqa: ANN401 - tantivy.Query
        """What answers a query, of these articles."""
        return self._make.all_of([query, self._make.values("id", ids)])

    def both(self, query: Any, field: str, text: str) -> Any:  # noqa: ANN401 - tantivy.Query
        """What answers a query and has a whole value."""
        return self._make.all_of([query, self._make.value(field, text)])

    def _words(self, node: q.Words, within: Sequence[Any]) -> Any:  # noqa: ANN401 - a tantivy.Query
        asked, forms = self._forms(node)
        if not asked:
            return self._make.any_of([])
        fields = PLACES[node.field]
        if len(asked) == 1:
            return self._make.word(fields, forms[0])
        found = self._make.phrase(fields, forms, [piece.offset for piece in asked])
        if found is None:
            needs = [self._make.word(fields, each) for each in forms]
            found = self._check([*needs, *within], needs, lambda batch: checking.documents(batch.spans(node).starts))
        return found

    def _forms(self, node: q.Words) -> tuple[list[Piece], list[Forms]]:
        asked = pieces(node)
        name = index_field(node.field)
        return asked, [self.dictionary.forms(name, piece) for piece in asked]

    def _near(self, node: q.Near, within: Sequence[Any]) -> Any:  # noqa: ANN401 - a tantivy.Query
        apart = self._apart(node.parts, node.distance)
        if apart is not None and len(node.parts) == 2:  # noqa: PLR2004 - a pair is just what the library can say
            return self._make.near(*apart, node.distance, ordered=node.ordered)
        needs = [self.query(part, within) for part in node.parts]

        def test(batch: checking.Batch) -> Any:  # noqa: ANN401 - an array
            spans = [batch.spans(part) for part in node.parts]
            find = places.in_order if node.ordered else places.together
            return checking.documents(find(spans, node.distance))

        close = self._neighbours(*apart, node) if apart is not None else []
        return self._check([*close, *needs, *within], needs, test)

    def _neighbours(self, fields: Sequence[str], forms: Sequence[Forms], node: q.Near) -> list[Any]:
        """What a chain of parts needs: in order, each near the next one; else each near any other."""
        make, count = self._make, len(forms)
        if node.ordered:
            return [make.about_near(fields, pair, node.distance, ordered=True) for pair in pairwise(forms)]
        return [
            make.any_of(
                [
                    make.about_near(fields, [forms[one], forms[other]], node.distance, ordered=False)
                    for other in range(count)
                    if other != one
                ]
            )
            for one in range(count)
        ]

    def _apart(self, parts: Sequence[q.Query], distance: int) -> tuple[Sequence[str], list[Forms]] | None:
        """The fields and the forms of parts that are single words, all in one field, of which no two share a form."""
        found = [self._alternatives(part) for part in parts]
        some = [each for each in found if each is not None]
        if len(some) < len(found) or distance >= _FAR or len({field for field, _ in some}) > 1:
            return None
        forms = [each for _, each in some]
        if sum(len(each.every) for each in forms) > len(frozenset().union(*(each.every for each in forms))):
            return None
        return PLACES[some[0][0]], forms

    def _alternatives(self, node: q.Query) -> tuple[q.TextField | None, Forms] | None:
        """Single words that a part of a nearness stands for, all in one field; None where it is more than that."""
        if isinstance(node, q.Or):
            found = [self._alternatives(part) for part in node.parts]
            some = [each for each in found if each is not None]
            if len(some) < len(found) or len({field for field, _ in some}) > 1:
                return None
            joined = _joined([forms for _, forms in some])
            return (some[0][0], joined) if len(joined.every) <= MOST_ALTERNATIVES else None
        if not isinstance(node, _SCORED):
            return None
        _, every = self._forms(node)
        return (node.field, every[0]) if len(every) == 1 and len(every[0].every) <= MOST_ALTERNATIVES else None

    def _not_near(self, node: q.NotNear, within: Sequence[Any]) -> Any:  # noqa: ANN401 - a tantivy.Query
        part, close = self.query(node.part, within), self.query(node.other, within)
        apart = self._apart([node.part, node.other], node.distance)
        if apart is not None:
            close = self._make.about_near(*apart, node.distance, ordered=node.ordered)

        def test(batch: checking.Batch) -> Any:  # noqa: ANN401 - an array
            spans = batch.spans(node.part), batch.spans(node.other)
            return checking.documents(places.apart(*spans, node.distance, ordered=node.ordered))

        doubtful = self._check([part, close, *within], [part], test)
        return self._make.any_of([self._make.but(part, close), doubtful])

    def _at_least(self, node: q.AtLeast, within: Sequence[Any]) -> Any:  # noqa: ANN401 - a tantivy.Query
        part = self.query(node.part, within)
        if node.count <= 1:
            return part

        def test(batch: checking.Batch) -> Any:  # noqa: ANN401 - an array
            return checking.counted(batch.spans(node.part).starts, node.count)

        return self._check([part, *within], [part], test)

    def _and(self, node: q.And, within: Sequence[Any]) -> Any:  # noqa: ANN401 - a tantivy.Query
        make = self._make
        without = [part.part for part in node.parts if isinstance(part, q.Not)]
        positive = [part for part in node.parts if not isinstance(part, q.Not)]
        # What needs no check narrows what does.
        late = [part for part in positive if _holds_check(part)]
        found = [self.query(part, within) for part in positive if part not in late]
        for part in late:
            found.append(self.query(part, [*found, *within]))
        every = make.all_of(found) if found else make.everything()
        ruled_out = [self.query(part, [*found, *within]) for part in without]
        return make.but(every, make.any_of(ruled_out)) if ruled_out else every

    def _check(
        self, needs: Sequence[Any], scores: Sequence[Any], test: Callable[[checking.Batch], np.ndarray[Any, Any]]
    ) -> Any:  # noqa: ANN401 - a tantivy.Query
        """The documents that answer all of `needs` and pass a test over their positions."""
        candidates = self._make.unscored(self._make.all_of(needs))
        total = self._searcher.search(candidates, 1).count
        hits = self._searcher.search(candidates, total, count=False).hits if total else []
        self.checked += total
        ids = list(checking.checked(self._searcher, self.dictionary, [address for _, address in hits], test))
        return self._make.ranked(self._make.values("id", ids), scores)

    def _exact(self, node: q.Exact) -> Any:  # noqa: ANN401 - a tantivy.Query
        field = node.field.value
        text = url_key(node.text) if node.field is q.ExactField.URL else exact_key(node)
        if not node.prefix:
            return self._make.value(field, text)
        escaped = "".join(f"\\{char}" if char in _METACHARACTERS else char for char in text)
        return self._make.unscored(library().Query.regex_query(self._schema, field, f"{escaped}(.|\n)*"))

    def _dates(self, node: q.DateRange) -> Any:  # noqa: ANN401 - a tantivy.Query
        first, end = (int(moment.timestamp()) if moment else None for moment in node.span)
        return self._range(node.field.value, first, end)

    def _range(self, field: str, first: int | None, end: int | None) -> Any:  # noqa: ANN401 - a tantivy.Query
        """The documents whose number is known and lies between two bounds, the end excluded."""
        tantivy = library()
        if first is None and end is None:
            return self._make.unscored(tantivy.Query.exists_query(field))
        kind = tantivy.FieldType.Integer
        last = None if end is None else end - 1
        if first is not None and last is not None and first > last:  # the library finds documents between them
            return self._make.any_of([])
        return self._make.unscored(tantivy.Query.range_query(self._schema, field, kind, first, last))


def _joined(each: Sequence[Forms]) -> Forms:
    """Any of several."""
    anywhere = frozenset().union(*(forms.anywhere for forms in each))
    languages = {language for forms in each for language in forms.by_language}
    more = {key: frozenset().union(*(forms.read_by(key) for forms in each)) - anywhere for key in languages}
    return Forms(anywhere, more)


def _holds_check(node: q.Query) -> bool:
    match node:
        case q.Near() | q.NotNear() | q.AtLeast():
            return True
        case q.And() | q.Or() | q.Some():
            return any(map(_holds_check, node.parts))
        case q.Not():
            return _holds_check(node.part)
        case _:
            return False


def is_scored(node: q.Query) -> bool:
    """Whether the order by relevance means anything: whether words take part that are not ruled out."""
    match node:
        case q.And() | q.Or() | q.Some() | q.Near():
            return any(map(is_scored, node.parts))
        case q.NotNear() | q.AtLeast():
            return True
        case _:
            return isinstance(node, _SCORED)
