"""What it costs from nothing: a process that starts, searches once, and ends; and an article that is extracted."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Final

from search_bench.engines.base import Unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_BARE: Final = """
from datetime import UTC, datetime
from pathlib import Path
from newsarchive.search import Searcher, parse
with Searcher(Path({folder!r}) / "index") as searcher:
    answer = searcher.search(parse({text!r}, now=datetime(2020, 1, 1, tzinfo=UTC)), limit=10)
assert answer.found
"""
_LIBRARY: Final = "import numpy"


def starts(archive: Path, text: str, *, rounds: int) -> dict[str, float]:
    """CPU seconds of whole processes, the median of some: the command, the bare searcher, and what they stand on.

    The modules are compiled beforehand, as those of an installed package are.
    """
    commands = {
        "newsarchive search": ["-m", "newsarchive", "--archive", str(archive), "search", text],
        "bare searcher": ["-c", _BARE.format(folder=str(archive), text=text)],
        "import numpy": ["-c", _LIBRARY],
        "python": ["-c", "pass"],
    }
    spent: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory(prefix="search-bench-") as compiled:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for number in range(rounds + 1):  # in turns, so that what else the machine does falls on all of them
            for name, command in commands.items():
                figure = _cpu([sys.executable, *command], environment)
                spent[name] += [figure] if number else []
    return {name: statistics.median(figures) for name, figures in spent.items()}


def _cpu(command: Sequence[str], environment: Mapping[str, str]) -> float:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment) as process:
        said = process.stderr.read().decode() if process.stderr else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)[:200]} ended with {process.returncode}: {said}")
    return usage.ru_utime + usage.ru_stime


def extraction(pages: Path, *, least: int, scratch: Path) -> dict[str, float]:
    """CPU milliseconds of extracting an article, and of indexing the same article among at least so many.

    Raises:
        Unsupported: the pages are not there.
    """
    if not pages.exists():
        raise Unsupported(f"no pages at {pages}")
    from pipeline import stages  # noqa: PLC0415 - loads the whole extraction

    from newsarchive.errors import ExtractionError  # noqa: PLC0415 - as above
    from newsarchive.extraction import extract  # noqa: PLC0415 - as above
    from search_bench.engines import ours  # noqa: PLC0415 - as above

    _, payloads = stages(pages)
    texts: list[tuple[str, str]] = []
    before = time.process_time()
    for payload in payloads:
        try:
            said = extract(payload)
        except ExtractionError:
            continue
        texts.append((said.headline or "", said.body))
    extracting = (time.process_time() - before) / len(texts)
    bench, number = ours.Bench(), 0
    articles = []
    while len(articles) < least:
        for headline, body in texts:
            articles.append(ours.plain(f"page{number:09}", headline, body))
            number += 1
    bench.prepare(scratch, ())
    before = time.process_time()
    bench.build(scratch, articles, workers=1)
    indexing = (time.process_time() - before) / len(articles)
    words = sum(len(body.split()) for _, body in texts) / len(texts)
    return {"pages": len(texts), "words": words, "extract_ms": 1000 * extracting, "index_ms": 1000 * indexing}
