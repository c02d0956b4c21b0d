"""Random documents and random trees of queries over few words, so that everything collides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from newsarchive.dates import Span
from newsarchive.models import query as q
from newsarchive.search import Document

DAY = datetime(2019, 1, 1, tzinfo=UTC)
# Few words, so that everything collides: forms of one stem, words that differ by diacritics or by a letter, pairs of an
# unspaced script, words of several parts.
WORDS = [
    "talk",
    "talks",
    "talking",
    "talked",
    "tälk",
    "Hà",
    "ha",
    "hanoi",
    "noi",
    "e-mail",
    "email",
    "mail",
    "東京",
    "東",
    "1,000",
    "a",
    "ab",
    "ba",
]
texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
long_texts = texts | texts.map(lambda text: text + " z" * 50 + " talk a ab") | texts.map(lambda text: "a " * 33 + text)
days = st.integers(0, 6)
moments = st.none() | days.map(lambda day: DAY + timedelta(days=day))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    return Document(
        id="",
        url=draw(st.sampled_from(["https://a.example/1", "https://a.example/2"])),
        headline=draw(texts),
        body=draw(long_texts),
        first_seen=DAY,
        last_seen=DAY,
        published=draw(moments),
        category=draw(st.sampled_from([None, "A", "a b"])),
        categories=tuple(draw(st.lists(st.sampled_from(["A", "a b", "東京"]), max_size=2))),
        authors=tuple(draw(st.lists(texts, max_size=2))),
        tags=tuple(draw(st.lists(st.sampled_from(["G20", "G7"]), max_size=1))),
        language=draw(st.sampled_from([None, "en", "en-GB", "de", "vi"])),
        word_count=draw(st.integers(0, 5)),
        versions=draw(st.integers(1, 3)),
        states=tuple(draw(st.sets(st.sampled_from([q.State.EDITED, q.State.GONE])))),
        changed=draw(moments),
    )


fields = st.none() | st.sampled_from(q.TextField)
one_word = st.sampled_from(WORDS)
patterns = st.sampled_from(["*", "t*k", "?al?s", "*ai*", "ta*", "h?", "*il", "東*", "t?lk*"])
words = (
    st.builds(q.Term, one_word, fields, st.booleans())
    | st.builds(q.Phrase, st.lists(one_word, min_size=1, max_size=3).map(" ".join), fields, st.booleans())
    | st.builds(q.Prefix, st.sampled_from([*WORDS, "e-m", "t"]), fields)
    | st.builds(q.Wildcard, patterns, fields)
    | st.builds(
        q.Fuzzy, st.sampled_from(["talk", "tlak", "tallk", "mial", "hanio", "ha", "東京"]), st.integers(1, 2), fields
    )
)
parts = words | st.lists(words, min_size=2, max_size=3).map(lambda some: q.any_of(*some))
nears = (
    st.builds(q.Near, st.lists(parts, min_size=2, max_size=3).map(tuple), st.integers(1, 6), st.booleans())
    | st.builds(q.NotNear, parts, parts, st.integers(1, 4), st.booleans())
    | st.builds(q.AtLeast, st.integers(1, 34), parts)
)
spans = st.builds(
    lambda field, start, width: q.DateRange(
        field, Span(DAY + timedelta(days=start), DAY + timedelta(days=start + width))
    ),
    st.sampled_from(q.DateField),
    days,
    st.integers(1, 4),
)
properties = (
    st.builds(q.Exact, st.just(q.ExactField.CATEGORY), st.sampled_from(["a", "A B", "東京", "x"]), st.booleans())
    | st.builds(q.Exact, st.just(q.ExactField.LANGUAGE), st.sampled_from(["en", "vi"]), st.booleans())
    | st.builds(q.Exact, st.just(q.ExactField.TAG), st.just("g20"), st.booleans())
    | st.builds(
        q.Exact,
        st.just(q.ExactField.URL),
        st.sampled_from(["https://a.example/", "https://a.example/1"]),
        st.booleans(),
    )
    | spans
    | st.builds(
        q.NumberRange, st.sampled_from(q.NumberField), st.none() | st.integers(0, 4), st.none() | st.integers(0, 4)
    )
    | st.builds(q.Has, st.sampled_from(q.Property))
    | st.builds(q.Is, st.sampled_from([q.State.EDITED, q.State.GONE]))
    | st.just(q.Everything())
)
queries = st.recursive(
    words | nears | properties,
    lambda inner: (
        st.builds(q.Not, inner)
        | st.lists(inner, min_size=2, max_size=3).map(lambda some: q.all_of(*some))
        | st.lists(inner, min_size=2, max_size=3).map(lambda some: q.any_of(*some))
        | st.builds(
            lambda some, least: q.Some(tuple(some), min(least, len(some))),
            st.lists(inner, min_size=2, max_size=4),
            st.integers(1, 3),
        )
    ),
    max_leaves=6,
)
corpora = st.lists(st.lists(documents(), min_size=1, max_size=8), min_size=1, max_size=3)
