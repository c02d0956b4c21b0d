"""The bulk writer: its files tell Whoosh's readers what Whoosh's own writer tells them, spilled and merged ones too."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import FileStorage, RamStorage
from whoosh.formats import Existence, Positions
from whoosh.index import FileIndex
from whoosh.util.numeric import byte_to_length, length_to_byte
from whoosh.writing import SegmentWriter

from newsarchive.search import Document, IndexWriter, batch, schema
from newsarchive.search.files import DurableStorage
from newsarchive.search.index import open_index
from newsarchive.search.postings import BLOCK, BulkCodec, all_terms, decoded, term_postings
from newsarchive.search.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MORE_THAN_TWO_BLOCKS = 2 * BLOCK + 44


@pytest.fixture(scope="module")
def documents(document: Callable[..., Document]) -> list[Document]:
    """Words in all of them and in all but the first block, long lists of positions, two scripts, many fields."""
    made = [
        document(
            f"d{n}",
            headline=f"Common {'late' if n > BLOCK else ''} Hà Nội {n % 7}",
            body=f"common {'twice ' * (n % 3)}n{n} {'often ' * (n % 300)} 東京会談",
            authors=("Lan Tran", f"Jo {n % 5}"),
            category=("politics", "world")[n % 2],
            tags=(f"t{n % 11}",),
            sources=("harbor.example",),
            language="en",
        )
        for n in range(MORE_THAN_TWO_BLOCKS)
    ]
    return [*made, document("long", body="solitary " * 3_000), document("empty")]


def contents(reader: Any) -> dict[tuple[str, bytes], Any]:  # noqa: ANN401 - a whoosh reader
    """All that a stock reader tells of each term."""
    found = {}
    for field, term in reader.all_terms():
        info, rows = reader.term_info(field, term), []
        matcher = reader.postings(field, term)
        while matcher.is_active():
            rows.append((matcher.id(), matcher.weight(), matcher.value(), matcher.block_max_weight()))
            matcher.next()
        found[field, term] = (
            rows,
            (info.weight(), info.doc_frequency(), info.min_length(), info.max_length(), info.max_weight()),
            (info.min_id(), info.max_id(), reader.frequency(field, term), reader.doc_frequency(field, term)),
        )
    return found


def write(folder: Path, documents: list[Document]) -> Any:  # noqa: ANN401 - a whoosh reader
    with IndexWriter.create(folder, generation="g") as writer:
        writer.apply(documents, revision=1)
    return open_index(DurableStorage(folder)).reader()


def test_a_stock_reader_is_told_what_the_stock_writer_tells_it(tmp_path: Path, documents: list[Document]) -> None:
    write(tmp_path / "ours", documents).close()
    (tmp_path / "stock").mkdir()
    index = FileIndex.create(FileStorage(str(tmp_path / "stock")), schema.make())
    writer = SegmentWriter(index, codec=W3Codec(blocklimit=BLOCK))
    for document in documents:
        writer.add_document(**schema.entry(document))
    writer.commit()
    with index.reader() as stock, FileIndex(FileStorage(str(tmp_path / "ours"))).reader() as ours:
        assert contents(ours) == contents(stock)
        assert type(ours.codec()) is W3Codec
        assert list(ours.all_terms()) == sorted(ours.all_terms())
        for name in ("id", "published", "seen", "word_count"):
            columns = [reader.column_reader(name) for reader in (ours, stock)]
            assert [*columns[0]] == [*columns[1]]


def test_whole_lists_are_what_a_stock_matcher_steps_through(tmp_path: Path, documents: list[Document]) -> None:
    reader = write(tmp_path, documents)
    told = contents(reader)
    assert len(told) > MORE_THAN_TWO_BLOCKS
    for field, term, *columns in all_terms(reader):
        rows, *_ = told.pop((field, term))
        assert [row[:2] for row in rows] == list(zip(*columns[:2], strict=True))
        if reader.schema[field].format.fixed_value_size() != 0:
            assert [row[2] for row in rows] == columns[2]
        assert term_postings(reader, field, term) == tuple(columns)
    assert not told
    assert term_postings(reader, "text", b"absent") == ([], [], [])
    assert term_postings(reader, "nofield", b"common") == ([], [], [])
    reader.close()


def test_spilled_postings_come_back_in_order(
    tmp_path: Path, documents: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = write(tmp_path / "whole", documents)
    runs: list[str] = []
    read = batch._Pool._read
    monkeypatch.setattr(batch, "MOST_POSTINGS", 500)

    def noted(pool: Any, name: str) -> Any:  # noqa: ANN401 - the private method's own types
        runs.append(name)
        return read(pool, name)

    monkeypatch.setattr(batch._Pool, "_read", noted)
    spilled = write(tmp_path / "spilled", documents)
    assert len(runs) > 5
    assert contents(spilled) == contents(whole)
    assert not list((tmp_path / "spilled").glob("*.tmp"))
    for reader in (whole, spilled):
        reader.close()


@pytest.mark.parametrize("most", [batch.MOST_POSTINGS, 700])
def test_a_merge_writes_what_a_fresh_index_holds(
    tmp_path: Path, documents: list[Document], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(batch, "MOST_POSTINGS", most)
    kept = [document for n, document in enumerate(documents) if n % 5]
    fresh = write(tmp_path / "fresh", kept)
    with IndexWriter.create(tmp_path / "merged", generation="g") as writer:
        for revision, (start, end) in enumerate(pairwise((0, 3, 300, 310, len(documents)))):
            writer.apply(documents[start:end], revision=revision)
        writer.apply(deletes=[document.id for n, document in enumerate(documents) if not n % 5], revision=9)
        writer.compact()
    merged = open_index(DurableStorage(tmp_path / "merged")).reader()
    # Only the order of the documents may differ, and with it what depends on it.
    names = [[segment.id(number) for number in range(segment.size)] for segment in map(Segment, (fresh, merged))]
    assert sorted(names[0]) == sorted(names[1])
    told = [
        {
            (field, term): sorted(
                (name[document], weight, value) for document, weight, value in zip(*columns, strict=True)
            )
            for field, term, *columns in all_terms(reader)
        }
        for reader, name in zip((fresh, merged), names, strict=True)
    ]
    assert told[0] == told[1]
    for reader in (fresh, merged):
        reader.close()


WEIGHTS = st.sampled_from([1.0, 2.0, 3.0, 0.5])
ROWS = st.dictionaries(st.integers(0, 900), st.tuples(WEIGHTS, st.binary(min_size=1, max_size=300)), min_size=1)


@given(st.dictionaries(st.binary(min_size=1, max_size=9), ROWS, max_size=8), st.booleans())
@settings(deadline=None)
def test_any_postings_come_back(terms: dict[bytes, dict[int, tuple[float, bytes]]], positions: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    storage, codec = RamStorage(), BulkCodec()
    segment = codec.new_segment(storage, "MAIN")
    lengths = bytes(1 + number % 255 for number in range(901))
    rows = {
        term: [(document, weight, value if positions else b"") for document, (weight, value) in sorted(found.items())]
        for term, found in sorted(terms.items())
    }
    writer = codec.field_writer(storage, segment)
    flat = [("text", term, [item for row in found for item in row]) for term, found in rows.items()]
    writer.add_terms(flat, {"text": lengths if positions else None}.get)
    writer.close()
    reader = segment.codec().terms_reader(storage, segment)
    assert list(reader.terms()) == [("text", term) for term in rows]
    for term, expected in rows.items():
        matcher, found = reader.matcher("text", term, Positions() if positions else Existence()), []
        info = reader.term_info("text", term)
        while matcher.is_active():
            found.append((matcher.id(), matcher.weight(), matcher.value() or b""))
            matcher.next()
        assert found == expected
        codes = [lengths[document] if positions else 0 for document, _, _ in expected]
        assert (info.min_length(), info.max_length()) == (byte_to_length(min(codes)), byte_to_length(max(codes)))
        assert info.weight() == sum(weight for _, weight, _ in expected)


def test_length_bytes_survive_the_way_through_whoosh() -> None:
    assert [length_to_byte(byte_to_length(code)) for code in range(256)] == list(range(256))


def test_terms_out_of_order_are_refused() -> None:
    storage, codec = RamStorage(), BulkCodec()
    writer = codec.field_writer(storage, codec.new_segment(storage, "MAIN"))
    terms = [("text", b"b", [0, 1.0, b""]), ("text", b"a", [0, 1.0, b""])]
    with pytest.raises(ValueError, match="ascend"):
        writer.add_terms(terms, lambda _field: None)


def test_bytes_that_are_no_postings_are_refused() -> None:
    with pytest.raises(ValueError, match="no posting list"):
        decoded(b"something else")
