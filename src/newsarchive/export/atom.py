"""Atom feeds (RFC 4287, https://www.rfc-editor.org/rfc/rfc4287). The same entries give the same bytes."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from newsarchive.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

NAMESPACE: Final = "http://www.w3.org/2005/Atom"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold (XML 1.0, section 2.2)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed."""

    key: str
    """What the id is made of; the same thing has the same key for ever."""
    title: str
    url: str
    """What the entry is about."""
    updated: datetime
    summary: str
    html: str
    """The content, as a piece of HTML; it stands in the feed escaped (section 3.1.1.2)."""
    categories: tuple[str, ...] = ()


def feed(entries: Sequence[Entry], *, key: str, title: str, author: str, updated: datetime) -> bytes:
    """A whole feed document, in UTF-8.

    Args:
        entries: newest first.
        key: what the feed's id is made of.
        title: for people.
        author: whose feed it is; entries name none of their own.
        updated: when anything in it changed last.
    """
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(_name("feed"))
    _add(root, "id", urn(key))
    _add(root, "title", title)
    _add(root, "updated", _time(updated))
    _add(ET.SubElement(root, _name("author")), "name", author or "newsarchive")
    _add(root, "generator", "newsarchive", version=__version__)
    for entry in entries:
        root.append(_entry(entry))
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _entry(entry: Entry) -> ET.Element:
    element = ET.Element(_name("entry"))
    _add(element, "id", urn(entry.key))
    _add(element, "title", entry.title)
    _add(element, "updated", _time(entry.updated))
    ET.SubElement(element, _name("link"), rel="alternate", href=_clean(entry.url))
    for category in entry.categories:
        ET.SubElement(element, _name("category"), term=category)
    _add(element, "summary", entry.summary)
    _add(element, "content", entry.html, type="html")
    return element


def urn(key: str) -> str:
    """A name for ever: a UUID made of the key (RFC 9562, version 5), as an IRI.

    >>> urn("a") == urn("a"), urn("a")[:9]
    (True, 'urn:uuid:')
    """
    return uuid.uuid5(uuid.NAMESPACE_URL, f"https://newsarchive.invalid/{key}").urn


def _add(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, _name(name), attributes).text = _clean(text)


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
