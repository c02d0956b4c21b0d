"""Reads what a reader sees: headline, byline, time, breadcrumb and section label; and the language the page declares.

The class names are those that themes and content systems use for these parts, most of them WordPress's, Drupal's and
the microformats' (https://microformats.org/wiki/h-entry).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from newsarchive.dates import parse_moment
from newsarchive.extraction import bylines
from newsarchive.extraction.findings import Findings
from newsarchive.extraction.regions import Regions
from newsarchive.extraction.tree import class_words, text_of, words_of
from newsarchive.text import fold_space

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newsarchive.extraction.tree import Page

READER: Final = "visible"
TITLE_READER: Final = "title"

_TRAIL = frozenset({"breadcrumb", "breadcrumbs", "bread", "crumb", "crumbs", "crumbtrail", "brotkrumen", "ariane"})
_LABEL = frozenset(
    {"cat", "category", "categories", "section", "kicker", "rubric", "rubrik", "eyebrow", "ressort", "channel", "topic"}
)
_PUBLISHED = frozenset(
    {"published", "publish", "pubdate", "date", "created", "posted", "entry", "post", "datum", "publication"}
)
_UPDATED = frozenset({"updated", "modified", "update", "aktualisiert", "lastmodified"})
_INTERESTING = bylines.BYLINE | _TRAIL | _LABEL | {"tag"}
_STEMS = tuple(word for word in _INTERESTING if not any(other != word and other in word for other in _INTERESTING))
_LONGEST_LABEL = 60
_MOST_MARKED = 3000  # a menu may mark every one of its entries as a category
_MOST_TIMES = 500
_MOST_LABELS = 50
_MOST_CRUMBS = 20
_MOST_HEADINGS = 20
_OUTSIDE = 3  # the first rank of times that stand outside of the article


def read(page: Page) -> tuple[Findings, ...]:
    """What is shown, and apart from it the `title`, which names the site as well."""
    regions = Regions(page)
    classed = _marked(page)
    published, modified = _times(page, regions)
    titles = tuple(text for title in page.tagged("title")[:1] if (text := text_of(title)))
    seen = Findings(
        READER,
        headlines=tuple(text for heading in regions.headings if (text := text_of(heading))),
        lesser_headlines=() if regions.headings else _lesser_headings(page, regions),
        sections=tuple(dict.fromkeys(islice(_labels(classed, regions), _MOST_LABELS))),
        crumbs=_crumbs(classed),
        published=published,
        modified=modified,
        authors=bylines.read(page, classed, regions),
        languages=tuple(lang for lang in (page.root.get("lang"), page.root.get("xml:lang")) if lang),
    )
    return seen, Findings(TITLE_READER, headlines=titles)


def _lesser_headings(page: Page, regions: Regions) -> tuple[str, ...]:
    """Headings of the second rank, on pages that give the first to their logo or to nothing."""
    headings = [*page.tagged("h2")[:_MOST_HEADINGS], *page.tagged("h3")[:_MOST_HEADINGS]]
    return tuple(text for one in headings if not regions.is_apart(one) and (text := text_of(one)))


def _marked(page: Page) -> list[HtmlElement]:
    """Elements that their class or relation may mark as a byline, a label or a breadcrumb."""
    wanted = {names for names in {names for names, _ in page.classed} if _is_interesting(names)}
    classed = (element for names, element in page.classed if names in wanted)
    related = (link for link in page.tagged("a") if (rel := link.get("rel")) and _is_interesting(rel))
    labelled = (one for tag in _TRAIL_TAGS for one in page.tagged(tag) if _is_interesting(one.get("aria-label") or ""))
    return list(islice(dict.fromkeys(chain(classed, related, labelled)), _MOST_MARKED))


_TRAIL_TAGS = ("nav", "ol", "ul", "section")


@lru_cache(maxsize=4096)  # pages of a site share their class names
def _is_interesting(names: str) -> bool:
    # What holds none of the words anywhere need not be cut into its own (measured: 1.5 ms a page).
    low = names.lower()
    for stem in _STEMS:  # no `any`: this runs for every class name of a page
        if stem in low:
            return not _INTERESTING.isdisjoint(words_of(names))
    return False


def _labels(classed: list[HtmlElement], regions: Regions) -> Iterator[str]:
    """Section labels beside the headline: links first, since a link leads to the section itself."""
    marked: list[str] = []
    for element in classed:
        related = {"category", "tag"}.issubset((element.get("rel") or "").lower().split())
        if not related and not class_words(element) & _LABEL:
            continue
        if regions.article is None or not regions.is_own(element) or len(element) > _MOST_CHILDREN:
            continue
        text = text_of(element)
        if not text or len(text) > _LONGEST_LABEL:
            continue
        if related or element.tag == "a" or element.getparent().tag == "a":
            yield text
        else:
            marked.append(text)
    yield from marked


_MOST_CHILDREN = 20


def _crumbs(classed: list[HtmlElement]) -> tuple[str, ...]:
    for element in classed:
        labelled = (element.get("aria-label") or "").strip().lower() in _TRAIL
        if not labelled and not class_words(element) & _TRAIL:
            continue
        links = islice(element.iter("a"), _MOST_CRUMBS)
        names = tuple(text for link in links if (text := text_of(link)))
        if names:
            return tuple(name for name in names if len(name) <= _LONGEST_LABEL)
    return ()


def read_times(page: Page) -> Findings:
    """The times alone of what `read` finds; for those who ask for nothing but dates."""
    published, modified = _times(page, Regions(page))
    return Findings(READER, published=published, modified=modified)


def _times(page: Page, regions: Regions) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Publication and update from `time` elements; of several publications the first one within the article counts."""
    published: list[tuple[int, str]] = []
    modified: list[str] = []
    before: HtmlElement | None = None
    for time in page.tagged("time")[:_MOST_TIMES]:
        value = fold_space(time.get("datetime") or "")
        if not value or regions.is_apart(time):
            continue
        words = class_words(time) | class_words(time.getparent())
        if words & _UPDATED and not words & _PUBLISHED and time.get("pubdate") is None:
            modified.append(value)
            continue
        rank = 0 if time.get("pubdate") is not None else 1 if words & _PUBLISHED else 2
        if before is not None and time.getparent() is before.getparent() and _is_earlier(value, published[-1][1]):
            modified.append(published.pop()[1])  # two times side by side, the later one first: an update
        published.append((rank if regions.is_within(time) else rank + _OUTSIDE, value))
        before = time
    if len({value for rank, value in published if rank >= _OUTSIDE}) > 1:  # of teasers
        published = [(rank, value) for rank, value in published if rank < _OUTSIDE]
    return tuple(value for _, value in sorted(published, key=lambda pair: pair[0])), tuple(modified)


def _is_earlier(one: str, other: str) -> bool:
    first, second = parse_moment(one), parse_moment(other)
    return bool(first and second and first.at < second.at)
