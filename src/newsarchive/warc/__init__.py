"""What did the server say, and when? Captures in WARC files: written, read, repaired, taken over from elsewhere."""

from newsarchive.warc.copying import Copied, copy_files, finished_files
from newsarchive.warc.exchange import Exchange
from newsarchive.warc.foreign import Imported, import_records
from newsarchive.warc.http import StoredResponse
from newsarchive.warc.reader import read_http, read_member, read_payload, scan
from newsarchive.warc.repair import Repair, repair
from newsarchive.warc.writer import WarcWriter

__all__ = [
    "Copied",
    "Exchange",
    "Imported",
    "Repair",
    "StoredResponse",
    "WarcWriter",
    "copy_files",
    "finished_files",
    "import_records",
    "read_http",
    "read_member",
    "read_payload",
    "repair",
    "scan",
]
