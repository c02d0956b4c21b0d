"""What do we hold, and what did it say before? One SQLite file, `articles.db`; nothing else imports `sqlite3`."""

from newsarchive.storage.articles import Articles, Reading
from newsarchive.storage.captures import CaptureRow, Captures, Rejection
from newsarchive.storage.database import Database
from newsarchive.storage.frontier import Due, Frontier, FrontierCounts
from newsarchive.storage.runs import Run, Runs

__all__ = [
    "Articles",
    "CaptureRow",
    "Captures",
    "Database",
    "Due",
    "Frontier",
    "FrontierCounts",
    "Reading",
    "Rejection",
    "Run",
    "Runs",
]
