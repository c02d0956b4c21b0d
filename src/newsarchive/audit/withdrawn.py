"""The log of withdrawals: whether its chain holds, and whether all that it names is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from newsarchive import layout
from newsarchive.errors import IntegrityError
from newsarchive.models import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsarchive.holdings import Holdings


def check_withdrawals(holdings: Holdings) -> Iterator[Finding]:
    """What is wrong with the log."""
    try:
        unfinished = holdings.withdrawals.unfinished()
    except IntegrityError as error:
        what = error.message.replace(f"{holdings.withdrawals.path}, ", "")
        yield Finding("withdrawals-damaged", what, layout.WITHDRAWALS)
        return
    for entry in unfinished:
        what = f"entry {entry.number} was begun and not finished"
        yield Finding("withdrawal-unfinished", what, layout.WITHDRAWALS, subject=next(iter(entry.urls), None))
