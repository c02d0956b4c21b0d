"""Segments: what the bulk way, Whoosh's own way and a merge write is the same, and stock Whoosh reads it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh import query
from whoosh.index import TOC, FileIndex
from whoosh.query.spans import SpanNear2
from whoosh.writing import SegmentWriter

from newsarchive.errors import IntegrityError
from newsarchive.models.query import State
from newsarchive.search import Document
from newsarchive.search.analysis import LEAD_WORDS, analysed, extras_of, pieces_of, stem, words_of
from newsarchive.search.files import DurableStorage
from newsarchive.search.native import formtables, joining, layout, packing, stock_schema, toc, tokens, workers
from newsarchive.search.native import segment as segment_
from newsarchive.search.native.build import build_segment, write_segment
from newsarchive.search.native.codec import ArrayCodec
from newsarchive.search.native.codes import Codes, CodesWriter
from newsarchive.search.native.container import Container, ContainerWriter, resident, write
from newsarchive.search.native.intake import Batch, Vocabulary
from newsarchive.search.native.joining import Part, Stretch
from newsarchive.search.native.merge import LARGEST_SEGMENT, MOST_SEGMENTS, Size, merge, pack, plan
from newsarchive.search.native.segment import Segment
from newsarchive.search.native.workers import sharing

if TYPE_CHECKING:
    from pathlib import Path

    from newsarchive.search.native.layout import Array

Make = Callable[..., Document]
DAY = datetime(2019, 1, 1, tzinfo=UTC)
WORDS = ["a", "b", "ab", "summit", "summits", "Hà Nội", "ha", "e-mail", "1,000", "東京会談", "U.S.", "Straße", "naïve"]
NONE = np.empty(0, np.int64)
texts = st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)
long_texts = texts | st.just("z " * 70 + "a b") | texts.map(lambda text: text + " b" * 40)


@st.composite
def documents(draw: st.DrawFn, ids: st.SearchStrategy[str]) -> Document:
    day = draw(st.integers(0, 5))
    return Document(
        id=draw(ids),
        url=f"https://harbor.example/{day}",
        headline=draw(texts),
        body=draw(long_texts),
        first_seen=DAY,
        last_seen=DAY,
        published=draw(st.none() | st.just(DAY + timedelta(days=day))),
        category=draw(st.none() | st.sampled_from(["Politics", "Sport"])),
        authors=tuple(draw(st.lists(st.sampled_from(["Lan Tran", "Hà Lê", "Jo"]), max_size=2))),
        sources=tuple(draw(st.lists(st.sampled_from(["harbor", "post"]), max_size=2))),
        tags=tuple(draw(st.lists(st.sampled_from(["x", "y"]), max_size=2))),
        language=draw(st.sampled_from([None, "en", "de", "vi", "ja"])),
        word_count=day,
        versions=day + 1,
        states=tuple(draw(st.sets(st.sampled_from([State.EDITED, State.GONE])))),
    )


corpora = st.lists(documents(st.uuids().map(lambda key: key.hex[:12])), max_size=12, unique_by=lambda one: one.id)
quickly = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def fresh(folder: Path) -> Path:
    """A name for a segment that is not taken."""
    return folder / f"{len(list(folder.iterdir()))}.arr"


def built(folder: Path, documents_: list[Document]) -> Container:
    path = fresh(folder)
    build_segment(documents_, path)
    return Container.open(path)


def assert_same(one: Container, other: Container, *, but: tuple[str, ...] = ()) -> None:
    assert set(one) == set(other)
    for name in one:
        if name not in but:
            assert one[name].dtype == other[name].dtype, name
            assert one[name].tolist() == other[name].tolist(), name


def by_stock(folder: Path, documents_: list[Document]) -> FileIndex:
    """An index that Whoosh's own writer has made by our codec."""
    folder.mkdir()
    index = FileIndex.create(DurableStorage(folder), stock_schema.make())
    writer = SegmentWriter(index, codec=ArrayCodec())
    for one in documents_:
        writer.add_document(**stock_schema.entry(one))
    writer.commit()
    return index


@quickly
@given(corpora.filter(bool))
def test_whooshs_own_writer_and_ours_make_equal_segments(
    tmp_path_factory: pytest.TempPathFactory, corpus: list[Document]
) -> None:
    folder = tmp_path_factory.mktemp("both")
    ours = built(folder, corpus)
    by_stock(folder / "stock", corpus)
    _, (theirs,) = toc.open_segments(folder / "stock")
    assert_same(ours, theirs)
    assert ours.scalars == theirs.scalars


