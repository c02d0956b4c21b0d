"""How two versions differ, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, Self

from newsarchive.edits import body_sense, compare, line_sense, lines, without_noise
from newsarchive.text import count_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from newsarchive.edits import Piece
    from newsarchive.models.article import Version

Unit = Literal["word", "line"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of two texts. The `old` of all segments in their order are the one text, the `new` the other."""

    old: str
    new: str
    changed: bool
    """False where both say the same; white space and typography may still differ."""

    @property
    def kind(self) -> Literal["same", "added", "removed", "replaced"]:
        """What happened to it."""
        if not self.changed:
            return "same"
        if self.old and self.new:
            return "replaced"
        return "added" if self.new else "removed"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two versions."""

    article_id: str
    number: int
    captured_at: datetime
    record_id: str
    url: str


@dataclass(frozen=True, slots=True)
class Diff:
    """How one version differs from another. Lines that are no part of what it says are left out of both."""

    old: Side
    new: Side
    headline: tuple[Segment, ...]
    """Compared word by word; character by character in scripts that are written without spaces."""
    body: tuple[Segment, ...]
    """The same for the text; paragraphs are parted by an empty line."""
    paragraphs: tuple[Segment, ...]
    """The text again, compared by whole paragraphs: one segment each."""
    kinds: tuple[str, ...]
    """What differs: `headline`, `body`, both or nothing."""
    words_added: int
    """In headline and text together; a character counts as a word in scripts written without spaces."""
    words_removed: int

    @classmethod
    def of(cls, old: Version, new: Version) -> Self:
        """Compare two versions; only their headlines where the text of one was not kept (`noarchive`)."""
        is_known = bool(old.paragraphs and new.paragraphs)
        before, after = (without_noise(one.paragraphs if is_known else ()) for one in (old, new))
        headline = _segments(compare(old.headline or "", new.headline or ""))
        body = _segments(compare("\n\n".join(before), "\n\n".join(after)))
        changed = [segment for segment in (*headline, *body) if segment.changed]
        differs = {
            "headline": line_sense(old.headline or "") != line_sense(new.headline or ""),
            "body": body_sense(before) != body_sense(after),
        }
        return cls(
            old=_side(old),
            new=_side(new),
            headline=headline,
            body=body,
            paragraphs=_segments(lines(before, after)),
            kinds=tuple(kind for kind, found in differs.items() if found),
            words_added=sum(count_words(segment.new) for segment in changed),
            words_removed=sum(count_words(segment.old) for segment in changed),
        )

    def as_record(self) -> dict[str, Any]:
        """All fields as JSON-able values; times are ISO 8601."""
        return {
            "old": _side_record(self.old),
            "new": _side_record(self.new),
            "kinds": list(self.kinds),
            "words_added": self.words_added,
            "words_removed": self.words_removed,
            "headline": [_record(segment) for segment in self.headline],
            "body": [_record(segment) for segment in self.body],
            "paragraphs": [_record(segment) for segment in self.paragraphs],
        }

    def to_html(self, *, by: Unit = "word", full: bool = False) -> str:
        """A piece of HTML: headline and text, with `del` and `ins` around what was taken out and put in.

        Args:
            by: compare words, or whole paragraphs (`line`).
            full: show all paragraphs; else those that changed, with one on either side.
        """
        body = _marked_lines(self.paragraphs) if by == "line" else _marked(self.body)
        paragraphs = [part for part in body.split("\n\n") if part.strip()]
        shown = paragraphs if full else _near_changes(paragraphs)
        inner = "".join(f"<p>{part}</p>\n" for part in shown)
        return f"<h2>{_marked(self.headline)}</h2>\n<div>\n{inner}</div>"

    def to_page(self, *, by: Unit = "word") -> str:
        """The same as a page of its own, for a browser; it runs no script and fetches nothing."""
        from newsarchive.models.difference_page import page_of  # noqa: PLC0415 - few differences are shown so

        return page_of(self, by=by)


def _segments(pieces: Iterable[Piece]) -> tuple[Segment, ...]:
    return tuple(Segment(*piece) for piece in pieces)


def _side(version: Version) -> Side:
    return Side(version.article_id, version.number, version.captured_at, version.record_id, version.url)


def _side_record(side: Side) -> dict[str, Any]:
    return {
        "id": side.article_id,
        "version": side.number,
        "captured_at": side.captured_at.isoformat(),
        "record_id": side.record_id,
        "url": side.url,
    }


def _record(segment: Segment) -> dict[str, Any]:
    return {"kind": segment.kind, "old": segment.old, "new": segment.new}


def _marked(segments: Iterable[Segment]) -> str:
    return "".join(_mark(segment) for segment in segments)


def _mark(segment: Segment) -> str:
    if not segment.changed:
        return escape(segment.new)
    return _around("del", segment.old) + _around("ins", segment.new)


def _marked_lines(segments: Iterable[Segment]) -> str:
    return "\n\n".join(_mark(segment) for segment in segments)


def _around(tag: str, text: str) -> str:
    """Marks within each paragraph: an element may not hold the end of one and the start of the next."""
    return "\n\n".join(f"<{tag}>{escape(part)}</{tag}>" if part else "" for part in text.split("\n\n")) if text else ""


def _near_changes(paragraphs: Sequence[str]) -> Iterator[str]:
    """What changed and its neighbours; dots stand for the rest. Texts are escaped, so a tag is always a mark."""
    changed = [number for number, part in enumerate(paragraphs) if "<del>" in part or "<ins>" in part]
    near = {place for number in changed for place in (number - 1, number, number + 1)}
    for kept, group in groupby(enumerate(paragraphs), key=lambda item: item[0] in near):
        yield from (part for _, part in group) if kept else ("…",)
