"""One capture down the river: read from the WARC, extracted, judged, stored, indexed.

A crawl, an import, a retry and a rebuild differ only in how captures come to be rows; from there on they are one path.
"""

from newsarchive.ingest.index_beside import IndexBeside
from newsarchive.ingest.indexing import build_index, update_index
from newsarchive.ingest.intake import ImportReport, Intake, import_paths, read_url_table
from newsarchive.ingest.process import Tally, process, process_while
from newsarchive.ingest.publishers import read_publishers
from newsarchive.ingest.rebuild import note, reconcile, repair
from newsarchive.ingest.reextract import Reextraction, reextract
from newsarchive.ingest.rulebook import RuleBook, RuleCounts, Ruling
from newsarchive.ingest.withdrawing import (
    Plan,
    carry_out,
    drop_replaced,
    files_of,
    finish_withdrawals,
    plan,
    require_finished,
)

__all__ = [
    "ImportReport",
    "IndexBeside",
    "Intake",
    "Plan",
    "Reextraction",
    "RuleBook",
    "RuleCounts",
    "Ruling",
    "Tally",
    "build_index",
    "carry_out",
    "drop_replaced",
    "files_of",
    "finish_withdrawals",
    "import_paths",
    "note",
    "plan",
    "process",
    "process_while",
    "read_publishers",
    "read_url_table",
    "reconcile",
    "reextract",
    "repair",
    "require_finished",
    "update_index",
]
