"""Posting lists in the layout of Whoosh's W3 codec, written and read a term at a time instead of a posting at a time.

The files are those that `whoosh.codec.whoosh3` reads, and segments name that codec as theirs; only the writer differs.
Stock Whoosh spends 75 µs on a term: calls and type checks for each posting, two pickles and a zlib stream per block.
Here two terms in three, those with one posting, are put together from fixed pieces; longer lists are pickled with
protocol 3, the first that knows bytes, and only blocks of `COMPRESSED_FROM` bytes are compressed.

A posting list:  b"W3Bl", then blocks of up to `BLOCK` postings.
A block:         its size in bytes (negative: the last one), a pickle of its info, a pickle of its data.
Info:            (postings, last document, greatest weight, is compressed, shortest and longest field as length bytes)
Data:            (steps between documents, weights or their one value or None for 1.0, values or None)
A term's entry:  `_TERM` and `_EXTENT`: sums, and where in the file its list is.
"""

from __future__ import annotations

from array import array
from functools import lru_cache
from io import BytesIO
from itertools import accumulate, groupby
from operator import itemgetter, sub
from pickle import dumps, load, loads
from struct import Struct
from typing import TYPE_CHECKING, Any
from zlib import compress, crc32, decompress

from whoosh.codec.base import FieldWriter
from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC, W3Codec, W3Segment
from whoosh.filedb.filetables import HashWriter, OrderedHashWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BLOCK = 256
"""Postings of a block."""
COMPRESSED_FROM = 512
"""Bytes of a block's data from which on it is compressed; below, a zlib stream costs more than the block it holds."""

_TERM = Struct("!BfIBBfII")
"""A term's entry: 0 (not inlined), total weight, documents, length bytes of the shortest and longest field, greatest
weight, first and last document; then its extent."""
_EXTENT = Struct("!qi")
"""Place and size of the postings."""
_ENTRY_SIZES = Struct("!ii")
_SIZE = Struct("!i")
_CRC32 = 1
"""Whoosh's number for this hash function; its default, MD5, takes ten times as long."""
_PROTOCOL = 3
_ITEMS = 3
"""Items of a posting in a `Term`."""
_INT_END = 1 << 31

# Pickle opcodes (the source of `pickletools` lists them): K an unsigned byte, J a four-byte number, G a float, C bytes
# of up to 255, N None, \x85 and \x87 close tuples of one and of three, "(" and "t" enclose longer ones, "." ends.
_NUMBER = Struct("<I").pack
_FLOAT = Struct("!d").pack
_MOST_SHORT_BYTES = 255


Term = tuple[str, bytes, list[Any]]
"""A field, a term of it, and the term's postings in one row, documents ascending: document, weight, value, document,
weight, value, and so on. A list per posting would cost as much memory as the posting."""


class BulkCodec(W3Codec):  # type: ignore[misc]  # Whoosh has no type information
    """W3 with the writer below. Its segments name W3 itself as their codec, so any Whoosh opens them."""

    def field_writer(self, storage: Any, segment: Any) -> BulkFieldWriter:  # noqa: ANN401 - Whoosh's storage and segment
        """The writer of terms and postings."""
        return BulkFieldWriter(storage, segment)

    def new_segment(self, _storage: Any, indexname: str) -> Any:  # noqa: ANN401 - Whoosh's storage and segment
        """A segment of the stock codec."""
        return W3Segment(W3Codec(), indexname)


