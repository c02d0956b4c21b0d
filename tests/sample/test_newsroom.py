"""The newsroom as a value: the same every time, and true of what its pages show."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from html import unescape

import pytest

from newsarchive.errors import UsageError
from newsarchive.sample import Kind, Newsroom, SampleArticle, build
from newsarchive.text import count_words

PORT = 8123


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    return build()


def page(newsroom: Newsroom, article: SampleArticle) -> str:
    response = newsroom.pages(*article.key, port=PORT)
    assert response is not None
    return unescape(response.body.decode(article.charset))


def test_two_builds_are_the_same_to_the_byte(newsroom: Newsroom) -> None:
    again = build()
    assert again.articles == newsroom.articles
    assert [again.pages(*one.key, port=PORT) for one in again.articles] == [
        newsroom.pages(*one.key, port=PORT) for one in newsroom.articles
    ]


@pytest.mark.parametrize("articles", [100, 340, 700])
def test_a_newsroom_has_as_many_accepted_articles_as_were_asked_for(articles: int) -> None:
    newsroom = build(articles=articles)
    assert len(newsroom.accepted) == articles
    assert len(newsroom.by_key) == len(newsroom.articles)


def test_a_larger_newsroom_keeps_the_articles_of_the_smaller_one(newsroom: Newsroom) -> None:
    small = {one.key for one in build(articles=200).articles if one.kind is Kind.ARTICLE}
    assert small <= {one.key for one in newsroom.articles}


def test_there_is_one_of_each_special_kind_and_eight_wire_copies(newsroom: Newsroom) -> None:
    counts = Counter(one.kind for one in newsroom.articles)
    assert counts.pop(Kind.WIRE_COPY) == 8
    assert counts.pop(Kind.ARTICLE) == 331
    assert counts == dict.fromkeys(set(Kind) - {Kind.ARTICLE, Kind.WIRE_COPY}, 1)


def test_headlines_are_unique_within_an_outlet(newsroom: Newsroom) -> None:
    for outlet in newsroom.outlets:
        headlines = Counter(one.headline for one in newsroom.of(outlet.name) if one in newsroom.accepted)
        assert [headline for headline, count in headlines.items() if count > 1] == []


def test_each_accepted_article_tells_all_that_an_archive_asks(newsroom: Newsroom) -> None:
    for one in newsroom.accepted:
        assert one.headline
        assert one.authors
        assert one.category in {section.title for section in one.outlet.sections}
        assert one.published is not None
        assert one.modified is not None
        assert one.modified >= one.published
        assert one.published.utcoffset() == one.outlet.zone.utcoffset(None)


def test_texts_have_150_to_700_words_beside_the_teaser(newsroom: Newsroom) -> None:
    for one in newsroom.accepted:
        words = count_words(" ".join(one.paragraphs))
        assert (60 if one.kind is Kind.PAYWALLED else 150) <= words <= 700, one.path
    assert count_words(newsroom.one(Kind.SHORT).paragraphs[0]) == 12


def test_no_template_syntax_is_left_in_a_text(newsroom: Newsroom) -> None:
    for one in newsroom.articles:
        assert not re.search(r"[\[\]{}|]|  |\.\.", "\n".join([one.headline, *one.paragraphs])), one.path


def shingles(article: SampleArticle) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", " ".join(article.paragraphs).lower())
    return (
        set(itertools.pairwise(words))
        if article.language == "ja"
        else set(zip(*(words[n:] for n in range(5)), strict=False))
    )


def test_texts_differ_well_but_for_the_wire_copies(newsroom: Newsroom) -> None:
    texts = [(one, shingles(one)) for one in newsroom.articles if one.kind is Kind.ARTICLE]
    alike = [
        (one.path, other.path)
        for (one, left), (other, right) in itertools.combinations(texts, 2)
        if len(left & right) > 0.4 * len(left | right)
    ]
    assert alike == []


def test_wire_copies_say_what_the_agency_said(newsroom: Newsroom) -> None:
    copies = [one for one in newsroom.articles if one.kind is Kind.WIRE_COPY]
    for copy in copies:
        assert copy.target is not None
        original = newsroom.by_key[copy.target]
        assert original.outlet.name == "capital-wire"
        assert copy.paragraphs == ("(Capital Wire) — " + original.paragraphs[0], *original.paragraphs[1:])
        assert copy.published is not None
        assert original.published is not None
        assert copy.published > original.published
    assert Counter(copy.outlet.name for copy in copies) == {"harbor-post": 4, "river-herald": 4}


def test_about_25_articles_tell_of_the_hanoi_summit(newsroom: Newsroom) -> None:
    own = [one for one in newsroom.articles if one.kind is Kind.ARTICLE and one.summit]
    assert len(own) == 26
    assert {one.language for one in own} == {"en", "vi", "es", "ja"}
    assert sum("Hanoi summit" in "\n".join([one.headline, *one.paragraphs]) for one in own) >= 20


def test_each_page_shows_its_paragraphs_in_order_and_its_canonical_link(newsroom: Newsroom) -> None:
    for one in newsroom.articles:
        if not one.paragraphs:
            continue
        text = page(newsroom, one)
        places = [text.find(f">{paragraph}</p>") for paragraph in one.paragraphs]
        assert -1 not in places, one.path
        assert places == sorted(places)
        path = one.target[1] if one.kind is Kind.PRINT and one.target else one.path
        assert f'<link rel="canonical" href="http://{one.outlet.host}:{PORT}{path}">' in text
        assert f'<html lang="{one.language}-' in text
        assert f"<h1>{one.headline}</h1>" in text or f">{one.headline}</h1>" in text


def test_article_pages_have_10_to_60_kilobytes(newsroom: Newsroom) -> None:
    for one in newsroom.accepted:
        assert 10_000 <= len(page(newsroom, one).encode()) <= 60_000, one.path


def test_dated_pages_carry_their_time_and_the_undated_one_carries_no_year(newsroom: Newsroom) -> None:
    for one in newsroom.accepted:
        assert one.published is not None
        assert one.published.isoformat() in page(newsroom, one), one.path
    undated = newsroom.one(Kind.NO_DATE)
    assert not re.search(r"\b20\d\d\b", re.sub(r"<[^>]*>", " ", page(newsroom, undated)))


def test_the_edition_changes_exactly_one_article_and_its_page(newsroom: Newsroom) -> None:
    second = newsroom.at_edition(2)
    changed = [(old, new) for old, new in zip(newsroom.articles, second.articles, strict=True) if old != new]
    assert len(changed) == 1
    old, new = changed[0]
    assert (old.key, old.published) == (new.key, new.published)
    assert old.headline != new.headline
    assert sum(left != right for left, right in zip(old.paragraphs, new.paragraphs, strict=True)) == 1
    assert old.modified is not None
    assert new.modified is not None
    assert new.modified > old.modified
    pages = [
        one.key for one in newsroom.articles if newsroom.pages(*one.key, port=PORT) != second.pages(*one.key, port=PORT)
    ]
    assert pages == [old.key]


def test_one_page_is_in_an_old_character_set_and_one_in_chunks(newsroom: Newsroom) -> None:
    old = [one for one in newsroom.articles if one.charset != "utf-8"]
    assert [(one.charset, one.language, one.kind) for one in old] == [("windows-1252", "es", Kind.ARTICLE)]
    response = newsroom.pages(*old[0].key)
    assert response is not None
    assert response.content_type == "text/html; charset=windows-1252"
    assert "ó".encode("windows-1252") in response.body
    assert sum(one.chunked for one in newsroom.accepted) == 1


@pytest.mark.parametrize(("edition", "articles"), [(0, 340), (3, 340), (1, 99)])
def test_what_cannot_be_built_is_refused(edition: int, articles: int) -> None:
    with pytest.raises(UsageError):
        build(edition, articles=articles)
