"""Puts an extraction together: every reader is asked, each field is chosen, and its origin is noted."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from newsarchive.errors import ExtractionError
from newsarchive.extraction import (
    body,
    category,
    dating,
    furniture,
    headline,
    jsonld,
    liveblog,
    metatags,
    microdata,
    people,
    reserving,
    ruled,
    template,
    unmarked,
    urlpath,
    visible,
)
from newsarchive.extraction.guide import NO_GUIDE, Guide
from newsarchive.extraction.limits import DEFAULT_LIMITS, Limits, check, has_attribute_flood
from newsarchive.extraction.naming import key, plain, same_house, site_keys
from newsarchive.extraction.tree import parse, text_of
from newsarchive.models import Extraction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from newsarchive.extraction.body import Block, Reading
    from newsarchive.extraction.findings import Findings
    from newsarchive.extraction.tree import Page
    from newsarchive.models import Payload, Rule

_MOST_TAGS: Final = 50
_LONGEST_TAG: Final = 80
_LONGEST_SITE_NAME: Final = 50
_LONGEST_TEXT: Final = 5000
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*")
_TAG_SPLIT = re.compile(r"\s*[,;|、]\s*")
LANGUAGE_NAMES: Final = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr", "spanish": "es",
    "español": "es", "italian": "it", "italiano": "it", "portuguese": "pt", "russian": "ru", "arabic": "ar",
    "chinese": "zh", "japanese": "ja", "korean": "ko", "turkish": "tr", "vietnamese": "vi", "hindi": "hi",
    "dutch": "nl", "swedish": "sv", "polish": "pl",
}  # fmt: skip
"""Names that `inLanguage` holds in place of a tag of BCP 47."""


class Course(NamedTuple):
    """How an extraction came about, from the page to the result."""

    page: Page
    trimmed: Page
    """The page without what a rule takes off; the page itself where none does."""
    found: tuple[Findings, ...]
    reading: Reading
    lines: list[tuple[Block, str]]
    """Each block that was read, with why it is no part of the text; no reason where it is."""
    extraction: Extraction


def extract(
    payload: Payload, *, guide: Guide = NO_GUIDE, fast: bool = False, limits: Limits = DEFAULT_LIMITS
) -> Extraction:
    """Read one page, in this process and without a limit of time; `Pool` reads pages that nobody has looked at.

    Args:
        payload: the page's bytes, its URL and its Content-Type.
        guide: what is known of the page's site beforehand.
        fast: leave out trafilatura's comparison with other extractors; for pages that take too long.
        limits: what is refused before it is parsed.

    Raises:
        ExtractionError: `reason` is `not-html`, `too-large`, `too-many-tags`, `empty-page`, `memory` or `unreadable`.
    """
    with refusing(payload.url):
        check(payload, limits)
        return course_of(parse(payload), guide, fast=fast).extraction


@contextmanager
def refusing(url: str) -> Iterator[None]:
    """Whatever happens to a page within becomes an ExtractionError."""
    try:
        yield
    except ExtractionError:
        raise
    except MemoryError as error:
        raise ExtractionError(f"{url}: not enough memory to read it", reason="memory") from error
    except Exception as error:
        # Parsers meet input here that their authors never saw; one page must never end a run over a million.
        message = f"{url}: cannot be read: {type(error).__name__}: {error}"
        raise ExtractionError(message, reason="unreadable", tip="the page is kept; please report it") from error


def canonical_url(payload: Payload) -> str | None:
    """The address a page names for itself, or None; for files that came without their URL.

    None as well where the page cannot be parsed in a reasonable time; it is read in this process.
    """
    try:
        check(payload, DEFAULT_LIMITS)
        if has_attribute_flood(payload.body):  # an import asks in its own process, which nobody would end
            return None
        page = parse(payload)
        return _canonical(page, _read_all(page))[0]
    except ExtractionError:
        return None


def dates_of(page: Page, rule: Rule | None = None) -> dict[str, tuple[Any, str]]:
    """What an extraction says of publication and update, with the readers that gave it, at a part of the price."""
    found = (
        *ruled.read(page, rule),
        *jsonld.read(page),
        *microdata.read(page),
        metatags.read(page),
        visible.read_times(page),
        urlpath.read(page),
    )
    return _dates(page, found)


def _read_all(page: Page, rule: Rule | None = None) -> tuple[Findings, ...]:
    return (
        *ruled.read(page, rule),
        *jsonld.read(page),
        *microdata.read(page),
        metatags.read(page),
        *visible.read(page),
        urlpath.read(page),
    )


def course_of(page: Page, guide: Guide, *, fast: bool) -> Course:
    """Read a page; errors as they come."""
    found = _read_all(page, guide.rule)
    source, source_reader = _first(found, "sources", _text)
    sites = site_keys(page.url, _site_names(found))
    title, title_reader = headline.choose(found, sites=sites)
    authors, author_reader = people.choose(
        found,
        sites=sites,
        opened=lambda: unmarked.opened(page, sites=sites),
        placed=lambda: unmarked.placed(page, barred=_labels(found)),
    )
    trimmed = ruled.trimmed(page, guide.rule)
    named = ruled.body(trimmed, guide.rule)
    reading = named or body.read(trimmed, found, title=title, fast=fast)
    if not reading.blocks and title is None and not text_of(page.root):
        raise ExtractionError(f"{page.url}: nothing can be seen on the page", reason="empty-page")
    # What the publisher's rule names is somebody's choice; what was learned of the site must not stand against it.
    cut = template.find(reading.blocks, guide) if named is None else template.NOTHING
    titles = [name for one in found for name in one.headlines]
    sorted_out = furniture.sort_out(
        reading.blocks, page, titles=[*titles, title or ""], authors=authors, standing=cut.places
    )
    paragraphs = tuple(block.text for block, reason in sorted_out if not reason)
    categories, category_reader = category.choose(found, sites=sites, headline=title)
    values: dict[str, tuple[Any, str]] = {
        "headline": (title, title_reader),
        "paragraphs": (paragraphs, f"{reading.reader} (kept whole)" if cut.whole else reading.reader),
        "boilerplate": (template.lines(sorted_out), f"template {guide.template}"),
        "category": (categories[0] if categories else None, category_reader),
        "authors": (authors, author_reader),
        "source": (source, source_reader),
        **_small_fields(page, found),
        **_dates(page, found),
    }
    extraction = Extraction(
        url=page.url,
        categories=categories,
        entries=liveblog.entries_in(found, paragraphs),
        rights=reserving.read(page),
        extractor=guide.extractor,
        provenance={name: reader for name, (value, reader) in values.items() if value not in {None, ()} and reader},
        **{name: value for name, (value, _) in values.items()},
    )
    return Course(page, trimmed, found, reading, sorted_out, extraction)


def _labels(found: Sequence[Findings]) -> frozenset[str]:
    """Keys of sections and tags, which stand where names stand."""
    return frozenset(key(label) for one in found for label in (*one.sections, *one.crumbs, *one.tags))


def _site_names(found: Sequence[Findings]) -> list[str]:
    """Names of the site; a few content systems write the headline where the application's name belongs."""
    names = (plain(name) for one in found for name in one.sources)
    return [name for name in names if len(name) <= _LONGEST_SITE_NAME]


