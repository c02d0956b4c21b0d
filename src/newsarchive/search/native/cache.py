"""What was decoded is kept for the next query, up to a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

Value = TypeVar("Value")


class Cache(Generic[Value]):
    """Values by key; those that were not asked for the longest are dropped first."""

    def __init__(self, most: int) -> None:
        """Keep values of at most so many bytes together; a single one may be larger."""
        self._most = most
        self._held = 0
        self.taken = 0
        """Bytes of all values that were ever put in."""
        self._values: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def get(self, key: Hashable) -> Value | None:
        """The value of a key, or None."""
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, value: Value, size: int) -> Value:
        """Keep a value that takes so many bytes."""
        old = self._values.pop(key, None)
        self.taken += size
        self._held += size - (old[1] if old else 0)
        self._values[key] = value, size
        while self._held > self._most and len(self._values) > 1:
            _, (_, dropped) = self._values.popitem(last=False)
            self._held -= dropped
        return value
