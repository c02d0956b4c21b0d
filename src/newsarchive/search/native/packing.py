"""Arrays that a container keeps in fewer bytes than they have in memory, and unpacks whole when first asked for.

These are arrays of which a query reads much or all, or which hardly anything reads; what is read here and there stays
as it is. For 200,000 articles unpacking takes some milliseconds, and spares a tenth of the index.

    steps    ascending numbers from 0 on: a byte for each step, 255 for those that stand apart
    column   numbers in as few bytes as their span needs, one value of which stands for "not known"
    same     one value for all
    sparse   the few values that are not 0, and where they stand
    deflate  text, by zlib
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsarchive.search.native.layout import Array

_MORE: Final = 255
_DENSE: Final = 8
"""A column is sparse where fewer than one value in so many is not 0."""
_LEVEL: Final = 6


class Packed(NamedTuple):
    """An array as a container keeps it."""

    kind: str
    parts: tuple[Array, ...]
    dtype: str
    length: int
    number: int = 0
    """The least value of a column, or the value that is the same for all."""
    missing: int = 0
    """What a column's greatest code stands for."""


def steps(numbers: Array) -> Packed:
    """Ascending numbers, the first of them 0."""
    each = np.diff(numbers)
    codes = np.minimum(each, _MORE).astype(np.uint8)
    return Packed("steps", (codes, each[each >= _MORE].astype(numbers.dtype)), numbers.dtype.str, len(numbers))


def column(numbers: Array, missing: int | None = None) -> Packed | None:
    """A column of numbers; None where it would take no less.

    Args:
        numbers: integers.
        missing: a value far from the others that says that nothing is known.
    """
    known = numbers if missing is None else numbers[numbers != missing]
    least = int(known.min()) if len(known) else int(missing or 0)
    span = int(known.max()) - least if len(known) else 0
    if not span and len(known) in {0, len(numbers)}:
        return Packed("same", (), numbers.dtype.str, len(numbers), least)
    # The greatest code stands for what is missing.
    dtype = next((one for one in (np.uint8, np.uint16, np.uint32) if span < np.iinfo(one).max), np.uint64)
    if np.dtype(dtype).itemsize >= numbers.itemsize:
        return None
    codes = np.full(len(numbers), np.iinfo(dtype).max, dtype)
    is_known = slice(None) if missing is None else numbers != missing
    codes[is_known] = (known.astype(np.int64) - least).astype(dtype)
    return Packed("column", (codes,), numbers.dtype.str, len(numbers), least, int(missing or 0))


def sparse(numbers: Array) -> Packed | None:
    """Numbers most of which are 0; None where too many are not."""
    at = np.flatnonzero(numbers)
    if len(at) * _DENSE > len(numbers):
        return None
    return Packed("sparse", (at.astype(np.uint32), numbers[at]), numbers.dtype.str, len(numbers))


def deflate(text: Array) -> Packed:
    """Bytes of text."""
    data = np.frombuffer(zlib.compress(text.tobytes(), _LEVEL), np.uint8)
    return Packed("deflate", (data,), text.dtype.str, len(text))


def unpack(packed: Packed) -> Array:
    """The array; it cannot be written to.

    Raises:
        ValueError: the parts do not fit one another.
        zlib.error: they are not as they were written.
    """
    found: Array = _UNPACK[packed.kind](packed)
    if len(found) != packed.length:
        raise ValueError(f"{len(found)} numbers instead of {packed.length}")
    found.flags.writeable = False
    return found


def _steps(packed: Packed) -> Array:
    codes, far = packed.parts
    each = codes.astype(np.int64)
    if len(far):
        each[codes == _MORE] = far
    found = np.zeros(packed.length, packed.dtype)
    np.cumsum(each, out=found[1:], dtype=packed.dtype)
    return found


def _column(packed: Packed) -> Array:
    (codes,) = packed.parts
    found = codes.astype(np.int64)
    found += packed.number
    found[codes == np.iinfo(codes.dtype).max] = packed.missing
    narrow: Array = found.astype(packed.dtype, copy=False)
    return narrow


def _same(packed: Packed) -> Array:
    return np.full(packed.length, packed.number, packed.dtype)


def _sparse(packed: Packed) -> Array:
    at, values = packed.parts
    found = np.zeros(packed.length, packed.dtype)
    found[at] = values
    return found


def _deflate(packed: Packed) -> Array:
    found: Array = np.frombuffer(bytearray(zlib.decompress(packed.parts[0].tobytes())), packed.dtype)
    return found


_UNPACK: Final[dict[str, Callable[[Packed], Any]]] = {
    "steps": _steps,
    "column": _column,
    "same": _same,
    "sparse": _sparse,
    "deflate": _deflate,
}
