"""Hours of the day in which a site is crawled, by the clock on the wall of its own time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WINDOW = re.compile(r"(?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)")
_MINUTE = timedelta(minutes=1)
_LONGEST = timedelta(days=3)
"""A window may be skipped on a day on which clocks go forward, not on two."""


@dataclass(frozen=True, slots=True)
class Window:
    """From `opens` up to, not including, `closes`, across midnight where that is earlier.

    Clocks that go forward skip what of a window lies in the hour that is left out; clocks that go back open it twice
    where it lies in the hour that comes twice. Both are what the clock on the wall says.
    """

    opens: time
    closes: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str, zone: str = "UTC") -> Window:
        """The window that is written as `01:00-05:00`, in a zone of the IANA database.

        >>> Window.parse("22:30-05:00").is_open(datetime(2026, 3, 1, 4, 59, tzinfo=UTC))
        True

        Raises:
            ValueError: it is no window, is empty, or the zone is unknown.
        """
        match = _WINDOW.fullmatch(text.strip())
        if match is None:
            raise ValueError("must look like 01:00-05:00")
        opens, closes = time.fromisoformat(match["opens"]), time.fromisoformat(match["closes"])
        if opens == closes:
            raise ValueError("must not open and close at the same time; leave it out to crawl at any time")
        return cls(opens, closes, zone_of(zone))

    def is_open(self, at: datetime) -> bool:
        """Whether a moment lies in the window."""
        now = at.astimezone(self.zone).time()
        if self.opens < self.closes:
            return self.opens <= now < self.closes
        return now >= self.opens or now < self.closes

    def next_opening(self, at: datetime) -> datetime:
        """When it opens next, in UTC; `at` itself where it is open."""
        return self._next(at, is_open=True)

    def next_closing(self, at: datetime) -> datetime:
        """When it closes next, in UTC; `at` itself where it is closed."""
        return self._next(at, is_open=False)

    def _next(self, at: datetime, *, is_open: bool) -> datetime:
        """Minute by minute: the only reckoning that no change of the clocks deceives, in a few milliseconds."""
        moment = at.astimezone(UTC)
        end = moment + _LONGEST
        while self.is_open(moment) is not is_open and moment < end:
            moment = moment.replace(second=0, microsecond=0) + _MINUTE
        return moment


def zone_of(name: str) -> ZoneInfo:
    """A time zone of the IANA database, such as `Europe/London`.

    Raises:
        ValueError: there is none of that name on this machine.
    """
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:  # what zoneinfo raises depends on how wrong the name is
        raise ValueError(
            f"{name!r} is no time zone that this machine knows; write one such as Europe/London"
        ) from error
