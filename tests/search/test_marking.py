"""What is marked in a text is exactly what the whole text, taken apart word by word, has of the query."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise, product
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsarchive.models.query import (
    And,
    AtLeast,
    Fuzzy,
    Near,
    Not,
    NotNear,
    Or,
    Phrase,
    Prefix,
    Query,
    Term,
    TextField,
    Wildcard,
)
from newsarchive.search.analysis import analysed, asked_surfaces, is_single, key, located, stem, surfaces
from newsarchive.search.marking import Marker

if TYPE_CHECKING:
    from collections.abc import Callable

Span = tuple[int, int, int, int]
"""First and last position, start and end in characters."""


class Reference:
    """A text, every word of it, and each query answered by looking at all of them."""

    def __init__(self, text: str, language: str) -> None:
        self.language = language
        words, places = located(text)
        at: list[tuple[int, str, int, int]] = [
            (position, word, *place) for position, (word, place) in enumerate(zip(words, places, strict=True))
        ]
        for position, word in analysed(text).extras:
            last, whole = position, words[position]
            while len(whole) < len(word):
                last += 1
                whole += words[last]
            at.append((position, word, places[position][0], places[last][1]))
        self.words = at

    def spans(self, query: Query) -> set[Span]:
        match query:
            case Or():
                return set().union(*map(self.spans, query.parts))
            case Wildcard():
                fits = re.compile(re.escape(key(query.text)).replace(r"\*", ".*").replace(r"\?", ".")).fullmatch
                return {(at, at, *place) for at, _, *place in self._longest(lambda word: bool(fits(key(word))))}
            case Term() | Phrase() | Prefix() | Fuzzy():
                return self._following(query)
        raise AssertionError(query)

    def _longest(self, fits: Callable[[str], bool]) -> list[tuple[int, str, int, int]]:
        """The words that fit, of those at one position the one that reaches farthest."""
        found: dict[int, tuple[int, str, int, int]] = {}
        for word in sorted(self.words, key=lambda word: word[3]):
            if fits(word[1]):
                found[word[0]] = word
        return list(found.values())

    def _following(self, query: Term | Phrase | Prefix | Fuzzy) -> set[Span]:
        pieces = asked_surfaces(query.text, prefix=isinstance(query, Prefix))
        found: set[Span] = set()
        if not pieces:
            return found
        for chain in product(*(self._longest(lambda w, p=p: self._is(query, p.text, w, p.prefix)) for p in pieces)):
            first = chain[0]
            if all(word[0] == first[0] + piece.offset for word, piece in zip(chain, pieces, strict=True)):
                end = max(word[3] for word in chain)
                single = is_single(pieces[-1])
                found.add((first[0], chain[-1][0], first[2], first[2] + 1 if single and len(chain) == 1 else end))
        return found

    def _is(self, query: Term | Phrase | Prefix | Fuzzy, asked: str, word: str, prefix: bool) -> bool:  # noqa: FBT001
        if prefix:
            return key(word).startswith(key(asked))
        match query:
            case Term(exact=True) | Phrase(exact=True):
                return word == asked
            case Term():
                same = bool(self.language) and stem(word, self.language) == stem(asked, self.language)
                return same or key(word) == key(asked)
            case Fuzzy():
                return distance(key(word), key(asked)) <= query.distance
        return key(word) == key(asked)

    def marks(self, query: Query) -> set[tuple[int, int]]:
        match query:
            case Not():
                return set()
            case And() | Or():
                return set().union(*map(self.marks, query.parts))
            case AtLeast():
                return self.marks(query.part)
            case Near():
                return self._near(query)
            case NotNear():
                other = self.spans(query.other)
                return {span[2:] for span in self.spans(query.part) if not any(_close(span, o, query) for o in other)}
        return {span[2:] for span in self.spans(query)}

    def _near(self, query: Near) -> set[tuple[int, int]]:
        parts = [self.spans(part) for part in query.parts]
        if query.ordered:
            chains = [
                chain for chain in product(*parts) if all(0 < b[0] - a[1] <= query.distance for a, b in pairwise(chain))
            ]
            return {span[2:] for chain in chains for span in chain}
        found: set[tuple[int, int]] = set()
        every = sorted(set().union(*parts))
        while every:
            stretch = [every.pop(0)]
            while every and every[0][0] - max(span[1] for span in stretch) <= query.distance:
                stretch.append(every.pop(0))
            starts = {span[0] for span in stretch}
            if all(part & set(stretch) for part in parts) and len(starts) >= len(parts):
                found |= {span[2:] for span in stretch}
        return found


def _close(span: Span, other: Span, query: NotNear) -> bool:
    after = span[0] < other[0] <= span[1] + query.distance
    if query.ordered:
        return after
    return other[1] >= span[0] - query.distance and other[0] <= span[1] + query.distance


@cache
def distance(word: str, other: str) -> int:
    """Letters that are added, left out, replaced, or exchanged with a neighbour."""
    if not word or not other:
        return len(word) + len(other)
    ways = [
        distance(word[1:], other) + 1,
        distance(word, other[1:]) + 1,
        distance(word[1:], other[1:]) + (word[0] != other[0]),
    ]
    if len(word) > 1 and word[:2] == other[1::-1]:
        ways.append(distance(word[2:], other[2:]) + 1)
    return min(ways)


STRETCHES = """
Kim kim's KIM summit Summits, summiting “Summit” U.S. US us e-mail email E-Mail-Adresse Hà Nội Ha Noi hanoi Hanoi's
1,000 1000 1.000 1 000 2019 東京会談。 東京 NATO加盟 ＮＡＴＯ nato Covid-19 covid Straße strasse aßen naïve naive café
dying die dies l'homme don’t об'єднання Путин путину हिन्दी हिंदी الرئيس رئيس ﬁnance finance foo_bar the of a — – ...
… (in) it,it talk talks/talked Οδύσσεια οδυσσεια 북미정상회담 정상 กรุงเทพ co\u00adoperate cooperate
""".split()  # noqa: SIM905 - lists of words read better so
ASKED = """
kim summit us U.S. email e-mail hanoi Hà ha noi 1000 2019 東京 会談 東 nato covid-19 strasse Straße assen naive naïve
die dying homme обєднання путин हिंदी رئيس finance foo it talk οδύσσεια 정상 กรุง cooperate the co absent
""".split()  # noqa: SIM905 - as above
texts = st.lists(
    st.tuples(st.sampled_from(STRETCHES), st.sampled_from([" ", " ", " ", "\n\n", "\u00a0", "  ", "。"])), max_size=30
)
asked = st.sampled_from(ASKED)
terms = st.builds(Term, asked, exact=st.booleans())
phrases = st.builds(
    lambda words, exact: Phrase(" ".join(words), exact=exact), st.lists(asked, min_size=1, max_size=3), st.booleans()
)
prefixes = st.builds(Prefix, st.sampled_from(["k", "sum", "hano", "e", "1", "東", "talk", "Há", "strass", "co", "пут"]))
wildcards = st.builds(Wildcard, st.sampled_from(["s*t", "*noi", "k?m", "?i*", "t*k*", "ha*i", "*", "20??"]))
fuzzy = st.builds(Fuzzy, st.sampled_from(["sumit", "kmi", "hanoi", "talk"]), st.sampled_from([1, 2]))
words = terms | phrases | prefixes | wildcards | fuzzy
either = words | st.builds(lambda parts: Or(tuple(parts)), st.lists(words, min_size=2, max_size=2))
nears = st.builds(
    lambda parts, distance, ordered: Near(tuple(parts), distance, ordered),
    st.lists(either, min_size=2, max_size=3),
    st.integers(1, 6),
    st.booleans(),
)
apart = st.builds(NotNear, either, either, st.integers(1, 4), st.booleans())
leaves = words | nears | apart | st.builds(AtLeast, st.integers(1, 3), either)
queries = st.recursive(
    leaves,
    lambda inner: (
        st.builds(lambda parts: And(tuple(parts)), st.lists(inner, min_size=2, max_size=2))
        | st.builds(lambda parts: Or(tuple(parts)), st.lists(inner, min_size=2, max_size=2))
        | st.builds(Not, inner)
    ),
    max_leaves=4,
)


@settings(deadline=None)
@given(
    texts.map(lambda parts: "".join(map("".join, parts))), queries, st.sampled_from(["", "en", "de", "ru", "ar", "vi"])
)
@example("x Ha Noi summit", Phrase("hanoi ha"), "")
@example("the us Ha Noi it", Phrase("us hanoi"), "en")
def test_marks_are_those_of_the_whole_text(text: str, query: Query, language: str) -> None:
    found = Marker(query).marks(text, language=language)
    assert {(mark.start, mark.end) for mark in found} == Reference(text, language).marks(query)


@given(st.text(max_size=80), st.builds(Term, st.text(min_size=1, max_size=3)), st.sampled_from(["", "en"]))
def test_marks_are_those_of_the_whole_text_whatever_its_characters(text: str, query: Query, language: str) -> None:
    found = Marker(query).marks(text, language=language)
    assert {(mark.start, mark.end) for mark in found} == Reference(text, language).marks(query)


@pytest.mark.parametrize(
    ("language", "asked", "form"),
    [
        ("en", "summit", "summits"),
        ("en", "dying", "died"),
        ("de", "Häuser", "Haus"),
        ("ru", "путин", "Путину"),
        ("ar", "رئيس", "الرئيس"),
        ("fr", "négociation", "négociations"),
        ("id", "temu", "pertemuan"),
    ],
)
def test_other_forms_are_marked_in_their_language_only(language: str, asked: str, form: str) -> None:
    query = Term(asked)
    text = f"one {form}, two"
    assert [text[mark.start : mark.end] for mark in Marker(query).marks(text, language=language)] == [form]
    assert Marker(query).marks(text) == []
    assert Marker(Term(asked, exact=True)).marks(text, language=language) == []


def test_words_of_the_lead_are_marked_in_the_lead_only() -> None:
    text = "kim " * 49 + "kim kim summit"
    found = Marker(Term("kim", TextField.LEAD)).marks(text)
    assert len(found) == 50
    assert Marker(Term("summit", TextField.LEAD)).marks(text) == []
    assert len(Marker(Term("summit", TextField.BODY)).marks(text)) == 1
    assert Marker(Term("kim", TextField.LEAD)).marks(text, "headline") == []


def test_words_of_other_fields_are_not_marked() -> None:
    assert Marker(Term("kim", TextField.AUTHOR)).marks("kim") == []
    assert Marker(Term("kim", TextField.HEADLINE)).marks("kim") == []
    assert len(Marker(Term("kim", TextField.HEADLINE)).marks("kim", "headline")) == 1


def test_a_phrase_is_one_mark_and_its_words_elsewhere_are_none() -> None:
    text = "The Hanoi summit ended; a summit in Hanoi."
    assert [text[mark.start : mark.end] for mark in Marker(Phrase("hanoi summit")).marks(text)] == ["Hanoi summit"]
    near = Marker(Near((Term("summit"), Term("hanoi")), 2)).marks(text)
    assert [text[mark.start : mark.end] for mark in near] == ["Hanoi", "summit", "summit", "Hanoi"]
    assert len(Marker(Near((Term("the"), Term("in")), 3)).marks(text)) == 0


def test_a_word_is_found_whichever_character_it_begins_with() -> None:
    """All that folds to another letter: a width, an accent, an old form, a sign of its own block."""
    same: dict[str, list[str]] = {}
    for char in map(chr, range(0x20000)):
        if char.isalnum() and not "\u3400" <= char < "\ue000":
            for word in filter(key, surfaces(char)[:1]):
                same.setdefault(key(word)[:1], []).append(char)
    for first, characters in same.items():
        if any(ord(char) >> 8 != ord(first) >> 8 for char in characters):
            marks = Marker(Prefix(first)).marks(" ".join(characters))
            assert len(marks) == len(characters), (first, characters)
