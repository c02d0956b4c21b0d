"""Text to words: in bulk for the index, with their places for snippets.

Both read a text by the same pattern; `analysed` goes around it where a word is nothing but letters and digits, which is
most of the words of most texts. Measured side by side for 500 words of English: 20 µs for a bare `split`, 60 for a bare
`findall`, 100 for `words_of`, 200 for `analysed`, 800 for `located`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.search.analysis.folding import LONGEST_WORD, key, keys, surface
from newsarchive.search.analysis.scripts import IS_UNSPACED, MARKS, ODD, RUNS, UNSPACED
from newsarchive.search.analysis.spellings import joined, name_extras

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DOUBLED: Final = "ßẞև\u1f80-\u1faf\u1fb2-\u1fb7\u1fbc\u1fc2-\u1fc7\u1fcc\u1ff2-\u1ff7\u1ffc"
"""Letters that are two when folded, and no initials: a text is read the same before and after it is folded."""
_LETTER: Final = rf"(?![{UNSPACED}{_DOUBLED}])[^\W\d_][\u0300-\u036f]*"
_HEBREW: Final = "\u05d0-\u05ea"
_QUOTED: Final = f"\u0400-\u04ff\u1c80-\u1c8a{_HEBREW}"
_INNER: Final = (
    # A sign that is a letter's part: Ukrainian об'єднання, Hebrew צה"ל and ג'ורג', Catalan col·laboració.
    rf"(?<=[{_QUOTED}])['’\u05f3](?=[{_QUOTED}])"
    rf'|(?<=[{_HEBREW}])["״](?=[{_HEBREW}](?![{_HEBREW}]))'
    r"|(?<=[lL])·(?=[lL])"
)
_WORD: Final = re.compile(
    # U.S. or p.m.: single letters, each with its full stop; the last stop may be missing (U.S).
    rf"{_LETTER}(?:\.{_LETTER})+(?![\w{MARKS}])\.?"
    # 1,000,000, 1.000.000 and, in India, 10,00,000 are one number each; 3.5, 27.02.2019 and 192.168.0.1 are several.
    r"|(?<![0-9.,])[0-9]{1,3}(?:(?:,[0-9]{2,3})*,[0-9]{3}(?!,?[0-9])|(?:\.[0-9]{3})+(?!\.?[0-9]))"
    # A word, with the English possessive that is dropped again.
    rf"|[\w{MARKS}]+(?:(?:{_INNER})[\w{MARKS}]+)*(?:['’][sSſ](?![\w{MARKS}]))?"
)
_POSSESSIVE: Final = re.compile(r"['’][sSſ]\Z")
_SIGNS: Final = re.compile("['’\u05f3\"״·]")
_HYPHENS: Final = frozenset("-\u2010\u2011")
_APOSTROPHES: Final = frozenset("'’\u2018")

_VOWELS: Final = "àáâãèéêìíòóôõùúýăĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ"


def _names(marked: str) -> re.Pattern[str]:
    """Capitalised words, one space between, of letters that Vietnamese has at their places: a name may stand in them.

    The letters are looked at so that of a page in English hardly any words remain, the shape by `name_extras`.
    """
    word = f"[A-EGHIK-VXY{marked.upper()}][aceghimnoprtuy{marked}]{{1,6}}"
    return re.compile(rf"{word} {word}(?!\w)(?: {word}(?!\w))*")


_NAMES: Final = _names(f"{_VOWELS}đ")
_ASCII_NAMES: Final = _names("")
_ACCENT: Final = re.compile("[\u0300-\u036f]")
_ACCENTED: Final = re.compile("[A-Za-z\u00c0-\u01b0\u1e00-\u1eff][\u0300-\u036f]+")
_APART: Final = re.compile(r"(?<![0-9.,])[0-9]{1,3}(?: [0-9]{3})+(?![0-9])")
"""A number with its thousands apart, as in French, Russian, Polish, Swedish."""
_IS_APART: Final = re.compile(" [0-9]{3}(?<=[0-9] ...)(?![0-9])")

_NOTE: Final = "\x01"
"""Parts a word from the extra words at its place, while a text is on its way through `analysed`."""
_KEPT: Final = "'.,-" + _NOTE
_FLAT: Final = bytes(
    ord(chr(code).lower()) if code < 128 and (chr(code).isalnum() or chr(code) in _KEPT) else 32  # noqa: PLR2004 - ASCII
    for code in range(256)
)
"""Lower case, and a space for all that parts words; what may stand inside a word is kept. Bytes are translated at ten
times the speed of characters."""
_LOOSE: Final = (". ", ", ", "' ", " '", "- ", " -")
"""Where a sign that may stand inside a word ends one: parting it here makes a word of letters alone of what it touches.

