"""The contract with Whoosh: what we write, a stock Whoosh reads; what we read of it, a stock matcher gives as well."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import formats, query
from whoosh.index import open_dir

from newsarchive.search import Document, IndexWriter
from newsarchive.search.files import DurableStorage, MappedFile
from newsarchive.search.index import open_index
from newsarchive.search.schema import BODY_START, encode_positions
from newsarchive.search.segment import LENGTHS, Segment

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, document: Callable[..., Document]) -> Path:
    """700 documents: the postings of a common word fill several blocks."""
    folder = tmp_path_factory.mktemp("contract")
    with IndexWriter.create(folder, generation="g") as writer:
        bodies = [f"common {'twice ' * (n % 3)}n{n} some words" for n in range(700)]
        writer.apply([document(f"d{n}", headline="Common", body=body) for n, body in enumerate(bodies)], revision=1)
    return folder


def test_a_stock_whoosh_reads_the_index(folder: Path) -> None:
    with open_dir(str(folder)).searcher() as searcher:
        assert len(searcher.search(query.Term("text", "common"), limit=None)) == 700
        assert len(searcher.search(query.Phrase("text", ["n5", "some"]))) == 1
        assert len(searcher.search(query.Phrase("text", ["some", "n5"]))) == 0
        assert len(searcher.search(query.Prefix("text", "n69"), limit=None)) == 11


@pytest.mark.parametrize("word", [b"common", b"twice", b"n699", b"absent"])
def test_blocks_hold_what_the_matcher_steps_through(folder: Path, word: bytes) -> None:
    reader = open_index(DurableStorage(folder)).reader()
    segment = Segment(reader)
    ids: list[int] = []
    weights: list[float] = []
    positions: dict[int, list[int]] = {}
    if ("text", word) in reader:
        matcher = reader.postings("text", word)
        while matcher.is_active():
            ids.append(matcher.id())
            weights.append(matcher.weight())
            positions[matcher.id()] = matcher.value_as("positions")
            matcher.next()
    assert segment.postings("text", word) == (ids, weights)
    assert segment.positions("text", word, range(700)) == positions
    assert segment.positions("text", word, {3, 300}) == {at: found for at, found in positions.items() if at in {3, 300}}
    assert segment.frequency("text", word) == len(ids)
    reader.close()


def test_columns_and_lengths_are_those_of_the_documents(folder: Path) -> None:
    reader = open_index(DurableStorage(folder)).reader()
    segment = Segment(reader)
    assert segment.size == 700
    assert {segment.id(number) for number in range(700)} == {f"d{number}" for number in range(700)}
    assert [LENGTHS[code] for code in segment.lengths("text")] == [
        reader.doc_field_length(number, "text") for number in range(700)
    ]
    assert len(segment.times("published")) == 700
    assert segment.words("text") == sum(1 + 4 + number % 3 for number in range(700))
    assert segment.expand("text", b"n69") == [b"n69", *(f"n69{digit}".encode() for digit in range(10))]
    assert segment.expand("author", b"x") == []
    reader.close()


@given(st.lists(st.integers(0, 1 << 20), min_size=1, unique=True).map(sorted))
def test_positions_are_encoded_as_whoosh_does(places: list[int]) -> None:
    encoded = encode_positions(places)
    assert encoded == formats.Positions().encode(places)
    assert formats.Positions().decode_positions(encoded) == places


def test_the_body_begins_where_no_headline_reaches(folder: Path) -> None:
    reader = open_index(DurableStorage(folder)).reader()
    found = Segment(reader).positions("text", b"common", range(1))
    assert found == {0: [0, BODY_START]}
    reader.close()


@given(st.binary(), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_a_mapped_file_reads_as_the_bytes_it_maps(data: bytes, reads: list[tuple[int, int]]) -> None:
    file = MappedFile(memoryview(data))
    for position, length in reads:
        file.seek(position)
        assert file.read(length) == data[position : position + length]
        part = file.subset(position, length)
        assert part.read() == data[position : position + length]
        assert part.get(0, 3) == data[position : position + length][:3]


@pytest.mark.parametrize("protocol", range(5))
def test_a_mapped_file_holds_pickles_one_after_another(protocol: int) -> None:
    values = [{"a": [1, 2.5, "x" * 300]}, ("b", None)]
    data = b"".join(pickle.dumps(value, protocol) for value in values)
    file = MappedFile(memoryview(data))
    assert [file.read_pickle(), file.read_pickle()] == values
    assert file.tell() == len(data)


def test_what_a_commit_stands_on_is_synced(
    tmp_path: Path, document: Callable[..., Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = __import__("os").fsync

    def fsync(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").resolve().name)
        real(handle)

    monkeypatch.setattr("os.fsync", fsync)
    with IndexWriter.create(tmp_path, generation="g") as writer:
        writer.apply([document("a", body="word")], revision=1)
    (segment,) = tmp_path.glob("*.seg")
    table = next(name for name in synced[synced.index(segment.name) :] if ".toc" in name)
    places = [synced.index(name) for name in (segment.name, table, "stamp.json.new")]
    assert places == sorted(places)
    assert tmp_path.name in synced[places[1] :]  # the folder, around the renaming
