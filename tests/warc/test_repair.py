"""What a killed writer left is finished: whole records kept, the torn tail moved aside, nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from newsarchive.warc import Exchange, Repair, read_payload, repair, scan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from newsarchive.models import Capture, Origin
    from newsarchive.warc import WarcWriter


@pytest.fixture
def left(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> tuple[str, bytes, list[Capture]]:
    """The name and bytes of a finished file, and its captures; the folder itself is empty again."""
    with writer() as warc:
        captures = [warc.write(exchange(body=b"page %d" % number), origin=origin) for number in range(3)]
    (path,) = tmp_path.glob("*.warc.gz")
    data = path.read_bytes()
    for made in tmp_path.iterdir():
        made.unlink()
    return path.name, data, captures


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_torn_tail_is_cut_at_every_byte_and_kept_aside(
    tmp_path: Path, left: tuple[str, bytes, list[Capture]]
) -> None:
    name, data, captures = left
    start = captures[2].place.offset
    member_end = start + captures[2].place.length
    for size in range(start + 1, member_end):
        (tmp_path / (name + ".open")).write_bytes(data[:size])
        (done,) = repair(tmp_path)
        assert done == Repair(name, start, size - start, f"{name}.tail-{start}")
        assert list(scan(tmp_path / name)) == captures[:2]
        assert (tmp_path / f"{name}.tail-{start}").read_bytes() == data[start:size]
        for made in tmp_path.iterdir():
            made.unlink()


def test_a_whole_file_is_only_finished_and_a_second_repair_finds_nothing(
    tmp_path: Path, left: tuple[str, bytes, list[Capture]]
) -> None:
    name, data, captures = left
    (tmp_path / (name + ".open")).write_bytes(data)
    assert repair(tmp_path) == (Repair(name, len(data), 0, None),)
    assert names(tmp_path) == [name.removesuffix(".warc.gz") + ".cdxj", name]
    assert (tmp_path / name).read_bytes() == data
    assert list(scan(tmp_path / name)) == captures
    assert repair(tmp_path) == ()


def test_writing_goes_on_after_a_repair(
    tmp_path: Path,
    left: tuple[str, bytes, list[Capture]],
    writer: Callable[..., WarcWriter],
    exchange: Callable[..., Exchange],
    origin: Origin,
) -> None:
    name, data, captures = left
    (tmp_path / (name + ".open")).write_bytes(data + data[:50])
    repair(tmp_path)
    with writer() as warc:
        later = warc.write(exchange(), origin=origin)
    for capture in (*captures, later):
        assert read_payload(tmp_path, capture.place).url == capture.url


def test_a_file_that_a_living_writer_holds_is_left_alone(
    tmp_path: Path, writer: Callable[..., WarcWriter], exchange: Callable[..., Exchange], origin: Origin
) -> None:
    with writer() as warc:
        capture = warc.write(exchange(), origin=origin)
        assert repair(tmp_path) == ()
        assert (tmp_path / (capture.place.file + ".open")).exists()


def test_whole_records_behind_a_damaged_one_keep_their_places(
    tmp_path: Path, left: tuple[str, bytes, list[Capture]]
) -> None:
    name, data, captures = left
    bad = bytearray(data)
    bad[captures[1].place.offset + 60] ^= 1
    (tmp_path / (name + ".open")).write_bytes(bad)
    assert repair(tmp_path) == (Repair(name, len(data), 0, None),)
    assert (tmp_path / name).read_bytes() == bad
    assert read_payload(tmp_path, captures[2].place).body == b"page 2"
    assert (tmp_path / (name.removesuffix(".warc.gz") + ".cdxj")).read_text().count("\n") == 2


@pytest.mark.parametrize("size", [0, 20])
def test_a_file_without_a_whole_record_goes_and_its_bytes_are_kept_aside(
    tmp_path: Path, left: tuple[str, bytes, list[Capture]], size: int
) -> None:
    name, data, _ = left
    (tmp_path / (name + ".open")).write_bytes(data[:size])
    (done,) = repair(tmp_path)
    assert (done.kept_bytes, done.tail_bytes) == (0, size)
    assert names(tmp_path) == ([f"{name}.tail-0"] if size else [])


def test_a_zero_tail_as_a_power_cut_leaves_it_is_cut(tmp_path: Path, left: tuple[str, bytes, list[Capture]]) -> None:
    name, data, captures = left
    (tmp_path / (name + ".open")).write_bytes(data + bytes(4096))
    (done,) = repair(tmp_path)
    assert (done.kept_bytes, done.tail_bytes) == (len(data), 4096)
    assert list(scan(tmp_path / name)) == captures


@pytest.mark.parametrize("step", ["replace", "ftruncate", "rename", "fsync"])
def test_a_repair_that_is_killed_at_any_step_can_be_run_again(
    tmp_path: Path, left: tuple[str, bytes, list[Capture]], step: str
) -> None:
    name, data, captures = left
    for count in range(1, 7):
        for made in tmp_path.iterdir():
            made.unlink()
        (tmp_path / (name + ".open")).write_bytes(data + data[:99])
        killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), step, str(count)], check=False)
        assert killed.returncode == -signal.SIGKILL or (killed.returncode == 0 and count > 1)
        repair(tmp_path)
        assert list(scan(tmp_path / name)) == captures
        assert (tmp_path / f"{name}.tail-{len(data)}").read_bytes() == data[:99]
        assert not list(tmp_path.glob("*.open"))
        assert (tmp_path / (name.removesuffix(".warc.gz") + ".cdxj")).read_text().count("\n") == 3


KILLED = textwrap.dedent(
    """
    import os, pathlib, signal, sys
    from newsarchive.warc import repair

    folder, step, count = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    seen = 0

    def watch(frame, event, function):
        global seen
        if event == "c_call" and function.__name__ == step and function.__module__ == "posix":
            seen += 1
            if seen == count:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(watch)
    repair(folder)
    """
)


def test_every_capture_that_was_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    acknowledged = kills_with_progress = 0
    for _ in range(5):
        running = subprocess.Popen([sys.executable, "-c", ENDLESS, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert running.stdout
        lines = [running.stdout.readline() for _ in range(20)]
        os.kill(running.pid, signal.SIGKILL)
        lines += running.stdout.readlines()
        running.stdout.close()
        running.wait()
        repair(tmp_path)
        held = {capture.record_id for path in tmp_path.glob("*.warc.gz") for capture in scan(path)}
        whole = {line.strip() for line in lines if line.endswith("\n")}
        assert whole <= held
        acknowledged += len(whole)
        kills_with_progress += bool(whole)
    assert kills_with_progress == 5
    assert acknowledged >= 100


ENDLESS = textwrap.dedent(
    """
    import os, pathlib, sys
    from datetime import UTC, datetime
    from newsarchive.models import Origin
    from newsarchive.warc import Exchange, WarcWriter

    head = b"HTTP/1.1 200 OK\\r\\n\\r\\n"
    with WarcWriter(pathlib.Path(sys.argv[1]), max_file_size=200_000, info={}) as warc:
        while True:
            exchange = Exchange("https://harbor.example/", datetime.now(UTC), b"", head, os.urandom(20_000))
            print(warc.write(exchange, origin=Origin()).record_id, flush=True)
    """
)
