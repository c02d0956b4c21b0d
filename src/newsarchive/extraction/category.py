"""Chooses the section: one word or two that a reader would find over the article."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from newsarchive.extraction.naming import key, plain
from newsarchive.text import count_words, fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsarchive.extraction.findings import Findings

WEAK: Final = frozenset({
    "news", "nachrichten", "noticias", "notizie", "nyheder", "nyheter", "uutiset", "haber", "haberler", "berita",
    "novosti", "новости", "новини", "ニュース", "뉴스", "新闻", "actualites", "actualite", "actu", "aktuelles",
    "feature", "features", "magazine", "frontpage", "front", "other", "general",
})  # fmt: skip
"""Keys of sections that hold everything: one of them is taken where the page names nothing else."""

GENERIC: Final = frozenset({
    # the front page and the whole offer, in the languages of the development pages
    "home", "homepage", "start", "startseite", "front", "frontpage", "index", "accueil", "inicio", "inizio",
    "portada", "hjem", "hem", "etusivu", "anasayfa", "beranda", "trangchu", "главная", "головна", "首页", "ホーム",
    "top", "main", "site", "web", "news", "allnews", "latest", "latestnews", "breaking", "breakingnews", "topnews",
    "topstories", "headlines", "topstory", "nachrichten", "aktuell", "aktuelles", "actualites", "actualite", "actu",
    "noticias", "noticia", "notizie", "nyheder", "nyheter", "uutiset", "haber", "haberler", "berita", "novosti",
    "новости", "новини", "ニュース", "뉴스", "新闻", "newsroom", "ticker", "newsticker",
    # kinds of page
    "article", "articles", "artikel", "articolo", "articulo", "artigo", "story", "stories", "post", "posts", "blog",
    "blogs", "doc", "content", "page", "pages", "view", "read", "node", "id", "detail", "details", "archive",
    "archives", "archiv", "amp", "live", "liveblog", "video", "videos", "photo", "photos", "gallery", "galleries",
    "picture", "pictures", "podcast", "uncategorized", "uncategorised", "unkategorisiert", "nonclasse",
    "sincategoria", "senzacategoria", "other", "others", "general", "default", "featured", "feature", "features",
    "exclusive", "premium", "plus", "abo", "paid", "free", "subscriber", "magazine", "a", "s", "p", "n", "category",
    "categories", "section", "sections", "tag", "tags", "topic", "topics", "thema", "themen", "channel", "html",
    "app", "www", "desktop", "mobile", "en", "de", "fr", "es", "it", "eng", "english", "en us", "null", "none",
    "undefined", "more", "menu", "share", "search", "subscribe", "newsletter", "dpa", "sda", "afp", "reuters", "ap",
})  # fmt: skip
"""Keys of labels that stand for no section."""

_LONGEST = 60
_LONGEST_RAW = 1000  # characters of a list of sections
_MOST_LABELS = 50
_MOST_WORDS = 6
_SPLIT = re.compile(r"\s*[;|>»›]\s*|\s*,\s*|\s+/\s+|(?<=\w)/(?=\w)")
_PREFIX = re.compile(
    r"(?:categor(?:y|ies|ia|ía|ie)|catégories?|kategori[ea]?|rubri(?:c|ca|k|ka|ken|ques?)|ressort|section|рубрика|カテゴリー?|分类|분류)"
    r"(?:\s*[:：]\s*|\s+(?-i:(?=[^\W\d_a-z])))",
    re.IGNORECASE,
)
"""What a label says of itself: `Kategorie Kultur`."""
_QUOTED = re.compile('[«»“”„"]|:$')
_MOST_OF_A_SECTION = 20  # letters; what is longer and stands in the headline is a piece of it


def choose(found: Sequence[Findings], *, sites: frozenset[str], headline: str | None) -> tuple[tuple[str, ...], str]:
    """All sections that the page names, the main one first, and which reader gave the main one."""
    barred = sites | ({key(headline)} if headline else frozenset())
    labels: dict[str, tuple[str, str]] = {}
    readers: dict[str, set[str]] = {}
    for reader, raw in in_order(found):
        for text in _labels(raw[:_LONGEST_RAW], reader)[:_MOST_LABELS]:
            ruled = reader == "rule" and bool(key(text)) and len(text) <= _LONGEST
            if ruled or _is_label(text, barred):
                name = key(text)
                first, said = labels.setdefault(name, (text, reader))
                readers.setdefault(name, set()).add(reader)
                if _is_slug(first) and not _is_slug(text) and said != "rule":
                    labels[name] = (text, said)  # the same section, as people write it
    strong = [name for name in labels if name not in WEAK or "rule" in readers[name]]
    weak = [name for name in labels if name not in strong]
    shown = {name for name in strong if not readers[name] & _MACHINES}
    agreed = [name for name in weak if len(readers[name]) > 1]
    # What several sources call the section comes before a label that only looks like one.
    named = [*agreed, *strong] if agreed and shown == set(strong) else strong or weak
    if not named:
        return (), ""
    return tuple(labels[name][0] for name in named), labels[named[0]][1]


_MACHINES = frozenset({"rule", "json-ld", "breadcrumb", "microdata", "meta"})


def _is_slug(text: str) -> bool:
    """Whether a label is the content system's spelling: `public-service` for "Public Service"."""
    return text.islower() and text.isascii()


