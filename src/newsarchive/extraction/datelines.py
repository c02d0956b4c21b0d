"""Finds the date that a reader sees beside the headline, in prose: "27. Februar 2019", "Feb 27, 2019 at 6:30 pm".

Only short lines count, near the headline or named as a date by their class: a date within a paragraph is mostly another
event's. Month names are those of Unicode's CLDR (https://cldr.unicode.org/) for languages in Latin, Greek, Cyrillic
and Arabic letters, cut to what tells them apart.
"""

from __future__ import annotations

import re
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Final

from newsarchive.dates import YEARS
from newsarchive.extraction.regions import Regions
from newsarchive.extraction.tree import class_words
from newsarchive.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newsarchive.extraction.tree import Page

MONTHS: Final = (
    "jan|ene|gen|janv|oca|sty|tammi|янв|січ|ιαν|led|ianu|يناير|كانون",
    "feb|fev|fevr|subat|lut|helmi|фев|лют|φεβ|uno|فبراير|شباط",
    "mar|marz|mars|maer|mrt|maart|maalis|мар|бер|μαρ|bre|مارس|آذار",
    "apr|abr|avr|nis|kwi|huhti|апр|квіт|απρ|dub|أبريل|ابريل|نيسان",
    "may|mai|mag|maj|mei|mayis|touko|мая|май|трав|μαι|kvet|مايو|أيار",
    "jun|juin|giu|haz|cze|kesa|июн|черв|ιουν|cerv|يونيو|حزيران",
    "jul|juil|lug|tem|lip|heina|июл|лип|ιουλ|cerve|يوليو|تموز",
    "aug|ago|aout|agu|sie|elo|авг|серп|αυγ|srp|أغسطس|اغسطس|آب",
    "sep|set|eyl|wrz|syys|сент|сен|вер|σεπ|zar|سبتمبر|أيلول",
    "oct|okt|out|ott|eki|paz|loka|окт|жовт|οκτ|rij|أكتوبر|اكتوبر",
    "nov|kas|lis|marras|ноя|лист|νοε|listop|نوفمبر",
    "dec|dez|des|dic|ara|gru|joulu|дек|груд|δεκ|pros|ديسمبر",
)
"""Beginnings of month names, accents off; the longest that fits a name decides."""

LABELS: Final = frozenset({
    "date", "datum", "dates", "published", "publish", "pubdate", "time", "posted", "created", "timestamp", "dateline",
    "meta", "byline", "fecha", "data", "datetime", "stand", "info", "infos",
})  # fmt: skip
"""Words of class names that mark a date or the line it stands in."""

_NUMBER = {prefix: number for number, names in enumerate(MONTHS, 1) for prefix in names.split("|")}
_PREFIXES = sorted(_NUMBER, key=len, reverse=True)
_NAME = r"(?P<name>[^\W\d_]{3,12})"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?<!\d){_YEAR}\s?[-/.年년]\s?(?P<month>\d{{1,2}})\s?[-/.月월]\s?(?P<day>\d{{1,2}})(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:\.\s?|\s\|\s)(?P<month>\d{{1,2}})(?:\.\s?|\s\|\s){_YEAR}",
        rf"(?<!\d)(?P<first>\d{{1,2}})[/-](?P<second>\d{{1,2}})[/-]{_YEAR}",
        rf"{_NAME}\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|º|°)?\.?[\s-]+(?:de\s+|of\s+)?{_NAME}\.?,?[\s-]+(?:/\s*\w+\s+|del?\s+)?{_YEAR}",
    )
)
_LONGEST = 120  # characters of a line that is a dateline
_OPENING = 50  # characters of a text within which its date stands
_LONG = 150  # characters that make a paragraph
_TOP = 2  # paragraphs over which a dateline stands
_DATE_ALONE = 40  # characters of a line that is a date, perhaps with a weekday, a time and a label
_FEW = 2
_MOST_LINES = 400
_MONTH_FIRST = frozenset({"en", "en-us", "en-ph"})
_TAGS = (
    "p",
    "div",
    "span",
    "time",
    "li",
    "small",
    "em",
    "i",
    "b",
    "strong",
    "abbr",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "td",
    "a",
    "dd",
)


