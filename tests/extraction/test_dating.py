"""Dates: first publication told from update, with the precision and the zone that the page gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.dates import Precision
from newsarchive.extraction import cascade, dating
from newsarchive.extraction.datelines import day_in
from newsarchive.extraction.dating import read_date
from newsarchive.extraction.findings import Findings
from newsarchive.extraction.tree import parse

if TYPE_CHECKING:
    from conftest import Newsroom
    from newsarchive.models import Extraction

TOP = "<h1>Ferry talks end without a deal</h1>"


def read(newsroom: Newsroom, *, head: str = "", top: str = TOP, text: str | None = None, url: str = "") -> Extraction:
    page = newsroom.page(head=f"<title>Ferry talks end</title>{head}", top=top, text=text)
    return newsroom.read(page, url=url or "https://harborpost.example/ferry")


@pytest.mark.parametrize(
    ("text", "iso", "precision"),
    [
        ("2019-02-27T18:30:05+07:00", "2019-02-27T18:30:05+07:00", "second"),
        ("2019-02-27T18:30Z", "2019-02-27T18:30:00+00:00", "minute"),
        ("2019-02-27", "2019-02-27T00:00:00+00:00", "day"),
        ("27.02.2019, 18:30 Uhr", "2019-02-27T18:30:00+00:00", "minute"),
        ("February 27, 2019 6:30 PM", "2019-02-27T18:30:00+00:00", "minute"),
        ("2019-02-27 18:30 EST", "2019-02-27T18:30:00-05:00", "minute"),
        ("1551292200", "2019-02-27T18:30:00+00:00", "second"),
    ],
)
def test_a_written_date_is_read_with_its_zone_and_precision(text: str, iso: str, precision: str) -> None:
    moment = read_date(text)
    assert moment is not None
    assert (moment.at.isoformat(), moment.precision) == (iso, precision)


@pytest.mark.parametrize(
    ("text", "language", "day"),
    [
        ("Hanoi, 27. Februar 2019", "de", "2019-02-27"),
        ("Publié le 27 février 2019 à 18h30", "fr", "2019-02-27"),
        ("27 de febrero de 2019", "es", "2019-02-27"),
        ("27 lutego 2019", "pl", "2019-02-27"),
        ("27 февраля 2019", "ru", "2019-02-27"),
        ("27 فبراير 2019", "ar", "2019-02-27"),
        ("2019年2月27日", "ja", "2019-02-27"),
        ("2019년 2월 27일", "ko", "2019-02-27"),
        ("27 Şubat 2019", "tr", "2019-02-27"),
        ("02/03/2019", "en-us", "2019-02-03"),
        ("02/03/2019", "fr", "2019-03-02"),
        ("Windows 95 of 2019", "en", None),
        ("31 February 2019", "en", None),
    ],
)
def test_a_day_in_prose_is_read_in_its_language(text: str, language: str, day: str | None) -> None:
    assert day_in(text, language=language) == day


@given(st.text(max_size=120))
def test_no_text_breaks_the_reading_of_dates(text: str) -> None:
    moment = read_date(text)
    assert moment is None or moment.at.tzinfo is not None
    day = day_in(text)
    assert day is None or day_in(day) == day


@given(st.datetimes(min_value=datetime(1995, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-48, 56))  # noqa: DTZ001
def test_a_machine_date_is_read_as_it_was_written(at: datetime, quarters: int) -> None:
    written = at.replace(microsecond=0, tzinfo=UTC).astimezone(UTC)
    zone = timedelta(minutes=15 * quarters)
    local = (written + zone).replace(tzinfo=None).isoformat()
    sign, total = ("-" if quarters < 0 else "+"), abs(15 * quarters)
    moment = read_date(f"{local}{sign}{total // 60:02}:{total % 60:02}")
    assert moment is not None
    assert moment.at == written
    assert moment.precision is Precision.SECOND


def test_the_update_is_told_from_the_publication(newsroom: Newsroom) -> None:
    found = newsroom.read(newsroom.page(head=newsroom.linked()))
    assert found.published == datetime.fromisoformat("2019-02-27T18:30:00+07:00")
    assert found.modified == datetime.fromisoformat("2019-02-28T09:00:00+07:00")


def test_an_update_that_is_no_later_is_none() -> None:
    same = ("2019-02-27T18:30:00+07:00",)
    published, modified = dating.choose([Findings("json-ld", published=same, modified=same)])
    assert published is not None
    assert modified is None


def test_of_two_times_side_by_side_the_earlier_is_the_publication(newsroom: Newsroom) -> None:
    times = (
        '<p><time datetime="2021-12-10T20:06:09+07:00">x</time> <time datetime="2019-02-27T18:30:00+07:00">y</time></p>'
    )
    found = read(newsroom, top=TOP + times)
    assert found.published == datetime.fromisoformat("2019-02-27T18:30:00+07:00")
    assert found.modified == datetime.fromisoformat("2021-12-10T20:06:09+07:00")


def test_the_times_of_teasers_are_not_the_articles(newsroom: Newsroom) -> None:
    teasers = "".join(f'<aside><time datetime="2020-01-0{day}">x</time></aside>' for day in range(1, 6))
    found = read(newsroom, top=TOP + '<time datetime="2019-02-27">27 Feb</time>' + teasers)
    assert (found.published, found.published_precision) == (datetime(2019, 2, 27, tzinfo=UTC), Precision.DAY)


def test_the_day_of_the_url_stands_where_the_page_was_moved_to_another_system(newsroom: Newsroom) -> None:
    head = '<meta property="article:published_time" content="2023-08-01T00:00:00Z">'
    found = read(newsroom, head=head, url="https://harborpost.example/2019/02/27/ferry")
    assert (found.published, found.provenance["published"]) == (datetime(2019, 2, 27, tzinfo=UTC), "url")


@pytest.mark.parametrize(
    "opening",
    ["<p>HANOI, 27 Feb 2019 (AFP) - ", "<p><strong>27.02.2019 ", "<p>Karlsruhe, (27.2.2019). ", "<p>2019年2月27日 "],
)
def test_the_opening_of_a_text_names_its_day_where_nothing_else_does(newsroom: Newsroom, opening: str) -> None:
    text = f"{opening}{newsroom.paragraphs[0]} {newsroom.paragraphs[1]}</p><p>{newsroom.paragraphs[2]}</p>"
    found = read(newsroom, text=text)
    assert (found.published, found.provenance["published"]) == (datetime(2019, 2, 27, tzinfo=UTC), "text")


def test_a_day_within_the_text_is_not_the_articles(newsroom: Newsroom) -> None:
    later = f"<p>{newsroom.paragraphs[0]} They had met before, on 27 February 2018, without a result as well.</p>"
    assert read(newsroom, text=later).published is None


def test_dates_alone_are_the_same_as_those_of_the_whole_extraction(newsroom: Newsroom) -> None:
    html = newsroom.page(head=newsroom.linked(), top=f'{TOP}<time datetime="2019-02-27T11:30:00Z">x</time>')
    alone = cascade.dates_of(parse(newsroom.payload(html)))
    whole = newsroom.read(html)
    assert (alone["published"][0], alone["modified"][0]) == (whole.published, whole.modified)
