"""Is this fit to keep as an article? What is wrong with it, if not."""

from __future__ import annotations

from newsarchive.models.base import Value


class Problem(Value):
    """One thing wrong with a page."""

    code: str
    """Short and stable, such as `no-date`; each one has a section in `docs/validation.md`."""
    message: str
    """For a person: what was found and what was expected."""


class Verdict(Value):
    """Accepted where there is no problem."""

    problems: tuple[Problem, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the page is kept as an article."""
        return not self.problems
