"""A query stands for the other spellings of its words, and for nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.models.query import And, AtLeast, Near, Not, Or, Phrase, Prefix, Query, Term, TextField, all_of, any_of
from newsarchive.search.analysis import extras, surfaces, variants
from newsarchive.search.widening import widened

HEADLINE, AUTHOR = TextField.HEADLINE, TextField.AUTHOR
WORDS = [
    "e-mail",
    "ha",
    "noi",
    "Hà",
    "1",
    "000",
    "covid",
    "19",
    "covid-19",
    "summit",
    "Mueller",
    "Müller",
    "東京",
    "F16",
]


def loose(*words: str) -> Query:
    return And(tuple(Term(word) for word in words), loose=True)


def spellings(word: str, *languages: str) -> list[str]:
    return [variant.text for variant in variants(word, languages)]


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("e-mail", ["email"]),
        ("E‑Mail", ["email"]),
        ("cease-fire", ["ceasefire"]),
        ("Điện-Biên-Phủ", ["điệnbiênphủ"]),
        ("F-16", ["f16"]),
        ("F16", ["f 16"]),
        ("MH370", ["mh 370"]),
        ("O'Brien", ["obrien"]),
        ("Sana'a", ["sanaa"]),
        ("didn't", []),
        ("l'homme", []),
        ("NATO's", []),
        ("U.S.", []),
        ("1,000", []),
        ("3.5", []),
        ("2018-19", []),
        ("30-year-old", []),
        ("summit", []),
        ("東京", []),
        ("--", []),
        ("", []),
    ],
)
def test_a_word_stands_for_these_spellings(word: str, others: list[str]) -> None:
    assert spellings(word) == others


def test_letters_are_exchanged_only_for_languages_that_do_so() -> None:
    assert spellings("Müller", "de-AT") == ["mueller"]
    assert spellings("Århus", "da") == ["aarhus"]
    assert spellings("Aarhus", "da") == ["århus"]
    assert spellings("Tromsoe", "nb") == ["tromsø"]
    assert spellings("Müller", "en", "vi") == spellings("blue", "en") == []
    assert all(variant.exact for variant in variants("Mueller", ["de"]))


@pytest.mark.parametrize(
    ("query", "wide"),
    [
        (loose("ha", "noi"), Or((And((Term("ha"), Term("noi"))), Term("hanoi")))),
        (
            loose("summit", "Hà", "Nội"),
            And((Term("summit"), Or((And((Term("Hà"), Term("Nội"))), Term("hanoi")))), loose=True),
        ),
        (loose("1", "000"), Or((And((Term("1"), Term("000"))), Term("1000")))),
        (loose("covid", "19"), Or((And((Term("covid"), Term("19"))), Term("covid19")))),
        (loose("peace", "talks"), loose("peace", "talks")),
        (And((Term("ha"), Term("noi"))), And((Term("ha"), Term("noi")))),
        (Phrase("Hà Nội summit"), Or((Phrase("Hà Nội summit"), Phrase("hanoi summit")))),
        (Phrase("peace talks"), Phrase("peace talks")),
        (
            Term("e-mail", TextField.HEADLINE),
            Or((Term("e-mail", TextField.HEADLINE), Term("email", TextField.HEADLINE))),
        ),
        (Term("e-mail", exact=True), Term("e-mail", exact=True)),
        (Phrase("Hà Nội", exact=True), Phrase("Hà Nội", exact=True)),
        (AtLeast(3, Term("e-mail")), AtLeast(3, Term("e-mail"))),
        (Prefix("e-mail"), Prefix("e-mail")),
        (Phrase("Lan Tran", AUTHOR), Phrase("Lan Tran", AUTHOR)),
        (Term("O'Brien", AUTHOR), Term("O'Brien", AUTHOR)),
        (Not(Term("F16")), Not(Or((Term("F16"), Phrase("f 16"))))),
        (
            Near((Term("e-mail"), Term("leak")), 5),
            Near((Or((Term("e-mail"), Term("email"))), Term("leak")), 5),
        ),
        (Or((Term("e-mail"), Term("fax"))), Or((Term("e-mail"), Term("email"), Term("fax")))),
    ],
)
def test_a_query_is_widened_to(query: Query, wide: Query) -> None:
    assert widened(query) == wide


def test_three_syllables_may_be_one_name_or_two() -> None:
    (run,) = [part for part in (widened(loose("ho", "chi", "minh")),) if isinstance(part, Or)]
    assert Term("hochiminh") in run.parts
    assert And((Term("ho"), Term("chiminh"))) in run.parts


terms = st.builds(Term, st.sampled_from(WORDS), st.none() | st.just(HEADLINE), st.booleans())
lists = st.lists(terms, min_size=2, max_size=6).map(lambda parts: And(tuple(parts), loose=True))
phrases = st.builds(Phrase, st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join), st.none())
queries = st.recursive(
    terms | phrases | lists,
    lambda inner: st.lists(inner, min_size=2, max_size=3).map(lambda parts: any_of(*parts)) | st.builds(Not, inner),
    max_leaves=6,
)


@given(queries)
def test_a_widened_query_is_a_tree_as_any_other(query: Query) -> None:
    wide = widened(query, ["de"])
    assert widened(query, ["de"]) == wide
    check(wide)


def check(query: Query) -> None:
    match query:
        case And() | Or():
            assert len(query.parts) > 1
            assert not any(isinstance(part, type(query)) for part in query.parts)
            for part in query.parts:
                check(part)
        case Not():
            check(query.part)
        case Term() | Phrase():
            assert surfaces(query.text)


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5))
def test_whoever_asks_for_a_text_s_own_spelling_or_the_joined_one_finds_it(words: list[str]) -> None:
    text = " ".join(words)
    found = set(surfaces(text)) | {word for _, word in extras(text)}
    for word in words:
        for variant in variants(word):
            assert " " in variant.text or variant.text in found


def test_an_unwidened_query_is_the_very_same() -> None:
    query = all_of(Term("summit"), Phrase("peace talks"))
    assert widened(query) == query
