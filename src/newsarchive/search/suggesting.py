"""What may have been meant: words of a query that no article has, or hardly any, and the index's own words near them.

Nothing of this is applied. The query with other words is offered as a text that can be typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from newsarchive.models.query import And, AtLeast, Near, NotNear, Or, Phrase, Some, Term, TextField
from newsarchive.search.analysis import surfaces

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsarchive.models.query import Query
    from newsarchive.search.engine import Searcher

RARE: Final = 3
"""Articles that have a word, up to which it may be a slip; more have it too often for one."""
FAR: Final = 100
"""How many times more articles a near word has at the least, where some have the word as it is."""
_SHORTEST: Final = 4
"""Letters of a word that is looked at: of shorter ones every other is near."""


def absent(query: Query, searcher: Searcher) -> tuple[str, ...]:
    """The words asked for that no article has, in any form, as they were written.

    Words that are not asked for, but only excluded, are none of them.
    """
    terms = dict.fromkeys(_terms(query))
    return tuple(dict.fromkeys(term.text for term in terms if not searcher.count(term)))


def did_you_mean(query: Query, text: str, searcher: Searcher) -> str | None:
    """The query's text with near words in place of those that no article has, or far fewer; None for no such word.

    Args:
        query: what was read from the text, with the places of its words.
        text: the query as it was typed.
        searcher: the index that is asked.
    """
    changes: dict[tuple[int, int], str] = {}
    for term in _terms(query):
        if term.place is not None and (better := _better(term, searcher)):
            place = term.place
            written = changes.get(place, text[slice(*place)])
            changes[place] = _replaced(written, term.text, better)
    if not changes:
        return None
    for (start, end), written in sorted(changes.items(), reverse=True):
        text = text[:start] + written + text[end:]
    return text


def _terms(query: Query) -> Iterable[Term]:
    """The words that are looked for in headline and body; of a phrase each as a word."""
    match query:
        case Term() if query.field is not TextField.AUTHOR:
            yield query
        case Phrase() if query.field is not TextField.AUTHOR:
            for word in query.text.split():
                if surfaces(word):
                    yield Term(word, query.field, exact=query.exact, place=query.place)
        case And() | Or() | Some() | Near():
            for part in query.parts:
                yield from _terms(part)
        case AtLeast() | NotNear():
            yield from _terms(query.part)


def _better(term: Term, searcher: Searcher) -> str | None:
    words = surfaces(term.text)
    if len(words) != 1 or len(words[0]) < _SHORTEST:
        return None
    have = searcher.count(term)
    if have > RARE:
        return None
    for near in searcher.near_words(words[0], most=3):
        if near.documents >= max(1, have * FAR) and near.word != words[0]:
            return near.word
    return None


def _replaced(written: str, word: str, better: str) -> str:
    """The text of a node with one word replaced: the last such, as a field's name may be the same."""
    before, found, after = written.rpartition(word)
    return f"{before}{better}{after}" if found else written
