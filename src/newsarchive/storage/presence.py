"""Whether a table is there: an archive of an older version that is only read lacks the newer ones still."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsarchive.storage.database import Database


def has_rights(database: Database) -> bool:
    """Whether there is the table `rights`."""
    query = "SELECT 1 FROM sqlite_schema WHERE name = 'rights'"
    return database.connection.execute(query).fetchone() is not None
