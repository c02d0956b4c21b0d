"""Copies are found through edits, different articles are not, and clusters agree however an index came to be."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.search import copies
from newsarchive.search.analysis import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

UNKNOWN = -(1 << 62)
_WORDS = (
    "harbor council ministry union court delegation airline museum river bank school hospital approved delayed"
    " reopened sold inspected funded rejected measured repaired bridge budget ferry archive tariff pension tunnel"
    " permit turbine lighthouse treaty Monday Hanoi Lisbon Oslo spring parliament night Geneva winter the of and for"
)


def article(seed: int, sentences: int = 18) -> list[str]:
    """A text of sentences that no other seed has."""
    pick = random.Random(seed)  # noqa: S311 - a text, not a secret
    words = _WORDS.split()
    return [f"The {' '.join(pick.choices(words, k=pick.randint(9, 25)))}." for _ in range(sentences)]


def sketched(*texts: tuple[str, str] | str) -> NDArray[np.uint16]:
    """The sketches of articles: (headline, body), or a body alone."""
    pairs = [("", text) if isinstance(text, str) else text for text in texts]
    words = [[tokens(part) for part in pair] for pair in pairs]
    flat = [word.encode() for headline, body in words for word in headline + body]
    first = np.cumsum([0] + [len(headline) + len(body) for headline, body in words])
    return copies.sketch(copies.word_hashes(flat), first, np.array([len(headline) for headline, _ in words]))


def named(*ids: str) -> NDArray[np.bytes_]:
    return np.array([id_.encode() for id_ in ids], "S16")


def known(sketches: NDArray[np.uint16], ids: NDArray[np.bytes_], clusters: NDArray[np.uint64]) -> copies.Known:
    return copies.Known(ids, sketches, *copies.sorted_bands(sketches), clusters)


def clustered(texts: Sequence[tuple[str, str] | str]) -> list[int]:
    return copies.assign(sketched(*texts), named(*map(str, range(len(texts))))).tolist()


def _without(sentences: list[str], *left_out: int) -> list[str]:
    return [sentence for number, sentence in enumerate(sentences) if number not in left_out]


EDITS: dict[str, Callable[[list[str]], str]] = {
    "nothing": " ".join,
    "an agency's line in front": lambda text: "HANOI, Feb 27 (Harbor Wire) - " + " ".join(text),
    "the last paragraph cut": lambda text: " ".join(text[:-3]),
    "two sentences cut from the middle": lambda text: " ".join(_without(text, 5, 11)),
    "a line of its own at the end": lambda text: " ".join(text) + " Our correspondent contributed to this report.",
    "a word replaced here and there": lambda text: " ".join(text).replace("Monday", "yesterday"),
    "white space and quotes": lambda text: "\n\n".join(text).replace("The ", "‘The’ "),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edited_copy_is_a_copy(edit: Callable[[list[str]], str]) -> None:
    found = 0
    for seed in range(20):
        text = article(seed)
        first, other, second = clustered(
            [("One headline", " ".join(text)), " ".join(article(5_000)), ("Another", edit(text))]
        )
        assert other == 0
        found += first == second != 0
    assert found >= 19


def test_two_articles_on_one_event_that_share_a_quotation_are_not_copies() -> None:
    quotation = article(500, 4)
    for seed in range(40):
        ours, theirs = article(seed) + quotation, article(1_000 + seed) + quotation
        assert clustered([" ".join(ours), " ".join(theirs)]) == [0, 0]


def test_short_articles_are_copies_only_when_all_words_are_equal() -> None:
    text = "Trains between Hanoi and Haiphong run again from Monday on."
    assert copies.similarity(sketched(("Trains run", text)), sketched(("TRAINS RUN", text.upper())))[0] == 1
    assert clustered([("Trains run", text), ("Trains run", text + " Buses too.")]) == [0, 0]
    assert clustered([("One story", "Log in to read on."), ("Another story", "Log in to read on.")]) == [0, 0]


def test_articles_without_text_are_copies_of_none() -> None:
    assert clustered([("Same", ""), ("Same", ""), ("", ""), ("", "")]) == [0, 0, 0, 0]
    assert copies.similarity(sketched(""), sketched(""))[0] == 0


def test_a_sketch_does_not_depend_on_the_batch() -> None:
    texts = [("Headline", " ".join(article(seed, sentences))) for seed, sentences in enumerate([3, 18, 1, 40, 0, 900])]
    together = sketched(*texts)
    assert np.array_equal(together, np.concatenate([sketched(text) for text in texts]))


@given(st.floats(0.05, 1.0), st.integers(0, 1_000))
def test_similarity_estimates_the_share_of_runs_in_common(share: float, seed: int) -> None:
    """Of 200 sketches over the same two sets of runs, by other words, the mean is near the true value."""
    length, shared = 60, round(60 * share)
    values = []
    for trial in range(60):
        names = [f"{seed}w{trial}n{number}".encode() for number in range(2 * length)]
        hashes = copies.word_hashes(names)
        first, second = hashes[:length], np.concatenate([hashes[:shared], hashes[length : 2 * length - shared]])
        both = copies.sketch(np.concatenate([first, second]), np.array([0, length, 2 * length]), np.zeros(2, int))
        values.append(copies.similarity(both[:1], both[1:])[0])
    common = max(0, shared - 2)
    assert abs(np.mean(values) - common / (2 * (length - 2) - common)) < 0.12


def test_a_new_copy_joins_the_article_or_the_cluster_that_stands_in_an_older_segment() -> None:
    a, b = " ".join(article(1)), " ".join(article(2))
    older, ids = sketched(a, b, b + " More."), named("a", "b1", "b2")
    clusters = copies.assign(older, ids)
    assert clusters[0] == 0
    assert clusters[1] == clusters[2] == copies.keys_of(ids)[1]
    segment = known(older, ids, clusters)
    new = copies.assign(sketched(a, b, " ".join(article(3))), named("a2", "b3", "c"), [segment])
    assert new.tolist() == [copies.keys_of(ids)[0], clusters[1], 0]
    third = copies.assign(sketched(a), named("a3"), [segment, known(sketched(a), named("a2"), new[:1])])
    assert third[0] == new[0]


def test_another_state_of_an_article_is_no_copy_of_it() -> None:
    text = " ".join(article(1))
    segment = known(sketched(text), named("a"), np.zeros(1, np.uint64))
    assert copies.assign(sketched(text + " More."), named("a"), [segment]).tolist() == [0]


def test_an_article_whose_copies_it_left_is_alone() -> None:
    """The first of a cluster is written anew with another text, while its copies keep its key."""
    text, ids = " ".join(article(1)), named("a", "b", "c")
    first = known(sketched(text), ids[:1], np.zeros(1, np.uint64))
    second = known(sketched(text, text), ids[1:], copies.assign(sketched(text, text), ids[1:], [first]))
    assert (second.clusters == copies.keys_of(ids[:1])[0]).all()
    rewritten = sketched(" ".join(article(9)))
    clusters = copies.assign(rewritten, ids[:1], [first, second])
    assert clusters.tolist() == [copies.ALONE]
    times = np.zeros(2, np.int64)
    groups = copies.group(
        [
            copies.Placed(ids[:1], first.clusters, times[:1], times[:1], np.array([False])),
            copies.Placed(ids[1:], second.clusters, times, times, np.array([True, True])),
            copies.Placed(ids[:1], clusters, times[:1], times[:1], np.array([True])),
        ]
    )
    assert [group.number.tolist() for group in groups] == [[0], [1, 1], [0]]


def test_segments_that_were_built_apart_meet_when_they_are_merged() -> None:
    a, b = " ".join(article(1)), " ".join(article(2))
    parts = [(sketched(a, a), named("a1", "a2")), (sketched(a, b), named("a3", "b"))]
    held = [copies.assign(*part) for part in parts]
    assert held[1].tolist() == [0, 0]
    merged = copies.assign(
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        held=np.concatenate(held),
    )
    assert merged.tolist() == [held[0][0]] * 3 + [0]


def test_the_first_of_a_cluster_is_the_first_published_then_the_first_seen_then_the_first_id() -> None:
    ids = named("e", "d", "c", "b", "a", "z")
    clusters = np.array([7, 7, 7, 7, 7, 0], np.uint64)
    published = np.array([UNKNOWN, 50, 20, 20, 20, 1], np.int64)
    seen = np.array([1, 1, 9, 3, 3, 1], np.int64)
    parts = [
        copies.Placed(ids[s], clusters[s], published[s], seen[s], np.ones(3, bool)) for s in (slice(3), slice(3, 6))
    ]
    groups = copies.group(parts)
    assert np.concatenate([group.place for group in groups]).tolist() == [4, 3, 2, 1, 0, 0]
    assert np.concatenate([group.number for group in groups]).tolist() == [1, 1, 1, 1, 1, 0]


def test_a_cluster_of_which_one_article_is_shown_is_none() -> None:
    ids, clusters, times = named("a", "b"), np.array([7, 7], np.uint64), np.zeros(2, np.int64)
    (group,) = copies.group([copies.Placed(ids, clusters, times, times, np.array([False, True]))])
    assert group.number.tolist() == [0, 0]
    assert group.place.tolist() == [0, 0]
    assert copies.group([]) == []


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=30, unique=True))
def test_folding_leaves_the_first_of_each_cluster_and_counts_the_rest(rows: list[tuple[int, int]]) -> None:
    number = np.array([row[0] for row in rows], np.uint32)
    place = np.array([row[1] for row in rows], np.uint32)
    kept, folded = copies.fold(number, place)
    for at, (cluster, own) in enumerate(rows):
        others = [other for name, other in rows if name == cluster]
        assert kept[at] == (cluster == 0 or own == min(others))
        assert folded[at] == (len(others) - 1 if kept[at] and cluster else 0)
    assert kept.sum() + folded.sum() == len(rows)
