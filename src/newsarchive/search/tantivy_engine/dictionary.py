"""What a word of a query stands for: surfaces, looked up in the library's own dictionaries."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from newsarchive.errors import UsageError
from newsarchive.search.analysis import key, stem
from newsarchive.search.native import spelling
from newsarchive.search.native.forms import MOST_FORMS, How, Piece
from newsarchive.search.native.segment import Terms
from newsarchive.search.tantivy_engine.fields import EXTRA, KEY

if TYPE_CHECKING:
    from collections.abc import Iterable

Name = str
"""`text`, which is headline and body, or `author`: what has words of its own."""
_WORDS_OF: Final = {"text": ("headline", "body"), "author": ("author",)}
_FORMS_OF: Final = {"text": "forms", "author": "author_forms"}


class Forms(NamedTuple):
    """The surfaces that a piece stands for."""

    anywhere: frozenset[str]
    """In any article."""
    by_language: dict[str, frozenset[str]]
    """More of them, in articles of a language only."""

    def read_by(self, speech: str) -> frozenset[str]:
        """The surfaces that count in an article that this language's stemmer read."""
        more = self.by_language.get(speech)
        return self.anywhere | more if more else self.anywhere

    @property
    def every(self) -> frozenset[str]:
        """All of them."""
        return self.anywhere.union(*self.by_language.values())


class _Keys(NamedTuple):
    """Every key of a dictionary, and the surfaces that have it and are not the same."""

    terms: Terms
    others: dict[str, list[str]]
    own: set[str]
    """Surfaces that are their own keys."""


