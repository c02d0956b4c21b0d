"""How text becomes the words of the index. One tokenizer for articles, queries and snippets, so that they meet.

Words are runs of letters, digits and their marks (Unicode categories L, N, M), folded by `newsarchive.text.fold`.
Nothing is stemmed and no word is left out, because a phrase must find its small words. Scripts that are written without
spaces are indexed as overlapping pairs of characters, the usual way where no dictionary is wanted (CJK bigrams, as in
https://lucene.apache.org/core/9_0_0/analysis/common/org/apache/lucene/analysis/cjk/CJKBigramFilter.html).

    NATO's -> nato          well-known -> well, known       U.S. -> us          l'homme -> l, homme
    Hà Nội -> ha, noi       東京会談   -> 東京, 京会, 会談, 談
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from newsarchive.text import UNSPACED, fold

LEAD_WORDS = 50
"""Words of the body that count as its lead: two to three sentences of news."""

# Marks that Python's \w leaves out although they are part of words: accents written apart, Hebrew points, Arabic vowel
# signs, the vowel signs of the Indic scripts, Thai, Lao, Khmer and Myanmar (without the dandas U+0964 and U+0965),
# the joiners between letters, the soft hyphen.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4"
    "\u0900-\u0963\u0966-\u0dff\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
    "\u102b-\u103e\u1056-\u1059\u17b4-\u17d3\u3099\u309a\u200c\u200d\u00ad\u2060"
)
_LETTER = r"[^\W\d_]"
_WORD = re.compile(
    # U.S. or p.m.: single letters, each with its full stop; the last stop may be missing (U.S).
    rf"{_LETTER}(?:\.{_LETTER})+(?![\w{_MARKS}])\.?"
    # A word, with the English possessive that is dropped again.
    rf"|[\w{_MARKS}]+(?:['’ʼ][sS](?![\w{_MARKS}]))?"
)
_POSSESSIVE = re.compile(r"['’ʼ][sS]\Z")
_RUNS = re.compile(rf"([{UNSPACED}\u3099\u309a]+)")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_SILENT = re.compile("[\u200c\u200d\u00ad\u2060]")
_ODD = re.compile(rf"[^\w{_MARKS}]+|_+")
LONGEST_WORD = 200
"""Characters of a word that are kept; longer runs are data URIs and the like. An index key holds 64 KiB at most."""


class Piece(NamedTuple):
    """A word as a query asks for it: `offset` positions after the first one."""

    offset: int
    text: str
    prefix: bool
    """Any word that starts so."""


words_of = _WORD.findall
"""The words of a text as they are written; `pieces_of` says what each stands for."""


def tokens(text: str) -> list[str]:
    """The words of a text; a word's place in the list is its position.

    >>> tokens("NATO's well-known U.S. envoy, 東京")
    ['nato', 'well', 'known', 'us', 'envoy', '東京', '京']
    """
    words: list[str] = []
    for word in _WORD.findall(text):
        words += pieces_of(word)
    return words


def located(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    """The words of a text, and where each stands in it (start, end).

    >>> located("Hà Nội")
    (['ha', 'noi'], [(0, 2), (3, 6)])
    """
    words: list[str] = []
    places: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        pieces = pieces_of(match[0])
        words += pieces
        if len(pieces) == 1:
            places.append(match.span())
        else:
            places += _inner_places(match[0], match.start(), pieces)
    return words, places


def _inner_places(word: str, start: int, pieces: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where the pieces of one word stand: exactly where folding kept the length, else the whole word for each."""
    places: list[tuple[int, int]] = []
    for part, at in _parts(word):
        count = len(_split(part))
        if count and _UNSPACED.search(part) and len(_folded(part)) == len(part):
            places += [(start + at + i, start + at + min(i + 2, len(part))) for i in range(count)]
        else:
            places += [(start + at, start + at + len(part))] * count
    return places if len(places) == len(pieces) else [(start, start + len(word))] * len(pieces)


def asked(text: str, *, prefix: bool = False) -> list[Piece]:
    """The words of a query's term or phrase, each with its distance from the first.

    The single character that closes a run of an unspaced script is there for one-character queries only; in a longer
    query the pair before it says the same.

    >>> [(piece.offset, piece.text) for piece in asked("東京 summit")]
    [(0, '東京'), (2, 'summit')]
    >>> asked("東"), asked("denuclear", prefix=True)[0].prefix
    ([Piece(offset=0, text='東', prefix=True)], True)
    """
    words = tokens(text)
    pieces: list[Piece] = []
    for position, word in enumerate(words):
        single = len(word) == 1 and _UNSPACED.match(word) is not None
        before = words[position - 1] if position else ""
        if single and len(before) > 1 and before[-1] == word and _UNSPACED.match(before):
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
    return piece.prefix and len(piece.text) == 1 and _UNSPACED.match(piece.text) is not None


def keyword(text: str) -> str:
    """A property's value as one index term: its words, folded, one space between.

    >>> keyword(" U.S. & Canada "), keyword("Chính trị"), keyword("国際")
    ('us canada', 'chinh tri', '国際')
    """
    parts = [_folded(part) for word in _WORD.findall(text) for part, _ in _parts(word)]
    return " ".join(part for part in parts if part)[:LONGEST_WORD]


def name_key(text: str) -> str:
    """A source's name, a host or a language code as one index term; dots and hyphens count.

    >>> name_key("WWW.BBC.co.uk"), name_key("Harbor Post")
    ('bbc.co.uk', 'harbor post')
    """
    return " ".join(fold(text).split()).removeprefix("www.")[:LONGEST_WORD]


# Most words of a text were met before: with the cache a 500-word article costs 60 µs instead of 400.
@lru_cache(maxsize=1 << 16)
def pieces_of(word: str) -> tuple[str, ...]:
    """What one of `words_of` is indexed as."""
    if word.isascii() and word.isalnum():
        return (word.lower()[:LONGEST_WORD],)
    return tuple(piece for part, _ in _parts(word) for piece in _split(part))


def _parts(word: str) -> list[tuple[str, int]]:
    """What one match consists of: acronyms joined, underscores parted, scripts parted; each with its place."""
    bare = _POSSESSIVE.sub("", word)
    if "." in bare:
        return [(bare.replace(".", ""), 0)]
    parts: list[tuple[str, int]] = []
    at = 0
    for run in _RUNS.split(bare):
        inner = at
        for odd, group in groupby(run, key=lambda char: char == "_"):
            chunk = "".join(group)
            if not odd:
                parts.append((chunk, inner))
            inner += len(chunk)
        at += len(run)
    return parts


def _folded(part: str) -> str:
    return _ODD.sub(" ", fold(_SILENT.sub("", part))).strip()


def _split(part: str) -> list[str]:
    folded = _folded(part)
    if not folded:
        return []
    if not _UNSPACED.match(folded):
        return [word[:LONGEST_WORD] for word in folded.split()]
    return [folded[i : i + 2] for i in range(len(folded))]
