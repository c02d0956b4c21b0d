"""Reads JSON-LD: the article's own node, and what the nodes about its page and site add.

Syntax: https://www.w3.org/TR/json-ld11/; words: https://schema.org/NewsArticle. No context is ever loaded: a page's
words are taken for schema.org's, as search engines do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from newsarchive.extraction.findings import Findings
from newsarchive.extraction.loosejson import loads
from newsarchive.text import fold, fold_space

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsarchive.extraction.tree import Page

READER: Final = "json-ld"
PAGE_READER: Final = "json-ld-page"

ARTICLE_TYPES: Final = {
    "NewsArticle": 3, "ReportageNewsArticle": 3, "AnalysisNewsArticle": 3, "OpinionNewsArticle": 3,
    "BackgroundNewsArticle": 3, "ReviewNewsArticle": 3, "AskPublicNewsArticle": 3, "LiveBlogPosting": 3,
    "AdvertiserContentArticle": 3, "Article": 2, "BlogPosting": 2, "Report": 2, "TechArticle": 2,
    "ScholarlyArticle": 2, "SatiricalArticle": 2, "SocialMediaPosting": 1, "MedicalScholarlyArticle": 2,
}  # fmt: skip
"""Types of an article's node, and how sure each is."""
_NEWS = 3
PAGE_TYPES: Final = frozenset(
    {"WebPage", "ItemPage", "AboutPage", "CollectionPage", "WebSite", "NewsMediaOrganization"}
)

_INTO = ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemReviewed")
_MAX_DATA = 6_000_000  # characters of all scripts together
_MAX_NODES = 2000
_MAX_TEXT = 400_000
_MAX_VALUE = 10_000  # characters of any value but the text
_MAX_TRAILS = 20
_MOST_TITLES = 20
_LONGEST_TITLE = 500
_MOST_ENTRIES = 2000
_PERSON_LISTS = ("author", "creator", "contributor")

Node = dict[str, Any]


