"""What time a URL names, and which candidates and parts of an archive a span of time asks for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.dates import Span
from newsarchive.discovery import Window, archive_span, archive_spans
from newsarchive.discovery.spans import day_of
from newsarchive.models import Candidate, Via

SITE = "https://harbor.example"


def at(year: int, month: int = 1, day: int = 1) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


FEBRUARY = Span(at(2019, 2), at(2019, 3))
DAY = Span(at(2019, 2, 27), at(2019, 2, 28))


@pytest.mark.parametrize(
    ("path", "span"),
    [
        ("/sitemap-2019-02.xml", FEBRUARY),
        ("/sitemap_201902.xml.gz", FEBRUARY),
        ("/archive/2019/02/", FEBRUARY),
        ("/archive/2019/feb", FEBRUARY),
        ("/sitemaps/february-2019.xml", FEBRUARY),
        ("/sitemap-02-2019.xml", FEBRUARY),
        ("/sitemap.xml?yyyy=2019&mm=02", FEBRUARY),
        ("/sitemap.xml?yyyy=2019&mm=02&dd=27", DAY),
        ("/sitemap-2019-02-27.xml", DAY),
        ("/sitemap-20190227.xml", DAY),
        ("/archive/2019/2/27", Span(at(2019), at(2020))),  # a month without its zero may be the number of something
        ("/posts-2019.xml", Span(at(2019), at(2020))),
        ("/sitemap-2010-2015.xml", Span(at(2010), at(2016))),
        ("/sitemap-2019-02-30.xml", FEBRUARY),
        ("/sitemap-2019-3.xml", Span(at(2019), at(2020))),
        ("/sitemap-12.xml", None),
        ("/sitemap-720190227.xml", None),
        ("/sitemap.xml?page=2019", None),
    ],
)
def test_the_span_of_a_part_of_an_archive(path: str, span: Span | None) -> None:
    assert archive_span(SITE + path) == span


def test_parts_that_are_counted_are_no_months() -> None:
    counted = [f"{SITE}/sitemap-2019-{number}.xml" for number in ("01", "12", "13")]
    assert set(archive_spans(counted).values()) == {Span(at(2019), at(2020))}
    months = [f"{SITE}/sitemap-2019-{number}.xml" for number in ("01", "12")]
    assert archive_spans(months)[months[1]] == Span(at(2019, 12), at(2020))


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("/2019/02/27/summit", at(2019, 2, 27)),
        ("/news/summit-2019-02-27.html", at(2019, 2, 27)),
        ("/2019/feb/27/summit", at(2019, 2, 27)),
        ("/2019/02/summit", at(2019, 2)),
        ("/elections/2028/poll", None),
        ("/budget-2030-12-points", None),
        ("/story-20190227123456", None),
    ],
)
def test_the_day_of_an_article(path: str, day: datetime | None) -> None:
    found = day_of(SITE + path)
    assert (found and found.start) == day


@given(st.text(max_size=80))
def test_any_text_has_a_span_or_none(text: str) -> None:
    for url in (text, f"{SITE}/{text}", f"{SITE}/?{text}"):
        for span in (archive_span(url), day_of(url)):
            assert span is None or span.start < span.end


def candidate(
    path: str = "/summit", *, published: datetime | None = None, modified: datetime | None = None
) -> Candidate:
    return Candidate(url=SITE + path, via=Via.SITEMAP, published=published, modified=modified)


LATER = Window(since=at(2019, 2))
MONTH = Window(since=at(2019, 2), until=at(2019, 3))


@pytest.mark.parametrize(
    ("window", "told", "wanted"),
    [
        (Window(), candidate(published=at(1999)), True),
        (LATER, candidate(), True),
        (LATER, candidate(published=at(2019, 1)), False),
        (LATER, candidate(published=at(2019, 1), modified=at(2019, 2, 3)), True),
        (LATER, candidate(modified=at(2019, 1)), False),
        (LATER, candidate("/2018/12/24/summit"), False),
        (LATER, candidate("/2018/12/24/summit", modified=at(2019, 4)), True),
        (LATER, candidate("/2019/01/31/summit"), True),  # the site's day may reach into ours
        (MONTH, candidate(published=at(2019, 2, 27)), True),
        (MONTH, candidate(published=at(2019, 3)), False),
        (MONTH, candidate(published=at(2019, 2, 27), modified=at(2024)), True),
        (MONTH, candidate(published=at(2018), modified=at(2019, 2, 3)), False),
        (MONTH, candidate(modified=at(2024)), True),  # nobody says when it was published
        (MONTH, candidate(modified=at(2018)), False),
        (MONTH, candidate("/2019/02/27/summit", modified=at(2024)), True),
        (MONTH, candidate("/2019/04/27/summit"), False),
        (Window(until=at(2019, 3)), candidate("/2018/04/27/summit"), True),
    ],
)
def test_which_candidates_are_of_the_time(window: Window, told: Candidate, *, wanted: bool) -> None:
    assert window.wants(told) is wanted


@pytest.mark.parametrize(
    ("window", "span", "changed", "read"),
    [
        (MONTH, FEBRUARY, None, True),
        (MONTH, DAY, at(2024), True),
        (MONTH, None, None, True),
        (MONTH, None, at(2018), False),
        (MONTH, Span(at(2019), at(2020)), None, True),
        (MONTH, Span(at(2018, 11), at(2018, 12)), None, False),
        (MONTH, Span(at(2018, 11), at(2018, 12)), at(2019, 6), False),
        (MONTH, Span(at(2019, 4), at(2019, 5)), None, False),
        (LATER, Span(at(2018, 11), at(2018, 12)), None, False),
        (LATER, Span(at(2018, 11), at(2018, 12)), at(2019, 2, 3), True),  # an old page was changed
        (LATER, Span(at(2018, 11), at(2018, 12)), at(2018, 12), False),
    ],
)
def test_which_parts_can_hold_the_time(
    window: Window, span: Span | None, changed: datetime | None, *, read: bool
) -> None:
    assert window.may_be_in(span, changed=changed) is read


moments = st.datetimes(min_value=datetime(2018, 1, 1), max_value=datetime(2020, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is added


@given(moments, moments, moments)
def test_no_wanted_article_lies_in_a_part_that_is_not_read(published: datetime, one: datetime, other: datetime) -> None:
    window = Window(since=min(one, other), until=max(one, other))
    told = candidate(published=published)
    part = archive_span(f"{SITE}/sitemap-{published:%Y-%m}.xml")
    if window.since != window.until and window.wants(told):
        assert window.may_be_in(part, changed=None)
