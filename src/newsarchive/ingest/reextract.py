"""Brings what extraction has learned since to stored articles: their captures are read again, without a crawl."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from newsarchive.ingest.guiding import Guides, work_off_backlog
from newsarchive.ingest.process import worker_pool
from newsarchive.ingest.reading import Known
from newsarchive.ingest.rereading import Rereader, store
from newsarchive.ingest.rulebook import RuleBook, RuleCounts
from newsarchive.text import count_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from newsarchive.extraction import Pool
    from newsarchive.holdings import Holdings
    from newsarchive.ingest.rereading import Reread
    from newsarchive.models import Extraction

_CHUNK: Final = 50
"""Articles read again under one hold of the lock and stored in one transaction: a crawl's captures get their turn in
between, and a killed run loses at most these."""


@dataclass
class Reextraction(RuleCounts):
    """What reading articles again did."""

    due: int = 0
    """Articles of which a capture was read by another extractor, or with another template or rule, than now."""
    reread: int = 0
    changed: int = 0
    """Articles of which a headline or text reads differently now."""
    boilerplate: int = 0
    """Words of the sites' templates that were taken off the newest versions; those that came back are counted off."""
    fewer_versions: int = 0
    """Versions that turned out to differ in nothing but how they were read."""
    more_versions: int = 0
    """Versions that show a difference which the old extraction passed over."""
    kept: Counter[str] = field(default_factory=Counter)
    """Articles that keep their old text, since the extractor now finds no article in a capture; by problem code."""

    def as_record(self) -> dict[str, Any]:
        """The counts as JSON-able values."""
        return {
            "due": self.due,
            "reread": self.reread,
            "changed": self.changed,
            "boilerplate_words": self.boilerplate,
            "fewer_versions": self.fewer_versions,
            "more_versions": self.more_versions,
            "kept": dict(self.kept.most_common()),
            "rules_missed": self.missed_as_record(),
        }


def reextract(
    holdings: Holdings,
    *,
    rules: RuleBook | None = None,
    source: str | None = None,
    since: datetime | None = None,
    dry_run: bool = False,
    progress: Callable[[Reextraction], None] | None = None,
) -> Reextraction:
    """Read again all captures of every article that was not read by the current extractor as guided now.

    Guided, that is, by its site's template and its publisher's rule.

    An article is stored whole or not at all, so that a kill leaves it as it was or as it will be; called again, it
    goes on with what is left.

    Args:
        holdings: the archive, opened for writing.
        rules: the publishers' rules; by default those that the archive holds now.
        source: only articles of this source.
        since: only articles published then or later.
        dry_run: count what is due, and read nothing.
        progress: called after each batch with the counts so far.

    Raises:
        SettingsError: the settings or a publisher's rule cannot be; nothing is read again.
    """
    rules = rules or RuleBook.read(holdings.folder, holdings.settings)
    with holdings.lock("process", wait=True):
        work_off_backlog(holdings)
        guides = Guides(holdings.templates, rules)
        due = list(holdings.rereadings.due(lambda capture: guides.of(capture).extractor, source=source, since=since))
        if source is None and since is None:
            honours = "noarchive" in holdings.barring.honoured
            due = list(dict.fromkeys([*due, *holdings.rights.kept_otherwise(honours_noarchive=honours)]))
    done = Reextraction(due=len(due))
    if dry_run or not due:
        return done
    with worker_pool(holdings) as pool:
        waiting = iter(due)
        while chunk := list(islice(waiting, _CHUNK)):
            _reread(holdings, pool, rules, chunk, done)
            if progress:
                progress(done)
    return done


def _reread(holdings: Holdings, pool: Pool, rules: RuleBook, ids: Sequence[str], done: Reextraction) -> None:
    with holdings.lock("process", wait=True):
        guides = Guides(holdings.templates, rules)  # anew: in between, others may have learned
        before = holdings.articles.latest(ids)
        articles = (
            (Known(key, before[key].url, before[key].source), holdings.rereadings.captures(key))
            for key in ids
            if key in before
        )
        found = list(Rereader(holdings, pool, guides).read(articles))
        with holdings.database.transaction():
            for reread in found:
                _store(holdings, reread, before[reread.article_id].latest, done)


def _store(holdings: Holdings, reread: Reread, before: Extraction, done: Reextraction) -> None:
    if reread.problem:
        holdings.rereadings.leave(reread.readers)
        done.kept[reread.problem.code] += 1
        return
    replaced = store(holdings, reread)
    done.reread += 1
    done.add_ruled(reread.rules)
    done.changed += replaced.texts > 0 or replaced.versions != 0
    done.boilerplate += _boilerplate(reread.latest) - _boilerplate(before)
    done.more_versions += max(0, replaced.versions)
    done.fewer_versions += max(0, -replaced.versions)


def _boilerplate(extraction: Extraction) -> int:
    return sum(map(count_words, extraction.boilerplate))
