"""The search index against the records.

The stamp is read first, then the index, then the records: what changed after the stamp's revision is a lag, everything
else must be in the index once, and nothing may be in it that the records do not have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from newsarchive.errors import IndexMissing, IntegrityError
from newsarchive.models import Finding
from newsarchive.search import Searcher, altered_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsarchive.audit.verification import Verification
    from newsarchive.holdings import Holdings

_FOLDER: Final = "index"


def check_index(holdings: Holdings, found: Verification, *, quick: bool, progress: Callable[[str, int], None]) -> None:
    """Tell what is wrong with the index. One that is not there is no damage: it is made anew at any time."""
    for name in altered_files(holdings.index_folder) if not quick else ():
        found.tell(Finding("index-damaged", "the file is not as it was written", f"{_FOLDER}/{name}"))
    try:
        with Searcher(holdings.index_folder, generation=holdings.database.generation) as searcher:
            ids = searcher.ids()
            revision = searcher.stamp.revision
            for count in searcher.read_through() if not quick else ():
                progress("posting lists", count)
    except IndexMissing:
        found.lag.not_indexed = holdings.articles.counts()[0]
        return
    except IntegrityError as error:
        found.tell(Finding("index-damaged", error.message, _FOLDER))
        return
    found.indexed = len(ids)
    found.lag.not_indexed = holdings.articles.count_changed_since(revision)
    for finding in _compare(iter(ids), holdings.articles.revisions(), revision):
        found.tell(finding)


def _compare(ids: Iterator[str], articles: Iterator[tuple[str, int]], upto: int) -> Iterator[Finding]:
    """Both are sorted by id."""
    here = next(ids, None)
    for key, revision in articles:
        while here is not None and here < key:
            yield Finding("index-extra", "the records have no such article", _FOLDER, subject=here)
            here = next(ids, None)
        count = 0
        while here == key:
            count += 1
            here = next(ids, None)
        if count > 1:
            yield Finding("index-twice", f"the article is in the index {count} times", _FOLDER, subject=key)
        if not count and revision <= upto:
            yield Finding("index-lacks", "the article is not in the index", _FOLDER, subject=key)
    while here is not None:
        yield Finding("index-extra", "the records have no such article", _FOLDER, subject=here)
        here = next(ids, None)
