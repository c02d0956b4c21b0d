"""The second engine by itself: its files, and its answers against a plain reading of the same documents."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from newsarchive.dates import Span
from newsarchive.errors import IndexMissing, IntegrityError
from newsarchive.models.query import DateField, DateRange, Query, Term
from newsarchive.search import Document, IndexWriter, Searcher, altered_files, stamp

tantivy = pytest.importorskip("tantivy", reason="the extra newsarchive[tantivy] is not installed")

Make = Callable[..., Document]
Ask = Callable[[str], Query]


def test_words_that_share_a_place_are_all_found_there(build_tantivy: Callable[..., Path], document: Make) -> None:
    # One text in which two spellings stand beside one word: it is handed over in another way than most.
    folder = build_tantivy(document("a", body="Hà Nội Mới opens", language="vi"), document("b", body="opens Hà Nội"))
    with Searcher(folder) as searcher:
        assert searcher.count(Term("hanoi")) == 2
        assert [found.id for found in searcher.scan(Term("noimoi"))] == ["a"]


def test_times_of_any_century_are_found(build_tantivy: Callable[..., Path], document: Make) -> None:
    # Tantivy's own dates end in 1678 and 2262.
    folder = build_tantivy(
        document("old", published=datetime(1605, 7, 1, tzinfo=UTC)),
        document("far", published=datetime(2400, 1, 1, tzinfo=UTC)),
    )
    with Searcher(folder) as searcher:
        before = DateRange(DateField.PUBLISHED, Span(None, datetime(1700, 1, 1, tzinfo=UTC)))
        assert [found.id for found in searcher.scan(before)] == ["old"]
        assert [found.id for found in searcher.scan(Term("x"))] == []
        assert searcher.search(before, facets=("month",)).facets["month"][0].value == "1605-07"


def test_compacting_leaves_segments_without_deleted_documents_alone(
    build_tantivy: Callable[..., Path], document: Make
) -> None:
    folder = build_tantivy(document("a", body="open"), document("b", body="plain"), document("c", body="third"))
    with IndexWriter.open(folder, generation="g") as writer:
        writer.apply([document("d", body="secretword"), document("e", body="beside")], revision=2)
        before = segments(folder)
        writer.apply((), ["d"], revision=3)
        writer.compact()
        assert len(set(before) & set(segments(folder))) == 1
        assert all(not one["deletes"] for one in meta_of(folder)["segments"])
    raw = tantivy.Index.open(str(folder / "tantivy")).searcher()
    assert raw.terms_with_prefix("body", "secret") == []
    assert [term for term, _ in raw.terms_with_prefix("body", "be")] == ["beside"]
    assert not any(b"secretword" in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_files_of_a_killed_writer_and_of_merged_segments_are_removed(
    build_tantivy: Callable[..., Path], document: Make
) -> None:
    folder = build_tantivy(document("a", body="open"))
    code = (
        "import os, sys; from pathlib import Path; from newsarchive.search.tantivy_engine.fields import open_index\n"
        "import tantivy\n"
        "writer = open_index(Path(sys.argv[1])).writer(15_000_000, 1)\n"
        "for n in range(200_000):\n"
        "    writer.add_document(tantivy.Document(body=f'word{n} again{n} more{n} x{n} y{n} z{n}'))\n"
        "os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(folder)], check=False).returncode == -9
    assert files(folder) > set(segments(folder))
    with IndexWriter.open(folder, generation="g") as writer:
        writer.apply([document("b", body="next")], revision=2)
    assert files(folder) == set(segments(folder))
    with Searcher(folder) as searcher:
        assert searcher.ids() == ["a", "b"]


def test_a_reader_beside_many_commits_keeps_no_files_alive(
    build_tantivy: Callable[..., Path], document: Make, ask: Ask
) -> None:
    folder = build_tantivy(document("a", body="word"))
    with Searcher(folder) as searcher, IndexWriter.open(folder, generation="g") as writer:
        for number in range(20):
            writer.apply([document("a", body=f"word n{number}")], revision=number)
        assert searcher.count(ask("word")) == 1
    assert files(folder) == set(segments(folder))


def test_an_altered_file_is_told(build_tantivy: Callable[..., Path], document: Make) -> None:
    folder = build_tantivy(document("a", body="word"))
    assert altered_files(folder) == []
    (store,) = (folder / "tantivy").glob("*.store")
    data = bytearray(store.read_bytes())
    data[3] ^= 1
    store.write_bytes(data)
    assert altered_files(folder) == [f"tantivy/{store.name}"]


def test_values_beyond_what_the_library_counts_at_once_are_counted_all_the_same(
    build_tantivy: Callable[..., Path], document: Make, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = build_tantivy(*(document(f"d{n}", body="word", authors=(f"A{n % 3}", "B")) for n in range(6)))
    with Searcher(folder) as searcher:
        whole = searcher.search(ask("word"), facets=("author",)).facets
        monkeypatch.setattr("newsarchive.search.tantivy_engine.facets._MOST_BUCKETS", 1)
        assert searcher.search(ask("word"), facets=("author",)).facets == whole
    assert [count.count for count in whole["author"]] == [6, 2, 2, 2]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_without_permission_is_told_as_such(document: Make) -> None:
    code = (
        "import os, sys; from pathlib import Path; from newsarchive.search import Searcher\n"
        "import tantivy, newsarchive.search.tantivy_engine.searcher\n"
        "from newsarchive.errors import ArchiveReadOnly\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "try: Searcher(Path(sys.argv[1]))\n"
        "except ArchiveReadOnly as error: print(error.message)\n"
    )
    with TemporaryDirectory() as name:  # no folder above it is anybody's own, as those of `tmp_path` are
        folder = Path(name)
        with IndexWriter.create(folder, generation="g", engine="tantivy") as writer:
            writer.apply([document("a")], revision=1)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        done = subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True, check=False)
        folder.chmod(0o700)
    assert "permission" in done.stdout, done.stderr


def test_the_other_engines_reader_does_not_open_it(build_tantivy: Callable[..., Path], document: Make) -> None:
    from newsarchive.search.tantivy_engine.searcher import Searcher as TantivySearcher  # noqa: PLC0415 - it needs the extra

    folder = build_tantivy(document("a"))
    seen = stamp(folder)
    assert seen
    assert seen.engine == "tantivy"
    with IndexWriter.create(folder, generation="g", engine="whoosh") as writer:
        writer.apply(revision=1)
    with pytest.raises(IndexMissing, match="whoosh"):
        TantivySearcher(folder)


def test_a_missing_commit_is_told_with_its_cure(build_tantivy: Callable[..., Path], document: Make) -> None:
    folder = build_tantivy(document("a"))
    (folder / "tantivy" / "meta.json").unlink()
    for open_it in (lambda: Searcher(folder), lambda: IndexWriter.open(folder, generation="g")):
        with pytest.raises(IntegrityError) as caught:
            open_it()
        assert "rebuild" in caught.value.tip


@pytest.fixture
def build_tantivy(tmp_path: Path) -> Callable[..., Path]:
    """Makes an index of some documents, and says where it is."""

    def make(*documents: Document) -> Path:
        with IndexWriter.create(tmp_path / "index", generation="g", engine="tantivy") as writer:
            writer.apply(documents, revision=1)
        return tmp_path / "index"

    return make


def meta_of(folder: Path) -> dict[str, list[dict[str, object]]]:
    """What the library's commit stands on."""
    found: dict[str, list[dict[str, object]]] = json.loads((folder / "tantivy" / "meta.json").read_text())
    return found


def segments(folder: Path) -> list[str]:
    return [str(one["segment_id"]).replace("-", "") for one in meta_of(folder)["segments"]]


def files(folder: Path) -> set[str]:
    """The segments of which there are files."""
    return {path.name.split(".")[0] for path in (folder / "tantivy").iterdir() if path.name[0] not in ".m"}
