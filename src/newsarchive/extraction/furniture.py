"""Takes off what trafilatura leaves of a page's furniture: repeated headline, bylines, dates, share bars, link lists.

Only lines that can be told by themselves or by the page's own headline, authors and links go; the patterns are the
wordings of content systems and themes in the languages of the development pages. Measured over 181 news pages with a
text known word for word: 42 % come out exactly right, against 29 % before the clean-up.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from lxml import etree

from newsarchive.extraction.naming import key
from newsarchive.extraction.tree import text_of
from newsarchive.text import count_words, fold, fold_space

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lxml.html import HtmlElement

    from newsarchive.extraction.body import Block
    from newsarchive.extraction.tree import Page

LABELS: Final = frozenset({
    "share", "sharethis", "sharethisarticle", "sharethisstory", "sharethispost", "shareonfacebook",
    "shareontwitter", "shareonx", "shareonwhatsapp", "shareviaemail", "shareonlinkedin", "tweet", "tweetthis",
    "pin", "pinit", "email", "emailthis", "print", "facebook", "twitter", "whatsapp", "telegram", "linkedin",
    "reddit", "pinterest", "copylink", "link", "linkcopied", "save", "savearticle", "bookmark", "like", "likethis",
    "comment", "comments", "leaveacomment", "joinconversation", "jointheconversation", "connectwithus", "followus",
    "follow", "advertisement", "advertisment", "ad", "ads", "anzeige", "werbung", "publicite", "publicidad",
    "publicidade", "pubblicita", "reklam", "reklame", "annons", "annonse", "реклама", "広告", "광고", "iklan",
    "quangcao", "published", "publishedon", "on", "by", "updated", "readmore", "relatedarticles", "related",
    "relatedstories", "relatednews", "relatedposts", "relatedtopics", "readalso", "alsoread", "recommended",
    "recommendedforyou", "youmaylike", "youmayalsolike", "youmightlike", "youmightalsolike", "uptonext", "dontmiss",
    "upnext", "trending", "mostread", "mostpopular", "teilen", "drucken", "kommentare", "mehrzumthema", "lesenauch",
    "lesensieauch", "partager", "lireaussi", "compartir", "compartilhar", "condividi", "leggianche", "leatambien",
    "del", "dela", "jaa", "paylas", "bagikan", "поделиться", "scrolltocontinue", "storycontinuesbelow",
    "articlecontinuesbelow", "storycontinuesbelowadvertisement", "continuereading", "continuereadingthemainstory",
    "loading", "imagesource", "imagecaption", "viewimageinfullscreen", "listentothisarticle", "listen", "subscribe",
    "subscribenow", "signup", "tags", "topics", "skipadvertisement", "skippastnewsletterpromotion",
    "tocontinuereadingsubscribe", "moreonthisstory",
})  # fmt: skip
"""Keys of whole lines that are no part of any text."""

TAIL: Final = (
    r"(?:tags?|topics?|filed under|keywords?|themen|schlagw[öo]rter|stichw[öo]rter|mots[- ]cl[ée]s|etiquetas|теги)\s*:",
    r"(?:copyright\b|©|\(c\)\s*\d{4}|all rights reserved)",
    r"(?:follow (?:us|me|him|her)\b|join us on|like us on|connect with us)",
    r"(?:sign up (?:for|to)|subscribe to|download (?:our|the)\b.{0,40}\bapp\b)",
    r"click here to (?:get|read|subscribe|sign)",
    r"(?:read more|read next|read also|also read|see also|more on|related)\s*:",
    r"(?:report a typo|report an error|do you have a (?:tip|story)|got a (?:tip|story))",
)
"""Beginnings of lines that end a page, not an article; they count at the end alone."""

MONTHS: Final = (
    "jan feb mar apr may jun jul aug sep oct nov dec mai okt dez janv févr mars avr juin juil août ene abr ago dic fev"
    " set out gen mag giu lug ott maj des"
)
DATE_WORDS: Final = (
    "published|posted|updated|last updated|modified|on|at|um|uhr|am|pm|a.m.|p.m.|utc|gmt|est|edt|et|ist|bst|cet|wib"
    "|veröffentlicht|aktualisiert|stand|publié|mis à jour|le|à|publicado|actualizado|pubblicato|aggiornato|min|mins"
    "|minute|minutes|hour|hours|day|days|week|weeks|month|months|year|years|ago|read|first|date|time|monday|tuesday"
    "|wednesday|thursday|friday|saturday|sunday|mon|tue|wed|thu|fri|sat|sun"
)
"""What a line may hold beside digits and months and still be nothing but a date."""

_TAIL = re.compile(rf"(?:{'|'.join(TAIL)})", re.IGNORECASE)
_DATE_LINE = re.compile(
    rf"(?:(?:{DATE_WORDS.replace('.', '[.]')}|(?:{MONTHS.replace(' ', '|')})[^\W\d_]*)\b\.?|\d{{1,4}}(?:st|nd|rd|th)?"
    r"|[\s:.,/|·•–—()+-])++",  # possessive: a long line that is no date fails at once
    re.IGNORECASE,
)
_BYLINE = re.compile(r"(?:by|von|par|por|di|text|author|autor|written by|reported by)\b\s*:?\s*", re.IGNORECASE)
_ITEM_SHARE = 0.75
_SHARE = 0.95
"""Share of a line's letters that stand in links."""
_LONGEST_LABEL = 60
_LONGEST_TITLE = 500
_HEAD_LINES = 6
_TAIL_LINES = 6
_SHORT = 14  # words of a byline with place and time