@contextmanager
def stretches_of(terms: int) -> Iterator[None]:
    """Work on so many terms at a time, where otherwise some thousand are."""
    with (
        mock.patch.object(joining, "_TERMS", terms),
        mock.patch.object(joining, "_AT_ONCE", terms),
        mock.patch.object(formtables, "_AT_ONCE", terms),
        mock.patch.object(segment_, "_AT_ONCE", terms),
    ):
        yield


@quickly
@given(corpora, st.lists(st.integers(0, 12), max_size=3), st.sets(st.integers(0, 11)), st.sampled_from([1, 3, 50]))
def test_a_merge_makes_what_a_new_segment_of_the_documents_left_would_be(
    tmp_path_factory: pytest.TempPathFactory, corpus: list[Document], cuts: list[int], gone: set[int], terms: int
) -> None:
    folder = tmp_path_factory.mktemp("merged")
    bounds = sorted({0, len(corpus), *(min(cut, len(corpus)) for cut in cuts)})
    parts = []
    for first, last in pairwise(bounds):
        deleted = np.array(sorted(at - first for at in gone if first <= at < last), np.int64)
        parts.append(Part(built(folder, corpus[first:last]), deleted))
    left = [one for at, one in enumerate(corpus) if at not in gone]
    if not parts:
        return
    path = fresh(folder)
    with stretches_of(terms):
        assert merge(parts, path) == len(left)
    # Clusters are numbered from the articles that were there first.
    assert_same(Container.open(path), built(folder, left), but=("cluster",))


words_ = st.lists(st.text("abñ東\x00~", min_size=1, max_size=3), unique=True, max_size=30).map(sorted)


@quickly
@given(st.lists(words_, min_size=1, max_size=4), st.integers(1, 9))
def test_dictionaries_are_joined_alike_in_stretches_of_any_length(lists: list[list[str]], terms: int) -> None:
    encoded = [sorted(word.encode() for word in words) for words in lists]
    with stretches_of(terms):
        joined, numbers = joining.dictionary([b"".join(word + b"\n" for word in words) for words in encoded])
    wanted = sorted({word for words in encoded for word in words})
    assert [joined[number] for number in range(len(joined))] == wanted
    assert [found.tolist() for found in numbers] == [[wanted.index(word) for word in words] for words in encoded]


@pytest.mark.parametrize("hashed", [hash, lambda _: 7])
def test_a_table_holds_each_stem_that_is_not_a_surface_of_its_own_alone(
    hashed: Callable[[str], int], tmp_path: Path
) -> None:
    names = sorted(["summit", "summits", "talks", "nato", "running", "run", "ran", "kim", "cities", "müller", "東京"])
    numbers = np.array([at for at, name in enumerate(names) if name != "ran"])
    wanted: dict[str, list[int]] = defaultdict(list)
    for at in numbers.tolist():
        wanted[stem(names[at], "en")].append(at)
    wanted = {one: found for one, found in wanted.items() if len(found) > 1 or names[found[0]] != one}
    writer = ContainerWriter(tmp_path / "a")
    stems = formtables.Stems(["en"])
    with mock.patch.object(formtables, "hash", hashed, create=True):
        for first in range(0, len(names), 2):
            here = numbers[(numbers >= first) & (numbers < first + 2)] - first
            stems.take(names[first : first + 2], [here])
        stems.put(writer)
    writer.write(1, {})
    table = segment_.FormTable(Container.open(tmp_path / "a"), "stem:en")
    assert {table.keys[at].decode(): table.of(table.keys[at]) for at in range(len(table.keys))} == wanted
    assert set(wanted) == {"summit", "talk", "run", "citi", "muller"}


