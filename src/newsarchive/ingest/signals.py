"""What a publisher says of a capture: the page, its HTTP fields, and the files of its site as they stood that day."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from newsarchive.discovery import TdmRules, TrainingRules, robots_url, tdmrep_url
from newsarchive.errors import ExtractionError, WarcError
from newsarchive.extraction import rights_of_headers
from newsarchive.models import Rights
from newsarchive.models.rights import join
from newsarchive.urls import is_web_url
from newsarchive.warc import read_head, read_payload, signals_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from newsarchive.holdings import Holdings
    from newsarchive.models import Capture

_FILES: Final = 256
"""Read files of sites held in memory at once."""
_READABLE: Final = 200
_NOT_MODIFIED: Final = 304

_Rules = TdmRules | TrainingRules


class Signals:
    """Joins what is said of captures in all places."""

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self._read: OrderedDict[str, _Rules | None] = OrderedDict()

    def of(self, capture: Capture, page: Rights) -> Rights:
        """What is said of a capture whose page and HTTP fields say `page`."""
        if not is_web_url(capture.url):
            return page
        # A host that is spelled oddly is none that a file was fetched from.
        address = urlsplit(capture.url)._replace(fragment="").geturl()
        files = (
            self._said(tdmrep_url(address), capture.captured_at, TdmRules.parse),
            self._said(robots_url(address), capture.captured_at, TrainingRules.parse),
        )
        return join([page, *(rules.of(address) for rules in files if rules)])

    def of_twin(self, capture: Capture, twin_id: int) -> Rights:
        """What is said of a capture with the bytes of another: the page says the same, its HTTP fields may not."""
        known = self._holdings.rights.of_capture(twin_id)
        if capture.status == _NOT_MODIFIED:  # the answer says that all is as before, and names few fields
            return self.of(capture, join([known.of("meta"), known.of("http")]))
        return self.of(capture, join([known.of("meta"), self._of_headers(capture)]))

    def _of_headers(self, capture: Capture) -> Rights:
        if capture.status is None:
            return Rights()
        try:
            response = read_head(self._holdings.warc_folder, capture.place)
        except (WarcError, ExtractionError):
            return Rights()  # the twin's bytes were read; what is wrong with these is for `verify` to tell
        return rights_of_headers(signals_of(response))

    def withholds(self, rights: Rights) -> bool:
        """Whether the text of a page that says so is not to be kept."""
        return rights.noarchive and "noarchive" in self._holdings.barring.honoured

    def _said(self, url: str, at: datetime, parse: Callable[[bytes], _Rules]) -> _Rules | None:
        capture = self._holdings.captures.standing(url, at=at)
        if capture is not None and capture.revisit is not None:
            original = self._holdings.captures.original(capture)
            capture = original.capture if original else None
        if capture is None or capture.status != _READABLE:
            return None
        key = capture.record_id
        if key not in self._read:
            if len(self._read) >= _FILES:
                self._read.popitem(last=False)
            self._read[key] = self._parsed(capture, parse)
        return self._read[key]

    def _parsed(self, capture: Capture, parse: Callable[[bytes], _Rules]) -> _Rules | None:
        try:
            return parse(read_payload(self._holdings.warc_folder, capture.place).body)
        except (WarcError, ExtractionError):
            return None  # a file that cannot be read says nothing; `verify` tells of the damage
