"""Which articles are copies of one another? Sketches of their texts, compared without reading the texts again.

A sketch is a MinHash (Broder, "On the resemblance and containment of documents", 1997) over all runs of three words of
the body: `VALUES` numbers, of which two texts share about the part that they share of their runs. Articles whose
sketches agree in both values of one of `BANDS` bands are compared, and are copies where `LEAST` values agree. A line of
an agency, another headline, a paragraph cut or a word replaced here and there leaves a copy a copy. Short texts look
alike without being copies: below `SHORTEST` words only articles with equal words are, headline and body.

Copies that an index holds share a number, their cluster. Numbers are made from an article's id, so that they agree
between segments that were written at different times.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VALUES: Final = 12
"""Values of a sketch, two bytes each."""
BANDS: Final = 6
"""Bands of a sketch, of two values each. On 1,500 articles they found 95.7 % of the copies that had lost a fifth of
their sentences; four bands of three found 89.1 %."""
LEAST: Final = 7
"""Values that two sketches of copies share at the least: an estimated Jaccard similarity of 0.58."""
SHORTEST: Final = 40
"""Words of a body from which on it is compared by its runs."""
ALONE: Final = 1
"""A cluster's number that says: no copy of any, although others once were copies of this article."""

_SLICE: Final = 1 << 16
"""Words that are hashed at a time: what stays in the processor's cache."""
_MOST_IN_BUCKET: Final = 8
"""Articles of one bucket of an existing segment that a new article is compared with."""
_EARLIEST: Final = -(1 << 61)
"""Seconds since 1970; a time below it is one that is not known."""
_MIX: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))
# Odd factors of a multiplication modulo 2**32: each is another order of the same hashes. Any odd numbers would do; they
# are part of the format, as sketches of different factors cannot be compared.
_FACTORS: Final = tuple(np.frombuffer(blake2b(bytes(4), digest_size=4 * VALUES).digest(), "<u4") | np.uint32(1))

Ids = NDArray[np.bytes_]
"""Ids of articles, dtype S16."""
Hashes = NDArray[np.uint32]
Sketches = NDArray[np.uint16]
"""Shape (articles, VALUES). A row of zeros is an article without text, a copy of none."""
Keys = NDArray[np.uint64]


class Known(NamedTuple):
    """A segment that new articles are compared with; its arrays may be mapped from a file."""

    ids: Ids
    sketches: Sketches
    bands: Hashes
    """Shape (BANDS, articles), each row in ascending order: see `sorted_bands`."""
    bands_doc: Hashes
    """Which article each value of `bands` is of."""
    clusters: Keys


def word_hashes(words: Iterable[bytes]) -> Hashes:
    """The hash of each word, as `sketch` takes them: CRC-32, the same in every process and version."""
    return np.fromiter(map(crc32, words), np.uint32)


def sketch(hashes: Hashes, first: NDArray[Any], heading: NDArray[Any]) -> Sketches:
    """The sketches of many articles.

    Args:
        hashes: the hash of every word of every article, headline first, article after article.
        first: where each article begins in `hashes`, and at last where the last one ends; one more than articles.
        heading: words of each article's headline.
    """
    starts = np.asarray(first[:-1], np.int64) + np.asarray(heading, np.int64)
    ends = np.asarray(first[1:], np.int64)
    sketches = np.zeros((len(starts), VALUES), np.uint16)
    is_long = ends - starts >= SHORTEST
    at = 0
    long = np.flatnonzero(is_long)
    while at < len(long):  # as many articles as make a slice, one at the least
        begin = starts[long[at]]
        stop = max(at + 1, int(np.searchsorted(ends[long], begin + _SLICE, side="right")))
        some = long[at:stop]
        words = hashes[begin : ends[some[-1]]]
        sketches[some] = _minima(_shingles(words), starts[some] - begin, ends[some] - begin - 2)
        at = stop
    for article in np.flatnonzero(~is_long & (ends > starts)):
        whole = hashes[int(first[article]) : int(ends[article])].tobytes() + int(heading[article]).to_bytes(4, "little")
        sketches[article] = np.frombuffer(blake2b(whole, digest_size=2 * VALUES).digest(), "<u2")
    return sketches