def test_processes_that_share_a_merge_make_the_same_file(tmp_path: Path, document: Make) -> None:
    texts = [f"word{number} alpha {'beta ' * (number % 50)}" for number in range(90)]
    documents = [document(f"d{at}", body=text, language="en") for at, text in enumerate(texts)]
    parts = [Part(built(tmp_path, documents[:40]), np.array([3, 5])), Part(built(tmp_path, documents[40:]), NONE)]
    cuts: list[tuple[int, int]] = []
    with mock.patch.object(joining, "_AT_ONCE", 1):  # here; the processes are told what to do
        merge(parts, tmp_path / "alone.arr")
        with sharing(parts, tmp_path, 3) as share:

            def counted(field: str, numbers: Sequence[Array], cuts_: Sequence[tuple[int, int]]) -> Iterable[Stretch]:
                cuts.extend(cuts_)
                return share(field, numbers, cuts_)

            merge(parts, tmp_path / "shared.arr", share=counted)
    assert len(cuts) > 3 * workers._AHEAD  # so that they are told more as they go on
    assert (tmp_path / "alone.arr").read_bytes() == (tmp_path / "shared.arr").read_bytes()


@quickly
@given(corpora, st.integers(1, 20))
def test_a_segment_is_the_same_however_many_words_are_worked_on_at_a_time(
    tmp_path_factory: pytest.TempPathFactory, corpus: list[Document], words: int
) -> None:
    folder = tmp_path_factory.mktemp("words")
    wordless = [Document("empty", "https://a.example/", "", "", DAY, DAY)]
    for number, documents in enumerate((corpus, corpus + wordless)):
        build_segment(documents, folder / f"whole{number}.arr")
        with mock.patch.object(tokens, "_AT_ONCE", words):
            build_segment(documents, folder / f"parts{number}.arr")
        assert (folder / f"whole{number}.arr").read_bytes() == (folder / f"parts{number}.arr").read_bytes()


@quickly
@given(corpora, corpora)
def test_a_batch_that_goes_on_with_a_vocabulary_makes_the_same_segment(
    tmp_path_factory: pytest.TempPathFactory, before: list[Document], corpus: list[Document]
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    old = Batch()
    for document_ in before:
        old.add(document_)
    new = Batch(old.vocabulary)
    for document_ in corpus:
        new.add(document_)
    write_segment(new, folder / "kept.arr")
    build_segment(corpus, folder / "alone.arr")
    assert (folder / "kept.arr").read_bytes() == (folder / "alone.arr").read_bytes()


def test_merging_needs_no_more_than_the_files(tmp_path: Path, document: Make) -> None:
    first = built(tmp_path, [document("a", body="alpha beta"), document("b", body="beta")])
    second = built(tmp_path, [document("c", body="gamma")])
    for path in list(tmp_path.iterdir()):
        path.unlink()  # the maps stay
    assert merge([Part(first, np.array([1])), Part(second, NONE)], tmp_path / "new.arr") == 2
    merged = Container.open(tmp_path / "new.arr")
    assert merged["text.terms"].tobytes() == b"alpha\nbeta\ngamma\n"
    assert merged["id"].tolist() == [b"a", b"c"]


@quickly
@given(corpora.filter(bool))
def test_stock_whoosh_reads_every_posting_and_position(
    tmp_path_factory: pytest.TempPathFactory, corpus: list[Document]
) -> None:
    index = by_stock(tmp_path_factory.mktemp("read") / "stock", corpus)
    expected: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for number, one in enumerate(corpus):
        for start, part in ((0, analysed(one.headline)), (layout.BODY_START, analysed(one.body))):
            for at, word in [*enumerate(part.words), *part.extras]:
                expected[word][number].add(start + at)
    with index.reader() as reader:
        assert [term.decode() for term in reader.lexicon("text")] == sorted(expected)
        for word, having in expected.items():
            matcher = reader.postings("text", word)
            found = {}
            while matcher.is_active():
                found[matcher.id()] = {span.start for span in matcher.spans()}
                matcher.next()
            assert found == having
            assert reader.doc_frequency("text", word) == len(having)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory, document: Make) -> FileIndex:
    folder = tmp_path_factory.mktemp("stock") / "index"
    bodies = {
        "a": "the summit in Hanoi ended early",
        "b": "a summit of others, ended in Hanoi",
        "c": "sumits are misspelt; nothing ended",
        "d": "the end",
    }
    return by_stock(folder, [document(id_, headline="Title summit", body=body) for id_, body in bodies.items()])


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (query.Term("text", "hanoi"), "ab"),
        (query.And([query.Term("text", "hanoi"), query.Term("text", "others")]), "b"),
        (query.Or([query.Term("text", "others"), query.Term("text", "nothing")]), "bc"),
        (query.And([query.Term("text", "ended"), query.Not(query.Term("text", "hanoi"))]), "c"),
        (query.AndMaybe(query.Term("text", "others"), query.Term("text", "ended")), "b"),
        (query.Phrase("text", ["in", "hanoi", "ended"]), "a"),
        (query.Phrase("text", ["summit", "the"]), ""),  # the headline's end is no neighbour of the body
        (SpanNear2([query.Term("text", "ended"), query.Term("text", "hanoi")], slop=2, ordered=True), "b"),
        (query.Prefix("text", "oth"), "b"),
        (query.Wildcard("text", "o*rs"), "b"),
        (query.FuzzyTerm("text", "sumit", maxdist=1), "abcd"),
        (query.Every(), "abcd"),
        (query.Every("author"), ""),
        (query.TermRange("text", "e", "f"), "abcd"),
    ],
)
def test_stock_whoosh_evaluates_its_queries(stock: FileIndex, asked: query.Query, found: str) -> None:
    with stock.searcher() as searcher:
        assert {hit["id"] for hit in searcher.search(asked, limit=None)} == set(found)


