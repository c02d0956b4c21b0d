"""Killing everything at any moment costs nothing: the next run ends with the same archive."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import newsarchive

if TYPE_CHECKING:
    from collections.abc import Callable

KILLS = 10

pytestmark = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="finds the processes to kill in /proc")


def kill_all_of(folder: Path) -> None:
    """SIGKILL to every process that names the archive: command, crawl, and the one that processes."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes()
                if os.fsencode(folder) in command:
                    os.kill(int(entry.name), signal.SIGKILL)
            except (OSError, ProcessLookupError):
                continue


def work_done(folder: Path) -> tuple[int, int]:
    """Captures and articles so far."""
    with newsarchive.open(folder) as archive:
        status = archive.status()
        return sum(status.captures.values()), status.articles


def wait_for_work(folder: Path, child: subprocess.Popen[bytes], before: tuple[int, int]) -> None:
    """Until the crawl captured or stored something new."""
    while child.poll() is None and work_done(folder) <= before:
        time.sleep(0.02)


@pytest.mark.timeout(600)
def test_ten_kills_at_random_moments_end_in_the_same_archive(
    new_archive: Callable[..., Path], picture: Callable[[Path], dict[str, Any]]
) -> None:
    undisturbed, killed = new_archive("undisturbed"), new_archive("killed")
    with newsarchive.open(undisturbed, mode="rw") as archive:
        archive.crawl()
    # Slow enough that ten kills find work to interrupt.
    settings = (killed / "newsarchive.toml").read_text(encoding="utf-8").replace("delay = 0", "delay = 0.3")
    (killed / "newsarchive.toml").write_text(settings, encoding="utf-8")
    chance = random.Random(20190227)  # noqa: S311 - moments, not secrets
    command = [sys.executable, "-m", "newsarchive", "-A", str(killed), "crawl"]
    with_progress, before = 0, (0, 0)
    for _ in range(KILLS):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            wait_for_work(killed, child, before)
            time.sleep(chance.uniform(0.0, 0.6))  # the moment of the kill is what is tested
            kill_all_of(killed)
            child.wait()
        after = work_done(killed)
        assert after >= before
        with newsarchive.open(killed) as archive:
            assert archive.verify().kinds == {}, "a kill is no damage"
        with_progress += after > before
        before = after
    (killed / "newsarchive.toml").write_text(settings.replace("delay = 0.3", "delay = 0"), encoding="utf-8")
    with newsarchive.open(killed, mode="rw") as archive:
        archive.crawl()
    assert with_progress == KILLS, "a kill without new work before it proves nothing"
    assert picture(killed) == picture(undisturbed)
    assert not list((killed / "warc").glob("*.open"))
    with newsarchive.open(killed) as archive:
        found = archive.verify()
        assert (found.kinds, vars(found.lag)) == ({}, dict.fromkeys(vars(found.lag), 0))
