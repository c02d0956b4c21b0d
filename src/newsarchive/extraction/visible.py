"""Reads what a reader sees: headline, byline, time, breadcrumb and section label; and the language the page declares.

The class names are those that themes and content systems use for these parts, most of them WordPress's, Drupal's and
the microformats' (https://microformats.org/wiki/h-entry).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lxml import etree

from newsarchive.extraction.findings import Findings
from newsarchive.extraction.tree import class_words, select, text_of, words_of
from newsarchive.text import fold_space

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newsarchive.extraction.tree import Page

READER: Final = "visible"
TITLE_READER: Final = "title"

_CLASSED = etree.XPath("//*[@class or @rel or @aria-label]")
_BYLINE = frozenset(
    {"byline", "author", "authors", "autor", "autoren", "auteur", "auteurs", "autore", "writer", "reporter", "byl"}
)
_NO_BYLINE = frozenset({
    "bio", "box", "avatar", "image", "img", "photo", "social", "twitter", "comment", "comments", "related",
    "follow", "description", "email", "mail", "more", "posts", "role", "title", "jobtitle", "date", "time", "share",
    "footer", "popular", "recent", "widget", "sidebar", "card", "teaser", "list",
})  # fmt: skip
_TRAIL = frozenset({"breadcrumb", "breadcrumbs", "bread", "crumb", "crumbs", "crumbtrail", "brotkrumen", "ariane"})
_LABEL = frozenset(
    {"cat", "category", "categories", "section", "kicker", "rubric", "rubrik", "eyebrow", "ressort", "channel", "topic"}
)
_APART = frozenset(
    {
        "nav",
        "footer",
        "aside",
        "menu",
        "sidebar",
        "related",
        "widget",
        "teaser",
        "trending",
        "popular",
        "recommended",
        "more",
    }
)
_PUBLISHED = frozenset(
    {"published", "publish", "pubdate", "date", "created", "posted", "entry", "post", "datum", "publication"}
)
_UPDATED = frozenset({"updated", "modified", "update", "aktualisiert", "lastmodified"})
_INTERESTING = _BYLINE | _TRAIL | _LABEL | {"tag"}
_LONGEST_BYLINE = 200
_FEW = 2
_LONGEST_LABEL = 60
_NEAR = 12  # levels between a label and the element that holds it and the headline


def read(page: Page) -> tuple[Findings, ...]:
    """What is shown, and apart from it the `title`, which names the site as well."""
    headings = _headings(page)
    article = _around(headings[0]) if headings else None
    classed = _marked(page)
    published, modified = _times(page, article)
    titles = tuple(text for title in page.root.iter("title") if (text := text_of(title)))
    seen = Findings(
        READER,
        headlines=tuple(text for heading in headings if (text := text_of(heading))),
        sections=tuple(dict.fromkeys(_labels(classed, article))),
        crumbs=_crumbs(classed),
        published=published,
        modified=modified,
        authors=tuple(_bylines(classed, article)),
        languages=tuple(lang for lang in (page.root.get("lang"), page.root.get("xml:lang")) if lang),
    )
    return seen, Findings(TITLE_READER, headlines=titles[:1])


def _marked(page: Page) -> list[HtmlElement]:
    """Elements that their class or relation may mark as a byline, a label or a breadcrumb."""
    known: dict[str, bool] = {}
    marked = []
    for element in select(_CLASSED, page.root):
        names = f"{element.get('class') or ''} {element.get('rel') or ''} {element.get('aria-label') or ''}"
        if names not in known:
            known[names] = bool(words_of(names) & _INTERESTING)
        if known[names]:
            marked.append(element)
    return marked


def _headings(page: Page) -> list[HtmlElement]:
    found = [heading for heading in page.root.iter("h1") if text_of(heading)]
    return [heading for heading in found if not _is_apart(heading)] or found


def _around(heading: HtmlElement) -> HtmlElement:
    """The nearest element that looks like the article's: an `article` or `main`, or a few levels up."""
    last = heading
    for level, ancestor in enumerate(heading.iterancestors()):
        if ancestor.tag in {"body", "html"}:
            break
        last = ancestor
        if ancestor.tag in {"article", "main"} or level >= _NEAR:
            break
    return last


