"""Lists for each field what every reader found, in the order in which the field's chooser asks them."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from newsarchive.dates import Precision
from newsarchive.extraction import category, dating, headline, people
from newsarchive.extraction.cascade import language_of, preferring
from newsarchive.extraction.naming import key, plain
from newsarchive.models.explanation import Claim, ExplainedField

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from newsarchive.extraction.cascade import Course
    from newsarchive.extraction.findings import Findings

FIELDS: Final = (
    "headline", "category", "categories", "published", "modified", "authors", "language", "description", "tags",
    "image", "source", "canonical_url", "amp_url", "original_url", "is_free", "paragraphs",
)  # fmt: skip
MOST: Final = 200
LONGEST: Final = 2000
"""Characters of one claim."""

_IN_PAGE_ORDER: Final = {
    "description": "descriptions", "tags": "tags", "image": "images", "source": "sources", "amp_url": "amp",
    "original_url": "originals",
}  # fmt: skip
_MEANT: Final[dict[str, Callable[[Course, str], str | None]]] = {
    **dict.fromkeys(("image", "canonical_url", "amp_url", "original_url"), lambda course, raw: course.page.link(raw)),
    "language": lambda _, raw: language_of(raw),
}
"""What a raw value means, for fields in which that is not what it says."""


def fields_of(course: Course) -> tuple[ExplainedField, ...]:
    """All fields of an extraction, each with what was found for it."""
    record = course.extraction.model_dump(mode="json", include=set(FIELDS))
    return tuple(_field(course, name, record[name]) for name in FIELDS)


def _field(course: Course, name: str, shown: Any) -> ExplainedField:  # noqa: ANN401 - any field's value
    value = getattr(course.extraction, name)
    reader = course.extraction.provenance.get("category" if name == "categories" else name, "")
    raw = list(islice(_raw(name, course.found), MOST))
    claims = tuple(
        Claim(reader=one, value=_cut(text), agrees=_agrees(name, text, value, course))
        for one, text in dict.fromkeys(raw)
    )
    if reader and reader not in {claim.reader for claim in claims} and name not in {"paragraphs", "categories"}:
        # Readers that are asked only where all others are silent find one value and no more.
        own = "; ".join(shown) if isinstance(shown, list) else str(shown)
        claims = (*claims, Claim(reader=reader, value=_cut(own), agrees=True))
    return ExplainedField(name=name, value=shown, reader=reader, claims=claims)


def _raw(name: str, found: Sequence[Findings]) -> Iterator[tuple[str, str]]:
    """What was found for a field: reader and raw value, in the order asked."""
    return _ASKED[name](found) if name in _ASKED else _of(found, _IN_PAGE_ORDER[name])


def _by(found: Sequence[Findings], order: Iterable[str], field: str) -> Iterator[tuple[str, str]]:
    for reader in order:
        yield from _of([one for one in found if one.reader == reader], field)


def _of(found: Iterable[Findings], field: str) -> Iterator[tuple[str, str]]:
    return ((one.reader, text) for one in found for text in getattr(one, field))


def _headlines(found: Sequence[Findings]) -> Iterator[tuple[str, str]]:
    yield from _by(found, ("rule", "visible", *headline.ORDER), "headlines")
    yield from _by(found, ("visible",), "lesser_headlines")


def _truths(found: Sequence[Findings]) -> Iterator[tuple[str, str]]:
    return ((one.reader, str(one.is_free).lower()) for one in found if one.is_free is not None)


def _texts(found: Sequence[Findings]) -> Iterator[tuple[str, str]]:
    return ((one.reader, one.text) for one in found if one.text)


_ASKED: Final[dict[str, Callable[[Sequence[Findings]], Iterator[tuple[str, str]]]]] = {
    "headline": _headlines,
    "category": category.in_order,
    "categories": lambda _: iter(()),  # those of `category`
    "published": lambda found: _by(found, dating.PUBLISHED_ORDER, "published"),
    "modified": lambda found: _by(found, dating.MODIFIED_ORDER, "modified"),
    "authors": lambda found: _by(found, people.ORDER, "authors"),
    "language": lambda found: _of(preferring("visible", found), "languages"),
    "canonical_url": lambda found: _of(preferring("meta", found), "canonical"),
    "is_free": _truths,
    "paragraphs": _texts,
}
"""Fields that have an order of their own, or values that are no lists of texts."""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _agrees(name: str, raw: str, value: Any, course: Course) -> bool:  # noqa: ANN401 - any field's value
    """Whether a raw value says what was chosen."""
    if value is None or value == ():
        return False
    if name in _MEANT:
        return bool(_MEANT[name](course, raw) == value)
    if isinstance(value, datetime):
        precision = course.extraction.published_precision if name == "published" else None
        return _same_time(raw, value, day_only=precision is Precision.DAY)
    said = key(plain(raw))
    if name == "paragraphs":
        return said == key(course.extraction.body)
    parts = value if isinstance(value, tuple) else (str(value),)
    return any(said == key(one) or (isinstance(value, tuple) and key(one) in said) for one in parts if key(one))


def _same_time(raw: str, value: datetime, *, day_only: bool) -> bool:
    moment = dating.read_date(raw)
    if moment is None:
        return False
    if day_only or moment.precision is Precision.DAY:
        return moment.at.date() == value.date()
    return abs((moment.at - value).total_seconds()) < 60  # noqa: PLR2004 - one of them may know no seconds
