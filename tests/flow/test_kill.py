"""Killing everything at any moment costs nothing: the next run ends with the same archive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.faults.killing import crawl_command, kill_crawls

import newsarchive
from newsarchive.sample import OUTLETS

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

KILLS = 10

pytestmark = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="finds the processes to kill in /proc")


@pytest.mark.timeout(600)
def test_kills_at_random_moments_end_in_the_same_archive(
    new_archive: Callable[..., Path], picture: Callable[[Path], dict[str, Any]]
) -> None:
    undisturbed, killed = new_archive("undisturbed"), new_archive("killed")
    with newsarchive.open(undisturbed, mode="rw") as archive:
        archive.crawl()

    def command(chance: random.Random) -> list[str]:
        return crawl_command(killed, "--limit", "2", chance.choice(OUTLETS).name)

    done = kill_crawls(killed, kills=KILLS, seed=20190227, command=command)
    assert done.with_progress == KILLS, "a kill without new work before it proves nothing"
    assert not done.faults
    with newsarchive.open(killed, mode="rw") as archive:
        archive.crawl()
    assert picture(killed) == picture(undisturbed)
    assert not list((killed / "warc").glob("*.open"))
    with newsarchive.open(killed) as archive:
        verified = archive.verify()
    assert verified.ok, verified.findings
