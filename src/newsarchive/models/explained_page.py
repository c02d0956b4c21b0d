"""x"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsarchive.models.explanation import Explanation


def page_of(explanation: Explanation) -> str:
    """X"""
    return ""
