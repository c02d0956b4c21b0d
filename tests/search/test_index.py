"""Writing and asking the index: what is put in is found, what is taken out is not, and a batch is all or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from newsarchive.errors import ArchiveLocked, IndexMissing, IntegrityError, NewsarchiveError
from newsarchive.models.query import Query
from newsarchive.search import Document, EngineName, IndexWriter, Searcher, Stamp, stamp

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[..., Document]
Ask = Callable[[str], Query]
Build = Callable[..., None]
POSTINGS: dict[EngineName, str] = {"whoosh": "*.arr", "tantivy": "tantivy/*.idx"}
"""A file of a segment that no answer can do without."""


def meta_of(folder: Path) -> Any:  # noqa: ANN401 - JSON
    """What tantivy's commit stands on."""
    return json.loads((folder / "tantivy" / "meta.json").read_text(encoding="utf-8"))


def ids(folder: Path, query: Query, **how: object) -> list[str]:
    with Searcher(folder) as searcher:
        return [found.id for found in searcher.search(query, **how).found]  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hanoi", {"en", "de", "es"}),
        ("Hà Nội", {"en", "de", "es", "vi"}),
        ("ha noi", {"en", "de", "es", "vi"}),
        ("hội nghị", {"vi"}),
        ('"thượng đỉnh"', {"vi"}),
        ("straße", {"de"}),
        ("strasse", {"de"}),
        ("gipfeltreffen", {"de"}),
        ("anos", {"es"}),
        ("años", {"es"}),
        ("dónde", {"es"}),
        ("東京", {"ja"}),
        ("会談", {"ja"}),
        ("談", {"ja"}),
        ("首脳会談", {"ja"}),
        ('"東京で首脳"', {"ja"}),
        ("京東", set()),
        ("東京 会談", {"ja"}),
        ("NATO", {"ja", "en"}),
        ("ประชุม", {"th"}),
        ("ข่าว", {"th"}),
        ("u.s.", {"en"}),
        ("no deal", {"en"}),
        ('"no deal"', {"en"}),
        ('"deal no"', set()),
        ("den*", {"en"}),
        ('"sign the"', {"en"}),
        ("headline:summit", {"en"}),
        ("body:summit", set()),
        ("headline:deal", set()),
        ("lead:talks", {"en"}),
        ("lead:farewell", set()),
        ("body:farewell", {"en"}),
        ('"summit ends they"', set()),
        ('"ends nato"', set()),
        ("author:tran", {"en"}),
        ('author:"lan tran"', {"en"}),
        ('author:"tran jo"', set()),
        ("category:politics", {"en"}),
        ('category:"us news"', {"en"}),
        ("category:us", set()),
        ("category:u*", {"en"}),
        ("tag:g20", {"en"}),
        ("source:harbor.example", {"en"}),
        ('source:"Harbor Post"', {"en"}),
        ("lang:ja", {"ja"}),
        ("url:https://harbor.example/de", {"de"}),
        ("https://harbor.example/de", {"de"}),
        ("url:https://harbor.example/*", {"en", "de", "es", "vi", "ja", "th"}),
        ("published:2019-02", {"en"}),
        ("published:..2019-01", {"de"}),
        ("published:2018-12..2019-02", {"en", "de"}),
        ("-published:2019", {"de", "es", "vi", "ja", "th"}),
        ("seen:2019-03", {"en", "de", "es", "vi", "ja", "th"}),
        ("seen:<2019-03", set()),
        ("*", {"en", "de", "es", "vi", "ja", "th"}),
        ("-hanoi", {"vi", "ja", "th"}),
        ("hanoi -nato", {"de", "es"}),
        ("hanoi published:2019", {"en"}),
        ("nato OR lang:de", {"en", "ja", "de"}),
        ("-(nato OR lang:de) -vi", {"es", "th"}),
        ("nothingofthekind", set()),
        ("nothingofthekind OR nato", {"en", "ja"}),
        ("nato nothingofthekind*", set()),
    ],
)
def test_words_of_many_languages_and_fields_are_found(text: str, found: set[str], ask: Ask, small_index: Path) -> None:
    assert set(ids(small_index, ask(text))) == found
    with Searcher(small_index) as searcher:
        assert searcher.count(ask(text)) == len(found)


