"""The values that travel between the stages. Each is frozen; a changed value is a new one.

The names are imported when first asked for (PEP 562): pydantic costs 0.2 s of CPU, and a search needs none of it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from newsarchive.models.article import Article, Entry, Extraction, Gone, Version
    from newsarchive.models.candidate import Candidate, Via
    from newsarchive.models.capture import (
        TRY_LATER,
        Capture,
        CaptureState,
        Origin,
        Payload,
        Place,
        Profile,
        Revisit,
        Role,
    )
    from newsarchive.models.change import Change
    from newsarchive.models.difference import Diff, Segment
    from newsarchive.models.explanation import Explanation
    from newsarchive.models.finding import Finding
    from newsarchive.models.recheck import RecheckPlan
    from newsarchive.models.results import Hit, Page
    from newsarchive.models.rights import Rights
    from newsarchive.models.rule import Rule
    from newsarchive.models.verdict import Problem, Verdict
    from newsarchive.models.window import Window

__all__ = [
    "TRY_LATER",
    "Article",
    "Candidate",
    "Capture",
    "CaptureState",
    "Change",
    "Diff",
    "Entry",
    "Explanation",
    "Extraction",
    "Finding",
    "Gone",
    "Hit",
    "Origin",
    "Page",
    "Payload",
    "Place",
    "Problem",
    "Profile",
    "RecheckPlan",
    "Revisit",
    "Rights",
    "Role",
    "Rule",
    "Segment",
    "Verdict",
    "Version",
    "Via",
    "Window",
]

_HOMES: Final = {
    "article": ("Article", "Entry", "Extraction", "Gone", "Version"),
    "candidate": ("Candidate", "Via"),
    "capture": ("TRY_LATER", "Capture", "CaptureState", "Origin", "Payload", "Place", "Profile", "Revisit", "Role"),
    "change": ("Change",),
    "difference": ("Diff", "Segment"),
    "explanation": ("Explanation",),
    "finding": ("Finding",),
    "recheck": ("RecheckPlan",),
    "results": ("Hit", "Page"),
    "rights": ("Rights",),
    "rule": ("Rule",),
    "verdict": ("Problem", "Verdict"),
    "window": ("Window",),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - PEP 562
    if name in _HOME_OF:
        return getattr(importlib.import_module(f"newsarchive.models.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
