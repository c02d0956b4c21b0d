"""A loose list of words of which few articles have all is relaxed step by step, and the answer says so.

Words written side by side mean all of them: that is what a researcher counts on. Of a pasted headline or a question,
though, hardly any article has all the words, and a search for all of them ranks badly (nDCG@10 0.09 in the mean over
eight test collections, against 0.54 for any of them). So where few articles have all of four words or more, the list
is relaxed (two or three words never are: their counts are relied on, and that no article has all is an answer):

1. words that no article has are set aside, and so are the small words of a sentence (`what`, `of`, `the`);
2. of the words that are left, first all are asked for, then at least three quarters, half, a third, a fifth, one, until
   there are enough articles to put in order.

What a person wrote on purpose stays: phrases, exact words, words with a field, properties, dates, everything that was
joined by an operator. A list of words that has one is relaxed beside it, never across it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from newsarchive.models.query import And, Fuzzy, Prefix, Query, Some, Term, Wildcard
from newsarchive.models.query_json import to_json
from newsarchive.models.query_text import to_text
from newsarchive.search.analysis import tokens
from newsarchive.search.analysis.smallwords import small_words
from newsarchive.search.language.wording import describe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsarchive.search.engine import Searcher

FEW: Final = 20
"""Articles that have all the words, below which a list is relaxed: one page."""
ENOUGH: Final = 1_000
"""Articles that a relaxed list finds before no more words are given up: what the best are chosen from.

Articles that have fewer, but more telling words belong to the best: on six collections stopping at 20 gave nDCG@10
0.526 and MAP 0.348, at 100 0.546 and 0.403, at 1,000 0.549 and 0.423. Those hold 1,000 to 11,000 texts, so that 1,000
is close to any word of all; for larger archives it is a choice that keeps an answer readable, and was not measured.
"""
SENTENCE: Final = 4
"""Words from which on a list may be a sentence: it may be relaxed, and may have small words in it."""
_SHARES: Final = (Fraction(1), Fraction(3, 4), Fraction(1, 2), Fraction(1, 3), Fraction(1, 5))

_Word = Term | Prefix | Wildcard | Fuzzy


@dataclass(frozen=True, slots=True)
class Relaxed:
    """What is searched in place of a query, and why. Its `total`, pages, facets and counts are those of `query`."""

    query: Query
    """The query itself where nothing was relaxed. An engine's answer to it is exact, as to any other."""
    total_all: int | None = None
    """Articles that have all that was asked: the answer to the strict query. None where nobody had to count them."""
    least: int = 0
    """Of how many words at least one article must have; 0 where nothing was relaxed."""
    words: int = 0
    """How many words, each counted once, `least` is of."""
    absent: tuple[str, ...] = ()
    """Words that no article has, as they were written."""
    small: tuple[str, ...] = ()
    """Small words that were set aside, as they were written."""
    said: str = ""
    """The whole read-as line: what few articles have, what was set aside, and `describe` of what is searched instead;
    empty where nothing was relaxed."""

    @property
    def is_relaxed(self) -> bool:
        """Whether less is asked for than was written."""
        return self.least > 0

    def as_record(self) -> dict[str, Any]:
        """What was relaxed as JSON-able values."""
        return {
            "total_all": self.total_all,
            "least": self.least,
            "words": self.words,
            "absent": list(self.absent),
            "small": list(self.small),
            "tree": to_json(self.query),
        }


