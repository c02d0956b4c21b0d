"""When an article page is looked at again: a plan of ages after first sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime, timedelta

FEWEST_LOOKS: Final = 50
"""Repeated looks at the articles of a source, below which nothing is concluded from them."""
OFTEN: Final = 0.05
"""Where this share of repeated looks found another text, twice as many are made."""
VERY_OFTEN: Final = 0.20
"""Where this share did, four times as many."""


class RecheckPlan(NamedTuple):
    """Ages after first sight at which an article is looked at again, ascending; none at all is no plan."""

    ages: tuple[timedelta, ...]

    def next_check(self, first: datetime, last: datetime, *, is_gone: bool = False) -> datetime | None:
        """The first planned time after the last look; None where the plan is done.

        One look makes up for all that were missed before it. A page that is gone is asked for once more, at the last
        age of the plan: most of what is gone stays so.
        """
        ages = self.ages[-1:] if is_gone else self.ages
        return next((first + age for age in ages if first + age > last), None)

    def adapted(self, *, looks: int, changes: int) -> RecheckPlan:
        """The plan for a source of whose repeated looks so many found another text.

        Every gap between two ages is divided into one, two or four equal parts. So nothing is looked at later than
        the settings say, the last look stays the last, and there are at most four times as many.

        >>> from datetime import timedelta
        >>> plan = RecheckPlan((timedelta(hours=2), timedelta(hours=6)))
        >>> [age.seconds // 3600 for age in plan.adapted(looks=100, changes=5).ages]
        [1, 2, 4, 6]
        >>> plan.adapted(looks=100, changes=4) == plan, plan.adapted(looks=49, changes=49) == plan
        (True, True)
        >>> len(plan.adapted(looks=100, changes=20).ages)
        8
        """
        share = changes / looks if looks >= FEWEST_LOOKS else 0.0
        parts = 4 if share >= VERY_OFTEN else 2 if share >= OFTEN else 1
        zero = self.ages[0] * 0 if self.ages else None
        befores = (zero, *self.ages)
        return RecheckPlan(
            tuple(
                before + (age - before) * part / parts
                for before, age in zip(befores, self.ages, strict=False)
                if before is not None
                for part in range(1, parts + 1)
            )
        )
