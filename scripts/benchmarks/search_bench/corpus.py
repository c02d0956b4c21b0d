"""Articles without end, made out of real ones: as many as are asked for, the same for the same seed.

The real articles come first, in an order that the seed draws. A made article takes a run of sentences
from each of two or three of one source; its headline is half of one and half of another. Resampling brings
no new word, so some of its words are put in place of others, at the rate that keeps the vocabulary on the law that the
real articles follow (`growth`): new ones, most of them names, each as often as a name comes again in an article; and
three times as many that were new in an earlier one, drawn by how often they were used (H. A. Simon, On a class of skew
distribution functions, Biometrika 42, 1955), so that about half of them stay rare. One in thirty is a wire copy: an
article of late, cut or touched up, in another outlet a little later.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections import deque
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from search_bench import growth
from search_bench.articles import Article
from search_bench.invention import Inventor, Outlets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from search_bench.growth import Law

COPIES: Final = 1 / 30
LATELY: Final = 3_000
"""Articles back within which a wire copy has its original."""
AGAIN: Final = 3
"""Words that were new earlier, for each new one."""
DAY: Final = 86_400
FIRST_DAY, LAST_DAY = 6_205, 18_261
"""1986-12-28 and 2019-12-31, in days since 1970."""
UNDATED: Final = 0.02
"""Share of the articles without a date of their own that get none."""

FITTED: Final = 1.3
"""Words of the whole, for each real one, from which on the growth of the made part can be fitted."""

_SENTENCE: Final = re.compile(r"(?<=[.!?])[\"”')]*\s+(?=[\"“(]?[A-Z0-9])")
_LONGEST: Final = 60
"""Words of a sentence; what is longer (some sources lost their full stops) is taken apart."""
_NAME: Final = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?= )")
_LOWER: Final = re.compile(r"(?<= )[a-z]{5,}(?= )")


@dataclass(frozen=True, slots=True)
class Made:
    """What a corpus turned out to be."""

    articles: int
    made: int
    copies: int
    words: int
    vocabulary: int
    real_exponent: float
    made_exponent: float | None
    """None where too few are made for a curve."""


def real_articles(path: Path) -> list[dict[str, Any]]:
    """The records of a collection, jsonl, with `title`, `body`, `date`, `category` and `source`."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