def _is_apart(element: HtmlElement, *, inside: HtmlElement | None = None) -> bool:
    """Whether an element belongs to navigation or teasers; what holds `inside` is not asked."""
    for ancestor in element.iterancestors():
        if ancestor is inside or ancestor.tag in {"body", "article", "main"}:
            return False
        if ancestor.tag in {"nav", "footer", "aside"} or class_words(ancestor) & _APART:
            return True
    return False


def _within(element: HtmlElement, holder: HtmlElement | None) -> bool:
    return holder is None or any(ancestor is holder for ancestor in element.iterancestors())


def _bylines(classed: list[HtmlElement], article: HtmlElement | None) -> list[str]:
    """Author links, or else bylines by their class: near the headline, or else anywhere if they are few."""
    for is_wanted in (_is_author_link, _is_byline):
        wanted = [element for element in classed if is_wanted(element)]
        near = _texts([element for element in wanted if _within(element, article)], inside=article)
        if near:
            return near
        anywhere = _texts(wanted, inside=None)
        if 0 < len(anywhere) <= _FEW:
            return anywhere
    return []


def _texts(bylines: list[HtmlElement], *, inside: HtmlElement | None) -> list[str]:
    """What stands in the innermost of bylines that lie in one another."""
    shown = [
        (element, text)
        for element in bylines
        if (text := text_of(element)) and len(text) <= _LONGEST_BYLINE and not _is_apart(element, inside=inside)
    ]
    holders = {ancestor for element, _ in shown for ancestor in element.iterancestors()}
    return list(dict.fromkeys(text for element, text in shown if element not in holders))


def _is_author_link(element: HtmlElement) -> bool:
    return "author" in (element.get("rel") or "").lower().split() and element.tag == "a"


def _is_byline(element: HtmlElement) -> bool:
    words = class_words(element)
    return (
        bool(words & _BYLINE)
        and not words & _NO_BYLINE
        and element.tag not in {"body", "html", "article", "main", "ul"}
    )


def _labels(classed: list[HtmlElement], article: HtmlElement | None) -> Iterator[str]:
    """Section labels beside the headline: links first, since a link leads to the section itself."""
    marked: list[str] = []
    for element in classed:
        related = {"category", "tag"}.issubset((element.get("rel") or "").lower().split())
        if not related and not class_words(element) & _LABEL:
            continue
        text = text_of(element)
        if (
            not text
            or len(text) > _LONGEST_LABEL
            or article is None
            or not _within(element, article)
            or _is_apart(element, inside=article)
        ):
            continue
        if related or element.tag == "a" or element.getparent().tag == "a":
            yield text
        else:
            marked.append(text)
    yield from marked


def _crumbs(classed: list[HtmlElement]) -> tuple[str, ...]:
    for element in classed:
        labelled = (element.get("aria-label") or "").strip().lower() in _TRAIL
        if not labelled and not class_words(element) & _TRAIL:
            continue
        names = tuple(text for link in element.iter("a") if (text := fold_space(text_of(link))))
        if names:
            return tuple(name for name in names if len(name) <= _LONGEST_LABEL)
    return ()


def _times(page: Page, article: HtmlElement | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Publication and update from `time` elements; of several publications the first one within the article counts."""
    published: list[tuple[int, str]] = []
    modified: list[str] = []
    for time in page.root.iter("time"):
        value = fold_space(time.get("datetime") or "")
        if not value or _is_apart(time):
            continue
        words = class_words(time) | class_words(time.getparent())
        if words & _UPDATED and not words & _PUBLISHED and time.get("pubdate") is None:
            modified.append(value)
            continue
        rank = 0 if time.get("pubdate") is not None else 1 if words & _PUBLISHED else 2
        published.append((rank if _within(time, article) else rank + 3, value))
    return tuple(value for _, value in sorted(published, key=lambda pair: pair[0])), tuple(modified)