def test_stock_whoosh_merges_and_deletes_through_the_codec(tmp_path: Path, document: Make) -> None:
    first = [document("a", body="alpha one", authors=("Lan Tran",), language="en"), document("b", body="beta")]
    second = [document("c", headline="Gamma", body="alpha", published=DAY)]
    index = by_stock(tmp_path / "stock", first)
    writer = SegmentWriter(index, codec=ArrayCodec())
    writer.delete_document(1)
    writer.add_document(**stock_schema.entry(second[0]))
    writer.commit(optimize=True)
    _, (merged,) = toc.open_segments(tmp_path / "stock")
    # The documents before come behind the new one, as Whoosh's writer has it.
    assert_same(merged, built(tmp_path, [second[0], first[0]]))


def test_a_cancelled_batch_of_whooshs_writer_leaves_no_file(tmp_path: Path, document: Make) -> None:
    index = by_stock(tmp_path / "stock", [document("a", body="alpha")])
    before = {path.name for path in (tmp_path / "stock").iterdir()}
    writer = SegmentWriter(index, codec=ArrayCodec())
    writer.add_document(**stock_schema.entry(document("b")))
    writer.cancel()
    assert {path.name for path in (tmp_path / "stock").iterdir()} - {"MAIN_WRITELOCK"} == before - {"MAIN_WRITELOCK"}


@st.composite
def lists(draw: st.DrawFn) -> tuple[int, list[list[int]]]:
    docs = draw(st.sampled_from([1, 7, 255, 256, 300, 5_000, 66_000]))
    sizes = st.sampled_from([1, 2, 3, docs // 300 + 1, docs // 100 + 1, docs // 9 + 1, docs // 8 + 1, docs])
    seeds = draw(st.lists(st.tuples(sizes, st.integers(0, 1 << 30)), max_size=6))
    chosen = [np.random.default_rng(seed).choice(docs, min(size, docs), replace=False) for size, seed in seeds]
    return docs, [sorted(one.tolist()) for one in chosen]


@settings(max_examples=100, deadline=None)
@given(lists())
def test_lists_of_documents_are_read_as_they_were_written(case: tuple[int, list[list[int]]]) -> None:
    docs, terms = case
    df = np.array([len(term) for term in terms], np.int64)
    flat = np.array([number for term in terms for number in term], np.uint32)
    data, at = layout.encode_lists(flat, df, docs)
    assert np.diff(at).tolist() == layout.list_sizes(df, docs).tolist()
    assert layout.decode_lists(data, at[:-1], df, docs).tolist() == flat.tolist()
    for number, term in enumerate(terms):
        assert layout.decode_list(data[at[number] :], len(term), docs).tolist() == term


widths = st.integers(1, layout.WIDEST)
places = st.lists(st.integers(0, (1 << layout.WIDEST) - 1), min_size=1, max_size=9)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(widths, places, st.integers(0, 7)), max_size=20), st.integers(1, 12))
def test_positions_of_any_width_are_read_as_they_were_written(
    postings: list[tuple[int, list[int], int]], at_once: int
) -> None:
    width = np.array([bits for bits, _, _ in postings], np.uint8)
    times = np.array([len(values) for _, values, _ in postings], np.int64)
    gaps = np.array([gap for _, _, gap in postings], np.int64)
    begins = layout.offsets(times * width + gaps)[:-1]
    values = np.array([value & ((1 << bits) - 1) for bits, values, _ in postings for value in values], np.uint32)
    with mock.patch.object(layout, "_POSITIONS", at_once):
        stream = np.concatenate([layout.pack_postings(values, begins, times, width), np.zeros(3, np.uint8)])
        assert layout.read_postings(stream, begins, times, width).tolist() == values.tolist()
    each = np.repeat(width, times)
    bits = np.repeat(begins, times) + layout.stretches(np.zeros(len(times), np.int64), times) * each
    assert layout.read_positions(stream, bits, each).tolist() == values.tolist()


