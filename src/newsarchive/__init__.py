"""newsarchive: an archival scraper and full-text search library for news."""

__version__ = "0.1.0"
