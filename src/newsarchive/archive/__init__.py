"""The one door: an archive folder, opened. Commands, pages and crawls reach the stages only through `Archive`."""

from newsarchive.archive.coverage import Coverage, DayCoverage
from newsarchive.archive.crawling import Plan, PlannedFetch
from newsarchive.archive.door import Archive
from newsarchive.archive.drift import Alarm, Yield
from newsarchive.archive.folder import find_folder, init_folder
from newsarchive.archive.rechecking import Ordered
from newsarchive.archive.regularity import Irregularity
from newsarchive.archive.results import Results
from newsarchive.archive.status import SourceStatus, Status

AnyAlarm = Alarm | Irregularity
"""What a status warns of."""

__all__ = [
    "Alarm",
    "AnyAlarm",
    "Archive",
    "Coverage",
    "DayCoverage",
    "Irregularity",
    "Ordered",
    "Plan",
    "PlannedFetch",
    "Results",
    "SourceStatus",
    "Status",
    "Yield",
    "find_folder",
    "init_folder",
]
