"""Ways to publish the same article as HTML, one for each outlet; they differ in where they tell what.

- gazette: a common blog theme. Microdata (https://html.spec.whatwg.org/multipage/microdata.html), hardly any metas.
- structured: a schema.org NewsArticle in a JSON-LD graph, with breadcrumbs (https://schema.org/NewsArticle).
- open-graph: Open Graph and its article properties (https://ogp.me/).
- delta: Vietnamese; the lead stands apart, the author at the end, the date in a meta of its own.
- plain: a byline and a `time` element, and nothing for machines beyond the title.

A sixth is what any of them can be redesigned to: bare tells headline, time and text, and nothing else of the article.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any, Final, Protocol

from newsarchive.sample import chrome
from newsarchive.sample.articles import Kind

if TYPE_CHECKING:
    from datetime import datetime

    from newsarchive.sample.articles import SampleArticle
    from newsarchive.sample.chrome import Frame

_VIETNAMESE_DAYS: Final = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")
_DESCRIPTION: Final = 160
"""Characters of a description that search engines show."""
_HUES: Final = {"gazette": 210, "structured": 30, "open-graph": 160, "delta": 350, "plain": 90, "bare": 270}


class Theme(Protocol):
    """Writes one article as a page."""

    def __call__(self, frame: Frame, article: SampleArticle) -> str:
        """The whole page."""


def article_page(frame: Frame, article: SampleArticle) -> str:
    """An article in its outlet's theme."""
    return _THEMES[frame.outlet.theme](frame, article)


def page(frame: Frame, *, prefix: str, language: str, head: str, body: str) -> str:
    """A whole page around what is its own."""
    return (
        f'<!DOCTYPE html>\n<html lang="{chrome.LOCALES[language]}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{head}{chrome.feed_link(frame)}'
        f"{chrome.style(prefix, hue=_HUES[frame.outlet.theme])}{chrome.script(frame, prefix)}</head>\n"
        f'<body class="{prefix}-page"><header class="{prefix}-head"><a href="/">{escape(frame.outlet.title)}</a>'
        f"{chrome.menu(frame, prefix)}</header>\n{body}\n{chrome.footer(frame, prefix)}</body></html>\n"
    )


def _title(frame: Frame, article: SampleArticle, joint: str) -> str:
    return f"<title>{escape(article.headline)}{joint}{escape(frame.outlet.title)}</title>"


def _canonical(frame: Frame, article: SampleArticle) -> str:
    path = article.target[1] if article.kind is Kind.PRINT and article.target else article.path
    return f'<link rel="canonical" href="{frame.origin}{path}">'


def _description(article: SampleArticle) -> str:
    text = article.paragraphs[0]
    return escape(text if len(text) <= _DESCRIPTION else text[:_DESCRIPTION].rsplit(" ", 1)[0] + " …")


def _time(article: SampleArticle) -> str:
    """The day for people and the moment for machines; nothing without a date."""
    if article.published is None:
        return ""
    return f'<time datetime="{article.published.isoformat()}">{chrome.long_day(article.published)}</time>'


def _paragraphs(texts: tuple[str, ...]) -> str:
    return "\n".join(f"<p>{escape(text, quote=False)}</p>" for text in texts)


def _section_link(frame: Frame, article: SampleArticle, css: str) -> str:
    for section in frame.outlet.sections:
        if section.title == article.category:
            return f'<a class="{css}" href="{frame.outlet.section_url_path(section)}">{escape(section.title)}</a>'
    return ""


def _gazette(frame: Frame, article: SampleArticle) -> str:
    url = article.url(frame.port)
    when = article.published.isoformat() if article.published else ""
    body = f"""<article id="gz-article" class="gz-body" itemscope itemtype="http://schema.org/NewsArticle">
<header id="gz-post-head"><h3 class="gz-post-cat">{_section_link(frame, article, "gz-post-cat-link")}</h3>
<h1 class="gz-post-title entry-title" itemprop="headline">{escape(article.headline)}</h1>
<div class="gz-author-info"><p>Published</p> <span class="gz-post-date">4 weeks ago</span> <p>on</p>
<time class="post-date" itemprop="datePublished" datetime="{when}">{chrome.long_day(article.published)}</time>
<p>By</p> <span class="author-name vcard fn author" itemprop="author">{_linked(article.authors, frame)}</span>
</div></header>
{chrome.share(frame, "gz", url)}
<div id="gz-post-content"><div id="gz-content-main" itemprop="articleBody">
{_paragraphs(article.paragraphs)}
</div></div>
<div class="gz-post-tags"><span>Related Topics:</span>{_section_link(frame, article, "gz-tag")}</div>
{chrome.share(frame, "gz", url)}{chrome.boxes(frame, "gz")}<p class="gz-comments">{frame.say("comments")}</p></article>
{chrome.sidebar(frame, "gz")}"""
    head = _title(frame, article, " - ") + _canonical(frame, article)
    return page(frame, prefix="gz", language=article.language, head=head, body=body)


