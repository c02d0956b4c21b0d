"""Reads `meta` and `link` elements: Open Graph and the families that publishers' tools ask for.

Open Graph: https://ogp.me/; Dublin Core: https://www.dublincore.org/specifications/dublin-core/dcq-html/; the names of
Parse.ly, Sailthru, Chartbeat, Highwire (`citation_*`) and of large publishers are those of their integration guides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from newsarchive.extraction.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsarchive.extraction.tree import Page

READER: Final = "meta"

HEADLINE = (
    "og:title", "parsely-title", "sailthru.title", "dc.title", "dcterms.title", "citation_title", "twitter:title",
    "headline", "hdl", "title",
)  # fmt: skip
PUBLISHED = (
    "article:published_time", "article:published", "og:published_time", "datepublished", "parsely-pub-date",
    "cxenseparse:recs:publishtime", "citation_online_date", "citation_publication_date", "dcterms.created",
    "dc.date.issued", "dcterms.issued", "dc.date.created", "dc.created", "dcterms.date", "dc.date", "date.created",
    "sailthru.date", "publish-date", "publish_date", "published_date", "publication_date", "pubdate",
    "article.published", "article_date_original", "originalpublicationdate", "displaydate", "rnews:datepublished",
    "ptime", "pdate", "date", "article:post_date", "article:published_date", "published_time", "bt:pubdate",
    "last-publish", "published", "og:pubdate", "og:article:published_time", "cse_date",
    "shareaholic:article_published_time", "iso-8601-publish-date",
)  # fmt: skip
MODIFIED = (
    "article:modified_time", "article:modified", "og:updated_time", "datemodified", "dcterms.modified",
    "dc.date.modified", "dc.modified", "article.updated", "lastmod", "last-modified", "revised", "utime", "lp",
    "article:modified_date", "bt:moddate", "shareaholic:article_modified_time",
)  # fmt: skip
AUTHOR = (
    "author", "parsely-author", "sailthru.author", "article:author", "article:author_name", "dc.creator",
    "dcterms.creator", "citation_author", "byl", "creator", "og:author", "rnews:author", "cxenseparse:author",
    "authors", "article:authors", "byline", "vr:author", "mediator_author",
)  # fmt: skip
SECTION = (
    "article:section", "parsely-section", "cxenseparse:recs:category", "article:section:name", "sailthru.section",
    "section", "og:section", "category", "dc.subject.section", "page.section", "cxenseparse:section",
    "prism.section", "article.section", "contentsection", "channel", "rubric", "subsection", "news_category",
    "vr:category", "cg",
)  # fmt: skip
TAGS = ("article:tag", "og:article:tag", "parsely-tags", "sailthru.tags", "news_keywords", "keywords", "dc.subject")
LANGUAGE = ("og:locale", "content-language", "dc.language", "dcterms.language", "language", "inlanguage")
DESCRIPTION = ("og:description", "description", "twitter:description", "dc.description", "sailthru.description")
IMAGE = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "parsely-image-url")
SITE = ("og:site_name", "application-name", "citation_journal_title", "dc.publisher", "apple-mobile-web-app-title")
CANONICAL = ("og:url", "parsely-link", "twitter:url")
ORIGINAL = ("syndication-source", "original-source")
"""What Google News asked copies to name: where the text comes from, and who had the story first."""
TIER = (
    "article:content_tier", "og:article:content_tier", "content_tier", "content-tier", "article:access", "access-level",
    "accesslevel", "content-access", "is_premium", "ispremium", "premium", "paywall", "article:premium",
    "isaccessibleforfree", "article:is_accessible_for_free",
)  # fmt: skip
"""Where pages say whether all may read them."""
_IS_WALL = frozenset({"is_premium", "ispremium", "premium", "paywall", "article:premium"})
"""Of these, the ones that say so where all may not."""
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_TIERS = {"free": True, "open": True, "public": True} | dict.fromkeys(
    ("metered", "locked", "premium", "paid", "subscriber", "subscribers", "subscription", "closed"), False
)


def read(page: Page) -> Findings:
    """All that the page's `meta` elements say."""
    metas = page.metas
    links = _links(page)
    return Findings(
        READER,
        headlines=_all(metas, HEADLINE),
        sections=_all(metas, SECTION),
        published=_all(metas, PUBLISHED),
        modified=_all(metas, MODIFIED),
        authors=_first(metas, AUTHOR),
        tags=_first(metas, TAGS),
        languages=_all(metas, LANGUAGE),
        descriptions=_all(metas, DESCRIPTION),
        images=_all(metas, IMAGE),
        sources=_all(metas, SITE),
        canonical=(*links.get("canonical", ()), *_all(metas, CANONICAL)),
        amp=tuple(links.get("amphtml", ())),
        originals=_all(metas, ORIGINAL),
        is_free=_is_free(metas),
    )


def _all(metas: dict[str, tuple[str, ...]], names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(content for name in names for content in metas.get(name, ())))


def _first(metas: dict[str, tuple[str, ...]], names: Iterable[str]) -> tuple[str, ...]:
    """Families repeat one another with other spellings: one family's whole list, not the union of all."""
    for name in names:
        contents = tuple(text for text in metas.get(name, ()) if not text.startswith(("http:", "https:", "/")))
        if contents:
            return contents
    return ()


def _links(page: Page) -> dict[str, list[str]]:
    """Where `link` elements lead, by their relation."""
    found: dict[str, list[str]] = {}
    for link in page.tagged("link"):
        rel, href = link.get("rel"), link.get("href")
        if rel and href:
            for name in rel.lower().split():
                found.setdefault(name, []).append(href)
    return found


def _is_free(metas: dict[str, tuple[str, ...]]) -> bool | None:
    for name in TIER:
        for content in metas.get(name, ()):
            word = content.rpartition("/")[2].lower()
            if word in _TIERS:
                return _TIERS[word]
            if word in _TRUTHS:
                return _TRUTHS[word] is not (name in _IS_WALL)
    return None
