"""Withdraws articles: what belongs to them is looked up, put into the log, and then taken out of everything.

The log is written first. From then on the addresses are barred, and whoever writes next carries out what a kill left
undone: each step may be taken twice, and at any moment every place that the records name is true.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from newsarchive.digests import article_id
from newsarchive.errors import ArchiveLocked, ExtractionError, WarcError
from newsarchive.extraction.decode import decode
from newsarchive.folding import article_key, spellings
from newsarchive.ingest.indexing import build_index
from newsarchive.models.withdrawal import REMOVED, WithdrawnRecord
from newsarchive.search import forget
from newsarchive.storage import Goes, Moved
from newsarchive.storage.database import stamp
from newsarchive.text import fold_space
from newsarchive.urls import canonicalise, is_web_url
from newsarchive.warc import Tombstone, read_payload, remove_file, remove_tails, successor, write_without

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from newsarchive.holdings import Holdings
    from newsarchive.models import Payload
    from newsarchive.models.withdrawal import LogEntry
    from newsarchive.storage import CaptureRow

LOCK: Final = "withdraw"
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…。！？])\s+|\n+")
_TAGS: Final = re.compile(r"<[^>]{0,2000}>")
_SHORTEST: Final = 30
"""Characters of a sentence that is looked for in feeds and section pages; shorter ones stand in other articles too."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that belongs to what is to be withdrawn."""

    articles: tuple[str, ...]
    urls: tuple[str, ...]
    """Addresses that are barred from then on."""
    captures: tuple[CaptureRow, ...]
    """Captures of these addresses, of AMP forms, of further pages and of redirects to them."""
    quoting: tuple[CaptureRow, ...]
    """Feeds, sitemaps and section pages that hold a sentence of the text; their addresses are not barred."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found."""
        return not self.articles and not self.captures

    @property
    def records(self) -> tuple[WithdrawnRecord, ...]:
        """What the log keeps of each capture."""
        return tuple(
            WithdrawnRecord(
                record_id=row.capture.record_id,
                url=row.capture.url,
                captured_at=stamp(row.capture.captured_at),
                payload_digest=row.capture.payload_digest,
                file=row.capture.place.file,
                offset=row.capture.place.offset,
            )
            for row in (*self.captures, *self.quoting)
        )


def plan(holdings: Holdings, *, articles: Collection[str], urls: Collection[str]) -> Plan:
    """Look up what belongs to articles and addresses; nothing is changed.

    Args:
        holdings: the archive.
        articles: ids.
        urls: as they were given; all articles at them are meant.
    """
    removal = holdings.removal
    places = _forms(urls)
    ids = [article_id(article_key(url)) for url in places if is_web_url(url)]
    wanted = {*articles, *removal.articles_at(places | _near(places)), *filter(holdings.articles.get, ids)}
    for article in map(holdings.articles.get, sorted(wanted)):
        if article is not None:
            links = (version.amp_url for version in article.versions if version.amp_url)
            places |= _forms([article.url, *links])
    places |= _forms(row.capture.url for row in removal.captures_of(places | _near(places), wanted))
    texts = removal.texts_of(wanted)
    parts = _parts(holdings, places, wanted, texts)
    places |= _forms(row.capture.url for row in parts)
    captures = {row.id: row for row in (*removal.captures_of(places, wanted), *parts)}
    captures |= _leading_to(removal.redirects(), places)
    captures |= {row.id: row for row in removal.revisits_of(_ids(captures.values()))}
    quoting = {row.id: row for row in _quoting(holdings, removal.unread(), texts)}
    quoting |= {row.id: row for row in removal.revisits_of(_ids(quoting.values()))}
    # An address that showed something else as well stays open, unless it was asked for by name.
    seen = places | _forms(row.capture.url for row in captures.values())
    records = _ids(captures.values())
    shared = {url for url in seen if any(one.record_id not in records for one in holdings.captures.of_url(url))}
    barred = seen - (shared - _forms(urls))
    quoted = tuple(row for key, row in quoting.items() if key not in captures)
    return Plan(tuple(sorted(wanted)), tuple(sorted(barred)), tuple(captures.values()), quoted)


def _ids(rows: Iterable[CaptureRow]) -> set[str]:
    return {row.capture.record_id for row in rows}


def _near(urls: Iterable[str]) -> set[str]:
    """Other addresses of the same articles, as far as they can be told from these."""
    return {other for url in urls if is_web_url(url) for other in spellings(url)}


def _parts(
    holdings: Holdings, places: Collection[str], wanted: AbstractSet[str], texts: Sequence[tuple[str, str]]
) -> list[CaptureRow]:
    """The further pages of the articles; where an address showed others as well, those that hold a sentence of them."""
    own = {url for url in places if wanted >= set(holdings.removal.articles_at([url]))}
    parts = holdings.captures.parts_of(own)
    known = {row.id for row in parts}
    doubtful = [row for row in holdings.captures.parts_of(set(places) - own) if row.id not in known]
    return [*parts, *_quoting(holdings, doubtful, texts)]


def _leading_to(redirects: Iterable[CaptureRow], places: Collection[str]) -> dict[int, CaptureRow]:
    """The redirects that lead to one of the addresses, also over another redirect."""
    waiting = [(row, _forms([row.capture.location or ""])) for row in redirects]
    found: dict[int, CaptureRow] = {}
    reached = set(places)
    while some := [row for row, targets in waiting if row.id not in found and targets & reached]:
        found |= {row.id: row for row in some}
        reached |= _forms(row.capture.url for row in some)
    return found


