"""What is an edit, and what is noise? Pure functions over texts: what a text says, and how two of them differ."""

from newsarchive.edits.matching import Piece, compare, lines
from newsarchive.edits.sense import VERSION, body_sense, is_same_moment, line_sense, sense, without_noise

__all__ = [
    "VERSION",
    "Piece",
    "body_sense",
    "compare",
    "is_same_moment",
    "line_sense",
    "lines",
    "sense",
    "without_noise",
]
