"""The names of what an archive folder holds. They stand here so that finding an archive loads nothing else."""

from __future__ import annotations

from typing import Final

SETTINGS: Final = "newsarchive.toml"
DATABASE: Final = "articles.db"
WARC: Final = "warc"
INDEX: Final = "index"
SPIDERS: Final = "spiders"
LOCKS: Final = ".locks"
OPTOUT: Final = "optout.txt"
WITHDRAWALS: Final = "withdrawals.jsonl"
SCRAPY: Final = "scrapy.cfg"
BACKUP: Final = "backup.json"
"""Marks a folder that `newsarchive backup` writes."""
