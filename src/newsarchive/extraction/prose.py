"""Weighs a page's prose: which of its paragraphs are the article's, and which are teasers, menus and notices.

A paragraph weighs as many letters as it has, less those of its links. It loses most of this weight where a class name
or element says that it is no article text, where it is the lead-in of another article (a card: one paragraph beside a
linked headline), and where it belongs to another article that the same page goes on with. Nothing is decided here:
`narrowing` adds the weights up.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lxml import etree

from newsarchive.extraction.naming import key, same_house
from newsarchive.extraction.tree import select, words_of
from newsarchive.text import fold_space

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lxml.html import HtmlElement

JUNK: Final = frozenset({
    "comment", "comments", "disqus", "respond", "reply", "replies", "footer", "related", "sidebar", "cookie", "cookies",
    "consent", "newsletter", "newsletters", "modal", "popup", "nav", "navigation", "menu", "teaser", "teasers", "promo",
    "promos", "promotion", "recommended", "recommendation", "recommendations", "recirc", "breadcrumb", "breadcrumbs",
    "caption", "captions", "popular", "trending", "widget", "widgets", "gdpr", "share", "sharing", "social", "advert",
    "advertisement", "ads", "ad", "sponsored", "outbrain", "taboola", "signup", "subscribe", "tags", "bio", "byline",
    "toolbar", "pagination", "banner", "mostread", "upnext", "readmore", "onetrust", "legal", "copyright", "disclaimer",
})  # fmt: skip
"""Words of class names and ids that mark what is no article text."""
VAGUE: Final = frozenset({
    "widget", "widgets", "teaser", "teasers", "promo", "promos", "promotion", "banner", "bio", "caption", "captions",
    "sidebar", "menu", "share", "social", "tags", "ads", "ad", "toolbar", "popular",
})  # fmt: skip
"""Those that page builders and style sheets also put on the text itself; on a page of which they mark much, they say
nothing."""
NOTICES: Final = frozenset({"cookie", "cookies", "consent", "gdpr", "onetrust"})
"""Those that never mark a text, though the notice may be longer than the article."""
NEVER: Final = frozenset({
    "nav", "footer", "button", "select", "dialog", "iframe", "noscript", "template", "textarea", "object", "svg",
    "head", "script", "style",
})  # fmt: skip
"""Elements whose text is no prose at all."""
APART: Final = NEVER | {"aside", "figure", "figcaption"}
"""Elements that hold no article text, whatever they are called."""
INLINE: Final = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "big", "center", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "label", "mark", "q", "rb", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
    "time", "tt", "u", "var",
})  # fmt: skip
HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")

_ROOTS = frozenset({"html", "body", "article", "main"})
_SHORTEST = 30  # letters of a paragraph
_LEAST = 15  # weight of a paragraph that counts
_LINKED = 1.5  # letters that a letter in a link takes off
_VAGUE_SHARE = 0.4
_MOST = 0.5  # share of a page's prose in one box from which a vague name says nothing
_NEARLY_ALL = 0.8  # and any name
_ALMOST_NOTHING = 0.05
_LITTLE = 0.1
_KEPT = 0.5  # share of its size that a paragraph weighs
_ABOVE = 0.3  # prose over the headline: seldom the article's
_UP = 4  # levels from a card's paragraph to the card
_ALONE = 300  # letters; where no more than this is outside of cards, the cards are the article
_MOST_OTHERS = 3
_LINK_TEXT = 20
_LINK_SHARE = 0.2

_NAME_PARTS = re.compile(r"[\s_-]+")
_STRING = etree.XPath("string()", smart_strings=False)
_LINKS = etree.XPath(".//a")
_TITLES = etree.XPath(".//h1|.//h2|.//h3|.//h4|.//h5")
# From the texts up, the cheap tests first: half the time of asking every element for its texts (0.8 ms a page of 1.7).
_PARAGRAPHS = etree.XPath(
    f"//body//p[string-length(.) > {_SHORTEST}][string-length(normalize-space(.)) > {_SHORTEST}]"
    f" | //body//text()[string-length(.) > {_SHORTEST}][not(parent::p or parent::a or parent::script or parent::style"
    " or parent::noscript or parent::template or parent::textarea or parent::option or parent::button or parent::iframe"
    f" or parent::svg)][string-length(normalize-space(.)) > {_SHORTEST}]/parent::*"
)


def text_within(element: HtmlElement) -> str:
    """All text of an element, white space folded; twice as fast as `text_of`, and scripts' text counts."""
    return fold_space(str(_STRING(element)))


