"""The gate: every check is asked, so that a rejected page shows all that is wrong with it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from newsarchive.models import Extraction, Problem, Verdict
from newsarchive.validation.checks import CHECKS, Subject

if TYPE_CHECKING:
    from datetime import datetime

    from newsarchive.settings import ValidationSettings


def judge(extraction: Extraction, *, captured_at: datetime, settings: ValidationSettings) -> Verdict:
    """Whether to keep a page as an article, and what is wrong with it if not."""
    subject = Subject(extraction, captured_at, settings)
    found = (check(subject) for check in CHECKS)
    return Verdict(problems=tuple(problem for problem in found if problem))


def status_problem(status: int | None) -> Problem | None:
    """`http-status`: an answer that is no page; None for 200 and for files that came without HTTP."""
    if status is None or status == HTTPStatus.OK:
        return None
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "a status that HTTP does not define"
    return Problem(code="http-status", message=f"the server answered {status} ({phrase})")
