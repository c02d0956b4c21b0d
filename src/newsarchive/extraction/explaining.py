"""Explains an extraction: what each reader said of each field, and what became of every block that the page shows.

Nothing is read a second time: the explanation is drawn from the steps of the extraction itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from newsarchive.extraction import ruled
from newsarchive.extraction.aligning import align, squeezed
from newsarchive.extraction.cascade import course_of, refusing
from newsarchive.extraction.claims import fields_of
from newsarchive.extraction.guide import NO_GUIDE, Guide
from newsarchive.extraction.limits import DEFAULT_LIMITS, Limits, check
from newsarchive.extraction.shown import READ, Place, Run, runs_of
from newsarchive.extraction.tree import parse
from newsarchive.models.explanation import ExplainedBlock, Explanation
from newsarchive.text import fold_space

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

    from newsarchive.extraction.aligning import Span
    from newsarchive.extraction.cascade import Course
    from newsarchive.models import Payload


def explain(
    payload: Payload, *, guide: Guide = NO_GUIDE, fast: bool = False, limits: Limits = DEFAULT_LIMITS
) -> Explanation:
    """Read one page as `extract` does, and tell why the result is what it is; arguments and errors as there."""
    with refusing(payload.url):
        check(payload, limits)
        course = course_of(parse(payload), guide, fast=fast)
        blocks = tuple(_blocks(course, guide))
        return Explanation(extraction=course.extraction, fields=fields_of(course), blocks=blocks)


def _blocks(course: Course, guide: Guide) -> Iterator[ExplainedBlock]:
    body = course.page.root.find("body")
    places = _Places(course, guide)
    runs = runs_of(course.page.root if body is None else body, places.place, places.outermost)
    shown = _Shown(runs)
    spans = align([squeezed(block.text) for block, _ in course.lines], shown.text, shown.starts)
    yield from _Teller(course, spans, shown).blocks()


def _left_over(course: Course) -> Place:
    """Why a text that the text's reader was given is none of those that it took."""
    if course.reading.reader == ruled.READER:
        return Place(is_read=False, why="rule", detail="body")
    return Place(is_read=False, why="trafilatura" if course.reading.reader.startswith("trafilatura") else "replaced")


class _Places:
    """What was decided of the page's elements before its text was read."""

    def __init__(self, course: Course, guide: Guide) -> None:
        self._part = course.reading.part
        self._twins = ruled.twins(course.page, course.trimmed, guide.rule)
        self._taken = set(self._part.taken) if self._part else set()
        self._cut = set(self._part.cut) if self._part else set()
        heading = self._part.prose.heading if self._part else None
        self._trunk = set() if heading is None else set(heading.iterancestors())
        self.outermost = READ if self._part is None else Place(is_read=False, why="outside")

    def place(self, element: HtmlElement, around: Place) -> Place:
        """The place of what lies in an element."""
        if around.why == "rule":
            return around
        if self._twins is not None:
            if element not in self._twins:
                return Place(is_read=False, why="rule", detail="remove")
            element = self._twins[element]
        if element in self._taken:
            return READ
        if self._part is None or (around.is_read and element not in self._cut):
            return around
        return self._apart(element) or (Place(is_read=False, why="outside") if around.is_read else around)

    def _apart(self, element: HtmlElement) -> Place | None:
        """Why an element was left out, as far as it says so itself."""
        if self._part is None or element in self._trunk:
            return None
        prose = self._part.prose
        if element is prose.heading:
            return Place(is_read=False, why="headline")
        if element in prose.foreign:
            return Place(is_read=False, why="other-article")
        if prose.is_card(element):
            return Place(is_read=False, why="card")
        if told := prose.told_by(element):
            return Place(is_read=False, why="box", detail=told)
        return None


class _Shown:
    """The shown text that was given to the reader, squeezed into one, and where its runs and blocks begin in it."""

    def __init__(self, runs: list[Run]) -> None:
        self.runs = runs
        self.offsets: list[int] = []
        """Where each run begins; those that were not read have no letter in it."""
        self.starts: list[int] = []
        self.first = self.last = -1
        """The first and the last run that was read."""
        parts: list[str] = []
        length, block = 0, -1
        for number, run in enumerate(runs):
            self.offsets.append(length)
            text = squeezed(run.text) if run.place.is_read else ""
            if not text:
                continue
            self.first, self.last = number if self.first < 0 else self.first, number
            if run.block != block:
                block = run.block
                self.starts.append(length)
            parts.append(text)
            length += len(text)
        self.text = "".join(parts)