class BulkFieldWriter(FieldWriter):  # type: ignore[misc]  # Whoosh has no type information
    """Writes the terms and the postings of a segment."""

    def __init__(self, storage: Any, segment: Any) -> None:  # noqa: ANN401 - Whoosh's storage and segment
        self._terms = _TermTable(segment.create_file(storage, W3Codec.TERMS_EXT))
        self._fields: dict[str, int] = {}
        self._terms.extras["fieldmap"] = self._fields
        self._file = segment.create_file(storage, W3Codec.POSTS_EXT)
        self.is_closed = False

    def add_terms(self, terms: Iterable[Term], lengths: Callable[[str], bytes | None]) -> None:
        """Write terms that come in order of field and term, each once.

        `lengths` gives the length byte of every document's field, or None for a field without lengths.
        """
        write, add = self._file.raw_file().write, self._terms.add
        place = self._file.tell()
        for field, group in groupby(terms, key=itemgetter(0)):
            prefix = self._fields.setdefault(field, len(self._fields)).to_bytes(2, "big")
            known = lengths(field)
            for _, term, postings in group:
                if len(postings) == _ITEMS and len(postings[2]) <= _MOST_SHORT_BYTES:
                    document, weight, value = postings
                    entry, data = _single(document, weight, value, known[document] if known else 0)
                else:
                    entry, data = _several(postings[::_ITEMS], postings[1::_ITEMS], postings[2::_ITEMS], known)
                write(data)
                add(prefix + term, entry + _EXTENT.pack(place, len(data)))
                place += len(data)

    def close(self) -> None:
        """Finish both files."""
        self._terms.close()
        self._file.close()
        self.is_closed = True


class _TermTable(OrderedHashWriter):  # type: ignore[misc]  # Whoosh has no type information
    """Whoosh's table of terms, with one write per term and one per bucket of the hash table."""

    def __init__(self, file: Any) -> None:  # noqa: ANN401 - a Whoosh file
        super().__init__(file)
        # The base class leaves no choice of hash function: the header is written once more.
        file.seek(self.startoffset)
        HashWriter.__init__(self, file, hashtype=_CRC32)
        self._write = file.raw_file().write
        self._place = file.tell()
        self._places = array("q")
        self._last = b""

    def add(self, key: bytes, value: bytes) -> None:
        """Take a term. Keys ascend.

        Raises:
            ValueError: they do not.
        """
        if key <= self._last:
            raise ValueError(f"terms must ascend: {self._last!r}, {key!r}")
        self._last = key
        place = self._place
        row = _ENTRY_SIZES.pack(len(key), len(value)) + key + value
        self._write(row)
        self._place = place + len(row)
        self._places.append(place)
        code = crc32(key)
        self.buckets[code & 255].append((code, place))

    def _write_hashes(self) -> None:
        for entries in self.buckets:
            slots = 2 * len(entries)
            self.directory.append((self.dbfile.tell(), slots))
            table = [0] * (2 * slots)  # pairs of code and place; no entry is at place 0
            for code, place in entries:
                slot = 2 * ((code >> 8) % slots)
                while table[slot + 1]:
                    slot = (slot + 2) % (2 * slots)
                table[slot : slot + 2] = code, place
            self._write(Struct("!" + "Iq" * slots).pack(*table))

    def _write_extras(self) -> None:
        last = self._places[-1] if self._places else 0
        self.index.array = array("i" if last < _INT_END else "q", self._places)
        super()._write_extras()


@lru_cache(maxsize=1 << 14)
def _frame(document: int, weight: float, code: int) -> tuple[bytes, bytes, bytes]:
    """What surrounds the value of a single posting: the term's entry, the info, the data up to the value.

    The same values in other opcodes as `_block` gives. A document has few different ones.
    """
    number, length = b"J" + _NUMBER(document), b"K%c" % code
    heavy = b"G" + _FLOAT(weight)
    info = b"(K\x01" + number + heavy + b"K\x00" + length + length + b"t."
    entry = _TERM.pack(0, weight, 1, code, code, weight, document, document)
    return entry, info, number + b"\x85" + (b"N" if weight == 1.0 else heavy)


def _single(document: int, weight: float, value: bytes, code: int) -> tuple[bytes, bytes]:
    """The entry of a term with one posting, without its extent, and its list."""
    entry, info, head = _frame(document, weight, code)
    tail = b"C%c%b\x85\x87." % (len(value), value) if value else b"N\x87."
    return entry, WHOOSH3_HEADER_MAGIC + _SIZE.pack(-len(info) - len(head) - len(tail)) + info + head + tail


