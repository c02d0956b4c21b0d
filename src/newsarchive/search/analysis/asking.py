"""What a query's words ask the index for."""

from __future__ import annotations

from typing import NamedTuple

from newsarchive.search.analysis.folding import keys
from newsarchive.search.analysis.scripts import IS_UNSPACED
from newsarchive.search.analysis.words import surfaces


class Piece(NamedTuple):
    """A word as a query asks for it: `offset` positions after the first one."""

    offset: int
    text: str
    prefix: bool
    """Any word that starts so."""


def asked(text: str, *, prefix: bool = False) -> list[Piece]:
    """The words of a query's term or phrase, diacritics folded, each with its distance from the first.

    The single character that closes a run of an unspaced script is there for one-character queries only; in a longer
    query the pair before it says the same.

    >>> [(piece.offset, piece.text) for piece in asked("東京 summit")]
    [(0, '東京'), (2, 'summit')]
    >>> asked("東"), asked("denuclear", prefix=True)[0].prefix
    ([Piece(offset=0, text='東', prefix=True)], True)
    """
    return _asked(keys(surfaces(text)), prefix=prefix)


def asked_surfaces(text: str, *, prefix: bool = False) -> list[Piece]:
    """The same with diacritics kept, as the dictionary holds the words.

    >>> [piece.text for piece in asked_surfaces("Hà Nội")]
    ['hà', 'nội']
    """
    return _asked(surfaces(text), prefix=prefix)


def _asked(words: list[str], *, prefix: bool) -> list[Piece]:
    pieces: list[Piece] = []
    for position, word in enumerate(words):
        single = len(word) == 1 and IS_UNSPACED.match(word) is not None
        before = words[position - 1] if position else ""
        if single and len(before) > 1 and before[-1] == word and IS_UNSPACED.match(before):
            continue
        pieces.append(Piece(position, word, single))
    if prefix and pieces:
        pieces[-1] = pieces[-1]._replace(prefix=True)
    first = pieces[0].offset if pieces else 0
    return [piece._replace(offset=piece.offset - first) for piece in pieces]


def is_single(piece: Piece) -> bool:
    """Whether a piece is one character of an unspaced script, which is looked for as the start of a pair.

    >>> [is_single(piece) for piece in asked("東") + asked("a")]
    [True, False]
    """
    return piece.prefix and len(piece.text) == 1 and IS_UNSPACED.match(piece.text) is not None
