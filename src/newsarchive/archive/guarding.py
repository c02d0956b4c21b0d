"""What an archive leaves out, hides and withdraws: opt-outs, publishers' reservations, withdrawals."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from newsarchive import layout
from newsarchive.archive.processing import Processing
from newsarchive.archive.reading import Reading
from newsarchive.archive.results import Results
from newsarchive.errors import NotFound, UsageError
from newsarchive.models.optout import OptOut
from newsarchive.models.withdrawal import WITHDRAWN
from newsarchive.search import parse
from newsarchive.urls import is_web_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsarchive.ingest import Plan
    from newsarchive.models import Article
    from newsarchive.models.withdrawal import LogEntry


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a withdrawal removed, or would remove."""

    articles: tuple[tuple[str, str, str], ...]
    """Id, URL and headline of each article."""
    urls: tuple[str, ...]
    """Addresses that are never fetched, imported or rebuilt again."""
    captures: int
    """Captures of these addresses, of AMP forms and of redirects to them."""
    quoting: tuple[str, ...]
    """URLs of captured feeds, sitemaps and section pages with a sentence of the text; these captures go as well."""
    files: tuple[str, ...]
    """WARC files that are written anew."""
    number: int | None = None
    """Number of the entry in the log; None where nothing was removed."""


class Guarding(Reading, Processing):
    """The part of `Archive` that keeps to what publishers and others ask."""

    def opt_outs(self) -> tuple[OptOut, ...]:
        """Hosts and beginnings of addresses that are not fetched, kept or shown, of `optout.txt` first.

        Raises:
            UsageError: an entry names no host.
        """
        return self._holdings.barring.optouts.entries

    def opt_out(self, prefix: str, *, reason: str = "") -> int:
        """Leave a host, or what begins with an address, out from now on; how many held articles that hides.

        Nothing is deleted: `opt_in` shows what was hidden again, `withdraw` removes.

        Raises:
            UsageError: the prefix names no host.
        """
        from newsarchive.storage.optouts import add_optout  # noqa: PLC0415 - only who edits the list needs it

        self._require_writing()
        before = len(self._holdings.barring.hidden(self._holdings.database))
        entry = OptOut.of(prefix, reason=reason)
        with self._holdings.lock("optout", wait=True):
            add_optout(self.folder / layout.OPTOUT, entry)
        return len(self._holdings.barring.hidden(self._holdings.database)) - before

    def opt_in(self, prefix: str) -> int:
        """Take an entry out of `optout.txt`; how many articles that shows again, with those that are read now.

        Raises:
            NotFound: there is no such entry in the file; one of the settings is taken out by hand.
        """
        from newsarchive.storage.optouts import remove_optout  # noqa: PLC0415 - as above

        self._require_writing()
        entry = OptOut.of(prefix)
        hidden = self._holdings.barring.hidden(self._holdings.database)
        with self._holdings.lock("optout", wait=True):
            if not remove_optout(self.folder / layout.OPTOUT, entry):
                known = next((one for one in self.opt_outs() if one.prefix == entry.prefix), None)
                tip = f"it stands in {known.where}" if known else "`newsarchive optout list` shows all"
                raise NotFound(f"{layout.OPTOUT} has no entry {entry.prefix}", tip=tip)
        shown = len(hidden) - len(self._holdings.barring.hidden(self._holdings.database))
        waiting = self._holdings.captures.retry_rejected(code="opted-out")
        return shown + (self.process().new_articles if waiting else 0)

    def export_bars(self, article: Article) -> tuple[str, ...]:
        """Why an article is left out of a bulk export, in words such as `noai`; empty where it is not.

        `opted-out` and `withdrawn` are no matter of clearing.
        """
        barring = self._holdings.barring
        bar = barring.why(article.url)
        return (*((bar.kind,) if bar else ()), *article.rights.reserved(barring.honoured))

    def may_export(self, article: Article, *, rights_cleared: bool = False) -> bool:
        """Whether an article belongs into a bulk export.

        Args:
            article: one with its rights, as `get`, `articles` and `latest` give it.
            rights_cleared: the caller has the rights that publishers reserve; opt-outs and withdrawals stay out.
        """
        bars = set(self.export_bars(article))
        return not (bars & {"opted-out", "withdrawn"} if rights_cleared else bars)

    def withdrawals(self) -> tuple[LogEntry, ...]:
        """The log of withdrawals, oldest first.

        Raises:
            IntegrityError: it was changed: a line's hash, or the chain of them, does not hold.
        """
        return self._holdings.withdrawals.entries()

    def withdraw(
        self,
        *what: str,
        reason: str,
        requester: str = "",
        dry_run: bool = False,
        progress: Callable[[str], None] | None = None,
    ) -> Withdrawal:
        """Remove articles for good: text, index entries, captured payloads, and what else holds their sentences.

        What stays is the log (time, addresses, digests, reason) and, in the place of each captured record, one that
        says that it was withdrawn. The addresses are never fetched, imported or rebuilt again. A kill leaves a
        withdrawal that the next command which writes carries out.

        Args:
            what: URLs, ids of articles, or queries; of a query all that it finds.
            reason: why; it stands in the log and in the WARC files.
            requester: who asked for it; it stands in the log.
            dry_run: say what would go, and change nothing.
            progress: called with the name of each step.

        Raises:
            UsageError: no reason is given, or nothing to withdraw.
            NotFound: the archive holds nothing of it.
            ArchiveLocked: a crawl or import is writing a file that holds a part of it, or a reader keeps words back.
            IntegrityError: the log was changed.
        """
        from newsarchive.ingest import carry_out, files_of, repair, require_finished  # noqa: PLC0415 - as `ingest`

        self._require_writing()
        if not reason.strip() and not dry_run:
            raise UsageError("a withdrawal needs a reason", tip="it stands in the log, for who asks later")
        if not dry_run:
            repair(self._holdings)
        with self._holdings.lock("withdraw"):
            plan = self._plan(what)
            files = files_of(plan)
            told = self._told(plan, files)
            if dry_run:
                return told
            require_finished(self._holdings, plan)
            entry = self._holdings.withdrawals.append(
                event=WITHDRAWN,
                actor=_actor(),
                requester=" ".join(requester.split()),
                reason=" ".join(reason.split()),
                urls=plan.urls,
                articles=plan.articles,
                records=plan.records,
                files=files,
            )
            carry_out(self._holdings, entry, at=progress)
        return Withdrawal(told.articles, told.urls, told.captures, told.quoting, told.files, entry.number)

    def _plan(self, what: tuple[str, ...]) -> Plan:
        from newsarchive.ingest import plan  # noqa: PLC0415 - as above

        urls = [text for text in what if is_web_url(text)]
        ids: set[str] = set()
        for text in what:
            if is_web_url(text):
                continue
            if not text.strip():
                raise UsageError("an empty query would withdraw everything", tip="name articles, or a query")
            ids |= {text} if self._holdings.articles.get(text) else {hit.id for hit in self._answers(text)}
        found = plan(self._holdings, articles=ids, urls=urls)
        if found.is_empty:
            raise NotFound(
                f"{self.folder} holds nothing of {', '.join(what) or 'nothing'}",
                tip="`newsarchive optout add` keeps an address from being fetched at all",
            )
        return found

    def _answers(self, query: str) -> Results:
        now = datetime.now(UTC).astimezone()
        return Results(self._searching, parse(query, now=now), text=query, sort="oldest")

    def _told(self, plan: Plan, files: dict[str, str]) -> Withdrawal:
        latest = self._holdings.articles.latest(plan.articles)
        return Withdrawal(
            articles=tuple((key, one.url, one.headline or "") for key, one in latest.items()),
            urls=plan.urls,
            captures=len(plan.captures),
            quoting=tuple(dict.fromkeys(row.capture.url for row in plan.quoting)),
            files=tuple(files),
        )


def _actor() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        return "unknown"
