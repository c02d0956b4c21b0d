"""The process that extracts and indexes beside a crawl; see also `tests/flow/test_many_pages.py`."""

from __future__ import annotations

import asyncio
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


def test_a_person_is_told_how_it_ended() -> None:
    assert "killed by signal 9" in unprocessed(-9).message
    assert "too little memory" in (unprocessed(-9).tip or "")
    assert "exit status 3" in unprocessed(3).message
