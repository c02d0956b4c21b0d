"""What was acknowledged, held against what is there."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, Any

from tests.faults.river import SOURCE, stream

import newsarchive
from newsarchive.models import CaptureState
from newsarchive.search import stamp
from newsarchive.warc import read_payload, scan
from newsarchive.warc.cdxj import OPEN_SUFFIX, final_name

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
    missing: list[str] = []
    if "captured" in ack:
        missing += _lost_capture(archive, ack["captured"], captures)
    elif "queued" in ack and sum(archive.frontier.counts(SOURCE)) < len(set(ack["queued"])):
        missing.append("candidates are gone")
    elif "finished" in ack:
        run = archive.runs.get(ack["finished"])
        if run is None or run.outcome != "finished":
            missing.append(f"run {ack['finished']} is not finished")
    elif "stored" in ack:
        waiting = {row.capture.record_id for row in holdings.captures.pending()}
        missing += [f"{record_id} waits again" for record_id in waiting & set(ack["stored"])]
        if holdings.articles.revision < ack["revision"]:
            missing.append("articles are gone")
    elif "indexed" in ack:
        seen = stamp(holdings.index_folder)
        if seen is None or seen.revision < ack["indexed"]:
            missing.append(f"the index is back at {seen}")
    return missing


def _lost_capture(archive: Archive, record_id: str, captures: int) -> list[str]:
    holdings = archive._holdings
    capture = holdings.captures.by_record(record_id)
    if capture is None:
        return [f"capture {record_id} has no row"]
    body = read_payload(holdings.warc_folder, capture.place).body
    sent = {exchange.body for exchange in stream(captures) if exchange.url == capture.url}
    return [] if body in sent else [f"capture {record_id} has other bytes"]


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
            "damages": archive.verify().kinds,
            "frontier": tuple(archive.frontier.counts(SOURCE)),
            "left over": sorted(
                path.name for path in folder.rglob("*") if path.name.endswith((".open", ".part", ".new", ".tmp"))
            ),
        }


def left_open(folder: Path) -> dict[str, bytes]:
    """The bytes of each file that a writer left open, by the name that it will have once it is finished."""
    return {final_name(path.name): path.read_bytes() for path in folder.glob(f"warc/*{OPEN_SUFFIX}")}


def wrong_tails(folder: Path, left: dict[str, bytes]) -> list[str]:
    """What is wrong with the torn ends of files that were left open: each is kept, byte for byte, and no other is."""
    found: list[str] = []
    cut = dict.fromkeys(left, 0)
    for path in sorted(folder.glob("warc/*.tail-*")):
        name, _, offset = path.name.rpartition(".tail-")
        torn = left.get(name, b"")[int(offset) :]
        if not torn or path.read_bytes() != torn:
            found.append(f"{path.name} is not the torn end of what was left")
        cut[name] = len(torn)
    for name, data in left.items():
        kept, whole = folder / "warc" / name, data[: len(data) - cut[name]]
        if kept.exists() and kept.read_bytes() != whole:
            found.append(f"{name} is not what was left, without its torn end")
        try:
            gzip.decompress(whole)
        except (EOFError, OSError, zlib.error):
            found.append(f"of {name}, a torn end is gone")
    return found
