"""Values that are compared as a whole: categories, tags, sources, language codes."""

from __future__ import annotations

from newsarchive.search.analysis.folding import LONGEST_WORD, key
from newsarchive.search.analysis.words import whole_parts
from newsarchive.text import fold


def keyword(text: str) -> str:
    """A property's value as one index term: its words, folded, one space between.

    >>> keyword(" U.S. & Canada "), keyword("Chính trị"), keyword("国際")
    ('us canada', 'chinh tri', '国際')
    """
    return " ".join(key(part) for part in whole_parts(text) if key(part))[:LONGEST_WORD]


def name_key(text: str) -> str:
    """A source's name, a host or a language code as one index term; dots and hyphens count.

    >>> name_key("WWW.BBC.co.uk"), name_key("Harbor Post")
    ('bbc.co.uk', 'harbor post')
    """
    return " ".join(fold(text).split()).removeprefix("www.")[:LONGEST_WORD]