class _Piece(NamedTuple):
    """What lies together in one block and was cut for one reason."""

    block: int
    place: Place
    kind: str


class _Teller:
    """Puts what was read and what was cut into the page's order."""

    def __init__(self, course: Course, spans: list[Span | None], shown: _Shown) -> None:
        self._lines = course.lines
        self._refused = course.reading.refused
        self._spans = spans
        self._shown = shown
        self._rest = _left_over(course)
        self._told = 0
        self._piece: _Piece | None = None
        self._texts: list[str] = []
        self._at = 0
        self._split: set[int] = set()

    def blocks(self) -> Iterator[ExplainedBlock]:
        """All blocks."""
        for number, run in enumerate(self._shown.runs):
            if number == self._shown.first:
                yield from self._tell_lost()
            if run.place.is_read:
                yield from self._tell_read(run, self._shown.offsets[number])
            else:
                yield from self._add(run, self._beside(run.place, number), run.text)
        yield from self._flush()
        yield from self._tell(len(self._lines))

    def _beside(self, place: Place, number: int) -> Place:
        if place.why != "outside" or self._shown.first < 0:
            return place
        before, after = number < self._shown.first, number > self._shown.last
        return place._replace(detail="before" if before else "after" if after else "between")

    def _tell_read(self, run: Run, start: int) -> Iterator[ExplainedBlock]:
        """A run, piece by piece: what the reader took, and what it left between."""
        end, cursor = start + len(squeezed(run.text)), start
        while self._at < len(self._spans):
            span = self._spans[self._at]
            if span is None or span.end <= cursor:
                self._at += 1
                continue
            if span.start >= end:
                break
            if span.start > cursor:
                yield from self._add(run, self._rest, _piece_of(run.text, cursor - start, span.start - start))
            yield from self._flush()
            self._split.add(run.block)
            yield from self._tell(self._at + 1)
            yield from self._tell_lost()
            cursor = min(span.end, end)
            if span.end >= end:
                break
        yield from self._add(run, self._rest, _piece_of(run.text, cursor - start, end - start))

    def _tell(self, upto: int) -> Iterator[ExplainedBlock]:
        for block, reason in self._lines[self._told : upto]:
            yield ExplainedBlock(text=block.text, kind=block.kind, kept=not reason, reason=reason)
        self._told = max(self._told, upto)

    def _tell_lost(self) -> Iterator[ExplainedBlock]:
        """What was read and stands nowhere on the page as it was read."""
        upto = self._told
        while upto < len(self._spans) and self._spans[upto] is None:
            upto += 1
        yield from self._tell(upto)

    def _add(self, run: Run, place: Place, text: str) -> Iterator[ExplainedBlock]:
        piece = _Piece(run.block, place, run.kind)
        if not text.strip():
            if self._piece and self._piece.block == run.block:
                self._texts.append(" ")
            return
        if self._piece != piece:
            yield from self._flush()
            self._piece = piece
        self._texts.append(text)

    def _flush(self) -> Iterator[ExplainedBlock]:
        piece, text = self._piece, fold_space("".join(self._texts))
        self._piece = None
        self._texts.clear()
        if piece is None or not text:
            return
        if not any(char.isalnum() for char in text) and piece.block in self._split:
            return  # a bar or a dot that stood between what was taken and what was not
        reason = piece.place.why
        if piece.place is self._rest and self._told and squeezed(text) == squeezed(self._lines[self._told - 1][0].text):
            reason = "repeated"
        elif piece.place is self._rest and text in self._refused:
            reason = "refused"
        yield ExplainedBlock(text=text, kind=piece.kind, kept=False, reason=reason, detail=piece.place.detail)


def _piece_of(text: str, start: int, end: int) -> str:
    """A piece of a text, counted in what `squeezed` leaves of it."""
    if start >= end:
        return ""
    places = [place for place, char in enumerate(text) if squeezed(char)]
    return text if end - start == len(places) else text[places[start] : places[end - 1] + 1]
