"""How do articles and captures leave the archive? As files that other programs open, and as evidence.

Each format of `newsarchive export` is one function in `FORMATS`: it takes the holdings, the articles and a file.
"""

from newsarchive.export.evidence import write_evidence
from newsarchive.export.outcome import Exported
from newsarchive.export.packages import FORMATS, Contents, Versions, format_of, write_export

__all__ = ["FORMATS", "Contents", "Exported", "Versions", "format_of", "write_evidence", "write_export"]
