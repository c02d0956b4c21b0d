"""What did the server say, and when? Captures in WARC files: written, read, repaired, taken over from elsewhere."""

from newsarchive.warc.cdxj import cdxj_key, cdxj_line, cdxj_path, renew_cdxj
from newsarchive.warc.checking import FileCheck
from newsarchive.warc.copying import Copied, copy_files, finished_files
from newsarchive.warc.exchange import Exchange
from newsarchive.warc.foreign import Imported, import_records
from newsarchive.warc.http import StoredResponse
from newsarchive.warc.reader import (
    read_block,
    read_head,
    read_http,
    read_member,
    read_payload,
    read_records,
    scan,
    signals_of,
)
from newsarchive.warc.repair import Repair, repair
from newsarchive.warc.taking import Taken, WarcStream, records_of, warcinfo_of
from newsarchive.warc.unpacking import unpack_wacz
from newsarchive.warc.wacz import Page, WaczWriter
from newsarchive.warc.withdrawing import Tombstone, remove_file, remove_tails, successor, write_without
from newsarchive.warc.writer import WarcWriter

__all__ = [
    "Copied",
    "Exchange",
    "FileCheck",
    "Imported",
    "Page",
    "Repair",
    "StoredResponse",
    "Taken",
    "Tombstone",
    "WaczWriter",
    "WarcStream",
    "WarcWriter",
    "cdxj_key",
    "cdxj_line",
    "cdxj_path",
    "copy_files",
    "finished_files",
    "import_records",
    "read_block",
    "read_head",
    "read_http",
    "read_member",
    "read_payload",
    "read_records",
    "records_of",
    "remove_file",
    "remove_tails",
    "renew_cdxj",
    "repair",
    "scan",
    "signals_of",
    "successor",
    "unpack_wacz",
    "warcinfo_of",
    "write_without",
]