@pytest.mark.parametrize(("last", "bits"), [(0, 1), (1, 1), (2, 2), (255, 8), (256, 9), ((1 << 24) - 1, 24)])
def test_a_document_s_positions_take_the_bits_of_its_last_one(last: int, bits: int) -> None:
    assert layout.widths(np.array([last])).tolist() == [bits]


def test_a_text_of_more_words_than_positions_can_say_is_refused() -> None:
    with pytest.raises(ValueError, match="words cannot be indexed"):
        layout.widths(np.array([1 << 24]))


def test_a_length_byte_is_exact_where_it_matters_and_near_elsewhere() -> None:
    lengths = np.arange(100_000)
    read = np.array(layout.LENGTHS)[layout.length_codes(lengths)]
    assert (read[:41] == lengths[:41]).all()
    assert (read <= lengths).all()
    assert (read[1:] >= lengths[1:] * 0.94).all()


def test_the_code_of_a_posting_says_how_often_and_where(tmp_path: Path, document: Make) -> None:
    body = "rare " + "x " * LEAD_WORDS + "late " * 40
    segment = built(tmp_path, [document("a", headline="rare rare rare rare", body=body)])
    words = segment["text.terms"].tobytes().decode().split()
    code = dict(zip(words, Codes(segment, "text").stretch(0, len(words)).tolist(), strict=True))
    assert code["rare"] == 5 | 3 << layout.CODE_HEAD_SHIFT | layout.CODE_LEAD
    assert code["late"] == layout.CODE_TIMES
    assert segment["text.many_at"].tolist() == [words.index("late"), words.index("x")]
    assert segment["text.many"].tolist() == [40, LEAD_WORDS]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.integers(1, 255) | st.sampled_from([1, 2, 129]), max_size=9), max_size=6), st.data())
def test_codes_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[int]], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("codes") / "c.arr"
    writer = ContainerWriter(path)
    codes = CodesWriter(writer, "text")
    for part in parts:
        codes.add(np.array(part, np.uint8))
    codes.finish()
    writer.write(0, {})
    written = [code for part in parts for code in part]
    read = Codes(Container.open(path), "text")
    first = data.draw(st.integers(0, len(written)))
    end = data.draw(st.integers(first, len(written)))
    assert read.stretch(first, end).tolist() == written[first:end]
    if written:
        which = np.array(data.draw(st.lists(st.integers(0, len(written) - 1))), np.intp)
        assert read.take(which).tolist() == [written[number] for number in which]


def test_lists_are_remembered_while_a_question_is_answered_and_let_go_of_then(tmp_path: Path, document: Make) -> None:
    container = built(tmp_path, [document(f"{number:03}", body="harbor " * (1 + number % 40)) for number in range(100)])
    segment = Segment(container, np.empty(0, np.uint32))
    postings = segment.postings("text")
    term = postings.terms.find(b"harbor")
    docs, codes = postings.documents(term), postings.codes(term)
    assert postings.documents(term) is docs
    assert postings.codes(term) is codes
    with pytest.raises(ValueError, match="read-only"):
        docs[0] = 1
    segment.forget()
    assert postings.documents(term) is not docs
    np.testing.assert_array_equal(postings.documents(term), docs)
    np.testing.assert_array_equal(postings.codes(term), codes)
    with mock.patch.object(segment_, "_LATELY", 0):
        segment.forget()
        assert postings.documents(term) is not postings.documents(term)


def sizes(*live: int) -> list[Size]:
    return [Size(one, one) for one in live]


def test_few_segments_are_left_alone_and_many_small_ones_become_one() -> None:
    assert plan(sizes(*[1000] * MOST_SEGMENTS)) == []
    assert plan(sizes(100_000, *[10] * MOST_SEGMENTS)) == list(range(1, MOST_SEGMENTS + 1))


