"""The command that serves the sample newsroom by hand: `python -m newsarchive.sample`."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from newsarchive.errors import NewsarchiveError
from newsarchive.sample.newsroom import DEFAULT_PORT, EDITIONS, build
from newsarchive.sample.server import NewsroomServer, serve

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM; the exit code."""
    options = _parser().parse_args(arguments)
    stopped = threading.Event()
    before = {name: signal.signal(name, lambda *_: stopped.set()) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        newsroom = build(options.edition, articles=options.articles)
        with serve(newsroom, port=options.port) as server:
            _tell(server, options.port_file)
            stopped.wait()
    except NewsarchiveError as error:
        sys.stderr.write(f"error: {error.message}\n" + (f"tip: {error.tip}\n" if error.tip else ""))
        return error.exit_code
    except OSError as error:
        sys.stderr.write(f"error: cannot serve on port {options.port}: {error}\ntip: choose another with --port\n")
        return 1
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="newsarchive sample",
        description="Serve a small invented news world on loopback, to try everything on, until Ctrl-C.",
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--edition", type=int, default=1, choices=EDITIONS, help="2 shows one article edited")
    parser.add_argument(
        "--articles", type=int, default=340, help="how many a crawl should accept (default: %(default)s)"
    )
    parser.add_argument("--port-file", type=Path, help="write the port here once the newsroom answers")
    return parser


def _tell(server: NewsroomServer, port_file: Path | None) -> None:
    for outlet in server.newsroom.outlets:
        sys.stdout.write(f"{server.url(outlet.name)}\n")
    sys.stdout.flush()
    if port_file:
        # Whoever waits for the file must never read half of it.
        draft = port_file.with_name(port_file.name + ".new")
        draft.write_text(f"{server.port}\n", encoding="ascii")
        draft.replace(port_file)
