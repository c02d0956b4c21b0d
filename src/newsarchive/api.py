"""The functions of the package's front: open an archive; fetch, extract or explain one page without an archive."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from newsarchive.archive import Archive, find_folder
from newsarchive.archive.crawling import events
from newsarchive.errors import ArchiveNotFound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from newsarchive.archive.opened import Mode
    from newsarchive.extraction import Guide
    from newsarchive.models import Explanation, Extraction, Payload, Rule


def open(folder: Path | str | None = None, *, mode: Mode = "r") -> Archive:  # noqa: A001 - na.open(...) reads as it should
    """Open an archive folder; without one, NEWSARCHIVE_DIR or the nearest folder upwards. See `Archive`."""
    return Archive(folder, mode=mode)


def extract(
    html: str | bytes,
    *,
    url: str = "",
    content_type: str = "",
    rule: Rule | Mapping[str, str | Sequence[str]] | None = None,
) -> Extraction:
    """Read the article on one page. Nothing is fetched and nothing stored.

    Args:
        html: the page; bytes are better than text, since the page's own charset is read from them.
        url: where it was fetched from; without it, relative links have no meaning and the URL tells no section.
        content_type: the Content-Type header it came with, which may name the charset.
        rule: where fields stand on the page, such as `{"headline": "h1.title", "remove": [".promo"]}`; what it finds
            comes before everything else. `rule_for` gives the one that an archive holds.

    Raises:
        SettingsError: the rule cannot be: an unknown field, or a selector that cannot be run.
        ExtractionError: this is no HTML, or is larger than an extractor should read; `reason` says which.
    """
    from newsarchive.extraction import extract as read_page  # noqa: PLC0415 - opening an archive needs no extractor

    payload, guide = _asked(html, url, content_type, rule)
    return read_page(payload, guide=guide)


def explain(
    html: str | bytes,
    *,
    url: str = "",
    content_type: str = "",
    rule: Rule | Mapping[str, str | Sequence[str]] | None = None,
) -> Explanation:
    """Read the article on one page as `extract` does, and tell why the result is what it is.

    Arguments and errors are those of `extract`. The answer has the `extraction` itself, for each of the `fields` what
    every reader found, and all `blocks` of text that the page shows, kept or cut, with the reason. `to_html()` makes a
    page of it.
    """
    from newsarchive.extraction import explain as explain_page  # noqa: PLC0415 - as above

    payload, guide = _asked(html, url, content_type, rule)
    return explain_page(payload, guide=guide)


def _asked(
    html: str | bytes, url: str, content_type: str, rule: Rule | Mapping[str, str | Sequence[str]] | None
) -> tuple[Payload, Guide]:
    """What an extractor is handed."""
    from newsarchive.extraction import Guide  # noqa: PLC0415 - as above
    from newsarchive.models import Payload, Rule  # noqa: PLC0415 - as above
    from newsarchive.models.rule import read_rules  # noqa: PLC0415 - as above

    if rule is not None and not isinstance(rule, Rule):
        (rule,) = read_rules([rule], place=lambda _: "rule")
    if isinstance(html, str):
        # Lone surrogates, which no encoding has, come from broken decoding; they would cost the page its text.
        html, content_type = html.encode("utf-8", "replace"), "text/html; charset=utf-8"
    return Payload(url=url, body=html, content_type=content_type), Guide(rule=rule)


def rule_for(url: str, *, archive: Path | str | None = None, day: date | None = None) -> Rule | None:
    """The publisher's rule that an archive holds for a page, by the page's site; None where it has none.

    Args:
        url: where the page was fetched from.
        archive: whose rules are meant; those of the archive here, if there is one.
        day: when the page was captured; today, if that is not said. Both in UTC.

    Raises:
        SettingsError: the archive's settings or one of its rules cannot be.
    """
    from newsarchive.ingest import RuleBook  # noqa: PLC0415 - opening an archive needs no rules

    folder = _folder(archive)
    ruling = RuleBook.read(folder).for_url(url, day=day or datetime.now(UTC).date()) if folder else None
    return ruling.rule if ruling else None


def fetch(url: str, *, archive: Path | str | None = None) -> Payload:
    """Fetch one page as a crawl would: robots.txt obeyed, no private address. Nothing is stored.

    Args:
        url: the page.
        archive: whose settings hold (contact, private hosts); the archive here, if there is one.

    Raises:
        FetchError: no page came; the message says why.
    """
    from newsarchive.models import Payload  # noqa: PLC0415 - as above

    folder = _folder(archive)
    options = ["--archive", str(folder)] if folder else []
    page = next(event for event in events("newsarchive.crawl.fetch", [*options, "--", url]) if event["event"] == "page")
    return Payload(
        url=page["url"],
        body=base64.b64decode(page["body"]),
        content_type=page["content_type"],
        status=page["status"],
    )


def _folder(archive: Path | str | None) -> Path | None:
    """The archive that is named, or else the one here; None where there is none here."""
    try:
        return find_folder(None if archive is None else Path(archive))
    except ArchiveNotFound:
        if archive is not None:
            raise
        return None
