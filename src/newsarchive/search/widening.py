"""A query with the other spellings of its words: what every engine asks its index in place of the query itself.

The tree that was read stays what is shown and stored. This one is made of it for each search, of nodes that every
engine knows: `e-mail` becomes `e-mail OR email`, the neighbours `ha noi` of a list become `(ha noi) OR hanoi`.
What was asked for exactly, and a word whose occurrences are counted, stay as they are; names of authors have no joined
words in the index.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from newsarchive.models.query import (
    And,
    Near,
    Not,
    NotNear,
    Or,
    Phrase,
    Some,
    Term,
    TextField,
    all_of,
    any_of,
)
from newsarchive.search.analysis import Spelling, neighbours, phrase_variants, respellings, variants

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from newsarchive.models.query import Query
    from newsarchive.search.analysis import Variant

_LONGEST_LIST: Final = 30
"""Words of a list whose neighbours are looked at."""


def widened(query: Query, languages: Iterable[str] = ()) -> Query:
    """The query with the spellings that its words stand for.

    Args:
        query: any query.
        languages: those of the index; `Müller` is looked for as `Mueller` where German is among them.

    >>> widened(Term("e-mail"))
    Or(parts=(Term(text='e-mail', field=None, exact=False), Term(text='email', field=None, exact=False)))
    >>> widened(Term("summit"))
    Term(text='summit', field=None, exact=False)
    """
    return _widened(query, tuple(languages))


def _widened(query: Query, languages: tuple[str, ...]) -> Query:  # noqa: PLR0911 - one return per kind of node
    match query:
        case Term(exact=False):
            others = [
                other
                for other in variants(query.text, languages)
                if query.field is not TextField.AUTHOR or other.why in {Spelling.DIGRAPH, Spelling.LETTER}
            ]
            return any_of(query, *(_node(query, other) for other in others)) if others else query
        case Phrase(exact=False) if query.field is not TextField.AUTHOR:
            phrases = phrase_variants(query.text)
            return any_of(query, *(replace(query, text=other.text) for other in phrases)) if phrases else query
        case And(loose=True):
            return _list(query, languages)
        case And() | Or() | Near() | Some():
            parts = tuple(_widened(part, languages) for part in query.parts)
            if isinstance(query, And | Or):
                return replace(query, parts=_flat(parts, type(query)))
            return replace(query, parts=parts)
        case Not():
            return Not(_widened(query.part, languages), place=query.place)
        case NotNear():
            part, other = _widened(query.part, languages), _widened(query.other, languages)
            return replace(query, part=part, other=other)
        case _:
            return query


def _node(term: Term, other: Variant) -> Term | Phrase:
    if " " in other.text:
        return Phrase(other.text, term.field, place=term.place)
    return Term(other.text, term.field, exact=other.exact, place=term.place)


def _flat(parts: Iterable[Query], kind: type[And | Or]) -> tuple[Query, ...]:
    return tuple(leaf for part in parts for leaf in (part.parts if isinstance(part, kind) else (part,)))


def _list(query: And, languages: tuple[str, ...]) -> Query:
    """A list of words side by side, of which neighbours may be one word."""
    parts: list[Query] = []
    for run in _runs(query.parts):
        plain = all_of(*(_widened(part, languages) for part in run))
        words = [part.text for part in run if isinstance(part, Term)]
        others = respellings(words, neighbours(words)) if 1 < len(run) <= _LONGEST_LIST else ()
        spelled = [all_of(*(_term(run, text) for text in other)) for other in others]
        parts.append(any_of(plain, *spelled) if spelled else plain)
    whole = all_of(*parts, place=query.place)
    return replace(whole, loose=True) if isinstance(whole, And) else whole


def _term(run: Sequence[Query], text: str) -> Term:
    """A word of a respelled run: as it was typed, or a new one in the same field."""
    known = {part.text: part for part in run if isinstance(part, Term)}
    first = run[0]
    return known.get(text) or Term(text, first.field if isinstance(first, Term) else None)


def _runs(parts: Sequence[Query]) -> list[list[Query]]:
    """Stretches of a list of which each two neighbours may be one word, in order; the rest are runs of one."""
    runs: list[list[Query]] = []
    for part in parts:
        if runs and _may_join(runs[-1][-1], part):
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _may_join(before: Query, part: Query) -> bool:
    if not (isinstance(before, Term) and isinstance(part, Term)) or before.exact or part.exact:
        return False
    return (
        before.field is part.field and part.field is not TextField.AUTHOR and bool(neighbours([before.text, part.text]))
    )
