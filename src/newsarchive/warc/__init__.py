"""What did the server say, and when? Captures in WARC files: written, read, repaired, taken over from elsewhere."""

from newsarchive.warc.exchange import Exchange
from newsarchive.warc.foreign import Imported, import_records
from newsarchive.warc.http import StoredResponse
from newsarchive.warc.reader import read_http, read_member, read_payload, scan, signals_of
from newsarchive.warc.repair import Repair, repair
from newsarchive.warc.withdrawing import Tombstone, remove_file, remove_tails, successor, write_without
from newsarchive.warc.writer import WarcWriter

__all__ = [
    "Exchange",
    "Imported",
    "Repair",
    "StoredResponse",
    "Tombstone",
    "WarcWriter",
    "import_records",
    "read_http",
    "read_member",
    "read_payload",
    "remove_file",
    "remove_tails",
    "repair",
    "scan",
    "signals_of",
    "successor",
    "write_without",
]