def test_a_segment_of_which_much_is_deleted_is_written_anew() -> None:
    assert plan([Size(100, 100), Size(60, 100)]) == [1]
    assert plan([Size(100, 100), Size(80, 100)]) == []


def test_full_segments_are_not_merged_again() -> None:
    assert plan(sizes(*[LARGEST_SEGMENT] * 20)) == []


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3_000), st.integers(50, 400))
def test_adding_for_long_leaves_few_segments_and_rewrites_each_document_a_few_times(batch: int, commits: int) -> None:
    segments: list[Size] = []
    rewritten = 0
    for _ in range(commits):
        segments.append(Size(batch, batch))
        chosen = plan(segments)
        if chosen:
            total = sum(segments[number].live for number in chosen)
            rewritten += total
            segments = [one for number, one in enumerate(segments) if number not in chosen]
            segments.insert(chosen[0], Size(total, total))
    total = batch * commits
    assert len(segments) <= 13 + 2 * total / LARGEST_SEGMENT
    assert rewritten <= total * (np.log2(commits) + 1)
    assert max(one.live for one in segments) <= LARGEST_SEGMENT


def test_all_segments_are_packed_into_as_few_as_may_be() -> None:
    half = LARGEST_SEGMENT // 2
    assert pack(sizes(half, half, half, 5)) == [[0, 1], [2, 3]]
    assert pack([]) == []


def test_a_container_gives_back_what_it_was_given(tmp_path: Path) -> None:
    arrays = {"a": np.arange(5, dtype=np.uint32), "b": np.empty(0, np.int64), "c": np.array([b"x", b"yz"], "S16")}
    write(tmp_path / "c.arr", 7, arrays, scalars={"n": 3}, values={"names": ["Hà", "line\nfeed", "\ud800"]})
    read = Container.open(tmp_path / "c.arr")
    assert read.docs == 7
    assert read.scalars == {"n": 3}
    assert {name: read[name].tolist() for name in arrays} == {name: array.tolist() for name, array in arrays.items()}
    assert read.values["names"] == ["Hà", "line\nfeed", "\ud800"]
    assert not read["a"].flags.writeable
    offsets = [read[name].ctypes.data % 64 for name in ("a", "c")]
    assert offsets == [0, 0]


numbers = st.lists(st.integers(-(1 << 40), 1 << 40) | st.integers(0, 300) | st.just(layout.UNKNOWN_TIME), max_size=40)


@settings(max_examples=150, deadline=None)
@given(numbers, st.sampled_from(["column", "missing", "sparse", "steps"]), st.sampled_from(["i8", "i4", "u4", "u1"]))
def test_packed_arrays_are_unpacked_as_they_were(values: list[int], kind: str, dtype: str) -> None:
    array = np.array(values, np.int64).astype(dtype)
    if kind == "steps":
        array = np.concatenate([[0], np.cumsum(np.abs(np.array(values, np.int64)) % 1000)]).astype("u4")
    pack = {
        "column": packing.column,
        "missing": lambda given: packing.column(given, int(np.array(layout.UNKNOWN_TIME, "i8").astype(given.dtype))),
        "sparse": packing.sparse,
        "steps": packing.steps,
    }
    packed = pack[kind](array)
    if packed is not None:
        found = packing.unpack(packed)
        assert found.dtype == array.dtype
        assert found.tolist() == array.tolist()
        assert kind == "steps" or sum(part.nbytes for part in packed.parts) <= array.nbytes


def test_a_packed_array_that_does_not_fit_is_damage(tmp_path: Path) -> None:
    writer = ContainerWriter(tmp_path / "d.arr")
    writer.put("a", np.arange(9), packing.steps(np.arange(9))._replace(length=12))
    writer.write(1, {})
    with pytest.raises(IntegrityError, match="a: "):
        Container.open(tmp_path / "d.arr")["a"]


def test_the_parts_of_arrays_may_come_mixed(tmp_path: Path) -> None:
    writer = ContainerWriter(tmp_path / "c.arr")
    for part in range(3):
        writer.append("a", np.array([part], np.uint8))
        writer.append("b", np.array([part, part], np.uint16))
    with pytest.raises(TypeError):
        writer.append("a", np.array([1.5]))
    writer.write(0, {})
    read = Container.open(tmp_path / "c.arr")
    assert (read["a"].tolist(), read["b"].tolist()) == ([0, 1, 2], [0, 0, 1, 1, 2, 2])


