"""Lines that a site prints on many of its articles are told from the articles' own, and taken off with care."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise, product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsarchive.extraction import Guide, Learner, extract
from newsarchive.extraction.body import Block
from newsarchive.extraction.furniture import sort_out
from newsarchive.extraction.learner import ENOUGH, MEMORY, SLACK, needed
from newsarchive.extraction.template import NOTHING, find, line_hash
from newsarchive.extraction.tree import parse
from newsarchive.models import Payload, Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

BOX = "The harbor letter lands every morning, before the ferries sail"
_SYLLABLES = ("ba", "do", "ke", "li", "mu", "ra", "so", "ti", "va", "ne")
WORDS = ["".join(parts) for parts in product(_SYLLABLES, repeat=4)]


def own(number: int, lines: int = 4) -> list[str]:
    """Lines that stand on this article alone, ten words each."""
    return [
        " ".join(WORDS[(number * lines + line) % len(WORDS)] + word for word in _SYLLABLES) for line in range(lines)
    ]


def learned(articles: Iterable[Sequence[str]], learner: Learner | None = None) -> Learner:
    learner = learner or Learner()
    for lines in articles:
        learner.learn(lines)
    return learner


def template(articles: Iterable[Sequence[str]]) -> set[str]:
    return set(learned(articles).template.values())


def guide(*lines: str) -> Guide:
    return Guide(boilerplate=frozenset(value for line in lines if (value := line_hash(line)) is not None), template="x")


def test_a_line_on_the_first_three_articles_is_the_sites() -> None:
    articles = [[*own(number), BOX] for number in range(3)]
    assert template(articles[:2]) == set()
    assert template(articles) == {BOX}


def test_a_line_on_two_articles_never_is() -> None:
    articles = [[*own(number), *([BOX] if number < 2 else [])] for number in range(60)]
    assert all(not template(articles[:some]) for some in range(60))


def test_the_standing_line_of_a_series_on_a_large_site_is_not_the_sites() -> None:
    articles = [[*own(number), *([BOX] if 700 <= number < 705 else [])] for number in range(2000)]
    assert template(articles) == set()


def test_a_box_that_stood_for_a_while_is_found_and_stays_found() -> None:
    articles = [[*own(number), *([BOX] if 500 <= number < 600 else [])] for number in range(2000)]
    assert template(articles[:600]) == {BOX}
    assert template(articles) == {BOX}


def test_a_box_on_every_fifth_article_is_found() -> None:
    articles = [[*own(number), *([BOX] if number % 5 == 0 else [])] for number in range(5 * ENOUGH)]
    assert template(articles) == {BOX}


def test_a_line_that_became_rare_leaves() -> None:
    articles = [[*own(number), *([BOX] if number < 4 else [])] for number in range(200)]
    assert template(articles[:4]) == {BOX}
    assert template(articles) == set()


def test_a_line_near_the_threshold_does_not_come_and_go() -> None:
    learner, sets = Learner(), []
    for number in range(300):
        learner.learn([*own(number), *([BOX] if number % 3 == 0 else [])])
        sets.append(bool(learner.template))
    assert sum(one != other for one, other in pairwise(sets)) == 1


def test_copies_of_one_article_under_many_addresses_count_once() -> None:
    articles = [own(0)] + [[*own(0)[:3], *own(number, 1)] for number in range(100, 110)]
    learner = learned(articles)
    assert learner.articles == 1
    assert learner.template == {}


def test_what_the_template_took_off_still_counts() -> None:
    learner = learned([[*own(number), BOX] for number in range(50)])
    assert learner.count(BOX) == 50


def test_numbers_in_a_line_make_no_difference_and_lines_of_numbers_do_not_count() -> None:
    articles = [[*own(number), f"{number} min read", f"{number}-{number}", "3"] for number in range(5)]
    assert template(articles) == {"2 min read"}


@given(st.integers(0, 2**32), st.integers(3, 60), st.integers(0, 60))
@settings(max_examples=40, deadline=None)
def test_the_template_does_not_depend_on_the_order_where_the_figures_are_clear(seed: int, size: int, rare: int) -> None:
    from random import Random  # noqa: PLC0415 - only here

    random = Random(seed)  # noqa: S311 - orders, not secrets
    articles = [[*own(number), BOX, *([f"{BOX} too"] if number < min(rare, 2) else [])] for number in range(size)]
    random.shuffle(articles)
    assert template(articles) == {BOX}


@given(st.lists(st.lists(st.sampled_from(own(0, 30)), max_size=12), max_size=60))
@settings(max_examples=60, deadline=None)
def test_counts_are_never_too_high_and_the_state_can_be_kept(articles: list[list[str]]) -> None:
    whole, paused = Learner(), Learner()
    for lines in articles:
        whole.learn(lines)
        paused = Learner(paused.articles, paused.memory, paused.template)
        paused.learn(lines)
    assert (paused.memory, paused.template, paused.name) == (whole.memory, whole.template, whole.name)
    for line in own(0, 30):
        assert whole.count(line) <= sum(line in lines for lines in articles)
    assert all(whole.count(text) * 2 >= needed(3) for text in whole.template.values())


def test_the_bound_is_kept_and_a_line_that_comes_back_is_remembered() -> None:
    learner = Learner()
    for number in range(1500):
        learner.learn([*own(number, 6), *([BOX] if number % 40 == 0 else [])])
        assert len(learner.memory) <= 20 * (MEMORY + SLACK)
    assert learner.count(BOX) == -(-1500 // 40)
    assert learner.count(own(0, 6)[0]) == 0


def test_equal_templates_have_one_name() -> None:
    one = learned([*own(number), BOX] for number in range(5))
    other = learned([*own(number), BOX.upper()] for number in range(50, 70))
    assert one.name == other.name != Learner().name == ""


def test_a_hash_is_the_same_in_every_process() -> None:
    program = f"from newsarchive.extraction.template import line_hash; print(line_hash({BOX!r}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) == line_hash(BOX) == 2081872715462967629


@given(st.text())
def test_a_hash_fits_the_database_and_knows_no_case_or_space(text: str) -> None:
    value = line_hash(text)
    assert value is None or -(2**63) <= value < 2**63
    assert line_hash(f" {text}\n!") == value


def blocks(*texts: str, kind: str = "p") -> list[Block]:
    return [Block(kind, text) for text in texts]


def cut(page: Sequence[Block], *lines: str) -> list[str]:
    """What a template of these lines takes off a page."""
    return [page[place].text for place in sorted(find(page, guide(*lines)).places)]


def test_standing_lines_go_wherever_they_stand() -> None:
    first, second, third, fourth = own(1)
    page = blocks(BOX, first, second, BOX.lower(), third, fourth)
    assert cut(page, BOX) == [BOX, BOX.lower()]


def test_a_page_that_would_lose_more_than_half_is_kept_whole() -> None:
    first, second, third, _ = own(1)
    page = blocks(first, second, third)
    assert cut(page, first) == [first]
    assert find(page, guide(first, second)) == (frozenset(), True)


@pytest.mark.parametrize("label", [Block("head", "The verdict"), Block("p", "What we liked:")])
def test_a_label_stays_with_what_it_introduces_and_goes_with_it(label: Block) -> None:
    first, second, *_ = own(1)
    page = [*blocks(first), label, *blocks(second, BOX)]
    assert cut(page, label.text, BOX) == [BOX]
    assert find(page, guide(label.text, second, BOX)).whole
    page = [*blocks(first, second), label, *blocks(BOX)]
    assert cut(page, label.text, BOX) == [label.text, BOX]


def test_without_a_template_nothing_changes() -> None:
    assert find(blocks(*own(1), BOX), Guide()) == NOTHING


def test_what_the_template_takes_hides_no_byline_and_no_tail_and_is_told_in_its_place(
    page: Callable[..., bytes],
) -> None:
    """Six boxes above the byline fill the place where bylines are looked for; one below stands behind the last line."""
    first, second, *_ = own(1)
    boxes = [f"{BOX}, edition {word}" for word in WORDS[:6]]
    lines = blocks(*boxes, "By Lan Tran", first, second, "Tags: ferries", BOX)
    standing = {*range(6), len(lines) - 1}
    payload = Payload(url="https://harbor.example/a", body=page(), content_type="text/html")
    told = sort_out(lines, parse(payload), titles=(), authors=("Lan Tran",), standing=standing)
    assert [block for block, _ in told] == lines
    assert [reason for _, reason in told] == [*["template"] * 6, "byline", "", "", "tail", "template"]


def test_an_extraction_tells_what_was_cut_and_by_what(page: Callable[..., bytes]) -> None:
    first, *rest = own(1, 6)
    body = page(paragraphs=(first, BOX, *rest))
    payload = Payload(url="https://harbor.example/a", body=body, content_type="text/html")
    plain, cut = extract(payload), extract(payload, guide=guide(BOX))
    assert (plain.boilerplate, BOX in plain.paragraphs) == ((), True)
    assert (cut.boilerplate, cut.paragraphs) == ((BOX,), (first, *rest))
    assert (cut.provenance["boilerplate"], cut.extractor) == ("template x", f"{plain.extractor}, template x")
    whole = extract(payload, guide=guide(*own(1, 6)))
    assert (whole.paragraphs, whole.provenance["paragraphs"]) == (plain.paragraphs, "trafilatura (kept whole)")


def test_the_body_that_a_rule_names_is_left_as_the_publisher_has_it(page: Callable[..., bytes]) -> None:
    first, *rest = own(1, 6)
    payload = Payload(
        url="https://harbor.example/a", body=page(paragraphs=(first, BOX, *rest)), content_type="text/html"
    )
    named = extract(payload, guide=replace(guide(BOX), rule=Rule(body="article p")))
    assert (named.paragraphs, named.boilerplate) == ((first, BOX, *rest), ())
    assert named.provenance["paragraphs"] == "rule"
    missed = extract(payload, guide=replace(guide(BOX), rule=Rule(body="#gone")))
    assert (missed.paragraphs, missed.boilerplate) == ((first, *rest), (BOX,))


def test_the_name_of_a_guide_changes_with_its_template_and_with_its_rule() -> None:
    bare, old, new = Guide(), Rule(headline="h1"), Rule(headline="h2")
    names = [
        replace(bare, rule=rule, template=name).extractor for rule in (None, old, new) for name in ("", "ab", "cd")
    ]
    assert len(set(names)) == len(names)
    assert all(name.startswith(bare.extractor) for name in names)
    assert names[-1].endswith(f", rule {new.digest}, template cd")


def test_a_guide_goes_with_its_page_to_another_process_and_comes_back_equal() -> None:
    whole = replace(guide(BOX), rule=Rule(headline="h1", remove=(".ad", "//aside")))
    assert Guide.from_record(json.loads(json.dumps(whole.as_record()))) == whole
    assert Guide().as_record() == {}