def in_order(found: Sequence[Findings]) -> Iterator[tuple[str, str]]:
    """Raw labels, best evidence first.

    Measured over 108 news pages with a known section: this order has 104 right, `articleSection` of JSON-LD alone 59.
    """
    for one in found:
        if one.reader in {"rule", "json-ld"}:  # in this order, as the readers were asked
            yield from ((one.reader, text) for text in one.sections)
    yield from (("breadcrumb", text) for text in reversed(_trail(found)))
    for reader in ("microdata", "meta", "visible"):
        yield from ((one.reader, text) for one in found if one.reader == reader for text in one.sections)
    for one in found:
        if one.reader == "url":
            yield from ((one.reader, text) for text in reversed(one.sections))


def _trail(found: Sequence[Findings]) -> tuple[str, ...]:
    """The breadcrumb: one told to machines, or else the shown one down to the place that the URL names as well.

    What is shown runs on into a menu of sections at times, and what the URL names ends the trail there.
    """
    told = max((one.crumbs for one in found if one.reader != "visible"), key=len, default=())
    if told:
        return told
    shown = max((one.crumbs for one in found), key=len, default=())
    path = {key(text) for one in found if one.reader == "url" for text in one.sections}
    ends = [place for place, crumb in enumerate(shown, start=1) if key(crumb) in path]
    return shown[: ends[-1]] if ends else shown


def _labels(raw: str, reader: str) -> list[str]:
    text = _PREFIX.sub("", plain(raw))
    if reader == "breadcrumb":
        return [text]  # a crumb is one place, commas and all
    if text.startswith("["):
        try:
            values = json.loads(text)
            return [part for part in values if isinstance(part, str)]
        except ValueError:
            text = text.strip("[]")
    if len(text) <= _LONGEST and count_words(text) <= 2 and not _SPLIT.search(text):  # noqa: PLR2004 - one label
        return [text]
    return [part for part in _SPLIT.split(text) if part]


def _is_label(text: str, barred: frozenset[str]) -> bool:
    name = key(text)
    if (
        not name
        or (name in GENERIC and name not in WEAK)
        or name in barred
        or len(text) > _LONGEST
        or count_words(text) > _MOST_WORDS
    ):
        return False
    if any(name in other for other in barred if len(name) > _MOST_OF_A_SECTION):
        return False  # the last crumb is often the headline, cut short
    if any(char.isdigit() for char in text) and " " not in text:
        return False  # a number or a code of the content system
    if _QUOTED.search(text):
        return False  # a piece of a headline
    return "http" not in fold(text) and "@" not in text
