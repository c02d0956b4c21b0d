"""Traps are told by many URLs together; what only looks like one is let pass."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from newsarchive.discovery import Refusal, Traps
from newsarchive.discovery.traps import MAX_HOSTS, MAX_QUERY_SHAPES

SITE = "https://harbor.example"
NOW = datetime(2019, 2, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/2019/02/27/summit", None),
        ("/2019/02/28/summit", None),  # already tomorrow in Kiritimati, and scheduled pages
        ("/2019/03/03/summit", Refusal.IN_THE_FUTURE),
        ("/2019/04/summit", Refusal.IN_THE_FUTURE),
        ("/2091/12/24/summit", Refusal.IN_THE_FUTURE),
        ("/elections/2028/poll", None),
        ("/summit", None),
    ],
)
def test_a_page_of_a_day_that_has_not_come_is_no_article(path: str, reason: Refusal | None) -> None:
    assert Traps(now=NOW).refusal(SITE + path) is reason


def test_an_archive_of_a_time_that_has_not_come_is_not_read() -> None:
    traps = Traps(now=NOW)
    assert [traps.is_ahead(f"{SITE}/archive/{when}") for when in ("2019", "2019/02", "2019/03/10", "2020")] == [
        False,
        False,
        True,
        True,
    ]


def test_a_list_that_is_filtered_in_every_way_explodes_and_numbers_do_not() -> None:
    traps = Traps(now=NOW)
    names = [
        f"{SITE}/list?" + "&".join(f"f{bit}=1" for bit in range(8) if number >> bit & 1) for number in range(1, 200)
    ]
    reasons = [traps.refusal(url) for url in names]
    assert reasons.count(None) == MAX_QUERY_SHAPES
    assert set(reasons) == {None, Refusal.QUERY_EXPLOSION}
    assert traps.refusal(names[0].replace("=1", "=2")) is None  # a set that is known already
    assert {traps.refusal(f"{SITE}/view?id={number}") for number in range(1000)} == {None}


def test_a_server_that_answers_to_every_name_is_left_after_some() -> None:
    traps = Traps(now=NOW)
    reasons = [traps.refusal(f"https://x{number}.harbor.example/summit") for number in range(MAX_HOSTS + 10)]
    assert reasons == [None] * MAX_HOSTS + [Refusal.TOO_MANY_HOSTS] * 10
    assert traps.refusal("https://x0.harbor.example/cup") is None
