"""Reads what a page and its HTTP fields reserve; what of a whole site is said elsewhere is not looked for here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from newsarchive.models.rights import TDM, Rights, join

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from newsarchive.extraction.tree import Page

AGENTS: Final = ("robots", "newsarchive")
"""Names of `meta` elements that speak to us; one that names another agent does not."""
WORDS: Final[Mapping[str, str]] = {
    "noarchive": "noarchive",
    "nocache": "noarchive",
    "noindex": "noindex",
    "none": "noindex",
    "nosnippet": "nosnippet",
    "max-snippet:0": "nosnippet",
    "noai": "noai",
    "noimageai": "noimageai",
}
"""A directive as publishers write it, and what it means here; all others are passed over."""
_VALUED: Final = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
"""Directives with a colon; before any other colon stands the agent that is spoken to."""
_NAMED: Final = re.compile(r"\s*([A-Za-z0-9_*-]+)\s*:\s*(.*)", re.DOTALL)
_LONGEST: Final = 2000
_LONGEST_URL: Final = 2000


def read(page: Page) -> Rights:
    """What a page says: its `meta` elements, then the HTTP fields that it came with."""
    return join([_of_metas(page), of_headers(page.signals)])


def of_headers(fields: Iterable[tuple[str, str]]) -> Rights:
    """What HTTP fields say; names in lower case.

    >>> of_headers([("x-robots-tag", "otherbot: noindex, nosnippet"), ("x-robots-tag", "noarchive, noai")]).words
    ('noarchive', 'noai')
    >>> of_headers([("tdm-reservation", "1"), ("tdm-policy", "https://harbor.example/policy")]).tdm_policy
    'https://harbor.example/policy'
    """
    named: dict[str, list[str]] = {}
    for name, value in fields:
        named.setdefault(name, []).append(value[:_LONGEST])
    words = [word for value in named.get("x-robots-tag", ()) for word in _addressed(value)]
    return _rights("http", words, named.get(TDM, ()), named.get("tdm-policy", ()))


def _of_metas(page: Page) -> Rights:
    metas = page.metas
    words = [word for agent in AGENTS for content in metas.get(agent, ()) for word in _split(content[:_LONGEST])]
    return _rights("meta", words, metas.get(TDM, ()), metas.get("tdm-policy", ()))


def _rights(place: str, words: Iterable[str], reservation: Sequence[str], policy: Sequence[str]) -> Rights:
    found = dict.fromkeys(WORDS[word] for word in words if word in WORDS)
    value = next((_TDM[text.strip()] for text in reservation if text.strip() in _TDM), None)
    said = dict.fromkeys(found, (place,))
    if value is not None:
        said[TDM] = (place,)
    return Rights(
        **dict.fromkeys(found, True),
        tdm_reservation=value,
        tdm_policy=next((text.strip()[:_LONGEST_URL] for text in policy if text.strip()), None) if value else None,
        said_by=said,
    )


_TDM: Final = {"0": False, "1": True}
"""Values of `tdm-reservation`; the report says that any other one says nothing."""


def _addressed(value: str) -> list[str]:
    """The words of an X-Robots-Tag that speak to us; an agent's name holds until the next one's."""
    words: list[str] = []
    agent = "*"
    for part in value.split(","):
        match = _NAMED.fullmatch(part)
        text = part
        if match and match[1].lower() not in _VALUED:
            agent, text = match[1].lower(), match[2]
        if agent in {"*", *AGENTS}:
            words += _split(text)
    return words


def _split(text: str) -> list[str]:
    """Directives, lower case, a value drawn to its name.

    >>> _split("NOARCHIVE, max-snippet: 0 noai")
    ['noarchive', 'max-snippet:0', 'noai']
    """
    return [word for word in re.split(r"[\s,;]+", re.sub(r"\s*:\s*", ":", text.lower())) if word]
