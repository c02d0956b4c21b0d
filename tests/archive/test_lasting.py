"""Full disks and read-only folders: a clear message, nothing half done."""

from __future__ import annotations

import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import newsarchive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_full_disk_is_told_and_what_was_kept_stays_whole(
    folder: Path, tmp_path: Path, page: Callable[..., bytes]
) -> None:
    pile = tmp_path / "pile"
    pile.mkdir()
    for number in range(40):
        # Text that does not shrink, so that the limit on file sizes is met within one file.
        noise = tuple(f"word{number * 7919 + place * 104729:x} " * 3 for place in range(60))
        (pile / f"{number:02}.html").write_bytes(page(f"https://harbor.example/{number}", paragraphs=noise))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    command = [sys.executable, "-m", "newsarchive", "-A", str(folder), "import", str(pile)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=limit)
    assert done.returncode in {1, 3, 4}
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
    with newsarchive.open(folder, mode="rw") as archive:
        archive.rebuild()
        kept = archive.status()
        report, _ = archive.ingest(pile)
        assert report.captured + sum(kept.captures.values()) == 40
        assert archive.status().articles == 40
