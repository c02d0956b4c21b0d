"""Fixtures that several folders share: pages, archives, the command line."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

import newsarchive
from newsarchive.archive import init_folder
from newsarchive.storage.migrations import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PARAGRAPHS = (
    "The leaders of the two countries ended their meeting in the old opera house without signing anything at all.",
    "Officials had hoped for a short declaration on trade, but the talks stalled over the question of inspections.",
    "“We were close,” said one diplomat who asked not to be named, “and then the afternoon session fell apart.”",
    "Both sides said that working groups would go on, and that a further meeting could be held before the summer.",
)


def make_page(
    url: str | None = "https://harbor.example/politics/summit-ends",
    *,
    headline: str = "Summit ends without a deal",
    published: str | None = "2019-02-28T14:05:00+07:00",
    paragraphs: tuple[str, ...] = PARAGRAPHS,
    language: str = "en",
    encoding: str = "utf-8",
) -> bytes:
    """An article page; what is not asked for has a plain default."""
    data = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": headline}
    if published:
        data["datePublished"] = published
    canonical = f'<link rel="canonical" href="{url}">' if url else ""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    html = (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="{encoding}"><title>{headline}</title>'
        f'{canonical}<script type="application/ld+json">{json.dumps(data)}</script></head><body>'
        f"<nav><a href='/'>Home</a></nav><article><h1>{headline}</h1>{text}</article></body></html>"
    )
    return html.encode(encoding, "xmlcharrefreplace")


@pytest.fixture(scope="session", name="_page")
def _make_page() -> Callable[..., bytes]:
    """As `page`, for what is made once."""
    return make_page


@pytest.fixture
def page(_page: Callable[..., bytes]) -> Callable[..., bytes]:
    """Makes article pages; what is not asked for has a plain default."""
    return _page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty archive folder."""
    return init_folder(tmp_path / "archive")


@pytest.fixture
def archive(folder: Path) -> Iterator[newsarchive.Archive]:
    """An empty archive, opened for writing."""
    with newsarchive.open(folder, mode="rw") as opened:
        yield opened


@pytest.fixture
def older() -> Callable[[Path, int], None]:
    """Turns a database into one that has seen the first steps only, with all that those had room for."""

    def turn(path: Path, steps: int) -> None:
        newer = path.with_suffix(".newer")
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
        path.rename(newer)
        with contextlib.closing(sqlite3.connect(path)) as connection:
            for step in STEPS[:steps]:
                connection.executescript(step)
            connection.execute("ATTACH ? AS newer", (str(newer),))
            for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))
                connection.execute(f"INSERT OR IGNORE INTO {table} ({columns}) SELECT {columns} FROM newer.{table}")  # noqa: S608 - names of our own schema
            connection.execute("DELETE FROM meta WHERE key != 'generation'")  # what later versions noted
            connection.execute(f"PRAGMA user_version = {steps}")
            connection.commit()
        newer.unlink()

    return turn


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    stdout: bytes
    err: str

    @property
    def out(self) -> str:
        """What was printed, as text."""
        return self.stdout.decode()

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever was printed
        return json.loads(self.out)


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., Done]:
    """Runs the `newsarchive` command in a process of its own, as a user would, in a folder that is no archive."""

    def run(*arguments: object, timeout: float = 120, stdin: bytes | None = None) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "newsarchive", *map(str, arguments)],
            capture_output=True,
            timeout=timeout,
            check=False,
            input=stdin,
            cwd=tmp_path,
        )
        return Done(done.returncode, done.stdout, done.stderr.decode())

    return run