def test_what_is_mapped_and_what_was_given_back_can_be_told(tmp_path: Path) -> None:
    size = 32 << 20
    write(tmp_path / "a", 1, {"x": np.zeros(size, np.uint8)})
    container = Container.open(tmp_path / "a")
    before = resident()
    assert before is not None
    assert not container["x"].any()
    read = resident()
    container.release()
    after = resident()
    assert read is not None
    assert after is not None
    assert read.mapped - before.mapped > size * 3 / 4
    assert after.mapped - before.mapped < size / 4
    assert read.all > read.mapped
    assert not container["x"].any()


def test_a_container_that_cannot_be_finished_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = ContainerWriter(tmp_path / "c.arr")
    writer.append("a", np.arange(3))

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        writer.write(0, {})
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_container_that_was_cut_or_whose_head_was_changed_is_told(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "c.arr"
    if not path.exists():
        write(path, 2, {"a": np.arange(40)}, values={"names": ["x"]})
    whole = path.read_bytes()
    broken = tmp_path / "broken.arr"
    if data.draw(st.booleans()):
        broken.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    else:
        at = data.draw(st.integers(0, 16 + int.from_bytes(whole[8:16], "little") - 1))
        broken.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << data.draw(st.integers(0, 7))]) + whole[at + 1 :])
    with pytest.raises(IntegrityError) as caught:
        Container.open(broken)
    assert "rebuild" in caught.value.tip


class _Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("code of a pickle was run",)


def test_a_table_of_contents_runs_no_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    storage = DurableStorage(tmp_path)
    TOC(stock_schema.make(), [_Evil()], 1).write(storage, toc.INDEX_NAME)
    with pytest.raises(IntegrityError):
        toc.read(tmp_path)
    assert "was run" not in capsys.readouterr().out


def test_an_index_is_opened_without_loading_whoosh(tmp_path: Path, document: Make) -> None:
    import subprocess  # noqa: PLC0415 - this test alone starts a process
    import sys  # noqa: PLC0415 - as above

    by_stock(tmp_path / "stock", [document("a", body="alpha")])
    code = (
        "import sys; from pathlib import Path; from newsarchive.search.native import toc\n"
        "_, (one,) = toc.open_segments(Path(sys.argv[1])); assert one.docs == 1\n"
        "assert not any(name.startswith('whoosh') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "stock")], check=True)


WRITTEN = st.text(st.characters(codec="ascii") | st.sampled_from("àộÉßıİ’—東京ｱ１ก"), min_size=1, max_size=250)


@settings(max_examples=300, deadline=None)
@given(WRITTEN)
def test_words_are_numbered_as_analysis_reads_them(text: str) -> None:
    vocabulary = Vocabulary()
    words = words_of(text)
    numbers = [vocabulary[word] for word in words]
    names, others = list(vocabulary), list(vocabulary.others)
    odd = vocabulary.odd.tolist()

    def surface(part: int) -> str:
        return others[~part] if part < 0 else names[part]

    for word, number in zip(words, numbers, strict=True):
        if number not in odd:
            assert (pieces_of(word), extras_of(word)) == ((names[number],), ())
            continue
        place = odd.index(number)
        parts = slice(*vocabulary.first[place : place + 2])
        extras = slice(*vocabulary.extra_first[place : place + 2])
        at = vocabulary.extra_at[extras]
        assert tuple(map(surface, vocabulary.parts[parts])) == pieces_of(word)
        assert tuple(zip(at, map(surface, vocabulary.extra_part[extras]), strict=True)) == extras_of(word)


def test_a_batch_counts_what_is_indexed_of_scripts_without_spaces(document: Make) -> None:
    def held(text: str) -> int:
        batch = Batch()
        batch.add(document("a", body=text))
        return batch.held

    letters = "".join(map(chr, range(0x4E00, 0x4E00 + 1_000)))  # one stretch between spaces, 1,000 words in the index
    assert held(letters) > held("alpha") + 1_000 * 100
    assert held(letters * 2) > held(letters) + 1_000 * 10
    chain = "-".join(f"w{number}x" for number in range(1_000))  # as well
    assert held(f"{chain} {chain}") > held(chain) + 1_000 * 9