def search(page: Page) -> str | None:
    """The day beside the headline as ISO 8601, or else the day that stands alone in a line elsewhere, or None."""
    regions = Regions(page, heads=("h1", "h2"))
    article = page.root if regions.article is None else regions.article
    language = (page.root.get("lang") or "").lower()
    labelled = None
    for element, text, is_top in _lines(article, regions):
        if day := day_in(text, language=language):
            if class_words(element) & LABELS:
                return day
            if is_top and labelled is None:
                labelled = day
    return labelled or _alone(page, regions, language) or _opening(article, regions, language)


def _opening(article: HtmlElement, regions: Regions, language: str) -> str | None:
    """The day that the first words of the text name, as agencies open theirs: `HANOI, 27 Feb 2019 (AFP) -`."""
    tops = (one for one in article.iter("p", "div", "strong", "b") if len(one.text or "") > _LONG // 2)
    for element in islice(tops, _TOP):
        if not regions.is_apart(element) and (
            day := day_in((element.text or "").lstrip()[:_OPENING], language=language)
        ):
            return day
    return None


def _alone(page: Page, regions: Regions, language: str) -> str | None:
    """The day of lines that hold a date and little else, where the page has no more than two such days."""
    days: dict[str, None] = {}
    for _, text, _ in _lines(page.root, regions):
        if len(text.strip()) <= _DATE_ALONE and (day := day_in(text, language=language)):
            days[day] = None
    return next(iter(days)) if 0 < len(days) <= _FEW else None


def _lines(article: HtmlElement, regions: Regions) -> Iterator[tuple[HtmlElement, str, bool]]:
    """Short texts with a year in them, and whether they stand above the article's text."""
    long = count = 0
    for element in article.iter(*_TAGS):
        for text in (element.text or "", *(child.tail or "" for child in element)):
            long += len(text) > _LONG
            if len(text) <= _LONGEST and _HAS_YEAR.search(text) and not regions.is_apart(element):
                yield element, text, long < _TOP
                count += 1
                if count > _MOST_LINES:
                    return


_HAS_YEAR = re.compile(r"(?:19|20)\d\d")


def day_in(text: str, *, language: str = "") -> str | None:
    """The first full date of a text as ISO 8601; where day and month could be exchanged, the language decides.

    >>> day_in("Posted on February 27th, 2019 by Lan"), day_in("27 février 2019"), day_in("27.2.2019, 18 Uhr")
    ('2019-02-27', '2019-02-27', '2019-02-27')
    >>> day_in("03/02/2019", language="en-us"), day_in("03/02/2019", language="fr"), day_in("2019年2月27日")
    ('2019-03-02', '2019-02-03', '2019-02-27')
    >>> day_in("since 2019"), day_in("31 February 2019")
    (None, None)
    """
    folded = fold(text)
    for form in _FORMS:
        for match in form.finditer(folded):
            if day := _day(match.groupdict(), language):
                return day
    return None


def _day(groups: dict[str, str | None], language: str) -> str | None:
    day, month = int(groups.get("day") or 0), int(groups.get("month") or 0)
    if name := groups.get("name"):
        month = next((_NUMBER[prefix] for prefix in _PREFIXES if name.startswith(prefix)), 0)
    if groups.get("first"):
        day, month = int(groups["first"] or 0), int(groups["second"] or 0)
        if month > 12 or (day <= 12 and language in _MONTH_FIRST):  # noqa: PLR2004 - months
            day, month = month, day
    try:
        found = date(int(groups["year"] or 0), month, day)
    except ValueError:
        return None
    return found.isoformat() if found.year in YEARS else None
