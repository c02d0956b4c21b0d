"""What was acknowledged, held against what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import newsarchive
from newsarchive.search import stamp
from newsarchive.models import CaptureState
from newsarchive.warc import read_payload, scan
from tests.faults.river import SOURCE, stream

if TYPE_CHECKING:
    from pathlib import Path

    from newsarchive.archive import Archive


def lost(folder: Path, acknowledged: tuple[dict[str, Any], ...], *, captures: int = 60) -> list[str]:
    """Everything that was acknowledged and is not there, in words."""
    if not acknowledged or "error" in acknowledged[0]:
        return []
    with newsarchive.open(folder) as archive:
        return [missing for ack in acknowledged for missing in _lost(archive, ack, captures)]


def _lost(archive: Archive, ack: dict[str, Any], captures: int) -> list[str]:
    holdings = archive._holdings
    if "captured" in ack:
        capture = holdings.captures.by_record(ack["captured"])
        if capture is None:
            return [f"capture {ack['captured']} has no row"]
        body = read_payload(holdings.warc_folder, capture.place).body
        sent = {exchange.body for exchange in stream(captures) if exchange.url == capture.url}
        return [] if body in sent else [f"capture {ack['captured']} has other bytes"]
    if "queued" in ack:
        counts = archive.frontier.counts(SOURCE)
        return [] if sum(counts) >= len(set(ack["queued"])) else ["candidates are gone"]
    if "finished" in ack:
        run = archive.runs.get(ack["finished"])
        return [] if run and run.outcome == "finished" else [f"run {ack['finished']} is not finished"]
    if "stored" in ack:
        waiting = {row.capture.payload_digest for row in holdings.captures.pending()}
        gone = waiting & set(ack["stored"])
        behind = holdings.articles.revision < ack["revision"]
        return [f"stored captures wait again: {sorted(gone)}"] * bool(gone) + ["articles are gone"] * behind
    if "indexed" in ack:
        seen = stamp(holdings.index_folder)
        return [] if seen and seen.revision >= ack["indexed"] else [f"the index is back at {seen}"]
    return []


def picture(folder: Path) -> dict[str, Any]:
    """What an archive holds, without what depends on names and moments."""
    with newsarchive.open(folder) as archive:
        found = archive.search("")
        scanned = [capture for path in sorted((folder / "warc").glob("*.warc.gz")) for capture in scan(path)]
        rows = archive._holdings.database.connection.execute(
            "SELECT url, captured_at, payload_digest, state, problems FROM captures ORDER BY url, captured_at"
        )
        status = archive.status()
        return {
            "captures": [tuple(row) for row in rows],
            "scanned": sorted((one.url, str(one.captured_at), one.payload_digest) for one in scanned),
            "versions": {
                article.url: [version.digest for version in article.versions] for article in archive.articles()
            },
            "found": sorted(hit.url for hit in found),
            "waiting": (status.captures[CaptureState.CAPTURED], status.not_indexed),
            "frontier": tuple(archive.frontier.counts(SOURCE)),
            "left over": sorted(
                path.name
                for path in folder.rglob("*")
                if path.name.endswith((".open", ".part", ".new", ".tmp")) or ".tail-" in path.name
            ),
        }