def clean(blocks: Sequence[Block], page: Page, *, titles: Iterable[str], authors: Iterable[str]) -> tuple[str, ...]:
    """The blocks' texts without furniture."""
    titled = {key(title) for title in titles} - {""}
    named = [fold(name) for name in authors]
    linked = link_lines(page, frozenset(block.text for block in blocks))
    kept = [block for block in blocks if not _is_furniture(block, linked)]
    kept = _without_head(kept, titled, named)
    return tuple(block.text for block in _without_tail(kept, named))


def _is_furniture(block: Block, linked: frozenset[str]) -> bool:
    if block.text in linked and block.kind != "row":
        return True
    return len(block.text) <= _LONGEST_LABEL and key(block.text) in LABELS


def _without_head(blocks: list[Block], titled: set[str], named: list[str]) -> list[Block]:
    head = [
        block
        for block in blocks[:_HEAD_LINES]
        if not (len(block.text) <= _LONGEST_TITLE and key(block.text) in titled)
        and not _is_date_line(block.text)
        and not _is_byline(block.text, named)
    ]
    return head + blocks[_HEAD_LINES:]


def _without_tail(blocks: list[Block], named: list[str]) -> list[Block]:
    tail = blocks[-_TAIL_LINES:]
    while tail and (_TAIL.match(tail[-1].text) or _is_byline(tail[-1].text, named) or tail[-1].kind == "head"):
        tail.pop()
    return blocks[:-_TAIL_LINES] + tail


def _is_date_line(text: str) -> bool:
    return len(text) <= 100 and any(char.isdigit() for char in text) and bool(_DATE_LINE.fullmatch(text))  # noqa: PLR2004


def _is_byline(text: str, named: list[str]) -> bool:
    """A short line that is little more than the names of the page's authors."""
    if count_words(text) > _SHORT or not named:
        return False
    folded = fold(_BYLINE.sub("", text, count=1))
    rest = folded
    for name in named:
        rest = rest.replace(name, "")
    if rest == folded:
        return False
    return len(key(rest)) <= len(key(folded)) / 2 or bool(_BYLINE.match(text))


def link_lines(page: Page, lines: frozenset[str]) -> frozenset[str]:
    """Those of `lines` that are paragraphs, items or sub-headings of links alone (three quarters, for items)."""
    held: dict[HtmlElement, list[HtmlElement]] = defaultdict(list)
    for link in page.root.iter("a"):
        if link.get("href") and (holder := _holder(link)) is not None:
            held[holder].append(link)
    found = set()
    for holder, links in held.items():
        text = fold_space(str(_STRING(holder)))  # twice as fast as text_of, for all links of a page
        if text in lines:
            share = _ITEM_SHARE if holder.tag == "li" else _SHARE
            if sum(len(text_of(link)) for link in links) >= share * len(text):
                found.add(text)
    return frozenset(found)


_STRING = etree.XPath("string()")


def _holder(link: HtmlElement) -> HtmlElement | None:
    for level, ancestor in enumerate(link.iterancestors()):
        if ancestor.tag in _HOLDERS:
            return ancestor
        if level > 5:  # noqa: PLR2004 - spans and emphasis between a link and its paragraph
            break
    return None


_HOLDERS = frozenset({"p", "li", "h2", "h3", "h4", "h5", "h6", "div", "dd"})