def _several(
    documents: list[int], weights: list[float], values: list[bytes], known: bytes | None
) -> tuple[bytes, bytes]:
    """The entry of a term, without its extent, and its list."""
    count = len(documents)
    codes = bytes(map(known.__getitem__, documents)) if known else bytes(count)
    if count <= BLOCK:
        data = _block(documents, weights, values, codes, sign=-1)
    else:
        data = b"".join(
            _block(documents[at:end], weights[at:end], values[at:end], codes[at:end], sign=1 if end < count else -1)
            for at, end in ((at, at + BLOCK) for at in range(0, count, BLOCK))
        )
    sums = sum(weights), count, min(codes), max(codes), max(weights)
    return _TERM.pack(0, *sums, documents[0], documents[-1]), WHOOSH3_HEADER_MAGIC + data


def _block(documents: list[int], weights: list[float], values: list[bytes], codes: bytes, *, sign: int) -> bytes:
    count, last, greatest = len(documents), documents[-1], max(weights)
    if weights.count(greatest) == count:
        kept: Any = None if greatest == 1.0 else greatest
    else:
        kept = tuple(weights)
    steps = tuple(map(sub, documents, (0, *documents)))  # from 0 in each block
    data = dumps((steps, kept, tuple(values) if values[0] else None), _PROTOCOL)
    compressed = len(data) >= COMPRESSED_FROM
    if compressed:
        data = compress(data, 1)
    info = dumps((count, last, greatest, int(compressed), min(codes), max(codes)), _PROTOCOL)
    return _SIZE.pack(sign * (len(info) + len(data))) + info + data


def term_postings(reader: Any, field: str, term: bytes) -> tuple[list[int], list[float], list[bytes]]:  # noqa: ANN401 - a SegmentReader
    """The documents, weights and values of a term; nothing where there is no such term."""
    terms = reader._terms  # noqa: SLF001 - whole lists cannot be had otherwise; tests/search/test_postings.py is the contract
    number = terms._fieldmap.get(field)  # noqa: SLF001 - as above
    entry = None if number is None else terms._tindex.get(number.to_bytes(2, "big") + term)  # noqa: SLF001 - as above
    return _read(terms, entry) if entry else ([], [], [])


def all_terms(reader: Any) -> Iterator[tuple[str, bytes, list[int], list[float], list[bytes]]]:  # noqa: ANN401 - a SegmentReader
    """Field, term, documents, weights and values of a segment, in order; those of deleted documents are included."""
    terms = reader._terms  # noqa: SLF001 - as above
    for key, entry in terms._tindex.items():  # noqa: SLF001 - as above
        yield terms._fieldunmap[int.from_bytes(key[:2], "big")], key[2:], *_read(terms, entry)  # noqa: SLF001 - as above


def _read(terms: Any, entry: bytes) -> tuple[list[int], list[float], list[bytes]]:  # noqa: ANN401 - a W3TermsReader
    place, size = _EXTENT.unpack_from(entry, _TERM.size)
    return decoded(terms._postfile.get(place, size))  # noqa: SLF001 - as above


def decoded(data: bytes) -> tuple[list[int], list[float], list[bytes]]:
    """The documents, weights and values of a posting list.

    Raises:
        ValueError: it does not begin as one.
    """
    if not data.startswith(WHOOSH3_HEADER_MAGIC):
        raise ValueError(f"no posting list: {data[:4]!r}")
    documents: list[int] = []
    weights: list[float] = []
    values: list[bytes] = []
    at, size = len(WHOOSH3_HEADER_MAGIC), 1
    while size > 0:
        (size,) = _SIZE.unpack_from(data, at)
        at += _SIZE.size
        block = BytesIO(data[at : at + abs(size)])
        count, _, _, compressed, _, _ = load(block)  # noqa: S301 - the index is our own, see stamps.py
        rest = block.read()
        steps, kept, inside = loads(decompress(rest) if compressed else rest)  # noqa: S301 - as above
        documents += accumulate(steps)
        weights += kept if isinstance(kept, tuple) else [1.0 if kept is None else kept] * count
        values += inside or [b""] * count
        at += size
    return documents, weights, values
