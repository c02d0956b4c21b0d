from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsarchive.models import Extraction
from newsarchive.settings import ValidationSettings
from newsarchive.validation import CHECKS, judge, status_problem

NOW = datetime(2019, 2, 27, 12, tzinfo=UTC)
GOOD = Extraction(
    url="https://harbor.example/a",
    headline="Summit ends",
    paragraphs=("The leaders met again today. " * 10,),
    published=NOW,
)


def codes(**fields: object) -> list[str]:
    verdict = judge(GOOD.model_copy(update=fields), captured_at=NOW, settings=ValidationSettings())
    return [problem.code for problem in verdict.problems]


def test_an_article_is_accepted() -> None:
    assert judge(GOOD, captured_at=NOW, settings=ValidationSettings()).accepted


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"headline": None}, "no-headline"),
        ({"headline": " \u200b "}, "no-headline"),
        ({"headline": "x" * 501}, "no-headline"),
        ({"published": None}, "no-date"),
        ({"published": NOW + timedelta(days=3)}, "date-in-future"),
        ({"url": "urn:sha1:ABC"}, "no-url"),
    ],
)
def test_what_is_missing_is_named(fields: dict[str, object], code: str) -> None:
    assert codes(**fields) == [code]


def test_a_short_text_is_told_with_its_length() -> None:
    short = Extraction(url=GOOD.url, headline="h", paragraphs=("two words",), published=NOW)
    verdict = judge(short, captured_at=NOW, settings=ValidationSettings())
    assert [problem.code for problem in verdict.problems] == ["too-short"]
    assert "2 words" in verdict.problems[0].message


def test_a_page_shows_all_that_is_wrong_with_it() -> None:
    assert codes(headline=None, published=None) == ["no-headline", "no-date"]


def test_a_date_ahead_of_utc_is_not_in_the_future() -> None:
    assert codes(published=NOW + timedelta(hours=14)) == []


@pytest.mark.parametrize(("status", "fine"), [(200, True), (None, True), (404, False), (503, False), (799, False)])
def test_only_200_and_files_without_http_are_pages(status: int | None, fine: bool) -> None:  # noqa: FBT001 - a table
    assert (status_problem(status) is None) is fine


def test_every_problem_code_has_a_section_in_the_docs() -> None:
    docs = (Path(__file__).parent.parent.parent / "docs" / "validation.md").read_text(encoding="utf-8")
    named = {(check.__doc__ or "").split("`")[1] for check in CHECKS}
    assert len(named) >= 5
    for code in named | {"http-status", "damaged-capture"}:
        assert f"## {code}" in docs