@lru_cache(maxsize=4096)
def _junk_words(names: str) -> frozenset[str]:
    """The words of `JUNK` in class names or an id; names with digits are made by machines and hold words by chance.

    >>> sorted(_junk_words("articleFooter post-share")), sorted(_junk_words("block-n1AuAdJlVL"))
    (['footer', 'share'], [])
    """
    found: frozenset[str] = frozenset()
    for name in _NAME_PARTS.split(names):
        found |= words_of(name.lower() if any(map(str.isdigit, name)) else name) & JUNK
    return found


class Prose:
    """The paragraphs of a page with their weights, and the sums of these over all that holds them.

    Args:
        root: the page's tree; it is not changed.
        heading: the element of the headline, where it is known.
        titles: keys of all that the page calls its headline.
        url: the page's URL; only links within its site make a card.
    """

    def __init__(self, root: HtmlElement, *, heading: HtmlElement | None, titles: frozenset[str], url: str) -> None:
        self.root = root
        self.titles = titles
        self.trunk = frozenset() if heading is None else frozenset(heading.iterancestors())
        """All that holds the headline; it is never apart."""
        self.url = url
        self._apart: dict[HtmlElement, bool] = {}
        self._cards: dict[HtmlElement, bool] = {}
        self.sizes = _sizes(root)
        """Letters of each paragraph, less those of its links, in the page's order."""
        self.all: dict[HtmlElement, float] = {}
        """The sum of sizes within every element that holds any."""
        self.counts: dict[HtmlElement, int] = {}
        self.holders = {element: tuple(element.iterancestors()) for element in self.sizes}
        """All that holds a paragraph, the innermost first; asked again and again, and dear to walk."""
        for element, size in self.sizes.items():
            for holder in self.holders[element]:
                self.all[holder] = self.all.get(holder, 0) + size
                self.counts[holder] = self.counts.get(holder, 0) + 1
        self.total = sum(self.sizes.values()) or 1.0
        self._vague = self._vague_here()
        self.places = {element: place for place, element in enumerate(self.sizes)}
        self.heading, self.start = self._usable(heading)
        self.foreign = self._foreign()
        self.weights = self._weigh()
        self.sums: dict[HtmlElement, float] = {}
        """The sum of weights within every element that holds any."""
        for element, weight in self.weights.items():
            for holder in (element, *self.holders[element]):
                self.sums[holder] = self.sums.get(holder, 0) + weight

    def is_apart(self, element: HtmlElement) -> bool:
        """Whether an element itself says that it holds no article text."""
        known = self._apart.get(element)
        if known is None:
            known = self._apart[element] = self._says_apart(element)
        return known

    def told_by(self, element: HtmlElement) -> str:
        """What says that an element holds no article text: its tag, `hidden`, or words of its class or id; or ""."""
        if not self.is_apart(element):
            return ""
        if element.tag in APART or element.tag == "form":
            return str(element.tag)
        return " ".join(sorted(self._words(element) - self._vague)) or "hidden"

    def is_card(self, element: HtmlElement) -> bool:
        """Whether an element was found to be the lead-in of another article."""
        return self._cards.get(element, False)

    def is_kept(self, element: HtmlElement) -> bool:
        """Whether nothing speaks against a paragraph."""
        return self.weights[element] >= _KEPT * self.sizes[element]

    def is_above(self, element: HtmlElement) -> bool:
        """Whether a paragraph stands over the headline."""
        return self.places[element] < self.start

    def _says_apart(self, element: HtmlElement) -> bool:
        tag = element.tag
        if tag in _ROOTS:
            return False
        if tag in APART:
            return True
        share = self.all.get(element, 0) / self.total
        if element in self.trunk or (share > _NEARLY_ALL and not self._words(element) & NOTICES):
            return False
        if tag == "form" or element.get("hidden") is not None:
            return True
        style = element.get("style")
        if style and "display:none" in style.replace(" ", ""):
            return True
        words = self._words(element) - self._vague
        return bool(words - VAGUE if share > _MOST else words)

    @staticmethod
    def _words(element: HtmlElement) -> frozenset[str]:
        names = element.get("class")
        name = element.get("id")
        found = _junk_words(names) if names else frozenset()
        return found | _junk_words(name) if name else found

    def _vague_here(self) -> frozenset[str]:
        """The vague words that mark much of this page's prose."""
        marked: dict[str, float] = {}
        for element, size in self.sizes.items():
            words: set[str] = set()
            for holder in (element, *self.holders[element]):
                if holder.tag not in _ROOTS and holder.tag not in APART:
                    words |= self._words(holder) & VAGUE
            for word in words:
                marked[word] = marked.get(word, 0) + size
        return frozenset(word for word, size in marked.items() if size > _VAGUE_SHARE * self.total)

    def _usable(self, heading: HtmlElement | None) -> tuple[HtmlElement | None, int]:
        """The heading and the place of the first paragraph under it, unless most of the prose stands over it."""
        if heading is None:
            return None, 0
        start = sum(1 for _ in _before(self.sizes, heading))
        own = [
            (place, size) for place, (element, size) in enumerate(self.sizes.items()) if not self._lies_apart(element)
        ]
        under = sum(size for place, size in own if place >= start)
        return (heading, start) if under > _VAGUE_SHARE * sum(size for _, size in own) else (None, 0)

    def _lies_apart(self, element: HtmlElement) -> bool:
        return self.is_apart(element) or any(map(self.is_apart, self.holders[element]))

    def _weigh(self) -> dict[HtmlElement, float]:
        apart = {element for element in self.sizes if self._lies_apart(element)}
        cards = {element for element in self.sizes if element not in apart and self._is_lead_in(element)}
        if sum(size for element, size in self.sizes.items() if element not in apart | cards) < _ALONE:
            cards = set()
            self._cards.clear()
        weights = {}
        for element, size in self.sizes.items():
            weight = size * (_LITTLE if element in apart or element in cards else 1.0)
            if self.foreign and not self.foreign.isdisjoint((element, *self.holders[element])):
                weight *= _ALMOST_NOTHING
            weights[element] = weight * (_ABOVE if self.is_above(element) else 1.0)
        return weights

    def _is_lead_in(self, element: HtmlElement) -> bool:
        """Whether a paragraph lies in a link, or alone beside the linked headline of another article."""
        if any(holder.tag == "a" for holder in self.holders[element]):
            return True
        card = None
        for level, holder in enumerate(self.holders[element]):
            if level >= _UP or holder.tag in {"body", "main"} or self.counts[holder] > 1:
                break
            if holder.tag == "article":
                card = holder
                break
            card = holder
        if card is None or element.tag not in {"p", "div", "span", "li", "dd"}:
            return False
        known = self._cards.get(card)
        if known is None:
            known = self._cards[card] = self._has_linked_title(card) or self._has_other_link(card, element)
        return known

    def _has_linked_title(self, holder: HtmlElement) -> bool:
        for title in select(_TITLES, holder):
            link = title.find(".//a")
            if link is None:
                link = next(title.iterancestors("a"), None)
            if link is not None and is_internal(link, self.url) and key(text_within(title)) not in self.titles:
                return True
        return False

    def _has_other_link(self, card: HtmlElement, paragraph: HtmlElement) -> bool:
        least = max(_LINK_TEXT, _LINK_SHARE * len(text_within(paragraph)))
        return any(
            len(text) > least and is_internal(link, self.url) and key(text) not in self.titles
            for link in select(_LINKS, card)
            if (text := text_within(link)) and paragraph not in link.iterancestors()
        )

    def _foreign(self) -> frozenset[HtmlElement]:
        """What holds other articles, each with a headline of its own, that the same page goes on with."""
        if self.heading is None:
            return frozenset()
        main = self._main_article(self.heading)
        found = {
            holder
            for holder in self._holders_of_others()
            if self.counts.get(holder) and self.all[holder] < _MOST * self.total
            if main is None or (holder is not main and main not in holder.iterancestors()) or holder.tag != "article"
        }
        lost = sum(size for element, size in self.sizes.items() if not found.isdisjoint(self.holders[element]))
        return frozenset() if lost > 0.75 * self.total else frozenset(found)

    def _holders_of_others(self) -> Iterator[HtmlElement]:
        others = [
            title
            for title in self.root.iter("h1")
            if title is not self.heading and (name := key(text_within(title))) and name not in self.titles
        ]
        for title in others if len(others) <= _MOST_OTHERS else ():  # more are sub-headings
            holder = title
            for ancestor in title.iterancestors():
                if ancestor in self.trunk:
                    break
                holder = ancestor
            if holder is not title:
                yield holder
        for article in self.root.iter("article"):
            if article not in self.trunk and self._has_linked_title(article):
                yield article

    def _main_article(self, heading: HtmlElement) -> HtmlElement | None:
        """The innermost article element around the headline, or else the one with the most prose."""
        holding = next(heading.iterancestors("article"), None)
        if holding is not None:
            return holding
        return max(self.root.iter("article"), key=lambda article: self.all.get(article, 0), default=None)