@pytest.fixture(scope="module")
def small_index(build: Build, tmp_path_factory: pytest.TempPathFactory, document: Make) -> Path:
    folder = tmp_path_factory.mktemp("small") / "index"
    long_body = "No deal after talks in Hanoi. NATO's U.S. envoy will sign the paper on denuclearization. "
    build(
        folder,
        document(
            "en",
            headline="Summit ends",
            body=long_body + "word " * 60 + "farewell",
            published=datetime(2019, 2, 28, 23, 30, tzinfo=UTC),
            authors=("Lan Tran", "Jo Reed"),
            category="Politics",
            categories=("Politics", "U.S. News"),
            tags=("G20",),
            sources=("harbor", "harbor.example", "Harbor Post"),
            language="en",
        ),
        document(
            "de",
            body="Gipfeltreffen in Hanoi: die Straße war gesperrt.",
            language="de",
            published=datetime(2018, 12, 31, tzinfo=UTC),
        ),
        document("es", body="¿Dónde? Dos años después, en Hanoi.", language="es"),
        document("vi", headline="Hội nghị thượng đỉnh tại hà nội", body="vi", language="vi"),
        document("ja", body="東京で首脳会談。NATO加盟", language="ja"),
        document("th", body="ข่าวการประชุมสุดยอด", language="th"),
    )
    return folder


def test_an_update_replaces_and_a_delete_removes(
    engine: EngineName, build: Build, folder: Path, document: Make, ask: Ask
) -> None:
    build(folder, document("a", body="alpha"), document("b", body="beta"))
    with IndexWriter.open(folder, generation="g") as writer:
        writer.apply([document("a", body="gamma")], ["b", "unknown"], revision=2)
    assert ids(folder, ask("*")) == ["a"]
    assert ids(folder, ask("alpha OR beta")) == []
    assert ids(folder, ask("gamma")) == ["a"]
    assert stamp(folder) == Stamp("g", 2, engine)


def test_the_last_of_two_documents_with_one_id_counts(build: Build, folder: Path, document: Make, ask: Ask) -> None:
    build(folder, document("a", body="alpha"), document("a", body="beta"))
    assert ids(folder, ask("alpha")) == []
    assert ids(folder, ask("beta")) == ["a"]


def test_applying_a_batch_twice_changes_nothing(build: Build, folder: Path, document: Make, ask: Ask) -> None:
    build(folder)
    for _ in range(2):
        with IndexWriter.open(folder, generation="g") as writer:
            writer.apply([document("a", body="alpha"), document("b", body="alpha")], ["c"], revision=2)
    assert sorted(ids(folder, ask("alpha"))) == ["a", "b"]


def test_a_poison_document_cancels_its_batch_only(
    engine: EngineName, build: Build, folder: Path, document: Make, ask: Ask
) -> None:
    build(folder, document("good", body="before"))
    with IndexWriter.open(folder, generation="g") as writer:
        poison = document("poison", body="venom", first_seen="not a time")
        with pytest.raises(NewsarchiveError, match="poison") as caught:
            writer.apply(
                [document("fine", body="beside"), poison, document("late", body="after")], ["good"], revision=2
            )
        assert caught.value.__cause__ is not None
        assert stamp(folder) == Stamp("g", 1, engine)
        assert ids(folder, ask("*")) == ["good"]
        writer.apply([document("next", body="innocent")], revision=2)
    assert ids(folder, ask("venom OR beside OR after")) == []
    assert sorted(ids(folder, ask("*"))) == ["good", "next"]
    assert not list(folder.glob("MAIN.tmp"))