def _small_fields(page: Page, found: Sequence[Findings]) -> dict[str, tuple[Any, str]]:
    by_preference = preferring("visible", found)  # the html element's own `lang` first
    return {
        "language": _first(by_preference, "languages", language_of),
        "description": _first(found, "descriptions", _text),
        "tags": _tags(found),
        "image": _first(found, "images", page.link),
        "canonical_url": _canonical(page, found),
        "amp_url": _first(found, "amp", page.link),
        "original_url": _original(page, found),
        "is_free": next(((one.is_free, one.reader) for one in found if one.is_free is not None), (None, "")),
    }


def _dates(page: Page, found: Sequence[Findings]) -> dict[str, tuple[Any, str]]:
    published, modified = dating.choose(found)
    if published is None:
        published = dating.search_day(page)
    fields: dict[str, tuple[Any, str]] = {}
    for name, dated in (("published", published), ("modified", modified)):
        if dated:
            fields[name] = (dated.moment.at, dated.reader)
            fields[f"{name}_precision"] = (dated.moment.precision, "")
    return fields


def preferring(reader: str, found: Sequence[Findings]) -> list[Findings]:
    """One reader's findings first, after those of a rule."""
    return sorted(found, key=lambda one: (one.reader != ruled.READER, one.reader != reader))


def _first(found: Sequence[Findings], field: str, read: Callable[[str], str | None]) -> tuple[str | None, str]:
    for one in found:
        for raw in getattr(one, field):
            if value := read(raw):
                return value, one.reader
    return None, ""


def _text(raw: str) -> str | None:
    return plain(raw)[:_LONGEST_TEXT] or None


def language_of(raw: str) -> str | None:
    """The primary language of a tag or a language's English or own name.

    >>> language_of("vi-VN"), language_of("en_US"), language_of("German"), language_of("x-default")
    ('vi', 'en', 'de', None)
    """
    raw = raw.strip()
    if named := LANGUAGE_NAMES.get(raw.lower()):
        return named
    match = _LANGUAGE.fullmatch(raw)
    return match[1].lower() if match else None


def _canonical(page: Page, found: Sequence[Findings]) -> tuple[str | None, str]:
    """The canonical link comes first among the meta reader's; JSON-LD's URLs are often the front page's."""
    by_preference = preferring("meta", found)
    return _first(by_preference, "canonical", page.link)


def _original(page: Page, found: Sequence[Findings]) -> tuple[str | None, str]:
    """The address of the text that this is a copy of: named outright, or the canonical link to another house's site."""

    def elsewhere(href: str) -> str | None:
        link = page.link(href)
        return link if link and page.url and not same_house(link, page.url) else None

    named, reader = _first(found, "originals", elsewhere)
    if named:
        return named, reader
    canonical, reader = _canonical(page, found)
    stands = canonical and reader == "meta" and elsewhere(canonical)  # JSON-LD names profiles and front pages as well
    return (canonical, reader) if stands else (None, "")


def _tags(found: Sequence[Findings]) -> tuple[tuple[str, ...], str]:
    for one in found:
        named: dict[str, str] = {}
        for tag in _split_tags(one.tags):
            if key(tag) and len(tag) <= _LONGEST_TAG:
                named.setdefault(key(tag), tag)
        if named:
            return tuple(named.values())[:_MOST_TAGS], one.reader
    return (), ""


def _split_tags(raw: Sequence[str]) -> Iterator[str]:
    for text in raw:
        yield from _TAG_SPLIT.split(plain(text)) if len(raw) == 1 else [plain(text)]
