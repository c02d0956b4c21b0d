"""One of each thing that makes archiving hard, laid among the plain articles of the sample newsroom."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from newsarchive.sample.articles import Kind, SampleArticle
from newsarchive.sample.desk import Desk, article_path
from newsarchive.sample.outlets import CAPITAL_WIRE, HARBOR_POST, NORTHLINE, RIVER_HERALD, Outlet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

COPIES: Final = 8
"""Agency texts under another outlet's name: four texts, two outlets."""
ADDED: Final = COPIES + 1
"""Accepted articles that `specials` adds: the copies and one behind a paywall."""
WIRE_LINE: Final = "(Capital Wire) — "
_COPIED: Final = (0, 3, 7, 11)
"""Which of the agency's articles, in the order of their writing, are republished."""
_TEASER: Final = 4
"""Paragraphs that are shown before the paywall."""
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
"""Where the page gives no date, a year in the text must not be taken for one."""
_OWN_NUMBERS: Final = 900_000
"""Special articles are counted from here, apart from the plain ones."""

_ABOUT: Final = """\
Capital Wire is a news agency with desks in four cities. It was founded in 1911 by two telegraph operators who had \
lost their savings in a bet on the weather.
Its texts go to newspapers, broadcasters and anyone who pays the monthly fee. Editors may shorten them, and must \
keep the agency’s name at their head.
Complaints are read by the standards desk and answered within ten working days. The agency takes no position on \
anything but the spelling of names."""
_FLASH: Final = "Port authority halts all ferries; statement expected within the hour, officials say."
_NEW_HEADLINE: Final = "Hanoi summit collapses as sanctions demand proves too much"
_NEW_PARAGRAPH: Final = """\
An earlier account of the last hour was incomplete. The lunch was called off only after a second, shorter meeting in \
the garden wing, at which a last paper was put on the table, read twice and handed back, according to two people who \
saw it."""
"""Headline and third paragraph of the edited article in edition 2."""
_EDITED_AT: Final = datetime(2019, 3, 11, 14, 5, 9, tzinfo=UTC)


def specials(plain: Mapping[str, Sequence[SampleArticle]]) -> Iterator[SampleArticle]:
    """The special entries that stand beside the plain articles, given by the outlet's name."""
    for place, index in enumerate(_COPIED):
        for outlet in (HARBOR_POST, RIVER_HERALD):
            yield _copy(plain[CAPITAL_WIRE.name][index], outlet, number=_OWN_NUMBERS + place)
    yield _paywalled()
    yield from _unfit()
    yield _print_view(plain[HARBOR_POST.name][-1])
    yield _moved(plain[NORTHLINE.name][-1])
    yield _gone()


def with_oddities(plain: Mapping[str, Sequence[SampleArticle]]) -> list[SampleArticle]:
    """The plain articles, one of them sent in chunks and one in an old character set."""
    chunked = plain[CAPITAL_WIRE.name][-1].key
    spanish = next(one.key for one in plain[RIVER_HERALD.name] if one.language == "es" and not one.summit)
    articles = [article for group in plain.values() for article in group]
    return [
        replace(one, chunked=one.key == chunked, charset="windows-1252" if one.key == spanish else one.charset)
        for one in articles
    ]


def edited_key(plain: Mapping[str, Sequence[SampleArticle]]) -> tuple[str, str]:
    """Host and path of the article that changes between the editions: the Harbor Post's on the end of the summit."""
    return next(one.key for one in plain[HARBOR_POST.name] if one.summit and one.category == "World" and _is_end(one))


def _is_end(article: SampleArticle) -> bool:
    return article.published is not None and article.published.date() >= datetime(2019, 2, 28, tzinfo=UTC).date()


def edited(article: SampleArticle) -> SampleArticle:
    """The article as edition 2 shows it: another headline, another third paragraph, a later time of change."""
    paragraphs = (*article.paragraphs[:2], _NEW_PARAGRAPH, *article.paragraphs[3:])
    return replace(
        article,
        headline=_NEW_HEADLINE,
        paragraphs=paragraphs,
        modified=_EDITED_AT.astimezone(article.outlet.zone),
    )


def _copy(original: SampleArticle, outlet: Outlet, *, number: int) -> SampleArticle:
    subject = next(one for one in CAPITAL_WIRE.sections if one.title == original.category).subjects[0]
    section = outlet.section_about(subject)
    published = _of(original).astimezone(outlet.zone) + timedelta(minutes=95)
    first, *rest = original.paragraphs
    return replace(
        original,
        outlet=outlet,
        path=article_path(outlet, section, original.headline, number=number, published=published),
        paragraphs=(WIRE_LINE + first, *rest),
        authors=(CAPITAL_WIRE.title,),
        category=section.title,
        published=published,
        modified=published,
        kind=Kind.WIRE_COPY,
        target=original.key,
    )


def _of(article: SampleArticle) -> datetime:
    if article.published is None:
        raise ValueError(f"{article.path} has no date")
    return article.published


def _written(outlet: Outlet, section: int, number: int) -> SampleArticle:
    """One more plain article of an outlet's section, to be made special."""
    return Desk(outlet).article(_OWN_NUMBERS + number, outlet.sections[section])


def _paywalled() -> SampleArticle:
    article = _written(NORTHLINE, 2, 1)
    return replace(article, kind=Kind.PAYWALLED, paragraphs=article.paragraphs[:_TEASER])


def _unfit() -> Iterator[SampleArticle]:
    """Pages that an archive of articles should turn away, each for another reason."""
    undated = _written(NORTHLINE, 3, 2)
    timeless = tuple(text for text in undated.paragraphs if not _YEAR.search(text))
    yield replace(undated, kind=Kind.NO_DATE, paragraphs=timeless, published=None, modified=None)
    flash = _written(CAPITAL_WIRE, 0, 3)
    headline = "ALERT: Port authority halts all ferries"
    path = article_path(CAPITAL_WIRE, CAPITAL_WIRE.sections[0], headline, number=_OWN_NUMBERS, published=_of(flash))
    yield replace(flash, authors=flash.authors[:1], kind=Kind.SHORT, headline=headline, path=path, paragraphs=(_FLASH,))
    yield SampleArticle(
        outlet=CAPITAL_WIRE,
        path="/about-us",
        headline="About us",
        paragraphs=tuple(_ABOUT.splitlines()),
        kind=Kind.NO_ARTICLE,
    )


def _print_view(article: SampleArticle) -> SampleArticle:
    return replace(article, path=f"/print{article.path}", kind=Kind.PRINT, target=article.key)


def _moved(article: SampleArticle) -> SampleArticle:
    path = article.path.replace("-", "-first-draft-", 1)
    return replace(article, path=path, paragraphs=(), kind=Kind.REDIRECT, target=article.key)


def _gone() -> SampleArticle:
    article = _written(HARBOR_POST, 0, 4)
    return replace(article, paragraphs=(), kind=Kind.GONE)