def _linked(authors: tuple[str, ...], frame: Frame) -> str:
    links = [f'<a href="/author/{name.lower().replace(" ", "-")}/" rel="author">{escape(name)}</a>' for name in authors]
    return f" {frame.say('and')} ".join(links)


def _structured(frame: Frame, article: SampleArticle) -> str:
    url = article.url(frame.port)
    free = article.kind is not Kind.PAYWALLED
    graph = {"@context": "https://schema.org", "@graph": _graph(frame, article, url)}
    data = json.dumps(graph, ensure_ascii=False).replace("</", r"<\/")
    head = (
        f"{_title(frame, article, ' | ')}{_canonical(frame, article)}"
        f'<meta name="description" content="{_description(article)}"><meta property="og:type" content="article">'
        f'<meta property="og:site_name" content="{frame.outlet.title}">'
        f'<script type="application/ld+json">{data}</script>'
    )
    wall = '<div class="nl-wall nl-box"><h2>Read on with a subscription</h2><a href="/subscribe">See offers</a></div>'
    byline = f"{frame.say('by')} {escape(chrome.names(frame, article.authors))}"
    body = f"""<main class="nl-body"><ol class="nl-crumbs"><li><a href="/">{frame.say("home")}</a></li>
<li>{_section_link(frame, article, "nl-crumb")}</li></ol>
<article><h1>{escape(article.headline)}</h1><div class="nl-meta"><span class="nl-byline">{byline}</span>
{_time(article)} <a class="nl-print" href="/print{article.path}">{frame.say("print")}</a></div>
{chrome.share(frame, "nl", url)}
<div class="nl-text {"" if free else "nl-teaser-only"}">{_paragraphs(article.paragraphs)}</div>{"" if free else wall}
</article>{chrome.boxes(frame, "nl")}</main>{chrome.sidebar(frame, "nl")}"""
    return page(frame, prefix="nl", language=article.language, head=head, body=body)


def _graph(frame: Frame, article: SampleArticle, url: str) -> list[dict[str, Any]]:
    section = f"{frame.origin}/{article.path.split('/')[1]}"
    return [
        *_site_nodes(frame, article, url),
        _crumbs((frame.outlet.title, f"{frame.origin}/"), (article.category, section), (article.headline, url)),
        _story_node(frame, article, url),
    ]


def _site_nodes(frame: Frame, article: SampleArticle, url: str) -> list[dict[str, Any]]:
    publisher = {"@id": f"{frame.origin}/#organization"}
    title = frame.outlet.title
    return [
        {"@type": "Organization", **publisher, "name": title, "url": f"{frame.origin}/"},
        {"@type": "WebSite", "@id": f"{frame.origin}/#website", "name": title, "publisher": publisher},
        {"@type": "WebPage", "@id": url, "url": url, "name": f"{article.headline} | {title}"},
    ]


