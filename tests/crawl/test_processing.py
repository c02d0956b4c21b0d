"""The process that extracts and indexes beside a crawl; see also `tests/flow/test_many_pages.py`."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

from newsarchive.crawl.processing import Processing, Processor, unprocessed

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_crawl_says_where_what_extracts_beside_it_could_not_work(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    beside = Processing(str(tmp_path))  # a folder, and no archive
    beside.start()
    asyncio.run(beside.end())
    (said,) = [message for message in caplog.messages if message.startswith("unprocessed")]
    assert "exit status" in said
    assert "`newsarchive process`" in said


def test_what_ends_with_an_error_is_not_started_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert Processor(str(tmp_path)).end() > 0
    assert not caplog.messages


def test_what_is_killed_each_time_is_started_again_three_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    dying = tmp_path / "dying"
    dying.write_text('#!/bin/sh\necho x >> "$0.starts"\nkill -9 $$\n')
    dying.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(dying))
    assert Processor(str(tmp_path)).end() == -signal.SIGKILL
    assert (tmp_path / "dying.starts").read_text().split() == ["x"] * 4
    assert len([message for message in caplog.messages if message.startswith("processor-killed")]) == 3


def test_a_person_is_told_how_it_ended() -> None:
    assert "killed by signal 9" in unprocessed(-9).message
    assert "too little memory" in (unprocessed(-9).tip or "")
    assert "exit status 3" in unprocessed(3).message