def _forms(urls: Iterable[str]) -> set[str]:
    """Addresses as they stand, and canonical."""
    found = set()
    for url in urls:
        found.add(url)
        if is_web_url(url):
            found.add(canonicalise(url))
    return found


def sentences_of(texts: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The sentences of texts that are long enough to tell them apart, white space folded, in lower case."""
    return frozenset(
        folded.casefold()
        for _, body in texts
        for sentence in _SENTENCE_END.split(body)
        if len(folded := fold_space(sentence)) >= _SHORTEST
    )


def _quoting(holdings: Holdings, rows: Iterable[CaptureRow], texts: Iterable[tuple[str, str]]) -> Iterable[CaptureRow]:
    sentences = sentences_of(texts)
    if not sentences:
        return
    for row in list(rows):
        try:
            payload = read_payload(holdings.warc_folder, row.capture.place)
        except (WarcError, ExtractionError):
            continue  # what cannot be read shows nobody anything; `verify` tells of the damage
        if _holds(payload, sentences):
            yield row


def _holds(payload: Payload, sentences: frozenset[str]) -> bool:
    # Feeds hold markup that is escaped once or twice.
    decoded = decode(payload.body, content_type=payload.content_type).utf8.decode("utf-8", "replace")
    text = html.unescape(html.unescape(decoded))
    shown = fold_space(_TAGS.sub(" ", text)).casefold()
    return any(sentence in shown for sentence in sentences)


def require_finished(holdings: Holdings, found: Plan) -> None:
    """Make sure that no file is being written which holds a capture of the plan.

    Raises:
        ArchiveLocked: one is; a crawl or import goes on.
    """
    for name in sorted({record.file for record in found.records}):
        if not (holdings.warc_folder / name).exists() and (holdings.warc_folder / f"{name}.open").exists():
            raise ArchiveLocked(
                f"{name} is being written, and holds what is to be withdrawn",
                tip="wait until the crawl or import has ended, or stop it, and run the command again",
            )


def files_of(found: Plan) -> dict[str, str]:
    """The WARC files that a plan is about, each with the name of the one that takes its place."""
    return {name: successor(name) for name in sorted({record.file for record in found.records})}


def finish_withdrawals(holdings: Holdings) -> int:
    """Carry out what the log names and nobody finished; how many. Another process that is at it is left alone.

    Raises:
        IntegrityError: the log was changed.
    """
    if not holdings.withdrawals.path.exists() or not holdings.withdrawals.unfinished():
        return 0
    try:
        with holdings.lock(LOCK):
            entries = holdings.withdrawals.unfinished()
            for entry in entries:
                carry_out(holdings, entry)
            return len(entries)
    except ArchiveLocked:
        return 0


def drop_replaced(holdings: Holdings) -> None:
    """Delete what withdrawals left in an older copy of the archive: files that they wrote anew, and torn ends."""
    files = {old: new for entry in holdings.withdrawals.entries() for old, new in entry.files.items()}
    for old, new in files.items():
        stands = (holdings.warc_folder / new).exists() or new in files
        if stands and (holdings.warc_folder / old).exists() and not holdings.removal.rows_in(old):
            remove_file(holdings.warc_folder / old)
    for entry in holdings.withdrawals.entries():
        remove_tails(holdings.warc_folder, entry.urls)


def carry_out(holdings: Holdings, entry: LogEntry, *, at: Callable[[str], None] | None = None) -> None:
    """Remove what an entry of the log names; who calls it holds the lock `withdraw`.

    Files are written anew beside the old ones; one transaction takes the rows out and moves all others; the old files
    go; the database's free pages and the index's old segments go; the log says so.

    Args:
        holdings: the archive, opened for writing.
        entry: what goes.
        at: called after each step with its name.

    Raises:
        ArchiveLocked: a reader holds words back, or the index is being written; the next writer goes on.
        OSError: a file cannot be written; the same.
    """
    step = at or _silent
    with holdings.lock("process", wait=True):
        moved: dict[str, Moved] = {}
        for old, new in entry.files.items():
            if _is_due(holdings, old, new):
                moved[old] = Moved(new, write_without(*_paths(holdings, old, new), _tombstones(entry, old)))
            step(f"wrote {new}")
        goes = Goes(entry.articles, [record.record_id for record in entry.records], entry.urls)
        holdings.removal.carry_out(goes, moved)
        step("removed rows")
        for old in entry.files:
            remove_file(holdings.warc_folder / old)
            step(f"removed {old}")
        remove_tails(holdings.warc_folder, entry.urls)
        holdings.removal.scrub()
        step("scrubbed")
        with holdings.lock("index", wait=True):
            forgotten = forget(holdings.index_folder, entry.articles, generation=holdings.database.generation)
        if not forgotten:
            build_index(holdings)
        step("indexed")
    holdings.withdrawals.append(event=REMOVED, of=entry.number)


def _is_due(holdings: Holdings, old: str, new: str) -> bool:
    """Whether a file is still to be written anew: once rows point into the new one, the old one only has to go."""
    return (holdings.warc_folder / old).exists() and not holdings.removal.rows_in(new)


def _paths(holdings: Holdings, old: str, new: str) -> tuple[Path, Path]:
    return holdings.warc_folder / old, holdings.warc_folder / new


def _tombstones(entry: LogEntry, file: str) -> dict[int, Tombstone]:
    return {
        record.offset: Tombstone(record.record_id, record.url, record.captured_at, record.payload_digest, entry.reason)
        for record in entry.records
        if record.file == file
    }


def _silent(step: str) -> None:
    """Tell nobody."""
