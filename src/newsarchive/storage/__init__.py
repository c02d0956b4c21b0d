"""What do we hold, and what did it say before? One SQLite file, `articles.db`; nothing else imports `sqlite3`.

The names are imported when first asked for (PEP 562): a search needs the database and the rows of its hits alone.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from newsarchive.storage.articles import Articles, Reading
    from newsarchive.storage.barring import Bar, Barring
    from newsarchive.storage.captures import CaptureRow, Captures, Outcome, Rejection
    from newsarchive.storage.changes import Changes, Edited
    from newsarchive.storage.consistency import Consistency
    from newsarchive.storage.coverage import DayRecords
    from newsarchive.storage.database import Database
    from newsarchive.storage.frontier import Due, Frontier, FrontierCounts
    from newsarchive.storage.harvests import Harvests, ReadAs, Standing, Trouble
    from newsarchive.storage.hits import HitRow, HitRows
    from newsarchive.storage.rechecks import Order, Recheck, Rechecks
    from newsarchive.storage.removal import Goes, Moved, Removal
    from newsarchive.storage.rereadings import Replaced, Rereadings
    from newsarchive.storage.rights import RightsTable
    from newsarchive.storage.runs import Run, Runs
    from newsarchive.storage.templates import SiteTemplate, Templates
    from newsarchive.storage.withdrawals import WithdrawalLog
    from newsarchive.storage.yields import RunYield, Yields

__all__ = [
    "Articles",
    "Bar",
    "Barring",
    "CaptureRow",
    "Captures",
    "Changes",
    "Consistency",
    "Database",
    "DayRecords",
    "Due",
    "Edited",
    "Frontier",
    "FrontierCounts",
    "Goes",
    "Harvests",
    "HitRow",
    "HitRows",
    "Moved",
    "Order",
    "Outcome",
    "ReadAs",
    "Reading",
    "Recheck",
    "Rechecks",
    "Rejection",
    "Removal",
    "Replaced",
    "Rereadings",
    "RightsTable",
    "Run",
    "RunYield",
    "Runs",
    "SiteTemplate",
    "Standing",
    "Templates",
    "Trouble",
    "WithdrawalLog",
    "Yields",
]

_HOMES: Final = {
    "articles": ("Articles", "Reading"),
    "barring": ("Bar", "Barring"),
    "captures": ("CaptureRow", "Captures", "Outcome", "Rejection"),
    "consistency": ("Consistency",),
    "coverage": ("DayRecords",),
    "changes": ("Changes", "Edited"),
    "database": ("Database",),
    "frontier": ("Due", "Frontier", "FrontierCounts"),
    "harvests": ("Harvests", "ReadAs", "Standing", "Trouble"),
    "hits": ("HitRow", "HitRows"),
    "rechecks": ("Order", "Recheck", "Rechecks"),
    "removal": ("Goes", "Moved", "Removal"),
    "rereadings": ("Replaced", "Rereadings"),
    "rights": ("RightsTable",),
    "runs": ("Run", "Runs"),
    "withdrawals": ("WithdrawalLog",),
    "yields": ("RunYield", "Yields"),
    "templates": ("SiteTemplate", "Templates"),
}
_HOME_OF: Final = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - PEP 562
    if name in _HOME_OF:
        return getattr(importlib.import_module(f"newsarchive.storage.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