def relaxed(
    query: Query, searcher: Searcher, *, few: int = FEW, enough: int = ENOUGH, shortest: int = SENTENCE
) -> Relaxed:
    """What to search: the query, or if few articles have all of its loose words, the first step with enough articles.

    The same index gives the same step each time, so pages and counts agree. Strict counts (`total_all`) are at hand for
    whoever needs them; an export, a feed or a series of counts should ask the query as it was written.

    Args:
        query: any query; only an `And` that is loose, at its root, is ever relaxed.
        searcher: asked for counts only.
        few: relax if fewer articles than this have all.
        enough: take the first step that finds so many; the last step, one word of all, is taken anyway.
        shortest: lists of fewer words are left as they are.
    """
    loose = _loose_words(query)
    if len(loose) < shortest or len(set(loose)) < 2:  # noqa: PLR2004 - a single word cannot be relaxed
        return Relaxed(query)
    total = searcher.count(query)
    if total >= few:
        return Relaxed(query, total)
    absent = {word for word in dict.fromkeys(loose) if not searcher.count(word)}
    present = [word for word in loose if word not in absent]
    small = _small(present)
    telling = [word for word in present if word not in small]
    if not telling:
        return Relaxed(query, total)
    step, least, found = _first_enough(query, telling, searcher, enough, changed=bool(absent or small))
    if not least or found == total:
        return Relaxed(query, total)
    names = _written(absent), _written(small)
    said = _said(total, len(set(loose)), *names, step)
    return Relaxed(step, total, least, len(set(telling)), *names, said)


def _loose_words(query: Query) -> list[_Word]:
    """The words that may be given up, in order; repeated ones repeatedly."""
    if not isinstance(query, And) or not query.loose:
        return []
    return [part for part in query.parts if _is_loose(part)]


def _is_loose(part: Query) -> TypeGuard[_Word]:
    """Whether a part is a word without a field and without `=`: those say where and how it must stand."""
    return isinstance(part, _Word) and part.field is None and not (isinstance(part, Term) and part.exact)


def _small(words: Sequence[_Word]) -> frozenset[_Word]:
    """The words that are left aside because they tell little, if two telling ones are left.

    A word in capitals among others is a name (`WHO`, `IT`).
    """
    shouted = all(word.text.isupper() for word in words)
    keys = {word: _key(word) for word in words if isinstance(word, Term) and (shouted or not _is_name(word.text))}
    known = small_words(list(keys.values()))
    found = frozenset(word for word in keys if keys[word] in known)
    is_sentence = len(words) >= SENTENCE and len(set(words) - found) > 1
    return found if is_sentence else frozenset()


def _is_name(text: str) -> bool:
    return len(text) > 1 and text.isupper()


def _key(word: Term) -> str:
    return " ".join(tokens(word.text))


def _first_enough(
    query: Query, words: Sequence[_Word], searcher: Searcher, enough: int, *, changed: bool
) -> tuple[Query, int, int]:
    """The first step that finds enough, of how many words one must have, and how many articles it finds."""
    step, least, found = query, 0, 0
    for least in _steps(len(set(words)), changed=changed):
        step = _step(query, words, least)
        found = searcher.count(step)
        if found >= enough:
            break
    return step, least, found


def _steps(count: int, *, changed: bool) -> Iterator[int]:
    """Of how many of the words one must have, step by step; all of them only where others were set aside.

    >>> list(_steps(12, changed=False)), list(_steps(3, changed=True))
    ([9, 6, 4, 3, 1], [3, 2, 1])
    """
    counts = dict.fromkeys([*(ceil(count * share) for share in _SHARES), 1])
    return (least for least in counts if least < count or changed)


def _step(query: Query, words: Sequence[_Word], least: int) -> Query:
    """The query with at least so many of the words in place of all its loose words; what else it asks for stays."""
    kept = tuple(part for part in query.parts if not _is_loose(part)) if isinstance(query, And) else ()
    some: Query = Some(tuple(words), least) if len(set(words)) > 1 else words[0]
    return And((some, *kept), place=query.place) if kept else some


def _written(words: frozenset[_Word] | set[_Word]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(to_text(word) for word in sorted(words, key=lambda word: word.place or (0, 0))))


def _said(total: int, asked: int, absent: Sequence[str], small: Sequence[str], step: Query) -> str:
    having = "no article has" if not total else "1 article has" if total == 1 else f"{total:,} articles have"
    said = [f"{having} all {asked} words"]
    said += [f"none has {' or '.join(absent)}"] if absent else []
    said += [f"{', '.join(small)} left aside"] if small else []
    return f"{'; '.join(said)}; best first: {describe(step)}"