def _shingles(words: Hashes) -> Hashes:
    """A hash of each run of three words; the runs across articles are among them."""
    wide = words.astype(np.uint64)
    mixed = wide[:-2] * _MIX[0]
    mixed ^= (wide[1:-1] * _MIX[1]) >> np.uint64(3)
    mixed ^= (wide[2:] * _MIX[2]) >> np.uint64(7)
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX[1]
    return (mixed >> np.uint64(32)).astype(np.uint32)


def _minima(shingles: Hashes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Sketches:
    """For each order of the hashes, the low half of each article's first one."""
    bounds = np.empty(2 * len(starts), np.int64)
    bounds[::2], bounds[1::2] = starts, ends
    bounds = bounds[:-1]  # the last article's runs are the last ones; reduceat goes to the end by itself
    found = np.empty((len(starts), VALUES), np.uint16)
    for value, factor in enumerate(_FACTORS):
        least = np.minimum.reduceat(shingles * factor, bounds)[::2]
        found[:, value] = (least * np.uint32(0x9E3779B1)) >> np.uint32(16)
    return found


def bands(sketches: Sketches) -> Hashes:
    """The bands of sketches, shape (BANDS, articles): equal where articles agree in all values of a band."""
    rows = np.ascontiguousarray(sketches).view("<u4")
    return np.ascontiguousarray(rows.T.astype(np.uint32, copy=False))


def sorted_bands(sketches: Sketches) -> tuple[Hashes, Hashes]:
    """`bands` in ascending order, and which article each value is of; what `Known` wants."""
    values = bands(sketches)
    order = np.argsort(values, axis=1, kind="stable").astype(np.uint32)
    return np.take_along_axis(values, order.astype(np.int64), axis=1), order


def similarity(first: Sketches, second: Sketches) -> NDArray[np.float64]:
    """Of each pair of rows, which part of their runs of words the two texts share (Jaccard), as estimated."""
    return np.asarray(_agreeing(first, second) / VALUES, np.float64)


def _agreeing(first: Sketches, second: Sketches) -> NDArray[np.intp]:
    agreeing = np.count_nonzero(first == second, axis=-1)
    return np.asarray(np.where(first.any(axis=-1), agreeing, 0), np.intp)


def keys_of(ids: Ids) -> Keys:
    """A number for each id (of at most 16 bytes), the same everywhere; never 0 or `ALONE`.

    >>> keys_of(np.array([b"lk5oawldfg4h"], "S16")).tolist()
    [14442539171658542402]
    """
    halves = np.ascontiguousarray(ids.astype("S16")).view("<u8").reshape(-1, 2)
    mixed = halves[:, 0] * _MIX[0] ^ (halves[:, 1] + _MIX[2]) * _MIX[1]
    mixed ^= mixed >> np.uint64(31)
    mixed *= _MIX[0]
    mixed ^= mixed >> np.uint64(29)
    return np.asarray(np.maximum(mixed, np.uint64(ALONE + 1)), np.uint64)


def assign(sketches: Sketches, ids: Ids, known: Sequence[Known] = (), held: Keys | None = None) -> Keys:
    """The clusters of new articles: 0 for one that is a copy of none, else a number that it shares with its copies.

    An article of an existing segment that had no copies so far keeps its 0; the new copies get its key, so that
    `group` knows it as one of them. Where the texts of a batch form one cluster, that of its best match in the
    existing segments is theirs; clusters that exist are not joined.

    Args:
        sketches: of the new articles.
        ids: their ids. Rows of the same id are states of one article and no copies of each other.
        known: the segments that the index holds already.
        held: clusters that these articles have already, where segments are merged or were built apart; they keep them.
    """
    held = np.zeros(len(ids), np.uint64) if held is None else held
    best = np.where(held > ALONE, VALUES + 1, 0)
    theirs = held.copy()
    for segment in known:
        new, agreeing, clusters = _matches(segment, sketches, ids)
        better = agreeing > best[new]
        best[new[better]], theirs[new[better]] = agreeing[better], clusters[better]
    parts = _parts(len(ids), *_pairs_within(sketches, ids))
    # Of each part, the member that is linked best speaks for all; without a link, the first one's key is the number.
    order = np.lexsort((-best, parts))
    speaker = order[np.flatnonzero(np.r_[True, np.diff(parts[order]) > 0])] if len(order) else order
    number = np.zeros(len(ids), np.uint64)
    number[parts[speaker]] = np.where(best[speaker] > 0, theirs[speaker], keys_of(ids[parts[speaker]]))
    is_copy = (np.bincount(parts, minlength=len(ids))[parts] > 1) | (best > 0)
    clusters = np.where(held > ALONE, held, np.where(is_copy, number[parts], 0)).astype(np.uint64)
    return _left(clusters, ids, [segment.clusters for segment in known])


def _left(clusters: Keys, ids: Ids, existing: list[Keys]) -> Keys:
    """An article that is a copy of none now, while others have its key for their cluster, says so."""
    used = np.unique(np.concatenate([*existing, clusters]))
    alone = np.flatnonzero(clusters == 0)
    clusters[alone[_among(keys_of(ids[alone]), used[used > ALONE])]] = ALONE
    return clusters


def _among(values: Keys, wanted: Keys) -> NDArray[np.intp]:
    """Which of the values are among those wanted (ascending). Most are told by their low half, without a search."""
    if not len(wanted):
        return np.zeros(0, np.intp)
    table = np.zeros(1 << 16, np.bool_)
    table[(wanted & np.uint64(0xFFFF)).astype(np.intp)] = True
    likely = np.flatnonzero(table[(values & np.uint64(0xFFFF)).astype(np.intp)])
    at = np.minimum(np.searchsorted(wanted, values[likely]), len(wanted) - 1)
    return np.asarray(likely[wanted[at] == values[likely]], np.intp)


def _pairs_within(sketches: Sketches, ids: Ids) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The copies within a batch: of each bucket, every article with the one before it and with the first."""
    firsts, seconds = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
    has_text = np.flatnonzero(sketches.any(axis=1))
    for values in bands(sketches[has_text]):
        order = np.argsort(values, kind="stable")
        arranged = values[order]
        follows = np.flatnonzero(arranged[1:] == arranged[:-1]) + 1
        begins = np.flatnonzero(np.r_[True, arranged[1:] != arranged[:-1]])
        second = has_text[order[follows]]
        for other in (follows - 1, begins[np.searchsorted(begins, follows, side="right") - 1]):
            first = has_text[order[other]]
            copies = (_agreeing(sketches[first], sketches[second]) >= LEAST) & (ids[first] != ids[second])
            firsts.append(first[copies])
            seconds.append(second[copies])
    return np.concatenate(firsts), np.concatenate(seconds)


def _matches(segment: Known, sketches: Sketches, ids: Ids) -> tuple[NDArray[np.intp], NDArray[np.intp], Keys]:
    """Which new articles a segment has copies of, each once: how many values agree with the best, and its cluster."""
    # The best so far of each new article: of a large index the pairs would take more memory than all else of a merge.
    best, old = np.zeros((2, len(sketches)), np.intp)
    has_text = np.flatnonzero(sketches.any(axis=1))
    wanted = bands(sketches[has_text])
    for band, values in enumerate(segment.bands):
        place = np.searchsorted(values, wanted[band])
        for step in range(_MOST_IN_BUCKET):
            inside = np.flatnonzero(place + step < len(values))
            inside = inside[values[place[inside] + step] == wanted[band][inside]]
            if not len(inside):
                break
            ours, theirs = has_text[inside], segment.bands_doc[band][place[inside] + step].astype(np.intp)
            agreeing = _agreeing(sketches[ours], segment.sketches[theirs])
            better = (agreeing > best[ours]) | ((agreeing == best[ours]) & (theirs < old[ours]))
            better &= (agreeing >= LEAST) & (ids[ours] != segment.ids[theirs])
            best[ours[better]], old[ours[better]] = agreeing[better], theirs[better]
    ours = np.flatnonzero(best)
    theirs = old[ours]
    clusters = np.asarray(segment.clusters[theirs], np.uint64)
    clusters = np.where(clusters > ALONE, clusters, keys_of(segment.ids[theirs]))
    return ours, best[ours], clusters


def _parts(count: int, first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.intp]:
    """For each of `count` articles, the first one that it is connected with by pairs, however many steps away."""
    head = np.arange(count)
    while len(first):
        before = head.copy()
        least = np.minimum(head[first], head[second])
        np.minimum.at(head, first, least)
        np.minimum.at(head, second, least)
        head = head[head]
        if np.array_equal(before, head):
            break
    return head


class Placed(NamedTuple):
    """A segment as `group` reads it; the times are in seconds, as the index holds them."""

    ids: Ids
    clusters: Keys
    published: NDArray[np.int64]
    seen: NDArray[np.int64]
    shown: NDArray[np.bool_]
    """Which articles there are: not deleted, not hidden."""


class Groups(NamedTuple):
    """Which articles of a segment are copies of each other."""

    number: NDArray[np.uint32]
    """The cluster of each article, the same number in every segment; 0 for an article without copies."""
    place: NDArray[np.uint32]
    """0 for the first of its cluster, and for an article without copies; the others answer to `is:copy`."""


def group(segments: Sequence[Placed]) -> list[Groups]:
    """The clusters of an index, each in order: by publication, then by first sight, then by id.

    An article whose time of publication is not known comes last. Clusters of which one article is left are none.
    """
    clusters = _with_heads(segments)
    members = [np.flatnonzero((each > 0) & segment.shown) for each, segment in zip(clusters, segments, strict=True)]
    pairs = list(zip(segments, members, strict=True))
    cluster = np.concatenate([np.zeros(0, np.uint64), *(c[m] for c, m in zip(clusters, members, strict=True))])
    published = np.concatenate([np.zeros(0, np.int64), *(segment.published[m] for segment, m in pairs)])
    published[published < _EARLIEST] = np.iinfo(np.int64).max
    seen = np.concatenate([np.zeros(0, np.int64), *(segment.seen[m] for segment, m in pairs)])
    ids = np.concatenate([np.zeros(0, "S16"), *(segment.ids[m] for segment, m in pairs)])
    number, place = _placed(cluster, np.lexsort((ids, seen, published, cluster)))
    groups = [Groups(*np.zeros((2, len(segment.ids)), np.uint32)) for segment in segments]
    at = 0
    for each, here in zip(groups, members, strict=True):
        each.number[here], each.place[here] = number[at : at + len(here)], place[at : at + len(here)]
        at += len(here)
    return groups


def _with_heads(segments: Sequence[Placed]) -> list[Keys]:
    """The clusters, also of articles that had no copies when their segment was written; 0 for none."""
    clusters = [np.where(segment.clusters > ALONE, segment.clusters, 0).astype(np.uint64) for segment in segments]
    used = np.unique(np.concatenate([np.zeros(0, np.uint64), *clusters]))
    for segment, each in zip(segments, clusters, strict=True):
        alone = np.flatnonzero(segment.clusters == 0)
        keys = keys_of(segment.ids[alone]) if len(used) > 1 else np.zeros(0, np.uint64)
        heads = _among(keys, used[used > ALONE])
        each[alone[heads]] = keys[heads]
    return clusters


def _placed(cluster: Keys, order: NDArray[np.intp]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The number of each member's cluster and its place in it, given the members in order; 0 where it is the only."""
    arranged = cluster[order]
    starts = np.flatnonzero(np.r_[True, arranged[1:] != arranged[:-1]]) if len(arranged) else order
    sizes = np.diff(starts, append=len(arranged))
    is_cluster = sizes > 1
    numbers = np.where(is_cluster, np.cumsum(is_cluster), 0)
    number, place = np.zeros((2, len(cluster)), np.uint32)
    number[order] = np.repeat(numbers, sizes)
    place[order] = np.arange(len(order)) - np.repeat(starts, sizes)
    return number, place


def fold(number: NDArray[np.uint32], place: NDArray[np.uint32]) -> tuple[NDArray[np.bool_], NDArray[np.uint32]]:
    """Fold the copies among articles that answer, given in any order with what `Groups` says of each.

    Returns:
        which articles are left, of each cluster the one that comes first in it; and for each of these the number of
        others that are folded under it (0 for all that are not left).
    """
    kept = np.ones(len(number), np.bool_)
    copies = np.zeros(len(number), np.uint32)
    some = np.flatnonzero(number)
    order = some[np.lexsort((place[some], number[some]))]
    if len(order):
        starts = np.flatnonzero(np.diff(number[order].astype(np.int64), prepend=0))
        kept[some] = False
        kept[order[starts]] = True
        copies[order[starts]] = np.diff(starts, append=len(order)) - 1
    return kept, copies