def is_internal(link: HtmlElement, url: str) -> bool:
    """Whether a link leads to another page of the same house; any page's, where the URL names no host."""
    href = (link.get("href") or "").strip()
    if not href or href.startswith(("#", "javascript:", "mailto:", "tel:")):
        return False
    if "//" not in href[:8]:
        return True
    return not url or same_house(f"https:{href}" if href.startswith("//") else href, url)


def _sizes(root: HtmlElement) -> dict[HtmlElement, float]:
    sizes: dict[HtmlElement, float] = {}
    for element in select(_PARAGRAPHS, root):
        block: HtmlElement | None = element
        while block is not None and block.tag in INLINE and block.tag != "a":
            block = block.getparent()
        if block is None or block.tag == "a" or block.tag in HEADINGS or block in sizes:
            continue
        if next(block.iterancestors(*NEVER), None) is not None:
            continue
        size = _size(block)
        if size > _LEAST:
            sizes[block] = size
    return sizes


def _size(block: HtmlElement) -> float:
    if block.tag == "p":
        links = select(_LINKS, block) if len(block) else ()
        return len(text_within(block)) - _LINKED * sum(len(text_within(link)) for link in links)
    letters = len((block.text or "").strip())
    linked = 0
    for child in block:
        if child.tag in INLINE:
            text = len(str(_STRING(child)).strip())
            letters += text
            if child.tag == "a":
                linked += text
            elif len(child):
                linked += sum(len(str(_STRING(link))) for link in select(_LINKS, child))
        letters += len((child.tail or "").strip())
    return letters - _LINKED * linked


def _before(elements: Iterable[HtmlElement], mark: HtmlElement) -> Iterator[HtmlElement]:
    """Those of `elements`, which are in the page's order, that begin before `mark`; what holds it is one of them."""
    wanted = set(elements)
    for element in mark.getroottree().getroot().iter():
        if element is mark:
            return
        if element in wanted:
            yield element
