"""What a publisher's rule finds comes first, is cleaned as everything else, and never harms a page it does not fit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.extraction.conftest import JSON_LD, PARAGRAPHS, Newsroom

import newsarchive
from newsarchive.errors import ExtractionError, SettingsError
from newsarchive.extraction import Guide, Pool, extract, extractor_version
from newsarchive.models import Extraction, Rule
from newsarchive.models.rule import in_force, read_rules

NEWSROOM = Newsroom()
TOP = (
    '<div id="kicker">Islands &amp; Sea</div><h1>Ferry talks end</h1>'
    '<h2 class="real">Islands wait for a ferry | Harbor Post</h2>'
    '<p class="who">By <a href="/a">Ana Costa</a> and <a href="/m">Minh Le</a></p>'
    '<span class="when">First published: 26 February 2019, 07:15</span>'
)
STORY = (
    '<div class="story">Loose words before the first paragraph.'
    f"<p>{PARAGRAPHS[0]}</p><h3>What it costs</h3><p>{PARAGRAPHS[1]}<br>{PARAGRAPHS[2]}</p>"
    '<div><p class="offer">Book a cabin on the ferry with our partners now.</p></div>'
    "<ul><li>Three <b>piers</b></li><li><p>Two islands</p></li></ul><blockquote><p>Wait for it.</p></blockquote>"
    "<figure><img src='x.jpg'><figcaption>A pier at dawn.</figcaption></figure><script>var a = 1;</script>"
    "<table><tr><th>Boats</th><td>4</td></tr></table></div>"
)
PAGE = NEWSROOM.page(head=NEWSROOM.linked(), top=TOP, text=STORY)


def read(html: str, rule: Rule | None) -> Extraction:
    return extract(NEWSROOM.payload(html), guide=Guide(rule=rule))


@pytest.mark.parametrize(
    ("field", "selector", "value"),
    [
        ("headline", "h2.real", "Islands wait for a ferry"),
        ("category", "#kicker", "Islands & Sea"),
        ("authors", "p.who", ("Ana Costa", "Minh Le")),
        ("authors", "//p[@class='who']/a", ("Ana Costa", "Minh Le")),
        ("published", ".when", datetime(2019, 2, 26, 7, 15, tzinfo=UTC)),
        ("modified", "string('2019-03-01T10:00:00Z')", datetime(2019, 3, 1, 10, tzinfo=UTC)),
        ("language", "xpath:string('vi-VN')", "vi"),
        ("description", "#kicker", "Islands & Sea"),
        ("tags", ".who a", ("Ana Costa", "Minh Le")),
        ("image", "figure img", "https://www.harborpost.example/politics/2019/02/27/x.jpg"),
        ("source", ".who a", "Ana Costa"),
        ("canonical_url", ".who a:last-child", "https://www.harborpost.example/m"),
        ("is_free", "not(//div[@id='paywall'])", True),
        ("is_free", "boolean(//div[@id='paywall'])", False),
    ],
)
def test_a_rule_comes_before_everything_else_and_is_cleaned(field: str, selector: str, value: object) -> None:
    found = read(PAGE, Rule.model_validate({field: selector}))
    assert getattr(found, field) == value
    assert found.provenance[field] == "rule"
    assert set(found.provenance.values()) - {"rule"}, "the other fields are read as ever"


def test_other_fields_are_read_as_if_there_were_no_rule() -> None:
    without, ruled = read(PAGE, None), read(PAGE, Rule(category="#kicker"))
    changed = {name for name in Extraction.model_fields if getattr(without, name) != getattr(ruled, name)}
    assert changed == {"category", "categories", "provenance", "extractor"}


@pytest.mark.parametrize(
    "selector", ["div.story", "//div[@class='story']", ["div.none", "div.story"], "div.story, .story p"]
)
def test_a_rule_names_the_element_that_holds_the_text(selector: str | list[str]) -> None:
    found = read(PAGE, Rule.model_validate({"body": selector, "remove": ".offer"}))
    text = ("Loose words before the first paragraph.", PARAGRAPHS[0], "What it costs", *PARAGRAPHS[1:3])
    assert found.paragraphs == (*text, "Three piers", "Two islands", "Wait for it.", "Boats 4")
    assert found.provenance["paragraphs"] == "rule"


def test_a_rule_names_the_paragraphs_themselves() -> None:
    found = read(PAGE, Rule(body=".story > p"))
    assert found.paragraphs == PARAGRAPHS[:3]


def test_what_is_removed_is_no_part_of_a_text_that_trafilatura_found_either() -> None:
    promo = "Book a cabin on the ferry with our partners now."
    assert promo in read(PAGE, None).paragraphs
    found = read(PAGE, Rule(remove=(".offer", "//nothing")))
    assert promo not in found.paragraphs
    assert PARAGRAPHS[0] in found.paragraphs
    assert found.provenance["paragraphs"] == "trafilatura"


def test_text_behind_a_removed_element_stays() -> None:
    html = NEWSROOM.page(text=f"<div class=s><p>{PARAGRAPHS[0]}</p><i class=x>Ad</i> and more words stay here.</div>")
    assert read(html, Rule(body=".s", remove=".x")).paragraphs == (PARAGRAPHS[0], "and more words stay here.")


def test_a_rule_is_believed_where_others_agree_against_it() -> None:
    """A short heading, a house byline, a far later date, a section that stands for everything."""
    data = JSON_LD.replace("2019-02-27T18:30:00+07:00", "2018-01-01T08:00:00Z")
    top = '<h4 class="h">Tide</h4><i class="a">Harbor Post Staff</i><i class="c">News</i><time>2021-05-06</time>'
    page = NEWSROOM.page(head=NEWSROOM.linked(data), top=TOP + top)
    found = read(page, Rule(headline=".h", authors=".a", category=".c", published="time"))
    assert (found.headline, found.authors, found.category) == ("Tide", ("Harbor Post Staff",), "News")
    assert found.published == datetime(2021, 5, 6, tzinfo=UTC)
    assert {found.provenance[name] for name in ("headline", "authors", "category", "published")} == {"rule"}


def test_what_the_rule_knows_to_the_day_is_made_exact_by_others() -> None:
    found = read(NEWSROOM.page(head=NEWSROOM.linked(), top="<h1>T</h1><b>27.02.2019</b>"), Rule(published="b"))
    assert found.published is not None
    assert (found.published.isoformat(), found.provenance["published"]) == ("2019-02-27T18:30:00+07:00", "rule")


def test_a_rule_that_meets_nothing_falls_back_and_says_so() -> None:
    rule = Rule.model_validate(
        dict.fromkeys(("headline", "body", "authors", "published", "category", "modified", "is_free"), "#gone")
    )
    found = read(PAGE, rule)
    without = read(PAGE, None)
    assert found.model_dump(exclude={"extractor"}) == without.model_dump(exclude={"extractor"})
    assert rule.missed(found) == ("headline", "body", "category", "published", "modified", "authors", "is_free")
    assert Rule(headline="h2.real", remove="#gone").missed(read(PAGE, Rule(headline="h2.real"))) == ()


def test_a_date_that_cannot_be_read_is_none_and_the_next_selector_is_tried() -> None:
    rule = Rule(published=("#kicker", ".when"))
    assert read(PAGE, rule).provenance["published"] == "rule"
    assert Rule(published="#kicker").missed(read(PAGE, Rule(published="#kicker"))) == ("published",)


def test_an_article_without_an_update_is_no_failure_of_its_rule() -> None:
    rule = Rule(modified=".never")
    assert rule.missed(read(NEWSROOM.page(), rule)) == ()


def test_the_extractor_of_a_record_tells_by_which_rule_it_was_read() -> None:
    old, new = Rule(headline="h1"), Rule(headline="h2.real")
    kinds = {read(PAGE, rule).extractor for rule in (None, old, new)}
    assert len(kinds) == 3
    assert extractor_version() in kinds
    later = old.model_copy(update={"until": date(2024, 5, 1)})
    assert Guide(rule=later).extractor == Guide(rule=old).extractor


def test_a_rule_goes_with_its_page_to_another_process() -> None:
    rules = [Rule(headline="h2.real", body=".story > p"), None]
    with Pool(1, timeout=20, memory=1_500_000_000, max_page_size=10**6, max_tags=10**5) as pool:
        jobs = [(number, NEWSROOM.payload(PAGE), Guide(rule=rule)) for number, rule in enumerate(rules)]
        found = {key: outcome for key, outcome in pool.map(jobs) if isinstance(outcome, Extraction)}
    assert found[0] == read(PAGE, rules[0])
    assert found[1] == read(PAGE, None)


_SELECTORS = ("//*", "*", "//@*", "//text()", "//*/..", "string(/)", "p", "html", "body", "//p | //a/@href")
_ELEMENTS = ("//*", "*", "html", "body", "//p/..", "a", "head", "/html/body//*[1]")


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from([name for name in Rule.model_fields if name != "until"]), st.integers(0, 7)),
    st.text("<>/pdivatr b='\"&;é\x00", max_size=200),
)
def test_no_rule_makes_a_page_unreadable(chosen: dict[str, int], soup: str) -> None:
    kinds = {name: _ELEMENTS if name in {"body", "remove"} else _SELECTORS for name in chosen}
    rule = Rule.model_validate({name: kinds[name][number] for name, number in chosen.items()})
    try:
        read(NEWSROOM.page(after=soup), rule)
    except ExtractionError as error:
        assert error.reason == "empty-page"  # noqa: PT017 - a rule may remove everything there is


def test_a_page_nested_as_deep_as_can_be_is_read_by_its_rule() -> None:
    deep = "<div>" * 240 + f"<p>{PARAGRAPHS[0]}</p>" + "</div>" * 240
    assert PARAGRAPHS[0] in read(NEWSROOM.page(text=deep), Rule(body="article")).paragraphs


# --- rules by date -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "headline"),
    [
        (date(1999, 1, 1), "h1"),
        (date(2020, 12, 31), "h1"),  # a rule holds on its last day
        (date(2021, 1, 1), "h2"),
        (date(2024, 5, 1), "h2"),
        (date(2024, 5, 2), "h3"),
        (date(2099, 1, 1), "h3"),
    ],
)
def test_the_rule_in_force_is_the_first_that_has_not_ended(day: date, headline: str) -> None:
    rules = (
        Rule(until=date(2020, 12, 31), headline="h1"),
        Rule(until=date(2024, 5, 1), headline="h2"),
        Rule(headline="h3"),
    )
    found = in_force(rules, day)
    assert found is not None
    assert found.headline == (headline,)


def test_after_the_last_dated_rule_none_holds() -> None:
    rules = (Rule(until=date(2020, 12, 31), headline="h1"),)
    assert in_force(rules, date(2020, 12, 31)) == rules[0]
    assert in_force(rules, date(2021, 1, 1)) is None
    assert in_force((), date(2021, 1, 1)) is None


# --- rules that cannot be ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([{"headlin": "h1"}], "no field 'headlin'"),
        ([{"headline": "h1["}], "headline: 'h1[': no CSS selector"),
        ([{"headline": ""}], "the selector is empty"),
        ([{"headline": []}], "names no selector"),
        ([{"headline": "count(//h1)"}], "gives a number"),
        ([{"headline": "not(//h1)"}], "gives true or false"),
        ([{"headline": 3}], "headline: "),
        ([{"headline": ["h1", 3]}], "headline: "),
        ([{"body": "//p/text()"}], "gives no elements"),
        ([{"remove": "p::text"}], "gives no elements"),
        ([{"body": "string(//p)"}], "gives no elements"),
        ([{"until": "2024-02-30"}], "until: "),
        ([{"until": "1 May 2024"}], "a day is written as 2024-05-31"),
        ([{"until": 20240501}], "a day is written as 2024-05-31"),
        ([{"headline": "h1"}, {"headline": "h2"}], "rule 1 has no `until`"),
        ([{"until": "2024-05-01"}, {"until": "2024-05-01"}], "rule 2 ends on 2024-05-01, not later"),
        ([{"until": "2024-05-01"}, {"until": "2020-05-01"}, {}], "rule 2 ends on 2020-05-01, not later"),
        (["h1"], "place"),
        ("h1", "place"),
    ],
)
def test_a_rule_that_cannot_be_is_told_with_its_place(rules: Any, said: str) -> None:  # noqa: ANN401 - whatever a file says
    with pytest.raises(SettingsError) as caught:
        read_rules(rules, place=lambda _: "the place")
    assert caught.value.message.startswith("the place: ")
    assert said in caught.value.message
    assert caught.value.tip


def test_a_misspelt_field_is_named_with_the_nearest() -> None:
    with pytest.raises(SettingsError) as caught:
        newsarchive.extract(PAGE, rule={"autors": "p.who"})
    assert (caught.value.message, caught.value.tip) == ("rule: a rule has no field 'autors'", "did you mean 'authors'?")


def test_a_rule_can_be_tried_from_python() -> None:
    found = newsarchive.extract(PAGE, url=NEWSROOM.url, rule={"headline": "h2.real", "remove": [".offer"]})
    assert found.headline == "Islands wait for a ferry"
    assert found == newsarchive.extract(PAGE, url=NEWSROOM.url, rule=Rule(headline="h2.real", remove=".offer"))