class _Graph:
    """All nodes of a page, those that others refer to by `@id` among them."""

    def __init__(self, values: Iterable[Any]) -> None:
        self.nodes = list(_walk(values))
        self.types = [types_of(node) for node in self.nodes]
        self.crumbs: tuple[str, ...] | None = None
        self._by_id = {node["@id"]: node for node in self.nodes if isinstance(node.get("@id"), str) and len(node) > 1}

    def resolve(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value can stand anywhere
        if isinstance(value, dict) and isinstance(value.get("@id"), str) and not value.get("name"):
            return self._by_id.get(value["@id"], value)
        return value

    def texts(self, value: Any, *, key: str = "name") -> tuple[str, ...]:  # noqa: ANN401 - as above
        """The words of a value: a text itself, a number, a node's `key`, or all of a list's."""
        found: list[str] = []
        for part in _listed(value):
            node = self.resolve(part)
            if isinstance(node, str | int | float) and not isinstance(node, bool):
                found.append(fold_space(str(node)[:_MAX_VALUE]))
            elif isinstance(node, dict):
                named = _listed(node.get(key) or node.get("@value"))
                found.extend(fold_space(name[:_MAX_VALUE]) for name in named if isinstance(name, str))
        return tuple(dict.fromkeys(text for text in found if text))


def read(page: Page) -> tuple[Findings, ...]:
    """The article's node and, as weaker evidence, the page's."""
    graph = _Graph(_scripts(page))
    if not graph.nodes:
        return ()
    article = _main_article(graph, page)
    found = [_article_findings(graph, article)] if article else []
    return (*found, _page_findings(graph))


def _scripts(page: Page) -> Iterator[Any]:
    left = _MAX_DATA
    for script in page.tagged("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text and len(script.text) <= left:
            left -= len(script.text)
            yield from loads(script.text)


def _walk(values: Iterable[Any]) -> Iterator[Node]:
    waiting = list(values)[::-1]  # a stack; the page's order is kept by turning what goes onto it
    count = 0
    while waiting and count < _MAX_NODES:
        value = waiting.pop()
        count += 1
        if isinstance(value, list):
            waiting.extend(part for part in value[:_MAX_NODES][::-1] if isinstance(part, dict | list))
        elif isinstance(value, dict):
            yield value
            waiting.extend(value[key] for key in reversed(_INTO) if isinstance(value.get(key), dict | list))


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - as above
    if isinstance(value, list):
        flat: list[Any] = []
        for part in value[:200]:
            flat.extend(part if isinstance(part, list) else [part])
        return flat
    return [] if value is None else [value]


def types_of(node: Node) -> frozenset[str]:
    """A node's types, without the vocabulary in front.

    >>> sorted(types_of({"@type": ["http://schema.org/NewsArticle", "schema:Report"]}))
    ['NewsArticle', 'Report']
    """
    return frozenset(
        name.rpartition("/")[2].rpartition(":")[2].strip()
        for name in _listed(node.get("@type"))
        if isinstance(name, str)
    )


def _main_article(graph: _Graph, page: Page) -> Node | None:
    """The article this page is about: pages describe their teasers as well."""
    titles = {fold(text) for name in ("og:title", "twitter:title") for text in page.metas.get(name, ())}
    shown = (*page.tagged("title")[:1], *page.tagged("h1")[:_MOST_TITLES])
    titles.update(fold(fold_space((title.text or "")[:_LONGEST_TITLE])) for title in shown)
    titles.discard("")
    best: Node | None = None
    best_score = 0.0
    for node, types in zip(graph.nodes, graph.types, strict=True):
        sure = max((ARTICLE_TYPES.get(name, 0) for name in types), default=0)
        if not sure:
            continue
        headline = fold(" ".join(graph.texts(node.get("headline") or node.get("name"))[:1])[:_LONGEST_TITLE])
        same_title = bool(headline) and any(headline in title or title in headline for title in titles)
        links = (*graph.texts(node.get("url")), *graph.texts(node.get("mainEntityOfPage"), key="@id"))
        same_url = any(_same_page(link, page) for link in links)
        score = sure + 4 * same_title + 3 * same_url + 2 * ("datePublished" in node) + min(len(node), 20) / 20
        if score > best_score:
            best, best_score = node, score
    return best


def _same_page(link: str, page: Page) -> bool:
    return bool(page.url) and link.partition("#")[0].rstrip("/") == page.url.partition("#")[0].rstrip("/")


def _article_findings(graph: _Graph, node: Node) -> Findings:
    texts = graph.texts
    return Findings(
        READER,
        headlines=(*texts(node.get("headline")), *texts(node.get("name")), *texts(node.get("alternativeHeadline"))),
        sections=texts(node.get("articleSection")),
        crumbs=_crumbs(graph),
        published=(*texts(node.get("datePublished")), *texts(node.get("dateCreated")), *texts(node.get("uploadDate"))),
        modified=texts(node.get("dateModified")),
        authors=_authors(graph, node),
        tags=_keywords(graph, node),
        languages=texts(node.get("inLanguage"), key="alternateName") or texts(node.get("inLanguage")),
        descriptions=texts(node.get("description")),
        images=texts(node.get("image"), key="url") or texts(node.get("thumbnailUrl")),
        sources=texts(node.get("publisher")) or texts(node.get("sourceOrganization")),
        canonical=texts(node.get("mainEntityOfPage"), key="@id") + texts(node.get("url")),
        is_news=any(ARTICLE_TYPES.get(name) == _NEWS for name in types_of(node)),
        originals=_originals(graph, node),
        is_free=_is_free(graph, node),
        text=_text(node),
        entries=_entries(node),
    )


def _originals(graph: _Graph, node: Node) -> tuple[str, ...]:
    """What the article is based on (https://schema.org/isBasedOn), as far as it is named by its address."""
    based = [*_listed(node.get("isBasedOn")), *_listed(node.get("isBasedOnUrl"))]
    links = (*graph.texts(based, key="url"), *graph.texts(based, key="@id"))
    return tuple(dict.fromkeys(link for link in links if link.startswith(("http:", "https:"))))


def _is_free(graph: _Graph, node: Node) -> bool | None:
    """`isAccessibleForFree` of the article, or else of its parts: one that is not free is behind the wall.

    https://developers.google.com/search/docs/appearance/structured-data/paywalled-content
    """
    free = _truth(node.get("isAccessibleForFree"))
    parts = [graph.resolve(part) for part in _listed(node.get("hasPart"))]
    told = [_truth(part.get("isAccessibleForFree")) for part in parts if isinstance(part, dict)]
    if free is None and told:
        free = False if False in told else True if True in told else None
    return free


def _page_findings(graph: _Graph) -> Findings:
    pages = [node for node, types in zip(graph.nodes, graph.types, strict=True) if types & PAGE_TYPES][:_MAX_TRAILS]
    texts = graph.texts
    return Findings(
        PAGE_READER,
        crumbs=_crumbs(graph),
        published=tuple(text for node in pages for text in texts(node.get("datePublished"))),
        modified=tuple(text for node in pages for text in texts(node.get("dateModified"))),
        languages=tuple(text for node in pages for text in texts(node.get("inLanguage"), key="alternateName")),
        descriptions=tuple(text for node in pages for text in texts(node.get("description"))),
        sources=tuple(text for node in pages for text in _site_names(graph, node)),
        is_free=next((free for node in pages if (free := _truth(node.get("isAccessibleForFree"))) is not None), None),
    )


def _site_names(graph: _Graph, node: Node) -> tuple[str, ...]:
    if types_of(node) & {"WebSite", "NewsMediaOrganization"}:
        return graph.texts(node.get("name"))
    return (*graph.texts(node.get("publisher")), *graph.texts(node.get("isPartOf")))


def _authors(graph: _Graph, node: Node) -> tuple[str, ...]:
    for key in _PERSON_LISTS[:2]:
        names = [name for part in _listed(node.get(key)) for name in _names(graph, part)]
        if names:
            return tuple(dict.fromkeys(names))
    return graph.texts(node.get(_PERSON_LISTS[2]))


def _names(graph: _Graph, part: Any) -> tuple[str, ...]:  # noqa: ANN401 - as above
    person = graph.resolve(part)
    if isinstance(person, dict) and not person.get("name"):
        both = (*graph.texts(person.get("givenName")), *graph.texts(person.get("familyName")))
        return (" ".join(both),) if both else ()
    return graph.texts(person)


def _keywords(graph: _Graph, node: Node) -> tuple[str, ...]:
    return graph.texts(node.get("keywords")) or graph.texts(node.get("about"))


def _crumbs(graph: _Graph) -> tuple[str, ...]:
    """The names of the longest breadcrumb trail, front page first."""
    if graph.crumbs is None:
        inner = (graph.resolve(node["breadcrumb"]) for node in graph.nodes if "breadcrumb" in node)
        trails = [trail for trail in (*inner, *graph.nodes) if isinstance(trail, dict) and _is_trail(trail)]
        named = (_trail(graph, trail) for trail in trails[:_MAX_TRAILS])
        graph.crumbs = max(named, key=len, default=())
    return graph.crumbs


def _is_trail(node: Node) -> bool:
    return "BreadcrumbList" in types_of(node)


def _trail(graph: _Graph, trail: Node) -> tuple[str, ...]:
    placed: list[tuple[float, str]] = []
    for place, entry in enumerate(_listed(trail.get("itemListElement")), start=1):
        if isinstance(entry, dict):
            names = graph.texts(entry.get("name")) or graph.texts(entry.get("item"))
            if names and not names[0].startswith(("http:", "https:")):
                placed.append((_number(entry.get("position"), default=place), names[0]))
    return tuple(name for _, name in sorted(placed, key=lambda pair: pair[0]))


def _number(value: Any, *, default: int) -> float:  # noqa: ANN401 - as above
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return default


def _truth(value: Any) -> bool | None:  # noqa: ANN401 - as above
    """A boolean as pages write it.

    >>> _truth("False"), _truth(True), _truth("http://schema.org/True"), _truth("metered")
    (False, True, True, None)
    """
    if isinstance(value, bool):
        return value
    word = str(value).rpartition("/")[2].strip().lower() if isinstance(value, str | int) else ""
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(word)


def _text(node: Node) -> str:
    """`articleBody`, or the updates of a live blog, newest first as they stand; paragraphs keep their line breaks."""
    body = node.get("articleBody")
    if isinstance(body, str) and body.strip():
        return body[:_MAX_TEXT]
    return "\n".join(text for _, text in _entries(node))[:_MAX_TEXT]


def _entries(node: Node) -> tuple[tuple[str, str], ...]:
    """The updates of a live blog (https://schema.org/LiveBlogPosting) in their order, headline and text of each."""
    updates = node.get("liveBlogUpdate")
    listed = updates if isinstance(updates, list) else [updates]
    return tuple(entry for part in listed[:_MOST_ENTRIES] if isinstance(part, dict) and (entry := _entry(part)))


def _entry(update: Node) -> tuple[str, str] | None:
    time = next((text for key in ("datePublished", "dateModified") if isinstance(text := update.get(key), str)), "")
    lines = [text.strip() for key in ("headline", "articleBody") if isinstance(text := update.get(key), str)]
    words = "\n".join(dict.fromkeys(line for line in lines if line))
    return (time.strip(), words) if words else None