class Maker:
    """Makes the articles of one corpus; `made` tells about it once all were taken."""

    def __init__(self, real: list[dict[str, Any]], *, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable texts, not secrets
        self._seed = seed
        self._real = list(real)
        self._random.shuffle(self._real)
        self._growth = growth.Growth()
        self._law: Law | None = None
        self._outlets = Outlets(self._random, (record["source"] for record in self._real))
        self._lately: deque[Article] = deque(maxlen=LATELY)
        self._urn: list[str] = []
        self._taken_apart: dict[str, list[str]] = {}
        self._count = self._copies = 0

    def articles(self, number: int) -> Iterator[Article]:
        """So many articles."""
        for record in self._real[:number]:
            yield self._out(self._as_it_is(record))
        if number <= len(self._real):
            return
        self._law = self._growth.law()
        self._inventor = Inventor(self._random, self._growth.known)
        self._by_source: dict[str, list[dict[str, Any]]] = {}
        for record in self._real:
            self._by_source.setdefault(record["source"], []).append(record)
        while self._count < number:
            yield self._out(self._copy() if self._random.random() < COPIES else self._mixed())

    @property
    def made(self) -> Made:
        """What was made so far."""
        real = min(self._count, len(self._real))
        law, grown = self._law or self._growth.law(), self._growth
        return Made(
            articles=self._count,
            made=self._count - real,
            copies=self._copies,
            words=grown.words,
            vocabulary=len(grown.known),
            real_exponent=law.exponent,
            made_exponent=grown.law(since=law.words).exponent if grown.words > FITTED * law.words else None,
        )

    def _out(self, article: Article) -> Article:
        self._count += 1
        self._lately.append(article)
        return article

    def _name(self) -> str:
        return hashlib.blake2b(f"{self._seed}/{self._count}".encode(), digest_size=8).hexdigest()

    def _article(self, source: str, **fields: Any) -> Article:  # noqa: ANN401 - fields of an article
        name = self._name()
        url = f"https://{source}.example/{fields['category'].lower().replace(' ', '-')}/{name}"
        author = self._outlets.author(source)
        return Article(id=name, url=url, source=source, author=author, **fields)

    def _as_it_is(self, record: dict[str, Any]) -> Article:
        self._growth.take(f"{record['title']} {record['body']}")
        return self._article(
            record["source"],
            headline=record["title"],
            body=record["body"],
            published=self._published(record["date"]),
            category=record["category"] or "none",
            made=False,
        )

    def _published(self, date: str | None) -> int | None:
        """A moment of the day, or one drawn over all years, later ones being more frequent."""
        moment = self._random.randrange(DAY)
        if date is not None:
            return _days(date) * DAY + moment
        if self._random.random() < UNDATED:
            return None
        day = FIRST_DAY + int((LAST_DAY - FIRST_DAY) * self._random.random() ** 0.6)
        return day * DAY + moment

    def _mixed(self) -> Article:
        draw = self._random
        pool = self._by_source[draw.choice(self._real)["source"]]
        parents = draw.sample(pool, min(len(pool), draw.choice((2, 2, 3))))
        body = " ".join(sentence for parent in parents for sentence in self._run(parent["body"], 1 / len(parents)))
        first, second = parents[0]["title"].split(), parents[-1]["title"].split()
        headline = " ".join(first[: (len(first) + 1) // 2] + second[len(second) // 2 :])
        headline, body = self._with_new_words(headline, body)
        return self._article(
            self._outlets.outlet(parents[0]["source"]),
            headline=headline,
            body=body,
            published=self._published(None),
            category=parents[0]["category"] or "none",
            made=True,
        )

    def _run(self, body: str, share: float) -> list[str]:
        """Sentences in a row, about this share of a text; so articles are as long as real ones are."""
        sentences = self._sentences(body)
        number = max(1, round(len(sentences) * share))
        at = self._random.randrange(len(sentences) - number + 1)
        return sentences[at : at + number]

    def _sentences(self, body: str) -> list[str]:
        """Kept for the real articles, of which each is taken apart many times."""
        if body not in self._taken_apart:
            self._taken_apart[body] = sentences_of(body)
        return self._taken_apart[body]

    def _with_new_words(self, headline: str, body: str) -> tuple[str, str]:
        if self._law is None:
            raise RuntimeError("new words are for made articles alone")
        words = len(growth.WORD.findall(body)) + len(growth.WORD.findall(headline))
        due = int(self._law.vocabulary_at(self._growth.words + words)) - len(self._growth.known)
        self._growth.count(words)
        put: dict[str, str] = {}
        for place in chain(_NAME.finditer(body), _LOWER.finditer(body)) if due > 0 else ():
            if len(put) == due * (AGAIN + 1):
                break
            if place[0] not in put:
                put[place[0]] = self._next_word(name=place[0][0].isupper(), new=len(put) % (AGAIN + 1) == 0)
        for old, new in put.items():
            headline, body = (text.replace(f" {old} ", f" {new} ") for text in (headline, body))
        return headline, body

    def _next_word(self, *, name: bool, new: bool) -> str:
        word = self._inventor.word(name=name) if new or not self._urn else self._random.choice(self._urn)
        self._urn.append(word)
        return word

    def _copy(self) -> Article:
        draw = self._random
        original = self._lately[draw.randrange(len(self._lately))]
        sentences = sentences_of(original.body)
        kept = sentences[: max(1, len(sentences) - draw.randrange(4))]
        body = " ".join(kept)
        lower = _LOWER.findall(body)
        for _ in range(draw.randrange(1, 4) if len(lower) > 1 else 0):
            body = re.sub(rf"\b{draw.choice(lower)}\b", draw.choice(lower), body, count=1)
        self._growth.count(len(growth.WORD.findall(body)))
        self._copies += 1
        later = draw.randrange(2 * DAY)
        return self._article(
            self._outlets.outlet(original.source.partition("-of-")[0], other_than=original.source),
            headline=original.headline,
            body=body,
            published=None if original.published is None else original.published + later,
            category=original.category,
            made=True,
            copy_of=original.id,
        )


def sentences_of(text: str) -> list[str]:
    """The sentences of a text; at least one, none longer than `_LONGEST` words."""
    found: list[str] = []
    for sentence in _SENTENCE.split(text):
        if sentence.count(" ") < _LONGEST:
            found.append(sentence)
        else:
            words = sentence.split(" ")
            found += [" ".join(words[at : at + _LONGEST // 2]) for at in range(0, len(words), _LONGEST // 2)]
    return found


def _days(date: str) -> int:
    from datetime import date as day  # noqa: PLC0415 - the name is that of the argument

    return day.fromisoformat(date).toordinal() - day(1970, 1, 1).toordinal()


def write(articles: Iterable[Article], path: Path) -> None:
    """Write articles; the file appears under its name once it is whole."""
    scratch = path.with_name(f".{path.name}")
    with gzip.open(scratch, "wt", encoding="utf-8", compresslevel=3) as file:
        for article in articles:
            file.write(json.dumps(article, ensure_ascii=False) + "\n")
    scratch.replace(path)


def cached(source: Path, number: int, *, seed: int, folder: Path) -> tuple[Path, Made]:
    """The file of a corpus, made if it is not there."""
    path = folder / f"corpus-{number}-{seed}-{_digest(source)}.jsonl.gz"
    about = path.with_suffix(".about.json")
    if not (path.exists() and about.exists()):
        maker = Maker(real_articles(source), seed=seed)
        write(maker.articles(number), path)
        about.write_text(json.dumps(asdict(maker.made)), encoding="utf-8")
    return path, Made(**json.loads(about.read_text(encoding="utf-8")))


def _digest(source: Path) -> str:
    """Of what the articles are made from, and of what makes them."""
    digest = hashlib.blake2b(digest_size=5)
    for path in (source, *(Path(__file__).with_name(f"{name}.py") for name in ("corpus", "growth", "invention"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()
