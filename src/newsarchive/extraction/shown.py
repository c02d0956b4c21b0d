"""Walks over all text that a page shows, in reading order, with what is known of the place of each piece."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from lxml import etree

from newsarchive.extraction.ruled import BLOCKS, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.html import HtmlElement

UNSEEN: Final = frozenset({
    "script", "style", "noscript", "template", "svg", "head", "iframe", "object", "audio", "video", "canvas", "select",
    "datalist", "textarea",
})  # fmt: skip
"""Elements that show no text, or none that the page wrote."""
_BREAKS: Final = BLOCKS | {
    "nav", "form", "figcaption", "fieldset", "legend", "dialog", "button", "menu", "center", "main", "hgroup", "search",
    "br",
}  # fmt: skip
_SPACED = frozenset({"td", "th", "label"})  # stand apart from each other in one block


class Place(NamedTuple):
    """What is known of a place on the page before its text is read."""

    is_read: bool
    """Whether the text's reader was given it."""
    why: str = ""
    """If not, the reason."""
    detail: str = ""


READ: Final = Place(is_read=True)


class Run(NamedTuple):
    """Text without an element or a break in it, white space as it is."""

    text: str
    place: Place
    block: int
    """Runs of one block have the same number."""
    kind: str
    """Of the block: `p`, `head`, `item`, `quote` or `row`."""


def runs_of(root: HtmlElement, place: Callable[[HtmlElement, Place], Place], outermost: Place) -> list[Run]:
    """All text that is shown within an element.

    Args:
        root: the element; its own tail is left out.
        place: the place of what lies in an element, from the element and the place around it.
        outermost: the place of the root.
    """
    walk = _Walk(place, outermost)
    events = etree.iterwalk(root, events=("start", "end"))
    for event, element in events:
        if event == "end":
            walk.leave(element, is_root=element is root)
        elif element.tag in UNSEEN and element is not root:
            events.skip_subtree()
            walk.skip()
        else:
            walk.enter(element)
    return walk.runs


class _Walk:
    """Walks by events, not by recursion: a hostile page nests as deep as the parser allows."""

    def __init__(self, place: Callable[[HtmlElement, Place], Place], outermost: Place) -> None:
        self.runs: list[Run] = []
        self._place = place
        self._around: list[tuple[Place, str]] = [(outermost, "p")]
        self._block = 0

    def enter(self, element: HtmlElement) -> None:
        place, kind = self._around[-1]
        self._break_at(element)
        self._around.append((self._place(element, place), kind_of(element, kind)))
        self._add(element.text)

    def skip(self) -> None:
        self._around.append(self._around[-1])  # its end comes as an event nevertheless

    def leave(self, element: HtmlElement, *, is_root: bool) -> None:
        if element.tag in _SPACED:
            self._add(" ")
        self._around.pop()
        self._break_at(element)
        if not is_root:
            self._add(element.tail)

    def _break_at(self, element: HtmlElement) -> None:
        if element.tag in _BREAKS or kind_of(element, ""):
            self._block += 1

    def _add(self, text: str | None) -> None:
        if text:
            place, kind = self._around[-1]
            self.runs.append(Run(text, place, self._block, kind))
