"""The CDXJ file beside a finished WARC file, so that replay tools can find its captures.

A line is the SURT of the URL, a 14-digit time and a JSON object with the fields that pywb reads
(https://pywb.readthedocs.io, "CDXJ Index"); lines are sorted by their bytes. It is derived: it can always be made anew.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from newsarchive.durable import replace
from newsarchive.urls import surt_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from newsarchive.models import Capture

WARC_SUFFIX: Final = ".warc.gz"
REVISIT: Final = "warc/revisit"
"""The mime of a revisit record; a replay tool then looks for the payload under the same digest."""
OPEN_SUFFIX: Final = ".warc.gz.open"


def cdxj_line(capture: Capture) -> str:
    """The line of one capture, with its line feed."""
    entry: dict[str, str] = {"url": capture.url}
    if capture.revisit is not None:
        entry["mime"] = REVISIT
    elif capture.media_type:
        entry["mime"] = capture.media_type
    if capture.status is not None:
        entry["status"] = str(capture.status)
    entry["digest"] = capture.payload_digest
    entry["length"] = str(capture.place.length)
    entry["offset"] = str(capture.place.offset)
    entry["filename"] = capture.place.file
    return f"{cdxj_key(capture.url, capture.captured_at)} {json.dumps(entry)}\n"


def cdxj_key(url: str, captured_at: datetime) -> str:
    """What a line begins with and is found by: the SURT of the URL and the time to the second.

    >>> cdxj_key("https://www.harbor.example/a b", datetime(2019, 2, 27, 11, 30, 5, tzinfo=UTC))
    'example,harbor)/a%20b 20190227113005'
    """
    time = captured_at.astimezone(UTC).strftime("%Y%m%d%H%M%S").rjust(14, "0")
    return f"{surt_key(url).replace(' ', '%20')} {time}"  # a space ends the SURT


def renew_cdxj(path: Path, lines: Iterable[str]) -> None:
    """Make the CDXJ file of a WARC file anew, unless it has these very lines.

    Raises:
        OSError: the file cannot be written.
    """
    cdxj = cdxj_path(path)
    wanted = sorted(line.encode("utf-8") for line in lines)
    if not cdxj.is_file() or cdxj.read_bytes() != b"".join(wanted):
        write_cdxj(cdxj, (line.decode("utf-8") for line in wanted))


def write_cdxj(path: Path, lines: Iterable[str]) -> None:
    """Sort the lines and put them in place of the file at once; a kill leaves the old file or the new one.

    Raises:
        OSError: the file cannot be written.
    """
    replace(path, b"".join(sorted(line.encode("utf-8") for line in lines)), suffix=".part")


def cdxj_path(path: Path) -> Path:
    """Where the CDXJ file of a WARC file lies, finished or still open."""
    return path.with_name(final_name(path.name).removesuffix(WARC_SUFFIX) + ".cdxj")


def final_name(name: str) -> str:
    """The name that a file has once it is finished.

    >>> final_name("20190227113005-a1b2c3-00000.warc.gz.open")
    '20190227113005-a1b2c3-00000.warc.gz'
    """
    return name.removesuffix(".open")
