"""Serves the sample newsroom on loopback, by host name: from Python with `serve`, by hand with `main`.

Each answer is written down, so that a test can prove what was fetched and what was not.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.errors import NewsarchiveError
from newsarchive.sample.handler import HttpServer
from newsarchive.sample.newsroom import DEFAULT_PORT, EDITIONS, Newsroom, build
from newsarchive.sample.site import Response

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LOOPBACK: Final = "127.0.0.1"
_POLL: Final = 0.05
"""Seconds between two looks whether the server should stop."""


class Served(NamedTuple):
    """One request that was answered."""

    host: str
    """Without the port."""
    path: str
    """With the query, as it was asked for."""
    status: int


class NewsroomServer:
    """The newsroom on a port; see `serve`."""

    def __init__(self, newsroom: Newsroom, *, host: str = LOOPBACK, port: int = 0) -> None:
        self._newsroom = newsroom
        self._requests: list[Served] = []
        self._lock = threading.Lock()
        self._http = HttpServer((host, port), self)
        self.port: int = self._http.server_address[1]

    @property
    def newsroom(self) -> Newsroom:
        """What is served now; it can be set while the server runs."""
        return self._newsroom

    @newsroom.setter
    def newsroom(self, newsroom: Newsroom) -> None:
        self._newsroom = newsroom

    @property
    def edition(self) -> int:
        """The edition that is served; it can be set while the server runs."""
        return self._newsroom.edition

    @edition.setter
    def edition(self, edition: int) -> None:
        self._newsroom = self._newsroom.at_edition(edition)

    def redesign(self, *outlets: str) -> None:
        """Let outlets change to a theme that tells less, while the server runs; errors as in `Newsroom.outlet`."""
        self._newsroom = self._newsroom.redesigned(*outlets)

    @property
    def requests(self) -> list[Served]:
        """All requests that were answered so far, in order; a copy."""
        with self._lock:
            return list(self._requests)

    def url(self, outlet: str, path: str = "/") -> str:
        """URL of a path of an outlet, by the outlet's name; errors as in `Newsroom.outlet`."""
        return f"http://{self._newsroom.outlet(outlet).host}:{self.port}{path}"

    def note(self, host: str, path: str, status: int) -> None:
        """Write down an answer."""
        with self._lock:
            self._requests.append(Served(host, path, status))

    def answer(self, host: str, path: str) -> Response:
        """What to answer; hosts that are no outlet's get a page with the outlets."""
        return self._newsroom.pages(host, path, port=self.port) or self._front()

    def _front(self) -> Response:
        rows = "".join(
            f'<li><a href="{self.url(outlet.name)}">{escape(outlet.title)}</a></li>'
            for outlet in self._newsroom.outlets
        )
        text = (
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Sample newsroom</title></head>'
            f"<body><h1>Sample newsroom, edition {self.edition}</h1><ul>{rows}</ul></body></html>\n"
        )
        return Response(200, "text/html; charset=utf-8", text.encode())

    def run(self) -> None:
        """Serve until `stop` is called from another thread."""
        self._http.serve_forever(poll_interval=_POLL)

    def stop(self) -> None:
        """End `run`."""
        self._http.shutdown()

    def close(self) -> None:
        """Give the port back."""
        self._http.server_close()


@contextmanager
def serve(newsroom: Newsroom | int = 1, *, host: str = LOOPBACK, port: int = 0) -> Iterator[NewsroomServer]:
    """Serve a newsroom, or the default one at an edition, while the block runs; port 0 takes a free one."""
    server = NewsroomServer(build(newsroom) if isinstance(newsroom, int) else newsroom, host=host, port=port)
    thread = threading.Thread(target=server.run, name="sample-newsroom", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
        server.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C or SIGTERM; the exit code."""
    options = _parser().parse_args(arguments)
    before = {name: signal.signal(name, signal.default_int_handler) for name in (signal.SIGINT, signal.SIGTERM)}
    try:
        newsroom = build(options.edition, articles=options.articles).redesigned(*options.redesign)
        with serve(newsroom, port=options.port) as server:
            _tell(server, options.port_file)
            threading.Event().wait()  # nobody sets it: a signal ends it
    except KeyboardInterrupt:
        pass  # the end that was asked for
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
    parser.add_argument(
        "--redesign",
        action="append",
        default=[],
        metavar="OUTLET",
        help="show this outlet, such as northline, after a redesign that names no authors; may be given more than once",
    )
    parser.add_argument("--port-file", type=Path, help="write the port here once the newsroom answers")
    return parser


def _tell(server: NewsroomServer, port_file: Path | None) -> None:
    """Write the port, whole or not at all, and then the outlets' URLs: who has read them finds the file."""
    if port_file:
        draft = port_file.with_name(port_file.name + ".new")
        draft.write_text(f"{server.port}\n", encoding="ascii")
        draft.replace(port_file)
    for outlet in server.newsroom.outlets:
        sys.stdout.write(f"{server.url(outlet.name)}\n")
    sys.stdout.flush()
