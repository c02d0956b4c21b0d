"""What somebody who knows a publisher's pages says of them: for each field, where it stands, and until when."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, TypeAdapter, ValidationError

from newsarchive.digests import text_digest
from newsarchive.errors import SettingsError
from newsarchive.models.base import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from newsarchive.models.article import Extraction

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_NO_ELEMENT = re.compile(r"(?:/@[\w:*-]+|/text\(\)|::text|::attr\([^)]*\))\s*$")
_DIGEST_LENGTH = 8


def _as_many(value: Any) -> Any:  # noqa: ANN401 - whatever the file says
    return (value,) if isinstance(value, str) else value


def _that_run(selectors: tuple[str, ...], *, truth: bool = False, elements: bool = False) -> tuple[str, ...]:
    """Selectors that can be run and give what their field takes; ValueError says which does not."""
    from newsarchive.selectors import Gives, compiled  # noqa: PLC0415 - settings without rules need no parser

    if not selectors:
        raise ValueError("names no selector")
    for text in selectors:
        try:
            gives = compiled(text).gives
        except ValueError as error:
            raise ValueError(f"{text!r}: {error}") from error
        if gives is Gives.TRUTH and not truth:
            raise ValueError(f"{text!r}: gives {gives}, and the field is none of these; name what holds the value")
        if elements and (gives is not Gives.NODES or _NO_ELEMENT.search(text)):
            raise ValueError(f"{text!r}: gives no elements; name the elements that hold the text")
    return selectors


def _elements(selectors: tuple[str, ...]) -> tuple[str, ...]:
    return _that_run(selectors, elements=True)


def _truth(selectors: tuple[str, ...]) -> tuple[str, ...]:
    return _that_run(selectors, truth=True)


def _as_day(value: Any) -> Any:  # noqa: ANN401 - whatever the file says
    # pydantic takes numbers for seconds since 1970: 20240501 would be a day in August 1970.
    if isinstance(value, datetime) or not isinstance(value, str | date):
        raise ValueError("a day is written as 2024-05-31")  # noqa: TRY004 - pydantic makes its error of this one
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("a day is written as 2024-05-31")
    return value


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_many), AfterValidator(_that_run)]
Elements = Annotated[tuple[str, ...], BeforeValidator(_as_many), AfterValidator(_elements)]
Truth = Annotated[tuple[str, ...], BeforeValidator(_as_many), AfterValidator(_truth)]
Day = Annotated[date, BeforeValidator(_as_day)]


class Rule(Value):
    """Where the fields of a publisher's pages stand, as CSS or XPath.

    Of several selectors for one field, the first that gives something counts. A field that the rule does not name, or
    that it names in vain, is read as on any other page.
    """

    until: Day | None = None
    """The last day of capture, in UTC, on which the rule holds; without it, the rule holds from the one before on."""
    headline: Texts = ()
    """The first that is not empty counts."""
    body: Elements = ()
    """The element that holds the text, or its paragraphs."""
    category: Texts = ()
    """The first is the main section."""
    published: Texts = ()
    """A `datetime` or `content` attribute comes before the element's text."""
    modified: Texts = ()
    """As `published`."""
    authors: Texts = ()
    """All of them; bylines are taken apart."""
    language: Texts = ()
    """A `lang` attribute comes before the element's text."""
    description: Texts = ()
    """The first that is not empty counts."""
    tags: Texts = ()
    """All of them."""
    image: Texts = ()
    """A `src`, `href` or `content` attribute that is a link."""
    source: Texts = ()
    """The name that the site gives itself."""
    canonical_url: Texts = ()
    """A `href` or `content` attribute that is a link."""
    is_free: Truth = ()
    """An XPath that is true or false, such as `not(//div[@id='paywall'])`, or what holds such a word."""
    remove: Elements = ()
    """Elements that are no part of the text, all of them."""

    @cached_property
    def selectors(self) -> dict[str, tuple[str, ...]]:
        """The selectors by field, of those that the rule names."""
        return {name: found for name in type(self).model_fields if name != "until" and (found := getattr(self, name))}

    @cached_property
    def digest(self) -> str:
        """Eight characters that change with the selectors; the day until which they hold makes no difference."""
        return text_digest(json.dumps(self.selectors)).partition(":")[2][:_DIGEST_LENGTH]

    @property
    def promised(self) -> tuple[str, ...]:
        """The fields that the rule gives where it meets the page that it was written for."""
        return tuple(name for name in self.selectors if name != "remove")

    def missed(self, extraction: Extraction) -> tuple[str, ...]:
        """The promised fields that were read from elsewhere or not at all, since the rule gave nothing usable.

        An article that shows no update is none, whatever the rule says of `modified`.
        """
        given = extraction.provenance
        missed = [name for name in self.promised if given.get(_KEPT_AS.get(name, name)) != PROVENANCE]
        return tuple(name for name in missed if name != "modified" or extraction.modified is not None)


PROVENANCE: Final = "rule"
"""What provenance says of a field that a rule gave."""

_KEPT_AS: Final = {"body": "paragraphs"}


def in_order(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Rules whose days ascend, with at most the last one open; ValueError says which does not."""
    for number, (one, other) in enumerate(pairwise(rules), start=1):
        if one.until is None:
            raise ValueError(
                f"rule {number} has no `until` and would hide rule {number + 1}; only the last may be open"
            )
        if other.until is not None and other.until <= one.until:
            raise ValueError(
                f"rule {number + 1} ends on {other.until}, not later than rule {number}: the oldest comes first"
            )
    return rules


Rules = Annotated[tuple[Rule, ...], AfterValidator(in_order)]


def in_force(rules: Iterable[Rule], day: date) -> Rule | None:
    """The rule for a page captured on a day (UTC): the first whose `until` has not passed; None after the last.

    >>> old, new = Rule(until="2024-04-30", headline="h2"), Rule(headline="h1")
    >>> [in_force((old, new), date(2024, *day)).headline for day in ((4, 30), (5, 1))]
    [('h2',), ('h1',)]
    """
    return next((rule for rule in rules if rule.until is None or day <= rule.until), None)


def read_rules(data: Any, *, place: Callable[[Sequence[int | str]], str]) -> tuple[Rule, ...]:  # noqa: ANN401 - unread yet
    """Rules as somebody wrote them: a list of tables, oldest first.

    Args:
        data: the list.
        place: where it stands that a path of indexes and keys leads to, for messages.

    Raises:
        SettingsError: an unknown field, a selector that cannot be run, a day that is none, days out of order.
    """
    try:
        return TypeAdapter(Rules).validate_python(data)
    except ValidationError as error:
        first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
        where, key = place(first["loc"]), ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            name = str(first["loc"][-1])
            raise SettingsError(f"{where}: a rule has no field {name!r}", key=key, tip=nearest_field(name)) from error
        reason = first["msg"].removeprefix("Value error, ")
        field = next((f"{part}: " for part in reversed(first["loc"]) if isinstance(part, str)), "")
        raise SettingsError(f"{where}: {field}{reason}", key=key, tip=_TIP) from error


def nearest_field(name: str) -> str:
    """A tip for a misspelt field."""
    import difflib  # noqa: PLC0415 - only on the way to an error

    near = difflib.get_close_matches(name, Rule.model_fields, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known fields: {', '.join(Rule.model_fields)}"


_TIP: Final = (
    "`newsarchive help settings` lists the fields under [sources.NAME.rules], docs/extraction.md shows examples"
)
