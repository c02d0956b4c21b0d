"""Brings the search index up to what the records say. The index is a cache: it can be deleted at any time."""

from __future__ import annotations

import os
import time
from itertools import islice
from typing import TYPE_CHECKING, Final

from newsarchive.models.query import State
from newsarchive.search import Document, IndexWriter, stamp
from newsarchive.urls import site_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from newsarchive.holdings import Holdings
    from newsarchive.models import Article
    from newsarchive.storage import Edited

_BATCH: Final = 2_000
"""Articles of one commit, which costs fsyncs and leaves a segment."""
_SHARED_FROM: Final = 20_000
"""Articles from which on worker processes share the making of an index; fewer are done when they have started."""
_MOST_WORKERS: Final = 4
"""Reading the records keeps about so many in work."""
_CHUNK: Final = 200
"""Articles whose texts are fetched together."""
_STINT: Final = 25
"""Articles between two rests, about 10 ms."""


def update_index(
    holdings: Holdings,
    *,
    progress: Callable[[int], None] | None = None,
    rest: Callable[[float], object] | None = None,
) -> int:
    """Index the articles that changed since the index last saw them; how many.

    An index that is missing, or was made by another engine than the one in the settings, is built anew.

    Args:
        holdings: the archive, opened for writing.
        progress: called now and then with the number of articles so far.
        rest: called every few articles that were taken with the seconds of CPU time that they took: what shares the
            interpreter with other threads can let them have it for a while. Not called while a segment is written.
    """
    with holdings.lock("index", wait=True):
        seen = stamp(holdings.index_folder)
        wanted = (holdings.database.generation, holdings.settings.index.engine)
        if seen is None or (seen.generation, seen.engine) != wanted:
            return _build(holdings, progress, rest)
        changed = holdings.articles.changed_since(seen.revision)
        first = next(changed, None)
        if first is None:
            return 0
        memory = holdings.settings.index.memory_mb << 20
        with IndexWriter.open(holdings.index_folder, generation=holdings.database.generation, memory=memory) as writer:
            done, batch = 0, [first, *islice(changed, _BATCH - 1)]
            while batch:
                documents = _rested(_documents(holdings, (key for _, key in batch)), rest)
                writer.apply(documents, revision=batch[-1][0])
                done += len(batch)
                if progress:
                    progress(done)
                batch = list(islice(changed, _BATCH))
            return done


def build_index(holdings: Holdings, *, progress: Callable[[int], None] | None = None) -> int:
    """Index every article anew, by the engine in the settings; how many."""
    with holdings.lock("index", wait=True):
        return _build(holdings, progress, None)


def _build(holdings: Holdings, progress: Callable[[int], None] | None, rest: Callable[[float], object] | None) -> int:
    # Taken first: what changes while the index is built is indexed once more by the next update.
    revision = holdings.articles.revision
    settings = holdings.settings.index
    is_large = holdings.articles.counts()[0] >= _SHARED_FROM
    workers = min(os.cpu_count() or 1, _MOST_WORKERS) if is_large else 1
    with IndexWriter.create(
        holdings.index_folder,
        generation=holdings.database.generation,
        engine=settings.engine,
        memory=settings.memory_mb << 20,
    ) as writer:
        documents = _rested(_told(_documents(holdings, holdings.articles.ids()), progress), rest)
        return writer.build(documents, revision=revision, workers=workers)


def _told(documents: Iterator[Document], progress: Callable[[int], None] | None) -> Iterator[Document]:
    for number, document in enumerate(documents, start=1):
        if progress and number % _CHUNK == 0:
            progress(number)
        yield document


def _rested(documents: Iterator[Document], rest: Callable[[float], object] | None) -> Iterator[Document]:
    if rest is None:
        yield from documents
        return
    began = time.thread_time()
    for number, document in enumerate(documents, start=1):
        yield document
        if number % _STINT == 0:
            rest(time.thread_time() - began)
            began = time.thread_time()


def _documents(holdings: Holdings, ids: Iterable[str]) -> Iterator[Document]:
    wanted = iter(ids)
    while chunk := list(islice(wanted, _CHUNK)):
        latest = holdings.articles.latest(chunk)
        edited = holdings.changes.edited(chunk)
        yield from (_document(latest[key], edited.get(key)) for key in chunk if key in latest)


def _document(article: Article, edited: Edited | None) -> Document:
    version = article.latest
    states = {
        State.EDITED: edited is not None,
        State.HEADLINE_EDITED: edited is not None and edited.headline,
        State.GONE: article.gone is not None,
    }
    names = (article.source, site_of(article.url), version.source)
    return Document(
        id=article.id,
        url=article.url,
        headline=version.headline or "",
        body=version.body,
        category=version.category,
        categories=version.categories,
        authors=version.authors,
        sources=tuple(dict.fromkeys(name for name in names if name)),
        tags=version.tags,
        language=version.language,
        published=version.published,
        first_seen=article.first_seen,
        last_seen=article.last_seen,
        word_count=version.word_count,
        versions=version.number,
        changed=edited.changed_at if edited else None,
        states=tuple(state for state, holds in states.items() if holds),
    )
