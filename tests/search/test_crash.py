"""Kills and readers beside a writer: the index is always in the old state or the new one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.search import crashing

from newsarchive.errors import NewsarchiveError
from newsarchive.search import Document, EngineName, IndexWriter, Searcher, parse, stamp
from newsarchive.search.native import toc
from newsarchive.search.native import writer as writer_
from newsarchive.search.native.hands import Hands, SharedHands

Make = Callable[..., Document]
KILLS = 8
WORDS = ("alpha", "beta", "gamma")


def test_killed_writers_leave_the_old_state_or_the_new_one(engine: EngineName, tmp_path: Path) -> None:
    crashing.begin(tmp_path, engine)
    crashing.kill_many(tmp_path, KILLS, longest=0.06, seed=1)
    IndexWriter.open(tmp_path, generation="g").close()
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith((".tmp", "MAIN.tmp"))]


def test_readers_beside_a_writer_always_see_whole_batches(engine: EngineName, tmp_path: Path) -> None:
    crashing.begin(tmp_path, engine)
    done = crashing.soak(tmp_path, batches=25, readers=2)
    assert done.batches == 25
    assert crashing.batches_in(tmp_path) == [23, 24, 25]


def test_a_kill_while_building_leaves_no_index_that_looks_whole(
    engine: EngineName, tmp_path: Path, document: Make
) -> None:
    writer = IndexWriter.create(tmp_path, generation="g", engine=engine)

    def documents() -> Any:  # noqa: ANN401 - as a generator that never ends well
        yield document("a")
        raise KeyboardInterrupt

    try:
        writer.build(documents(), revision=1)
    except KeyboardInterrupt:
        pass
    finally:
        writer.close()
    assert stamp(tmp_path) is None


Step = tuple[dict[str, str], set[str], bool, int | None]
ids = st.integers(0, 11).map(lambda number: f"d{number}")
steps: st.SearchStrategy[Step] = st.tuples(
    st.dictionaries(ids, st.sampled_from(WORDS), max_size=5),
    st.sets(ids, max_size=3),
    st.booleans(),
    st.none() | st.integers(1, 12),
)
"""What is put in, what is taken out, whether all is merged, and before which sync or renaming the process dies."""


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=14))
def test_whatever_is_added_changed_deleted_merged_and_killed_the_index_holds_what_was_committed(
    document: Make, sequence: list[Step]
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        crashing.begin(folder)
        held: dict[str, str] = {}
        for revision, step in enumerate(sequence, start=1):
            upserts, deletes, _, dies = step
            wanted = {key: word for key, word in (held | upserts).items() if key not in deletes}
            survived = _in_a_child(lambda step=step, revision=revision: _change(folder, step, document, revision), dies)
            found = _held(folder)
            assert found == wanted if survived else found in (held, wanted)
            held = found
        _files_are_those_of_the_commit(folder)


def _change(folder: Path, step: Step, document: Make, revision: int) -> None:
    upserts, deletes, merged, _ = step
    with IndexWriter.open(folder, generation="g") as writer:
        writer.apply([document(key, body=word) for key, word in upserts.items()], deletes, revision=revision)
        if merged:
            writer.compact()


def _in_a_child(work: Callable[[], None], dies: int | None) -> bool:
    """Do something in another process that dies before its n-th sync or renaming; whether it came to its end."""
    child = os.fork()
    if not child:
        status = 1
        try:
            _dying(dies)
            work()
            status = 0
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    died = os.WIFSIGNALED(ended)
    assert died or os.waitstatus_to_exitcode(ended) == 0
    return not died


def _dying(calls: int | None) -> None:
    left = [calls]

    def counting(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - as the call that it stands for
            if left[0] is not None:
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **named)

        return call

    os.fsync = counting(os.fsync)
    os.replace = counting(os.replace)
    os.unlink = counting(os.unlink)
    Path.replace = counting(Path.replace)  # type: ignore[method-assign]
    Path.unlink = counting(Path.unlink)  # type: ignore[method-assign]


def _held(folder: Path) -> dict[str, str]:
    """What the index says it holds, asked in two ways."""
    with Searcher(folder) as searcher:
        every = searcher.ids()
        found = {one.id: word for word in WORDS for one in searcher.scan(parse(word, now=crashing._NOW), sort="newest")}
        assert every == sorted(found)
        assert len(searcher) == len(every)
    return found


def _files_are_those_of_the_commit(folder: Path) -> None:
    """After the next opening nothing lies about that no commit names."""
    IndexWriter.open(folder, generation="g").close()
    named = {entry.path(folder).name for entry in toc.read(folder).entries}
    assert {path.name for path in folder.glob("MAIN_*.arr")} == named


def test_a_full_disk_leaves_the_index_as_it_was(
    tmp_path: Path, document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashing.begin(tmp_path)
    with IndexWriter.open(tmp_path, generation="g") as writer:
        writer.apply([document("a", body="alpha")], revision=1)
        before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        real = os.fsync
        for call in (1, 2):  # the segment, the table of contents
            left = [call]

            def full(handle: int, left: list[int] = left) -> None:
                left[0] -= 1
                if not left[0]:
                    raise OSError(28, "No space left on device")
                real(handle)

            monkeypatch.setattr("os.fsync", full)
            with pytest.raises(NewsarchiveError, match="No space"):
                writer.apply([document("b", body="beta")], revision=2)
            monkeypatch.setattr("os.fsync", real)
            assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
        writer.apply([document("b", body="beta")], revision=2)
    assert _held(tmp_path) == {"a": "alpha", "b": "beta"}


def _deal(patch: pytest.MonkeyPatch, numbers: Iterable[int]) -> None:
    """Say which worker gets each message, instead of whichever is free first."""
    numbers = iter(numbers)

    class Dealt(Hands):
        def give(self, message: object) -> None:
            self.send(next(numbers), message)

    patch.setattr("newsarchive.search.native.workers.SharedHands", Dealt)


def test_of_one_id_the_last_counts_whichever_workers_took_them(
    tmp_path: Path, document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsarchive.search.native.workers._AT_ONCE", 1)
    _deal(monkeypatch, [0, 1, 1, 0, 1, 0])
    bodies = ("alpha", "beta", "alpha", "beta", "gamma", "alpha")
    documents = [document(id_, body=body) for id_, body in zip("aabbac", bodies, strict=True)]
    with IndexWriter.create(tmp_path, generation="g") as writer:
        assert writer.build(documents, revision=1, workers=2) == 6
    assert _held(tmp_path) == {"a": "gamma", "b": "beta", "c": "alpha"}


def test_workers_make_the_index_that_one_process_makes(tmp_path: Path, document: Make) -> None:
    documents = [document(f"d{number % 150}", body=f"{WORDS[number % 3]} n{number}") for number in range(200)]
    found = []
    for count in (1, 2):
        folder = tmp_path / str(count)
        with IndexWriter.create(folder, generation="g") as writer:
            assert writer.build(documents, revision=5, workers=count) == 200
        assert stamp(folder) is not None
        with Searcher(folder) as searcher:
            found.append({word: searcher.count(parse(word, now=crashing._NOW)) for word in (*WORDS, "n3", "n153")})
            assert len(searcher) == 150
        _files_are_those_of_the_commit(folder)
    assert found[0] == found[1]
    assert found[0]["n3"] == 0  # n153 came later


def test_a_document_that_a_worker_cannot_index_is_named_and_nothing_is_left(tmp_path: Path, document: Make) -> None:
    crashing.begin(tmp_path)
    documents = [document("good"), document("poison", first_seen="not a time")]
    with (
        IndexWriter.open(tmp_path, generation="g") as writer,
        pytest.raises(NewsarchiveError, match="poison") as caught,
    ):
        writer.build(documents, revision=1, workers=2)
    assert caught.value.tip
    assert list(tmp_path.glob("*.arr")) == []


def test_a_worker_that_is_killed_is_told_and_nothing_is_left(
    tmp_path: Path, document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashing.begin(tmp_path)
    begun = SharedHands.__enter__

    def killed(hands: SharedHands) -> SharedHands:
        os.kill(hands._hands[0].process.pid, signal.SIGKILL)
        return begun(hands)

    monkeypatch.setattr(SharedHands, "__enter__", killed)
    with (
        IndexWriter.open(tmp_path, generation="g") as writer,
        pytest.raises(NewsarchiveError, match="worker") as caught,
    ):
        writer.build((document(f"d{number}") for number in range(2_000)), revision=1, workers=2)
    assert "memory" in caught.value.tip
    assert list(tmp_path.glob("*.arr")) == []


def test_a_process_that_is_killed_while_it_shares_a_merge_is_told_and_nothing_is_left(
    tmp_path: Path, document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashing.begin(tmp_path)
    monkeypatch.setattr(writer_, "_LARGE", 1)
    _deal(monkeypatch, cycle([0, 1]))
    send = Hands.send

    def killed(hands: Hands, number: int, message: object) -> None:
        if isinstance(message, tuple) and isinstance(message[1], int):  # a stretch
            os.kill(hands._hands[number].process.pid, signal.SIGKILL)
            hands._hands[number].process.join()
        send(hands, number, message)

    monkeypatch.setattr(Hands, "send", killed)
    with IndexWriter.open(tmp_path, generation="g") as writer:
        with pytest.raises(NewsarchiveError, match="worker"):
            writer.build((document(f"d{number}", body="alpha") for number in range(300)), revision=1, workers=2)
        assert list(tmp_path.glob("*.arr")) == []
        monkeypatch.undo()
        assert writer.build([document("a", body="alpha")], revision=2) == 1
    assert _held(tmp_path) == {"a": "alpha"}


def test_what_a_commit_stands_on_is_synced_before_it_counts(
    tmp_path: Path, document: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").resolve().name)
        real(handle)

    monkeypatch.setattr("os.fsync", fsync)
    with IndexWriter.create(tmp_path, generation="g") as writer:
        writer.apply([document("a", body="word")], revision=1)
    (segment,) = tmp_path.glob("*.arr")
    table = next(name for name in synced[synced.index(segment.name) :] if ".toc" in name)
    places = [synced.index(name) for name in (segment.name, table, "stamp.json.new")]
    assert places == sorted(places)
    assert tmp_path.name in synced[places[1] :]  # the folder, around the renaming


@pytest.mark.parametrize("workers", [1, 2])
def test_a_load_beyond_the_memory_given_becomes_several_segments_and_then_one(
    tmp_path: Path, document: Make, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_, "_LARGE", 1)  # the merge is shared as well
    documents = [document(f"d{number}", body=" ".join(f"w{number}x{at}" for at in range(50))) for number in range(60)]
    with IndexWriter.create(tmp_path, generation="g", memory=100_000) as writer:
        writer.build(
            [*documents, document("d0", body="the last one, Élan lasting", language="en")], revision=1, workers=workers
        )
    assert len(toc.read(tmp_path).entries) == 1
    with Searcher(tmp_path) as searcher:
        assert len(searcher) == 60
        assert searcher.count(parse("w0x1", now=crashing._NOW)) == 0
        for query in ('"the last one"', "elan", "lasts"):  # the tables of keys and stems are there too
            assert searcher.count(parse(query, now=crashing._NOW)) == 1


@pytest.mark.parametrize("beside", [1, 2])
@pytest.mark.parametrize("workers", [1, 2])
def test_copies_meet_across_the_segments_of_a_load_and_of_the_index(
    tmp_path: Path, document: Make, workers: int, beside: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def article(number: int) -> Document:
        """One of 50 texts, or of 25 of which two are always side by side."""
        body = " ".join(f"w{number % 50 // beside}x{at}" for at in range(60))
        return document(f"d{number:03}", body=body, published=crashing._NOW + timedelta(minutes=number))

    monkeypatch.setattr("newsarchive.search.native.merge.LARGEST_SEGMENT", 35)
    monkeypatch.setattr("newsarchive.search.native.workers._AT_ONCE", 7)
    with IndexWriter.create(tmp_path, generation="g", memory=200_000) as writer:
        writer.build(map(article, range(35)), revision=1)
        writer.build(map(article, range(35, 150)), revision=2, workers=workers)
    assert len(toc.read(tmp_path).entries) >= 5
    with Searcher(tmp_path) as searcher:
        copies = {found.id for found in searcher.scan(parse("is:copy", now=crashing._NOW))}
    assert copies == {f"d{number:03}" for number in range(150) if number >= 50 or number % beside}