For speed only; whatever keeps a sign is read by the pattern.
"""
_PARTING: Final = '\t\n\r!"#$%&()*+/:;<=>?@[\\]^_`{|}~'
_TYPOGRAPHIC: Final = "\u00a0\u2013\u2014\u2026\u201c\u201d\u201e\u00ab\u00bb\u2022"
"""Signs beside letters of ASCII alone in most English texts; with a space for each, these go the quickest way."""
_CAREFUL: Final = re.compile(rf"[{UNSPACED}{_HEBREW}\u0345\u0640ŉ\u02bb\u02bd-\u02bf]")
"""Scripts of which a word may be more or less than the letters between two spaces."""
_LONGEST_KEPT: Final = 48
"""Characters of a stretch between spaces that is remembered with its words; longer ones hardly ever come again."""


class Analysed(NamedTuple):
    """A text as the index takes it."""

    words: list[str]
    """Surfaces; the place in the list is the position."""
    extras: list[tuple[int, str]]
    """More words at some of the positions, ascending: the surfaces that other spellings of the text have."""


_Words = tuple[tuple[str, ...], tuple[tuple[int, str], ...]]


def surfaces(text: str) -> list[str]:
    """The words of a text as the dictionary holds them; a word's place in the list is its position.

    >>> surfaces("NATO's well-known U.S. envoy in Hà Nội, 1,000 東京")
    ['nato', 'well', 'known', 'us', 'envoy', 'in', 'hà', 'nội', '1000', '東京', '京']
    """
    return analysed(text).words


def analysed(text: str) -> Analysed:
    """The words of a text, and the extra words that stand at their positions.

    >>> analysed("An e-mail (Hà Nội): 1 000")
    Analysed(words=['an', 'e', 'mail', 'hà', 'nội', '1', '000'], extras=[(1, 'email'), (3, 'hanoi'), (5, '1000')])
    """
    chunks, is_folded = _chunks(text)
    if is_folded and max(map(len, chunks), default=0) <= LONGEST_WORD:
        odd: Sequence[int] = [place for place, plain in enumerate(map(str.isalnum, chunks)) if not plain]
    else:
        odd = range(len(chunks))
    if not odd:
        return Analysed(chunks, [])
    words: list[str] = []
    extras: list[tuple[int, str]] = []
    done = 0
    for place in odd:
        words += chunks[done:place]
        inner, more = _read(chunks[place])
        if more:
            extras += [(len(words) + at, word) for at, word in more]
        words += inner
        done = place + 1
    words += chunks[done:]
    return Analysed(words, extras)


def extras(text: str) -> list[tuple[int, str]]:
    """The extra words of a text with their positions.

    >>> extras("An e-mail from Ha Noi")
    [(1, 'email'), (4, 'hanoi')]
    """
    return analysed(text).extras


def tokens(text: str) -> list[str]:
    """The words of a text without their diacritics; a word's place in the list is its position.

    >>> tokens("NATO's well-known U.S. envoy, Hà Nội 東京")
    ['nato', 'well', 'known', 'us', 'envoy', 'ha', 'noi', '東京', '京']
    """
    return keys(surfaces(text))


def located(text: str) -> tuple[list[str], list[tuple[int, int]]]:
    """The words of a text as `surfaces` gives them, and where each stands in it (start, end).

    >>> located("Hà Nội")
    (['hà', 'nội'], [(0, 2), (3, 6)])
    """
    words: list[str] = []
    places: list[tuple[int, int]] = []
    for match in _WORD.finditer(_evened(text)):
        pieces = _pieces(match[0])
        words += pieces
        if len(pieces) == 1:
            places.append(match.span())
        else:
            places += _inner_places(match[0], match.start(), pieces)
    return words, places


def apart(text: str) -> Iterator[tuple[int, int, str]]:
    """The extra words of a text that have spaces in them, and where each stands (start, end).

    >>> list(apart("From Hà Nội, 1 000 met"))
    [(5, 11, 'hanoi'), (13, 18, '1000')]
    """
    text = _evened(text)
    for start, words, names in _named(text):
        for name in names:
            length = len(words[0])
            for other in words[1:]:
                if length - text[start : start + length].count(" ") >= len(name):
                    break
                length += 1 + len(other)
            yield start, start + length, name
    if _IS_APART.search(text):
        yield from ((match.start(), match.end(), match[0].replace(" ", "")) for match in _APART.finditer(text))


def _named(text: str) -> Iterator[tuple[int, list[str], tuple[str, ...]]]:
    """Where names of several words begin: the place, the words from there to the end of their run, and the names."""
    for run in (_ASCII_NAMES if text.isascii() else _NAMES).finditer(text):
        found = name_extras(run[0])
        if not found:
            continue
        start, words = run.start(), run[0].split(" ")
        inside = start and (text[start - 1].isalnum() or text[start - 1] in _APOSTROPHES)
        for number, names in enumerate(((), *found[1:]) if inside else found):
            if names:
                yield start, words[number:], names
            start += len(words[number]) + 1


def _evened(text: str) -> str:
    """The text, as long as before, without what the pattern would take for a letter and is none."""
    return text.replace("_", " ").replace("\u02bc", "’")


def _composed(text: str) -> str:
    """The text with accents that are written apart joined to Latin letters, so that names are seen in it."""
    if text.isascii() or not _ACCENT.search(text):
        return text
    return _ACCENTED.sub(lambda match: unicodedata.normalize("NFC", match[0]), text)


def _noted(text: str) -> str:
    """The text with names and numbers that are written apart noted behind their first word, see `_NOTE`."""
    if _NOTE in text:
        text = text.replace(_NOTE, " ")
    out: list[str] = []
    done = 0
    for start, words, names in _named(text):
        end = start + len(words[0])
        out += (text[done:end], _NOTE, _NOTE.join(names))
        done = end
    if out:
        text = "".join((*out, text[done:]))
    return _APART.sub(_number_noted, text) if _IS_APART.search(text) else text


def _number_noted(match: re.Match[str]) -> str:
    first, rest = match[0].split(" ", 1)
    return f"{first}{_NOTE}{first}{rest.replace(' ', '')} {rest}"


def words_of(text: str) -> list[str]:
    r"""A text's words as they are written, about: what stands between spaces, mostly folded already.

    For those who number words in bulk: each is one word of the dictionary or several or none, with extra words or
    without, and always the same. `pieces_of` and `extras_of` say which.

    >>> words_of("An e-mail (Hà Nội)")
    ['an', 'e-mail', 'hà\x01hanoi', 'nội']
    """
    return _chunks(text)[0]


def _chunks(text: str) -> tuple[list[str], bool]:
    """The same, and whether those of letters and digits alone are surfaces already."""
    text = _noted(_composed(_evened(text)))
    if not text.isascii():
        for sign in _TYPOGRAPHIC:
            text = text.replace(sign, " ")
        text = text.replace(" ‘", "  ").replace("’", "'")
    if text.isascii():
        flat = text.encode("ascii").translate(_FLAT).decode("ascii")
    else:
        flat = text.casefold()
        if _CAREFUL.search(text) or not all(map(_is_even, (text, flat))):
            return _carefully(text), False
        for sign in _PARTING:
            flat = flat.replace(sign, " ")
    for sign in _LOOSE:
        flat = flat.replace(sign, "  ")
    return flat.split(), True


def _is_even(text: str) -> bool:
    return unicodedata.is_normalized("NFKC", text)


def _carefully(text: str) -> list[str]:
    chunks: list[str] = []
    for chunk in text.split():
        chunks += (chunk,) if len(chunk) <= _LONGEST_KEPT or _NOTE in chunk else _WORD.findall(chunk)
    return chunks


def pieces_of(word: str) -> tuple[str, ...]:
    r"""The surfaces that one of `words_of` consists of, in the order of their positions.

    >>> pieces_of("e-mail"), pieces_of("hà\x01hanoi"), pieces_of("--")
    (('e', 'mail'), ('hà',), ())
    """
    return _read(word)[0]


def extras_of(word: str) -> tuple[tuple[int, str], ...]:
    r"""The extra words of one of `words_of`, each with the number of the piece at whose position it stands.

    >>> extras_of("e-mail"), extras_of("hà\x01hanoi")
    (((0, 'email'),), ((0, 'hanoi'),))
    """
    return _read(word)[1]


def _read(chunk: str) -> _Words:
    return _remembered(chunk) if len(chunk) <= _LONGEST_KEPT else _taken_apart(chunk)


_USUAL: Final = re.compile(
    r"(?P<word>[a-z]{2,})(?:\.|'s)"
    r"|(?P<sentences>[a-z]{2,}(?:\.[a-z]{2,})+)"
    r"|(?P<chain>[a-z]{2,}(?:-[a-z]{2,})+)"
    r"|(?P<decimal>[0-9]+\.[0-9]{1,2})"
    r"|(?P<number>[0-9]{1,3}(?:,[0-9]{3})+)"
)
"""Three of four stretches of English that are no plain word are one of these, and taken apart in 0.4 to 1.6 µs; the
pattern of words, which would say the same, takes 4 to 7."""


def _taken_apart(chunk: str) -> _Words:
    """The words and the extra words of what stands between two spaces, with what is noted behind it."""
    if len(chunk) > LONGEST_WORD or not (match := _USUAL.fullmatch(chunk)):
        return _matched(chunk)
    match match.lastgroup:
        case "word":
            return (match["word"],), ()
        case "chain":
            pieces = chunk.split("-")
            extras: list[tuple[int, str]] = []
            _add_chain(extras, len(pieces), pieces)
            return tuple(pieces), tuple(extras)
        case "number":
            return (chunk.replace(",", ""),), ()
        case _:
            return tuple(chunk.split(".")), ()


def _matched(chunk: str) -> _Words:
    """The same for any chunk."""
    text, *noted = chunk.split(_NOTE)
    words: list[str] = []
    extras: list[tuple[int, str]] = []
    chain: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        pieces = _pieces(match[0])
        between = text[end : match.start()]
        end = match.end()
        if chain and chain[-1] and between in _APOSTROPHES and len(pieces) == 1:
            _add(extras, len(words) - 1, joined((chain[-1], *pieces), apostrophe=True))
        if not chain or between not in _HYPHENS:
            _add_chain(extras, len(words), chain)
            chain = []
        words += pieces
        chain += pieces if len(pieces) == 1 and "." not in match[0] else ("", "")
    _add_chain(extras, len(words), chain)
    extras += [(len(words) - 1, word) for word in noted]
    return tuple(words), tuple(sorted(extras))


def _add_chain(extras: list[tuple[int, str]], end: int, chain: list[str]) -> None:
    """Add what words with hyphens between them are as one; the last of them stands before `end`."""
    if len(chain) > 1 and all(chain):
        _add(extras, end - len(chain), joined(tuple(chain), apostrophe=False))


def _add(extras: list[tuple[int, str]], place: int, word: str | None) -> None:
    if word:
        extras.append((place, word))


# Four times as many would spare a hundredth of a load, and take 25 MB more of each process that stays.
_remembered = lru_cache(maxsize=1 << 13)(_taken_apart)


def _pieces(word: str) -> tuple[str, ...]:
    # A sentence of Chinese is one word here, of a piece a character: 8,000 of 600 characters would be kept as 450 MB.
    return _kept_pieces(word) if len(word) <= _LONGEST_KEPT else _made_pieces(word)


def _made_pieces(word: str) -> tuple[str, ...]:
    return tuple(piece for part, _ in parts(word) for piece in _split(part))


_kept_pieces = lru_cache(maxsize=1 << 13)(_made_pieces)


def parts(word: str) -> list[tuple[str, int]]:
    """What one match of the pattern consists of: signs inside it dropped, scripts parted; each with its place."""
    bare = _POSSESSIVE.sub("", word)
    if "." in bare or "," in bare:
        return [(bare.replace(".", "").replace(",", ""), 0)]
    bare = _SIGNS.sub("", bare)
    found: list[tuple[str, int]] = []
    at = 0
    for run in RUNS.split(bare):
        if run:
            found.append((run, at))
        at += len(run)
    return found


def whole_parts(text: str) -> list[str]:
    """The words of a text with runs of unspaced scripts left whole.

    >>> whole_parts("NATO加盟 U.S.")
    ['nato', '加盟', 'us']
    """
    found = _WORD.findall(_evened(text))
    return [word for whole in found for part, _ in parts(whole) for word in folded(part).split()]


def folded(part: str) -> str:
    """One part as surfaces with spaces between them."""
    return ODD.sub(" ", surface(part)).strip()


def _split(part: str) -> list[str]:
    found: list[str] = []
    for run in RUNS.split(folded(part)):  # once more: ㊀ is a character of no script that folds to one of Han
        if IS_UNSPACED.match(run):
            found += [run[i : i + 2] for i in range(len(run))]
        else:
            found += [word[:LONGEST_WORD] for word in run.split() if key(word)]
    return found


def _inner_places(word: str, start: int, pieces: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where the pieces of one word stand: exactly where folding kept the length, else the whole word for each."""
    places: list[tuple[int, int]] = []
    for part, at in parts(word):
        if not word.startswith(part, at):  # a sign inside was dropped
            return [(start, start + len(word))] * len(pieces)
        count = len(_split(part))
        if count and IS_UNSPACED.search(part) and len(folded(part)) == len(part):
            places += [(start + at + i, start + at + min(i + 2, len(part))) for i in range(count)]
        else:
            places += [(start + at, start + at + len(part))] * count
    return places if len(places) == len(pieces) else [(start, start + len(word))] * len(pieces)