@pytest.mark.parametrize("bad", ["x" * 17, "", "ä", "a\0"])
def test_an_id_that_the_index_cannot_hold_is_refused(build: Build, folder: Path, document: Make, bad: str) -> None:
    build(folder)
    with IndexWriter.open(folder, generation="g") as writer, pytest.raises(NewsarchiveError):
        writer.apply([document(bad)], revision=2)


def test_a_second_writer_is_told_that_the_index_is_locked(build: Build, folder: Path, document: Make) -> None:
    build(folder)
    with IndexWriter.open(folder, generation="g") as writer:
        with pytest.raises(ArchiveLocked) as caught:
            IndexWriter.open(folder, generation="g")
        assert caught.value.tip
        with pytest.raises(ArchiveLocked):
            IndexWriter.create(folder, generation="g")
        writer.apply([document("a")], revision=2)
    IndexWriter.open(folder, generation="g").close()


def test_an_index_without_our_stamp_is_not_opened(build: Build, folder: Path, document: Make) -> None:
    with pytest.raises(IndexMissing, match="no search index") as caught:
        Searcher(folder)
    assert "rebuild" in caught.value.tip
    build(folder, document("a"))
    (folder / "stamp.json").write_text(
        '{"schema": "newsarchive.index/1", "format": 0, "generation": "g", "revision": 1}'
    )
    assert stamp(folder) is None
    with pytest.raises(IndexMissing):
        Searcher(folder)
    with pytest.raises(IndexMissing):
        IndexWriter.open(folder, generation="g")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"schema": 1}', "\ufeff{}", "\x00"])
def test_a_broken_stamp_is_no_stamp(tmp_path: Path, text: str) -> None:
    (tmp_path / "stamp.json").write_text(text, encoding="utf-8")
    assert stamp(tmp_path) is None


def test_an_index_of_another_store_is_not_opened(build: Build, folder: Path) -> None:
    build(folder)
    with pytest.raises(IndexMissing, match="another store"):
        Searcher(folder, generation="other")
    with pytest.raises(IndexMissing, match="another store"):
        IndexWriter.open(folder, generation="other")


def test_an_index_that_is_being_begun_anew_is_not_opened_before_its_first_commit(
    engine: EngineName, build: Build, folder: Path, document: Make, ask: Ask
) -> None:
    build(folder, document("old", body="old"))
    (folder / "README.md").write_text("kept")
    with IndexWriter.create(folder, generation="h", engine=engine) as writer:
        with pytest.raises(IndexMissing):
            Searcher(folder)
        assert writer.build((document(f"n{number}", body="new") for number in range(3)), revision=7) == 3
    assert sorted(ids(folder, ask("*"))) == ["n0", "n1", "n2"]
    assert stamp(folder) == Stamp("h", 7, engine)
    assert (folder / "README.md").read_text() == "kept"


@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_damaged_files_are_named_and_the_cure_too(
    engine: EngineName, build: Build, folder: Path, document: Make, damage: bytes | None
) -> None:
    build(folder, document("a", body="alpha"))
    (segment,) = folder.glob(POSTINGS[engine])
    segment.unlink()
    if damage is not None:
        # A new file: what wrote the old one may still have it mapped, and this process would end if that one shrank.
        segment.write_bytes(damage)
    with pytest.raises(IntegrityError) as caught:
        Searcher(folder)
    assert "rebuild" in caught.value.tip


