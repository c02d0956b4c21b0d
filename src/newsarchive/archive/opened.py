"""An archive folder, opened: what every part of `Archive` stands on."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from newsarchive import layout
from newsarchive.archive.folder import find_folder
from newsarchive.archive.searching import Searching
from newsarchive.dates import utc_now
from newsarchive.errors import ArchiveNotFound, ArchiveReadOnly
from newsarchive.holdings import Holdings
from newsarchive.storage import Database
from newsarchive.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from types import TracebackType

    from newsarchive.archive.recording import Recorder
    from newsarchive.ingest import RuleBook
    from newsarchive.settings import Settings
    from newsarchive.storage import Bar, Frontier, Harvests, Runs
    from newsarchive.warc import WarcWriter

Mode = Literal["r", "rw"]


class Opened:
    """Holds the files of an archive; the parts of `Archive` are its subclasses."""

    def __init__(
        self, folder: Path | str | None = None, *, mode: Mode = "r", clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.folder = find_folder(as_path(folder))
        self.mode = mode
        path = self.folder / layout.DATABASE
        self._stack = ExitStack()
        if mode == "r" and not path.exists():
            raise ArchiveNotFound(
                f"{self.folder} has no {layout.DATABASE}: nothing was captured yet, or its records were lost",
                tip="crawl or import something; records that were lost come back with `newsarchive rebuild`",
            )
        database = self._stack.enter_context(Database(path, read_only=mode == "r", clock=clock))
        self._holdings = Holdings(self.folder, database)
        self._searching = Searching(self._holdings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def settings(self) -> Settings:
        """What `newsarchive.toml` says.

        Raises:
            SettingsError: it cannot be read, or holds an unknown key or a value that cannot be.
        """
        return self._holdings.settings

    @property
    def rules(self) -> RuleBook:
        """The publishers' rules, as the settings and the files in `spiders/` hold them now.

        Raises:
            SettingsError: a rule cannot be; the message names its file and line.
        """
        from newsarchive.ingest import RuleBook  # noqa: PLC0415 - searching needs no rules

        return RuleBook.read(self.folder)

    def now(self) -> datetime:
        """The moment by the archive's clock, aware."""
        return self._holdings.database.now()

    def close(self) -> None:
        """Let go of the files; safe to call twice."""
        self._searching.close()
        self._stack.close()

    @property
    def frontier(self) -> Frontier:
        """Candidates in the order they are due."""
        return self._holdings.frontier

    @property
    def harvests(self) -> Harvests:
        """What crawls have read of the documents that name articles."""
        return self._holdings.harvests

    @property
    def runs(self) -> Runs:
        """Crawls and their counts."""
        return self._holdings.runs

    def bar_of(self, url: str) -> Bar | None:
        """Why a URL is not to be fetched: it is opted out, or was withdrawn; None where it may be."""
        return self._holdings.barring.why(url)

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold a lock of this archive; see `Holdings.lock`."""
        with self._holdings.lock(name):
            yield

    def count_waiting(self, limit: int = -1) -> int:
        """How many captures nothing has read yet, counted to a limit; -1 is none."""
        return self._holdings.captures.count_pending(limit=limit)

    @contextmanager
    def recorder(self) -> Iterator[Recorder]:
        """Takes the exchanges of a crawl into the archive, each before anything is read from it."""
        from newsarchive.archive.recording import Recorder  # noqa: PLC0415 - searching needs no WARC writer

        self._require_writing()
        with self._writer() as writer:
            yield Recorder(self._holdings, writer)

    @contextmanager
    def _writer(self) -> Iterator[WarcWriter]:
        from newsarchive.ingest import repair  # noqa: PLC0415 - searching needs no WARC writer
        from newsarchive.warc import WarcWriter  # noqa: PLC0415 - as above

        repair(self._holdings)
        info = _warc_info(self.settings)
        limit = self.settings.warc.max_file_size
        with WarcWriter(self._holdings.warc_folder, max_file_size=limit, info=info) as writer:
            yield writer

    def _require_writing(self) -> None:
        if self.mode != "rw":
            raise ArchiveReadOnly(f"{self.folder} was opened for reading", tip='open the archive with mode="rw"')


def as_path(given: Path | str | None) -> Path | None:
    """A path as a person writes it, with `~` for home."""
    return Path(given).expanduser() if given is not None else None


def _warc_info(settings: Settings) -> dict[str, str]:
    """What stands in the warcinfo record of each file (WARC/1.1, section 6.2)."""
    info = {
        "software": f"newsarchive/{__version__}",
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "robots": "obey" if settings.crawl.obey_robots else "ignore",
        "isPartOf": settings.archive.name,
    }
    if settings.archive.contact:
        info["operator"] = settings.archive.contact
    return info
