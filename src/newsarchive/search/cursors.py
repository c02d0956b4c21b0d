"""Where a page of an answer ends, as a token that any process can go on from.

It holds the place of the last article in the order, not a count: what is put in or taken out meanwhile neither repeats
nor skips another article. It is opaque to users but not secret, and holds nothing but this place.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from struct import Struct, error
from typing import TYPE_CHECKING, NamedTuple, get_args

from newsarchive.errors import UsageError
from newsarchive.search.engine import Sort

if TYPE_CHECKING:
    from typing import Self

_PLACE = Struct(">BBdq16s")
_VERSION = 1
_SORTS: tuple[Sort, ...] = get_args(Sort)


class Place(NamedTuple):
    """An article's place in an order; the smaller one comes first."""

    first: float
    """Minus the score, or minus the count that is sorted by; by time, 1 where the time is not known and else 0."""
    second: int
    """The time of publication in seconds, negated where the newest comes first."""
    id: str

    def token(self, sort: Sort) -> str:
        """The place as a token.

        >>> Place.of(Place(-1.5, -86400, "a1").token("relevance"), "relevance")
        Place(first=-1.5, second=-86400, id='a1')
        """
        data = _PLACE.pack(_VERSION, _SORTS.index(sort), self.first, self.second, self.id.encode("ascii"))
        return urlsafe_b64encode(data.rstrip(b"\0")).decode("ascii").rstrip("=")

    @classmethod
    def of(cls, token: str, sort: Sort) -> Self:
        """The place that a token holds.

        Raises:
            UsageError: it is none, or was given for another order.
        """
        try:
            data = urlsafe_b64decode(token + "=" * (-len(token) % 4))
            version, order, first, second, id_ = _PLACE.unpack(data.ljust(_PLACE.size, b"\0"))
            place = cls(first, second, id_.rstrip(b"\0").decode("ascii"))
            given_for = _SORTS[order]
        except (ValueError, error, IndexError) as reason:
            raise UsageError(f"not a cursor: {token[:80]!r}", tip="take `next` of an answer as it is") from reason
        if version != _VERSION or given_for != sort:
            message = f"the cursor belongs to an answer sorted by {given_for}, not by {sort}"
            raise UsageError(message, tip="begin at the first page")
        return place
