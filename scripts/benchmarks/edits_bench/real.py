"""Mutations of an article that change what it says: each takes headline and paragraphs, and gives them changed.

None where a mutation has nothing to change in an article.
"""
# ruff: noqa: D103 - a mutation's name says what it does

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

State = tuple[str, list[str]]
"""Headline and paragraphs."""

_ADDED: Final = {
    "en": "The ministry declined to say how much the inquiry had cost so far.",
    "vi": "Bộ từ chối cho biết cuộc điều tra đã tốn bao nhiêu tiền.",
    "es": "El ministerio no quiso decir cuánto ha costado la investigación.",
    "ja": "省は調査にかかった費用を明らかにしなかった。",
}
_NOTES: Final = {
    "en": "Correction: an earlier version of this article misstated the number of ships.",
    "vi": "Đính chính: bản trước của bài này ghi sai số tàu.",
    "es": "Corrección: una versión anterior de este artículo daba mal el número de barcos.",
    "ja": "訂正：この記事の旧版は船の数を誤っていました。",
}
_WORDS: Final = {"en": "otters", "vi": "rái", "es": "nutrias", "ja": "獺"}


def _one(paragraphs: list[str], random: Random, pattern: str, new: object) -> list[str] | None:
    """The paragraphs with one match of a pattern replaced."""
    places = [(number, match) for number, text in enumerate(paragraphs) for match in re.finditer(pattern, text)]
    if not places:
        return None
    number, match = random.choice(places)
    text = paragraphs[number]
    changed = new(match) if callable(new) else str(new)
    return [*paragraphs[:number], text[: match.start()] + changed + text[match.end() :], *paragraphs[number + 1 :]]


def _body(state: State, paragraphs: list[str] | None) -> State | None:
    return None if paragraphs is None or paragraphs == state[1] else (state[0], paragraphs)


def word_replaced(state: State, random: Random, language: str) -> State | None:
    pattern = r"[一-龠]" if language == "ja" else r"(?<![\w’'-])[^\W\d_]{4,}(?![\w’'-])"
    return _body(state, _one(state[1], random, pattern, _WORDS[language]))


def word_removed(state: State, random: Random, language: str) -> State | None:
    pattern = r"(?<=[一-龠])[一-龠](?=[ぁ-ん])" if language == "ja" else r" [^\W\d_]{3,}(?= )"
    return _body(state, _one(state[1], random, pattern, ""))


def word_added(state: State, random: Random, language: str) -> State | None:
    pattern = r"(?<=[一-龠])(?=[ぁ-ん])" if language == "ja" else r" (?=[^\W\d_])"
    return _body(state, _one(state[1], random, pattern, "獺" if language == "ja" else f" {_WORDS[language]} "))


def number_changed(state: State, random: Random, language: str) -> State | None:
    del language
    changed = _one(state[1], random, r"\d", lambda match: str((int(match[0]) + random.randint(1, 9)) % 10))
    return _body(state, changed)


def negated(state: State, random: Random, language: str) -> State | None:
    if language != "en":
        return None
    pattern = r"\b(was|is|had|would|has|were|will|could) (?!not)"
    return _body(state, _one(state[1], random, pattern, lambda match: f"{match[1]} not "))


def negation_removed(state: State, random: Random, language: str) -> State | None:
    return _body(state, _one(state[1], random, r" not\b", "")) if language == "en" else None


def name_changed(state: State, random: Random, language: str) -> State | None:
    pattern = r"(?<=さん)" if language == "ja" else r"(?<=[^\W\d_] )[A-ZÀ-Þ][a-zà-ỹ]{3,}"
    return _body(state, _one(state[1], random, pattern, "Vanterpool"))


def attribution_swapped(state: State, random: Random, language: str) -> State | None:
    del language
    changed = _one(state[1], random, r"(?<=” )[^“”.]{5,40}(?=\.)", "said a man who would not be named")
    return _body(state, changed or _one(state[1], random, r"(?<=,”) said [^.,]{4,30}", " said nobody"))


def paragraph_added(state: State, random: Random, language: str) -> State | None:
    place = random.randint(1, len(state[1]) - 1)
    return state[0], [*state[1][:place], _ADDED[language], *state[1][place:]]


