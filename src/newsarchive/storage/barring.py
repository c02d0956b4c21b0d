"""What must not be fetched, kept or shown: opt-outs and withdrawals. Small files, looked at anew when they change.

A search asks here too, so neither pydantic nor the settings' model is loaded: of `newsarchive.toml` only the keys that
speak of this are read, and only where they stand in it.
"""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from newsarchive import layout
from newsarchive.errors import SettingsError
from newsarchive.folding import article_key
from newsarchive.models.optout import OptOut, OptOuts
from newsarchive.storage.optouts import read_optouts
from newsarchive.storage.presence import has_rights
from newsarchive.storage.withdrawals import WithdrawalLog
from newsarchive.urls import is_web_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from newsarchive.storage.database import Database

HONOURED: Final = {
    "honour_noarchive": "noarchive",
    "honour_noindex": "noindex",
    "honour_nosnippet": "nosnippet",
    "honour_noai": "noai",
    "honour_tdm": "tdm-reservation",
    "honour_ai_robots": "disallows-training",
}
"""Key in `[rights]` to the word that it is about."""
NOT_HONOURED: Final = frozenset({"honour_ai_robots"})
"""Keys that are false by default."""


_FEW_HOSTS: Final = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """Why something is not fetched, kept or shown."""

    kind: str
    """`opted-out` or `withdrawn`."""
    what: str
    """The entry or address that covers it."""
    reason: str

    def __str__(self) -> str:
        because = f" ({self.reason})" if self.reason else ""
        return f"withdrawn{because}" if self.kind == "withdrawn" else f"opted out by {self.what}{because}"


class Barring:
    """Answers for one archive folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told_by = [str(folder / name) for name in (layout.OPTOUT, layout.SETTINGS, layout.WITHDRAWALS)]
        self._log = WithdrawalLog(folder)
        self._seen: tuple[object, ...] | None = None
        self._optouts = OptOuts(())
        self._withdrawn: dict[str, str] = {}
        self._withdrawn_keys: dict[str, str] = {}
        self._withdrawn_ids: frozenset[str] = frozenset()
        self._honoured: frozenset[str] = frozenset()

    def why(self, url: str) -> Bar | None:
        """Why a URL is barred, or None. What was withdrawn is so under every address of the same article."""
        self._refresh()
        told = url if url in self._withdrawn else self._withdrawn_keys.get(_key(url)) if self._withdrawn else None
        if told is not None:
            return Bar("withdrawn", told, self._withdrawn[told])
        entry = self._optouts.covering(url)
        return Bar("opted-out", entry.prefix, entry.reason) if entry else None

    def was_withdrawn(self, article_id: str) -> bool:
        """Whether the log of withdrawals names an article by its id."""
        self._refresh()
        return article_id in self._withdrawn_ids

    @property
    def optouts(self) -> OptOuts:
        """All entries, of `optout.txt` first."""
        self._refresh()
        return self._optouts

    @property
    def honoured(self) -> frozenset[str]:
        """The words of publishers that this archive honours."""
        self._refresh()
        return self._honoured

    def hidden(self, database: Database) -> frozenset[str]:
        """Ids of articles that no search and no export shows: opted out, withdrawn, or marked `noindex`.

        With any entry there is, it looks at every address.
        """
        self._refresh()
        connection = database.connection
        found: set[str] = set(self._withdrawn_ids)
        if self._withdrawn:
            query = "SELECT id FROM articles WHERE url IN (SELECT value FROM json_each(?))"
            found.update(row["id"] for row in connection.execute(query, (json.dumps(list(self._withdrawn)),)))
        if self._optouts.entries:
            hosts = {entry.host for entry in self._optouts.entries}
            # SQLite finds a few hosts ten times as fast as Python looks at each address (measured).
            wanted = " OR ".join(["instr(url, ?)"] * len(hosts)) if len(hosts) <= _FEW_HOSTS else ""
            rows = connection.execute(
                f"SELECT id, url FROM articles{f' WHERE {wanted}' if wanted else ''}", sorted(hosts) if wanted else ()
            )
            found.update(row["id"] for row in rows if self._optouts.covering(row["url"]))
        if "noindex" in self._honoured and has_rights(database):
            query = "SELECT article_id FROM rights WHERE is_newest AND noindex"
            found.update(row["article_id"] for row in connection.execute(query))
        return frozenset(found)

    def _refresh(self) -> None:
        now = tuple(map(_mark, self._told_by))
        if now == self._seen:
            return
        table = light_settings(self._folder / layout.SETTINGS)
        entries = [*read_optouts(self._folder / layout.OPTOUT), *_of_settings(table)]
        rights = table.get("rights", {})
        self._honoured = frozenset(
            word for key, word in HONOURED.items() if rights.get(key, key not in NOT_HONOURED) is True
        )
        self._withdrawn = self._log.barred()
        self._withdrawn_keys = {_key(url): url for url in self._withdrawn}
        self._withdrawn_ids = self._log.articles()
        self._optouts = OptOuts(tuple(entries))
        self._seen = now


def _key(url: str) -> str:
    return article_key(url) if is_web_url(url) else url


def _mark(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - a third of the time of Path.stat; a crawl asks for each address
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def light_settings(path: Path) -> dict[str, Any]:
    """The tables of the settings file that speak of rights, unchecked; empty where none does.

    Raises:
        SettingsError: one does, and the file cannot be read: what is hidden cannot be known then.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return {}
    if "opt_out" not in text and "honour_" not in text:
        return {}
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"{path.name}: not TOML: {error}", tip="it says what is left out, so it must be read"
        ) from error


def _of_settings(table: dict[str, Any]) -> Iterator[OptOut]:
    rights = table.get("rights")
    if isinstance(rights, dict):
        for text in rights.get("opt_out", ()):
            yield OptOut.of(str(text), where="[rights] opt_out")
    sources = table.get("sources")
    for name, source in sources.items() if isinstance(sources, dict) else ():
        if isinstance(source, dict):
            for text in source.get("opt_out", ()):
                yield OptOut.of(str(text), where=f"[sources.{name}] opt_out")