class Dictionary:
    """The words of an index as one searcher sees them."""

    def __init__(self, searcher: Any) -> None:  # noqa: ANN401 - a tantivy.Searcher
        self._searcher = searcher
        self._forms: dict[tuple[Name, Piece], Forms] = {}
        self._keys: dict[Name, _Keys] = {}
        self._stands: dict[tuple[str, str], bool] = {}

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages whose stemmers read articles of this index."""
        return tuple(term for term, _ in self._searcher.terms_with_prefix("speech", ""))

    @cached_property
    def article_languages(self) -> tuple[str, ...]:
        """The languages of the articles of this index, as they are compared."""
        return tuple(term for term, _ in self._searcher.terms_with_prefix("language", ""))

    def stands(self, field: str, term: str) -> bool:
        """Whether a field of the library has a term."""
        known = self._stands.get((field, term))
        if known is None:
            known = self._stands[field, term] = self._searcher.doc_freq(field, term) > 0
        return known

    def frequency(self, field: str, term: str) -> int:
        """How many documents have a term, deleted ones that still stand in the files included."""
        return int(self._searcher.doc_freq(field, term))

    def forms(self, name: Name, piece: Piece) -> Forms:
        """What a piece stands for.

        Raises:
            UsageError: more than `MOST_FORMS` words.
        """
        found = self._forms.get((name, piece.same))
        if found is None:
            found = self._forms[name, piece.same] = self._find(name, piece)
        return found

    def _find(self, name: Name, piece: Piece) -> Forms:
        if piece.how is How.SURFACE:
            return Forms(frozenset(self._standing(name, [piece.text])), {})
        if piece.how is How.KEY:
            return Forms(self._of_key(name, key(piece.text)), {})
        if piece.how is How.WORD:
            return self._word(name, piece.text)
        find = {How.PREFIX: self._prefix, How.WILDCARD: self._wildcard, How.FUZZY: self._fuzzy}[piece.how]
        found = find(name, piece)
        if len(found) > MOST_FORMS:
            message = f"{piece.text!r} stands for {len(found):,} words of the index, more than {MOST_FORMS:,}"
            raise UsageError(message, tip="write more of its letters")
        return Forms(frozenset(found), {})

    def _word(self, name: Name, surface: str) -> Forms:
        anywhere = self._of_key(name, key(surface))
        by_language: dict[str, frozenset[str]] = {}
        for language in self.languages if name == "text" else ():
            root = stem(surface, language)
            found = set(self._listed(_FORMS_OF[name], f"{language}:{root}|"))
            if stem(root, language) == root:  # a surface that is its own stem has no entry
                found.update(self._standing(name, [root]))
            if more := frozenset(found - anywhere):
                by_language[language] = more
        return Forms(anywhere, by_language)

    def _of_key(self, name: Name, bare: str) -> frozenset[str]:
        return frozenset([*self._listed(_FORMS_OF[name], f"{KEY}{bare}|"), *self._standing(name, [bare])])

    def _standing(self, name: Name, surfaces: Iterable[str]) -> list[str]:
        return [
            word
            for word in surfaces
            if any(self.stands(field, mark + word) for field in _WORDS_OF[name] for mark in ("", EXTRA))
        ]

    def _listed(self, field: str, start: str) -> list[str]:
        return [term.rpartition("|")[2] for term, _ in self._searcher.terms_with_prefix(field, start)]

    def _prefix(self, name: Name, piece: Piece) -> set[str]:
        bare = key(piece.text)
        found = {word for word in self._words(name, bare) if _is_key(word)}
        found.update(self._listed(_FORMS_OF[name], f"{KEY}{bare}"))
        return found

    def _wildcard(self, name: Name, piece: Piece) -> set[str]:
        literal = re.split(r"[*?]", piece.text, maxsplit=1)[0]
        translated = {"*": ".*", "?": "."}
        pattern = "".join(translated.get(char) or re.escape(char) for char in piece.text)
        fits = re.compile(pattern, re.DOTALL).fullmatch
        if literal:
            found = {
                word for word in self._words(name, literal) if fits(word) and (word.isascii() or key(word) == word)
            }
            entries = self._searcher.terms_with_prefix(_FORMS_OF[name], KEY + literal)
            pairs = (term[len(KEY) :].split("|") for term, _ in entries)
            found.update(word for bare, word in pairs if fits(bare))
            return found
        keys = self._all(name)
        found = set(filter(fits, keys.own))
        found.update(word for bare, words in keys.others.items() if fits(bare) for word in words)
        return found

    def _fuzzy(self, name: Name, piece: Piece) -> set[str]:
        keys = self._all(name)
        near = spelling.near(keys.terms, key(piece.text), piece.distance)
        found: set[str] = set()
        for number in near.tolist():
            bare = keys.terms[number].decode()
            found.update(keys.others.get(bare, ()))
            if bare in keys.own:
                found.add(bare)
        return found

    def near_keys(self, bare: str, distance: int) -> set[str]:
        """The surfaces of headline and body whose keys are at most so many letters away from one."""
        return self._fuzzy("text", Piece(How.FUZZY, bare, 0, distance))

    def _words(self, name: Name, start: str) -> set[str]:
        """The surfaces that begin so."""
        found: set[str] = set()
        for field in _WORDS_OF[name]:
            found.update(term for term, _ in self._searcher.terms_with_prefix(field, start) if term[0] != EXTRA)
            extras = self._searcher.terms_with_prefix(field, EXTRA + start)
            found.update(term[len(EXTRA) :] for term, _ in extras)
        return found

    def _all(self, name: Name) -> _Keys:
        """Every key; read once, as patterns that begin with a wildcard and fuzzy words need them all."""
        known = self._keys.get(name)
        if known is not None:
            return known
        others: dict[str, list[str]] = {}
        own = self._words(name, "")
        for term, _ in self._searcher.terms_with_prefix(_FORMS_OF[name], KEY):
            bare, word = term[len(KEY) :].split("|")
            others.setdefault(bare, []).append(word)
            own.discard(word)
        encoded = sorted(bare.encode() for bare in own.union(others))
        text = np.frombuffer(b"".join([word + b"\n" for word in encoded]), np.uint8)
        at = np.zeros(len(encoded) + 1, np.uint32)
        np.cumsum([len(word) + 1 for word in encoded], out=at[1:])
        found = self._keys[name] = _Keys(Terms(text, at), others, own)
        return found


def _is_key(word: str) -> bool:
    return word.isascii() or key(word) == word
