"""Texts from templates: facts hold for a whole story, and a desk never runs out of headlines."""

from __future__ import annotations

import re
from datetime import date

import pytest

from newsarchive.sample import stories
from newsarchive.sample.desk import Desk
from newsarchive.sample.outlets import RIVER_HERALD


def test_a_desk_whose_templates_are_used_up_still_finds_new_headlines() -> None:
    headlines = [article.headline for article in Desk(RIVER_HERALD).articles(200)]
    assert len(set(headlines)) == 200
    assert any(re.match(r"\d+: ", headline) for headline in headlines), "the limit was not reached: ask for more"


@pytest.mark.parametrize("language", ["en", "vi", "es", "ja"])
def test_the_same_seed_writes_the_same_story_and_another_one_another(language: str) -> None:
    template = stories.stock(language).stories[0]
    first, again, other = (
        stories.write(language, template, random=stories.seeded(seed), day=date(2019, 2, 5)) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_a_fact_holds_for_the_whole_story_and_people_are_introduced_once() -> None:
    template = stories.Template(
        "x",
        ("{person1.last}",),
        ("{person1} met {person2} in {town1}.",),
        ("{person1.last} left {town1} on {day}.",) * 3,
        None,
    )
    text = stories.write("en", template, random=stories.seeded("x"), day=date(2019, 2, 5))
    match = re.fullmatch(
        r"(?P<full>\w+ (?P<last>\w+)) met (?P<other>\w+ \w+) in (?P<town>[\w ]+)\.", text.paragraphs[0]
    )
    assert match is not None
    assert match["full"] != match["other"]
    assert f"{match['last']} left {match['town']} on Tuesday." in text.paragraphs


def test_every_template_fills_all_its_forks_and_facts() -> None:
    for language in ("en", "vi", "es", "ja"):
        kept = stories.stock(language)
        for template in (*kept.stories, *kept.summits):
            for seed in range(5):
                text = stories.write(language, template, random=stories.seeded(seed), day=date(2019, 2, 28))
                assert not re.search(r"[\[\]{}|]", text.headline + "".join(text.paragraphs)), template.headlines