def paragraph_removed(state: State, random: Random, language: str) -> State | None:
    del language
    place = random.randrange(1, len(state[1]))
    return _body(state, [*state[1][:place], *state[1][place + 1 :]]) if state[1][2:] else None


def last_paragraph_removed(state: State, random: Random, language: str) -> State | None:
    del random, language
    return _body(state, state[1][:-1]) if state[1][2:] else None


def paragraphs_swapped(state: State, random: Random, language: str) -> State | None:
    del language
    place = random.randrange(len(state[1]) - 1)
    return _body(state, [*state[1][:place], state[1][place + 1], state[1][place], *state[1][place + 2 :]])


def paragraph_moved(state: State, random: Random, language: str) -> State | None:
    del language
    place = random.randrange(len(state[1]) - 1)
    return _body(state, [*state[1][:place], *state[1][place + 1 :], state[1][place]])


def sentence_added(state: State, random: Random, language: str) -> State | None:
    place = random.randrange(len(state[1]))
    gap = "" if language == "ja" else " "
    return state[0], [*state[1][:place], f"{state[1][place]}{gap}{_ADDED[language]}", *state[1][place + 1 :]]


def sentence_removed(state: State, random: Random, language: str) -> State | None:
    del language
    return _body(state, _one(state[1], random, r"(?<=[.。]) ?[^.。“”]{15,}[.。]$", ""))


def correction_appended(state: State, random: Random, language: str) -> State | None:
    del random
    return state[0], [*state[1], _NOTES[language]]


def correction_on_top(state: State, random: Random, language: str) -> State | None:
    del random
    return state[0], [_NOTES[language], *state[1]]


def made_a_question(state: State, random: Random, language: str) -> State | None:
    return _body(state, _one(state[1], random, r"[.。]$", "？" if language == "ja" else "?"))


def comma_taken(state: State, random: Random, language: str) -> State | None:
    del language
    return _body(state, _one(state[1], random, r"[,、](?=[ \w])", ""))


def quotes_taken(state: State, random: Random, language: str) -> State | None:
    del language
    return _body(state, _one(state[1], random, r"[“「]([^“”「」]+)[”」]", lambda match: match[1]))


def unit_changed(state: State, random: Random, language: str) -> State | None:
    del language
    units = {"million": "billion", "miles": "kilometres", "percent": "points", "months": "weeks", "days": "hours"}
    pattern = rf"\b(?:{'|'.join(units)})\b"
    return _body(state, _one(state[1], random, pattern, lambda match: units[match[0]]))


def weekday_changed(state: State, random: Random, language: str) -> State | None:
    del language
    pattern = r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
    return _body(state, _one(state[1], random, pattern, lambda match: "Monday" if match[0] != "Monday" else "Sunday"))


def case_changed(state: State, random: Random, language: str) -> State | None:
    if language == "ja":
        return None
    return _body(state, _one(state[1], random, r"(?<= )[a-zà-ỹ]{4,}(?= )", lambda match: match[0].capitalize()))


def accent_changed(state: State, random: Random, language: str) -> State | None:
    """In Vietnamese another accent is another word."""
    return _body(state, _one(state[1], random, "à", "á")) if language == "vi" else None


def headline_word(state: State, random: Random, language: str) -> State | None:
    pattern = r"[一-龠]" if language == "ja" else r"[^\W\d_]{4,}"
    changed = _one([state[0]], random, pattern, _WORDS[language])
    return (changed[0], state[1]) if changed else None


def headline_asks(state: State, random: Random, language: str) -> State | None:
    del random
    return state[0] + ("？" if language == "ja" else "?"), state[1]


def headline_replaced(state: State, random: Random, language: str) -> State | None:
    del random
    return _ADDED[language].rstrip(".。"), state[1]


REAL: Final = (
    word_replaced, word_removed, word_added, number_changed, negated, negation_removed, name_changed,
    attribution_swapped, paragraph_added, paragraph_removed, last_paragraph_removed, paragraphs_swapped,
    paragraph_moved, sentence_added, sentence_removed, correction_appended, correction_on_top, made_a_question,
    comma_taken, quotes_taken, unit_changed, weekday_changed, case_changed, accent_changed, headline_word,
    headline_asks, headline_replaced,
)  # fmt: skip
