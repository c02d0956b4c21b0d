"""What is asked: questions in a form that belongs to no engine, drawn by chance from the articles themselves.

Words are drawn by how many articles have them, evenly over the logarithms, so that no question is chosen by what an
engine does well: *common* words stand in 5 to 30 % of the articles, *middle* ones in 0.2 to 5 %, *rare* ones in three
articles to 0.01 %. What must stand together (AND, phrases, NEAR) is drawn from the text of one article.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
from bisect import bisect_left
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from search_bench.articles import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from search_bench.articles import Article

KINDS: Final = (
    "term common",
    "term middle",
    "term rare",
    "and",
    "or",
    "phrase",
    "phrase with stop words",
    "near",
    "phrase and dates",
    "prefix",
    "wildcard",
    "fuzzy",
    "newest first",
    "facets",
    "snippets",
    "page",
)
"""The classes; *page* is what a screen shows: the best ten with snippets, and facets."""
FACETS: Final = ("source", "category", "month")
BANDS: Final = {"common": (0.05, 0.30), "middle": (0.002, 0.05), "rare": (0.0, 0.0001)}
"""Shares of the articles that have a word, from and to."""
RAREST: Final = 3
NEAR: Final = 5
TEXTS: Final = 4_000
"""Articles that texts are drawn from."""
_STOP: Final = (
    "a an and are as at be been but by for from had has have he her his in into is it its more not of on or out said"
    " she so some than that the their them there they this to up was were what when which who will with would"
)
STOP_WORDS: Final = frozenset(_STOP.split())
_TOKEN: Final = re.compile(r"[^\W\d_]+")
_PLAIN: Final = re.compile(r"(?<![\w.'’-])[A-Za-z]{2,}(?: [A-Za-z]{2,})+(?![\w'’-])")
_SHORTEST: Final = 4


@dataclass(frozen=True, slots=True)
class Question:
    """One question."""

    kind: str
    words: tuple[str, ...]
    """Lower case, as in the text. A prefix is without its `*`; a pattern has `*` and `?`."""
    since: str | None = None
    until: str | None = None
    """Days, both included."""

    @property
    def shape(self) -> str:
        """How the words belong together: `and`, `or`, `phrase`, `near`, `prefix`, `wildcard` or `fuzzy`."""
        if self.kind.startswith("phrase"):
            return "phrase"
        return self.kind if self.kind in {"or", "near", "prefix", "wildcard", "fuzzy"} else "and"

    @property
    def newest_first(self) -> bool:
        """Whether the newest ten are wanted, not the best."""
        return self.kind == "newest first"

    @property
    def facets(self) -> tuple[str, ...]:
        """What is to be counted."""
        return FACETS if self.kind in {"facets", "page"} else ()

    @property
    def snippets(self) -> bool:
        """Whether each of the ten is to be shown with a snippet."""
        return self.kind in {"snippets", "page"}

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """The first moment, and the first one after."""
        if self.since is None or self.until is None:
            return None
        first, last = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (self.since, self.until))
        return first, last + timedelta(days=1)


class Counted:
    """The words of a corpus by how many articles have them, and some of its articles."""

    def __init__(self, articles: Iterable[Article], *, draw: random.Random) -> None:
        counts: Counter[str] = Counter()
        self.size = 0
        self.texts: list[Article] = []
        for self.size, article in enumerate(articles, start=1):
            counts.update(set(_TOKEN.findall(f"{article.headline} {article.body}".casefold())))
            # A reservoir: each article stays with the same chance (Vitter's algorithm R, 1985).
            if len(self.texts) < TEXTS:
                self.texts.append(article)
            elif (place := draw.randrange(self.size)) < TEXTS:
                self.texts[place] = article
        self.counts = counts
        usable = (word for word in counts if word.isascii() and len(word) >= _SHORTEST and word not in STOP_WORDS)
        self._ordered = sorted((counts[word], word) for word in usable)

    def band(self, name: str) -> tuple[int, int]:
        """How many articles a word of a band has, least and most."""
        low, high = BANDS[name]
        least = max(RAREST, math.ceil(low * self.size))
        return least, max(least + 2, int(high * self.size))

    def word(self, band: str, draw: random.Random) -> str:
        """A word of a band, evenly over the logarithms of the numbers of articles.

        Raises:
            ValueError: there is none.
        """
        least, most = self.band(band)
        wanted = round(math.exp(draw.uniform(math.log(least), math.log(most))))
        last = bisect_left(self._ordered, (most + 1, "")) - 1
        first = min(bisect_left(self._ordered, (wanted, "")), last)
        count = self._ordered[max(first, 0)][0]
        if not least <= count <= most:
            raise ValueError(f"no {band} words among {self.size} articles")
        alike = [bisect_left(self._ordered, (number, "")) for number in (count, count + 1)]
        return self._ordered[draw.randrange(*alike)][1]

    def is_of(self, word: str, *bands: str) -> bool:
        """Whether a word is of one of the bands, and no stop word."""
        count = self.counts[word]
        return (
            len(word) >= _SHORTEST
            and word not in STOP_WORDS
            and any(least <= count <= most for least, most in map(self.band, bands))
        )


class Drawer:
    """Draws questions."""

    def __init__(self, counted: Counted, draw: random.Random) -> None:
        self._counted = counted
        self._random = draw

    def question(self, kind: str) -> Question:
        """A question of a class."""
        makers: dict[str, Callable[[], Question]] = {
            "or": lambda: Question("or", tuple(self._word("middle", "common") for _ in range(self._two_or_three()))),
            "phrase": lambda: Question("phrase", self._phrase(stop=False)[0]),
            "phrase with stop words": lambda: Question("phrase with stop words", self._phrase(stop=True)[0]),
            "near": lambda: Question("near", self._near()),
            "phrase and dates": self._phrase_and_dates,
            "prefix": lambda: Question("prefix", (self._word("middle", most=12)[: self._random.choice((4, 5, 6))],)),
            "wildcard": lambda: Question("wildcard", (self._pattern(),)),
            "fuzzy": lambda: Question("fuzzy", (self._slip(),)),
        }
        if kind.startswith("term "):
            return Question(kind, (self._word(kind.removeprefix("term ")),))
        if kind in makers:
            return makers[kind]()
        if kind == "and" or self._random.random() < 1 / 2:
            return Question(kind, self._together())
        return Question(kind, (self._word("middle", "common"),))

    def _two_or_three(self) -> int:
        return self._random.choice((2, 3))

    def _word(self, *bands: str, least: int = 0, most: int = 99) -> str:
        while True:
            word = self._counted.word(self._random.choice(bands), self._random)
            if least <= len(word) <= most:
                return word

    def _together(self) -> tuple[str, ...]:
        """Two or three words of one article."""
        while True:
            words = self._words_of(self._random.choice(self._counted.texts))
            wanted = self._two_or_three()
            found = sorted({word for word in words if self._counted.is_of(word, "middle", "common")})
            if len(found) >= wanted:
                return tuple(self._random.sample(found, wanted))

    @staticmethod
    def _words_of(article: Article) -> list[str]:
        return _TOKEN.findall(article.body.casefold())

    def _phrase(self, *, stop: bool) -> tuple[tuple[str, ...], Article]:
        """Words that follow one another in a text: two or three, or up to four of which an inner one is a stop word."""
        while True:
            article = self._random.choice(self._counted.texts)
            runs = _PLAIN.findall(article.body)
            if not runs:
                continue
            words = self._random.choice(runs).lower().split(" ")
            wanted = self._two_or_three() + stop
            if len(words) < wanted:
                continue
            start = self._random.randrange(len(words) - wanted + 1)
            phrase = tuple(words[start : start + wanted])
            inner = phrase[1:-1] if stop else ()
            others = (phrase[0], phrase[-1]) if stop else phrase
            if any(word in STOP_WORDS for word in inner) == stop and all(map(self._is_content, others)):
                return phrase, article

    def _is_content(self, word: str) -> bool:
        return self._counted.is_of(word, "middle", "common")

    def _phrase_and_dates(self) -> Question:
        """A phrase, and up to two years around the article that it was drawn from."""
        while True:
            phrase, article = self._phrase(stop=False)
            if (moment := article.moment) is not None:
                before, after = (timedelta(days=self._random.randrange(1, 365)) for _ in "ab")
                return Question(
                    "phrase and dates",
                    phrase,
                    since=(moment - before).date().isoformat(),
                    until=(moment + after).date().isoformat(),
                )

    def _near(self) -> tuple[str, ...]:
        """Two words that stand at most `NEAR` apart in a text, and are not neighbours."""
        while True:
            words = self._words_of(self._random.choice(self._counted.texts))
            if len(words) <= NEAR:
                continue
            at, apart = self._random.randrange(len(words) - NEAR), self._random.randrange(2, NEAR + 1)
            pair = (words[at], words[at + apart])
            if pair[0] != pair[1] and all(map(self._is_content, pair)):
                return pair

    def _pattern(self) -> str:
        """A word with a letter or a stretch left open, most often inside; one in eight begins with a `*`."""
        word = self._word("middle", least=6)
        chance = self._random.random()
        if chance < 1 / 8:
            return f"*{word[2:]}"
        at = self._random.randrange(3, len(word) - 1)
        if chance < 5 / 8:
            return f"{word[:at]}?{word[at + 1 :]}"
        return f"{word[:at]}*{word[at + 2 :]}"

    def _slip(self) -> str:
        """A word with one letter wrong, that so stands in no article."""
        while True:
            word = self._word("middle", least=6)
            at, letter = self._random.randrange(1, len(word) - 1), self._random.choice("aeinorst")
            slips = (
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            )
            slip = self._random.choice(slips)
            if slip not in self._counted.counts:
                return slip


def draw(articles: Iterable[Article], *, each: int, seed: int) -> list[Question]:
    """So many different questions of each class, in the order of the classes."""
    source = random.Random(seed)  # noqa: S311 - repeatable questions, not secrets
    drawer = Drawer(Counted(articles, draw=source), source)
    questions: list[Question] = []
    for kind in KINDS:
        found: dict[Question, None] = {}
        while len(found) < each:
            found[drawer.question(kind)] = None
        questions += islice(found, each)
    return questions


def cached(corpus: Path, *, each: int, seed: int) -> Path:
    """The file of questions about a corpus, drawn if that was not done yet."""
    code = hashlib.blake2b(Path(__file__).read_bytes(), digest_size=4).hexdigest()
    path = corpus.with_name(f"questions-{corpus.name.removesuffix('.jsonl.gz')}-{each}-{seed}-{code}.json")
    if not path.exists():
        store(draw(read(corpus), each=each, seed=seed), path)
    return path


def store(questions: Sequence[Question], path: Path) -> None:
    """Write questions."""
    path.write_text(json.dumps([asdict(question) for question in questions]), encoding="utf-8")


def load(path: Path) -> list[Question]:
    """Read questions."""
    return [
        Question(**{**record, "words": tuple(record["words"])})
        for record in json.loads(path.read_text(encoding="utf-8"))
    ]
