"""Words that nobody wrote, and the outlets and authors that made articles are attributed to."""

from __future__ import annotations

from collections import defaultdict
from itertools import accumulate
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

OUTLETS: Final = 8
"""Made outlets of each real source."""
AUTHORS: Final = 40
"""Authors of an outlet."""
NUMBERS: Final = 0.15
"""Share of the new words that are numbers, of those that stand where no name stood."""
SLIPS: Final = 0.3
"""Share of the same that are slips of the pen; the rest are invented."""
_SHORTEST, _LONGEST = 4, 11


class Inventor:
    """Words that are not known yet, spelled like those that are: each letter follows from the two before it."""

    def __init__(self, draw: random.Random, known: set[str]) -> None:
        self._random = draw
        self._known = known
        self._words = sorted(word for word in known if word.isascii() and word.isalpha() and len(word) >= _SHORTEST)
        self._next: dict[str, str] = {}
        follows: dict[str, list[str]] = defaultdict(list)
        for word in self._words[:: max(1, len(self._words) // 20_000)]:
            for at, letter in enumerate(f"{word}\n"):
                follows[f"^^{word}"[at : at + 2]].append(letter)
        self._next = {pair: "".join(letters) for pair, letters in follows.items()}

    def word(self, *, name: bool) -> str:
        """A word that was never given before, and is known from here on; with a capital where it is a name."""
        while True:
            chance = self._random.random()
            if not name and chance < NUMBERS:
                word = str(self._random.randrange(10 ** self._random.randrange(3, 9)))
            elif not name and chance < NUMBERS + SLIPS and self._words:
                word = self._slip(self._random.choice(self._words))
            else:
                word = self._spelled()
            if len(word) >= _SHORTEST and word not in self._known:
                self._known.add(word)
                return word.capitalize() if name else word

    def _spelled(self) -> str:
        word = "^^"
        while len(word) < _LONGEST + 2:
            letter = self._random.choice(self._next.get(word[-2:], "\naeiou"))
            if letter == "\n":
                break
            word += letter
        return word[2:] + ("" if len(word) >= _SHORTEST + 2 else self._random.choice(("berg", "ova", "ini", "son")))

    def _slip(self, word: str) -> str:
        at = self._random.randrange(1, len(word))
        return self._random.choice((word[:at] + word[at + 1 :], word[:at] + word[at - 1] + word[at:], f"non{word}"))


class Outlets:
    """Who publishes: the real sources, and made ones of each; the first of a kind publish most (Zipf)."""

    def __init__(self, draw: random.Random, sources: Iterable[str]) -> None:
        self._random = draw
        self._weights = list(accumulate(1 / rank for rank in range(1, OUTLETS + 1)))
        self._author_weights = list(accumulate(1 / rank for rank in range(1, AUTHORS + 1)))
        self._authors: dict[str, list[str]] = {}
        self._sources = sorted(set(sources))

    def outlet(self, source: str, *, other_than: str | None = None) -> str:
        """An outlet that writes like a source."""
        names = [f"{source}-of-{place}" for place in range(1, OUTLETS + 1)]
        while (name := self._random.choices(names, cum_weights=self._weights)[0]) == other_than:
            pass
        return name

    def author(self, outlet: str) -> str:
        """Who of an outlet wrote this one."""
        if outlet not in self._authors:
            self._authors[outlet] = [f"{_word(self._random)} {_word(self._random)}" for _ in range(AUTHORS)]
        return self._random.choices(self._authors[outlet], cum_weights=self._author_weights)[0]


def _word(draw: random.Random) -> str:
    syllables = [draw.choice("bdfgklmnprstvz") + draw.choice("aeiou") + draw.choice(("", "n", "r", "l")) for _ in "ab"]
    return "".join(syllables).capitalize()
