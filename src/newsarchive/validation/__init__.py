"""Is this fit to keep? Small checks, each with one problem code, and a gate that asks all of them."""

from newsarchive.validation.checks import CHECKS, Check, Subject
from newsarchive.validation.gate import judge, status_problem

__all__ = ["CHECKS", "Check", "Subject", "judge", "status_problem"]
