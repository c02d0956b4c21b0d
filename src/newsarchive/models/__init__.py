"""The values that travel between the stages. Each is frozen; a changed value is a new one."""

from newsarchive.models.article import Article, Extraction, Version
from newsarchive.models.candidate import Candidate, Via
from newsarchive.models.capture import TRY_LATER, Capture, CaptureState, Origin, Payload, Place, Role
from newsarchive.models.results import Hit
from newsarchive.models.verdict import Problem, Verdict

__all__ = [
    "TRY_LATER",
    "Article",
    "Candidate",
    "Capture",
    "CaptureState",
    "Extraction",
    "Hit",
    "Origin",
    "Payload",
    "Place",
    "Problem",
    "Role",
    "Verdict",
    "Version",
    "Via",
]