def _crumbs(*places: tuple[str, str]) -> dict[str, Any]:
    items = [
        {"@type": "ListItem", "position": place, "name": name, "item": item}
        for place, (name, item) in enumerate(places, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def _story_node(frame: Frame, article: SampleArticle, url: str) -> dict[str, Any]:
    free = article.kind is not Kind.PAYWALLED
    story: dict[str, Any] = {
        "@type": "NewsArticle",
        "@id": f"{url}#article",
        "mainEntityOfPage": {"@id": url},
        "headline": article.headline,
        "description": article.paragraphs[0],
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "articleSection": article.category,
        "inLanguage": "en-GB",
        "isAccessibleForFree": free,
        "image": [f"{frame.origin}/media/{article.path.rsplit('-', 1)[-1]}.jpg"],
        "publisher": {"@id": f"{frame.origin}/#organization"},
    }
    if article.published and article.modified:
        story |= {"datePublished": article.published.isoformat(), "dateModified": article.modified.isoformat()}
    if not free:
        story["hasPart"] = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".nl-teaser-only"}
    return story


def _open_graph(frame: Frame, article: SampleArticle) -> str:
    url = article.url(frame.port)
    metas = {
        "og:type": "article",
        "og:title": f"{article.headline} | {frame.outlet.title}",
        "og:description": article.paragraphs[0],
        "og:url": url,
        "og:site_name": frame.outlet.title,
        "og:image": f"{frame.origin}/media/agency-{len(article.headline)}.jpg",
        "og:locale": "en_GB",
        "article:published_time": article.published.isoformat() if article.published else "",
        "article:modified_time": article.modified.isoformat() if article.modified else "",
        "article:section": article.category,
    }
    tags = "".join(f'<meta property="{key}" content="{escape(value)}">' for key, value in metas.items())
    tags += "".join(f'<meta name="author" content="{escape(name)}">' for name in article.authors)
    clock = f"{article.published:%H:%M} GMT" if article.published else ""
    body = f"""<main id="content" class="cw-body">
<div class="cw-eyebrow">{_section_link(frame, article, "cw-channel")}</div>
<h1 class="cw-headline">{escape(article.headline)}</h1>
<div class="cw-dateline">{chrome.long_day(article.published)} / {clock}</div>
{chrome.share(frame, "cw", url)}<div class="cw-copy">
{_paragraphs(article.paragraphs)}
</div><div class="cw-attribution">Reporting by {escape(chrome.names(frame, article.authors))}</div>
{chrome.boxes(frame, "cw")}</main>{chrome.sidebar(frame, "cw")}"""
    head = _title(frame, article, " | ") + _canonical(frame, article) + tags
    return page(frame, prefix="cw", language=article.language, head=head, body=body)


def _delta(frame: Frame, article: SampleArticle) -> str:
    url = article.url(frame.port)
    when = article.published
    modified = article.modified.isoformat() if article.modified else ""
    lead, rest = article.paragraphs[0], article.paragraphs[1:]
    head = (
        f"{_title(frame, article, ' - ')}{_canonical(frame, article)}"
        f'<meta name="pubdate" itemprop="datePublished" content="{when.isoformat() if when else ""}">'
        f'<meta name="lastmod" itemprop="dateModified" content="{modified}">'
        f'<meta property="og:type" content="article"><meta property="og:title" content="{escape(article.headline)}">'
        f'<meta property="og:site_name" content="{frame.outlet.title}">'
        f'<meta name="its_section" content="{article.category}">'
    )
    body = f"""<section class="dl-detail dl-body">
<ul class="breadcrumb"><li>{_section_link(frame, article, "dl-cat")}</li></ul>
<span class="date">{_vietnamese_day(when)}</span><h1 class="title-detail">{escape(article.headline)}</h1>
<article class="fck_detail"><p class="description">{escape(lead, quote=False)}</p>
{_paragraphs(rest)}
<p class="author_mail"><strong>{escape(", ".join(article.authors))}</strong></p></article>
{chrome.share(frame, "dl", url)}{chrome.boxes(frame, "dl")}</section>{chrome.sidebar(frame, "dl")}"""
    return page(frame, prefix="dl", language=article.language, head=head, body=body)


def _vietnamese_day(when: datetime | None) -> str:
    if when is None:
        return ""
    return f"{_VIETNAMESE_DAYS[when.weekday()]}, {when.day}/{when.month}/{when.year}, {when:%H:%M} (GMT+7)"


def _plain(frame: Frame, article: SampleArticle) -> str:
    body = f"""<div class="rh-body"><p class="rh-kicker">{_section_link(frame, article, "rh-section")}</p>
<h1>{escape(article.headline)}</h1>
<p class="byline">By {escape(chrome.names(frame, article.authors))}, {escape(frame.outlet.title)}</p>
<p class="dateline">{_time(article)}</p>
<div class="story">
{_paragraphs(article.paragraphs)}
</div>{chrome.share(frame, "rh", article.url(frame.port))}{chrome.boxes(frame, "rh")}</div>
{chrome.sidebar(frame, "rh")}"""
    head = _title(frame, article, " – ") + _canonical(frame, article)
    return page(frame, prefix="rh", language=article.language, head=head, body=body)


def _bare(frame: Frame, article: SampleArticle) -> str:
    body = f"""<main class="br-body"><h1>{escape(article.headline)}</h1>{_time(article)}
<div class="br-story">
{_paragraphs(article.paragraphs)}
</div>{chrome.share(frame, "br", article.url(frame.port))}{chrome.boxes(frame, "br")}</main>"""
    head = _title(frame, article, " · ") + _canonical(frame, article)
    return page(frame, prefix="br", language=article.language, head=head, body=body)


_THEMES: Final[dict[str, Theme]] = {
    "gazette": _gazette,
    "structured": _structured,
    "open-graph": _open_graph,
    "delta": _delta,
    "plain": _plain,
    "bare": _bare,
}


def print_page(frame: Frame, article: SampleArticle) -> str:
    """The print view: the text, and a canonical link to the article."""
    return (
        f'<!DOCTYPE html>\n<html lang="{chrome.LOCALES[article.language]}"><head><meta charset="utf-8">'
        f"{_title(frame, article, ' - ')}{_canonical(frame, article)}</head>\n"
        f'<body class="print"><article><h1>{escape(article.headline)}</h1><p class="byline">By '
        f"{escape(chrome.names(frame, article.authors))}</p>{_time(article)}\n"
        f"{_paragraphs(article.paragraphs)}</article></body></html>\n"
    )


def about_page(frame: Frame, entry: SampleArticle) -> str:
    """A page that tells about the outlet and is no article."""
    head = f'{_title(frame, entry, " | ")}{_canonical(frame, entry)}<meta property="og:type" content="website">'
    body = f'<main class="cw-body"><h1>{escape(entry.headline)}</h1>{_paragraphs(entry.paragraphs)}</main>'
    return page(frame, prefix="cw", language=entry.language, head=head, body=body)
