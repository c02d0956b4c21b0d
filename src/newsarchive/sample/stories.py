"""Writes the texts of the sample newsroom from the templates in `texts/`; the same seed gives the same text.

The templates' small syntax is told at the head of `texts/en.toml`. `random` is the standard library's Mersenne Twister
(https://docs.python.org/3/library/random.html): seeded with a string it draws the same on every machine.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from random import Random
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from newsarchive.text import count_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

_FILES: Final = {"en": ("en.toml", "summit.toml"), "vi": ("vi.toml",), "es": ("es.toml",), "ja": ("ja.toml",)}
_WEEKDAYS: Final = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "ja": ("月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日", "日曜日"),
}
_THOUSANDS: Final = {"en": ",", "vi": ".", "es": ".", "ja": ","}
_LENGTHS: Final = (175, 640)
"""Words that a text aims at; a paragraph more or less puts it between 150 and 700."""
_CIVIC: Final = frozenset({"politics", "world", "business", "science"})
"""Subjects in which officials, costs and petitions occur: the pool `civic` is for them."""
_YEARS: Final = range(1500, 2031)
"""A number between two of these is a year and takes no separator."""

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(?P<name>[a-z]+\d*)(?P<last>\.last)?(?::(?P<low>\d+)-(?P<high>\d+))?\}")
_SENTENCE_START = re.compile(r"(?:^|[.?!]”?\s+)[“‘]?[a-zà-ỹ]")


class Template(NamedTuple):
    """One kind of story."""

    subject: str
    headlines: tuple[str, ...]
    lead: tuple[str, ...]
    body: tuple[str, ...]
    days: tuple[str, str] | None
    """First and last day, ISO, on which such a story appears; None at any time."""


@dataclass(frozen=True, slots=True)
class Stock:
    """All templates of one language."""

    language: str
    facts: Mapping[str, tuple[str, ...]]
    pools: Mapping[str, tuple[str, ...]]
    """Paragraphs that fit any story of a subject; `civic` is for public affairs, `any` for all but the summit."""
    stories: tuple[Template, ...]
    summits: tuple[Template, ...]

    def about(self, subject: str) -> tuple[Template, ...]:
        """The kinds of story on one subject."""
        return tuple(story for story in self.stories if story.subject == subject)


class Text(NamedTuple):
    """A written story."""

    headline: str
    paragraphs: tuple[str, ...]


@cache
def stock(language: str) -> Stock:
    """The templates of one language: `en`, `vi`, `es` or `ja`."""
    facts: dict[str, tuple[str, ...]] = {}
    pools: dict[str, tuple[str, ...]] = {}
    stories: list[Template] = []
    summits: list[Template] = []
    for name in _FILES[language]:
        data = tomllib.loads((resources.files(__package__) / "texts" / name).read_text(encoding="utf-8"))
        facts |= {key: tuple(values) for key, values in data.get("facts", {}).items()}
        pools |= {key: tuple(values) for key, values in data.get("pool", {}).items()}
        stories += [_template(story) for story in data.get("story", ())]
        summits += [_template(story) for story in data.get("summit", ())]
    gap = "" if language == "ja" else " "
    facts["person"] = tuple(f"{first}{gap}{last}" for first in facts["first"] for last in facts["last"])
    return Stock(language, facts, pools, tuple(stories), tuple(summits))


def _template(data: Mapping[str, Any]) -> Template:
    days = tuple(data.get("dates", ()))
    return Template(
        subject=data["section"],
        headlines=tuple(data["headlines"]),
        lead=tuple(data["lead"]),
        body=tuple(data["body"]),
        days=(days[0], days[1]) if days else None,
    )


def seeded(*parts: object) -> Random:
    """A source of choices that depends on nothing but its parts."""
    return Random(":".join(map(str, parts)))  # noqa: S311 - repeatable choices are wanted here, not secrets


@dataclass(slots=True)
class _Pen:
    """Writes one story: what it has named once stays so to the end."""

    stock: Stock
    random: Random
    day: date
    facts: dict[str, str] = field(default_factory=dict)
    introduced: set[str] = field(default_factory=set)
    """People whose full name has been given."""

    def choose(self, template: str) -> str:
        """The template with one way taken at each fork; facts are still open."""
        while _CHOICE.search(template):
            template = _CHOICE.sub(lambda match: self.random.choice(match[1].split("|")), template)
        return template

    def fill(self, template: str) -> str:
        """The sentence with its facts filled in."""
        filled = _SLOT.sub(self._fact, template)
        return _SENTENCE_START.sub(lambda match: match[0][:-1] + match[0][-1].upper(), filled)

    def _fact(self, match: re.Match[str]) -> str:
        name = match["name"]
        if name == "day":
            return _WEEKDAYS[self.stock.language][self.day.weekday()]
        if name not in self.facts:
            self.facts[name] = self._number(match) if match["low"] else self._pick(name)
        value = self.facts[name]
        if match["last"] and name in self.introduced and self.stock.language != "ja":
            return value.rsplit(" ", 1)[-1]
        self.introduced.add(name)
        return value

    def _pick(self, name: str) -> str:
        taken = set(self.facts.values())
        options = self.stock.facts[name.rstrip("0123456789")]
        choice = self.random.choice(options)
        while choice in taken:
            choice = self.random.choice(options)
        return choice

    def _number(self, match: re.Match[str]) -> str:
        low, high = int(match["low"]), int(match["high"])
        number = self.random.randint(low, high)
        if low in _YEARS and high in _YEARS:
            return str(number)
        return f"{number:,}".replace(",", _THOUSANDS[self.stock.language])


def write(language: str, template: Template, *, random: Random, day: date) -> Text:
    """Write one story of a kind, as of a day."""
    kept = stock(language)
    pen = _Pen(kept, random, day)
    headline = pen.fill(pen.choose(random.choice(template.headlines)))
    pen.introduced.clear()  # the body introduces its people again
    paragraphs = [pen.choose(random.choice(template.lead)), *_middle(pen, template)]
    return Text(headline, tuple(pen.fill(paragraph) for paragraph in paragraphs))


def _middle(pen: _Pen, template: Template) -> list[str]:
    """Paragraphs after the lead: the story's own in their order, the common ones strewn among them."""
    random, body = pen.random, list(enumerate(template.body))
    random.shuffle(body)
    own = max(3, round(len(body) * random.uniform(0.55, 0.9)))
    common = _common(pen.stock, template)
    random.shuffle(common)
    target = random.randint(*_LENGTHS)
    chosen: list[tuple[float, str]] = []
    words = 30  # the lead
    strewn = [(random.uniform(0.5, len(body)), text) for text in common]
    for place, text in [*body[:own], *strewn, *body[own:]]:
        if words >= target and len(chosen) >= own:
            break
        paragraph = pen.choose(text)
        chosen.append((place, paragraph))
        words += count_words(paragraph)
    return [paragraph for _, paragraph in sorted(chosen)]


def _common(kept: Stock, template: Template) -> list[str]:
    if template.days:
        return list(kept.pools.get("summit", ()))
    civic = kept.pools.get("civic", ()) if template.subject in _CIVIC else ()
    return [*kept.pools.get(template.subject, ()), *civic, *kept.pools.get("any", ())]