def test_the_order_is_the_same_each_time(build: Build, folder: Path, document: Make, ask: Ask) -> None:
    day = datetime(2019, 1, 1, tzinfo=UTC)
    documents = [
        document("b", body="word", published=day),
        document("a", body="word", published=day),
        document("new", body="word", published=day + timedelta(days=1)),
        document("none", body="word"),
        document("old", body="word", published=datetime(1850, 1, 1, tzinfo=UTC)),
    ]
    build(folder)
    for number, one in enumerate(documents):  # a segment each
        with IndexWriter.open(folder, generation="g") as writer:
            writer.apply([one], revision=number)
    word = ask("word")
    assert ids(folder, word) == ["new", "a", "b", "old", "none"]
    assert ids(folder, word, sort="newest") == ["new", "a", "b", "old", "none"]
    assert ids(folder, word, sort="oldest") == ["old", "a", "b", "new", "none"]
    assert ids(folder, word, limit=2, offset=1) == ["a", "b"]
    assert ids(folder, word, limit=0) == []
    assert ids(folder, word, offset=9) == []
    with Searcher(folder) as searcher:
        assert searcher.search(word, limit=1).total == 5
        assert [found.id for found in searcher.scan(word, sort="oldest")] == ["old", "a", "b", "new", "none"]


def test_a_word_in_the_headline_counts_more_and_a_rare_word_too(
    build: Build, folder: Path, document: Make, ask: Ask
) -> None:
    filler = "some other words of a text that goes on for a while"
    build(
        folder,
        document("head", headline="Summit", body=filler),
        document("body", headline="Other", body=f"{filler[5:]} summit"),
        *(document(f"x{number}", body=f"common {filler}") for number in range(20)),
        document("rare", body=f"rare {filler}"),
    )
    assert ids(folder, ask("summit")) == ["head", "body"]
    assert ids(folder, ask("common OR rare"), limit=1) == ["rare"]
    with Searcher(folder) as searcher:
        scores = [found.score for found in searcher.search(ask("common OR rare")).found]
        assert scores == sorted(scores, reverse=True)
        assert min(scores) > 0


def test_many_commits_leave_few_segments_and_no_stray_files(
    engine: EngineName, build: Build, folder: Path, document: Make, ask: Ask
) -> None:
    build(folder)
    with IndexWriter.open(folder, generation="g") as writer:
        for number in range(40):
            writer.apply([document(f"d{number}", body=f"word n{number}")], [f"d{number - 20}"], revision=number)
    if engine == "whoosh":
        segments = list(folder.glob("*.arr"))
        assert len(segments) <= 13
        assert len(list(folder.iterdir())) == len(segments) + 3  # table of contents, lock, stamp
    else:
        listed = {one["segment_id"].replace("-", "") for one in meta_of(folder)["segments"]}
        assert len(listed) <= 16
        kept = {path.name.split(".")[0] for path in (folder / "tantivy").iterdir() if path.name[0] not in ".m"}
        assert kept == listed
        assert {path.name for path in folder.iterdir()} == {"tantivy", "stamp.json", "MAIN_WRITELOCK"}
    assert sorted(ids(folder, ask("word"), limit=50)) == sorted(f"d{number}" for number in range(20, 40))


def test_compacting_takes_deleted_words_out_of_the_files(build: Build, folder: Path, document: Make, ask: Ask) -> None:
    build(folder, document("a", body="secretword"), document("b", body="open"))
    with IndexWriter.open(folder, generation="g") as writer:
        writer.apply((), ["a"], revision=2)
        writer.compact()
    assert ids(folder, ask("*")) == ["b"]
    assert all(b"secretword" not in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_an_empty_index_answers(build: Build, folder: Path, ask: Ask) -> None:
    build(folder)
    with Searcher(folder) as searcher:
        assert searcher.search(ask("* OR a")).total == 0
        assert len(searcher) == 0


def test_a_searcher_sees_the_index_as_it_was_opened(build: Build, folder: Path, document: Make, ask: Ask) -> None:
    build(folder, document("a", body="word"))
    with Searcher(folder) as searcher:
        with IndexWriter.open(folder, generation="g") as writer:
            writer.apply([document("b", body="word")], ["a"], revision=2)
            writer.compact()
        assert [found.id for found in searcher.search(ask("word")).found] == ["a"]
    assert ids(folder, ask("word")) == ["b"]
