"""The tables, as the list of steps that made them. A step is never changed once released; a new one is added.

`PRAGMA user_version` holds how many steps a file has seen (https://www.sqlite.org/pragma.html#pragma_user_version).
Times are ISO 8601 in UTC with microseconds, so that they sort as text; published times keep the page's zone and
stand beside a Unix time for sorting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from newsarchive.errors import ArchiveTooNew

if TYPE_CHECKING:
    import sqlite3

_FIRST: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- One row per response or resource record in warc/. Rows can be read back from the WARC files.
CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    record_id TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    captured_at TEXT NOT NULL,
    file TEXT NOT NULL,
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL,
    status INTEGER,
    media_type TEXT NOT NULL,
    payload_digest TEXT NOT NULL,
    location TEXT,
    etag TEXT,
    last_modified TEXT,
    role TEXT NOT NULL,
    source TEXT,
    via TEXT,
    state TEXT NOT NULL CHECK (state IN ('captured', 'accepted', 'rejected', 'set-aside')),
    extractor TEXT,
    problems TEXT
) STRICT;
CREATE INDEX captures_by_state ON captures (state, id);
CREATE INDEX captures_by_url ON captures (url, captured_at);
CREATE INDEX captures_by_file ON captures (file, offset);

CREATE TABLE articles (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    versions INTEGER NOT NULL,
    digest TEXT NOT NULL,
    revision INTEGER NOT NULL
) STRICT;
CREATE INDEX articles_by_revision ON articles (revision);

-- What an accepted capture said. Versions are the runs of equal digests in the order of capture.
CREATE TABLE readings (
    capture_id INTEGER PRIMARY KEY REFERENCES captures (id),
    article_id TEXT NOT NULL,
    captured_at TEXT NOT NULL,
    digest TEXT NOT NULL
) STRICT;
CREATE INDEX readings_by_article ON readings (article_id, captured_at, capture_id);

-- The words, once per article and digest.
CREATE TABLE texts (
    article_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    capture_id INTEGER NOT NULL,
    captured_at TEXT NOT NULL,
    headline TEXT,
    category TEXT,
    published TEXT,
    published_unix INTEGER,
    language TEXT,
    word_count INTEGER NOT NULL,
    body TEXT NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (article_id, digest)
) STRICT;

CREATE TABLE frontier (
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    via TEXT NOT NULL,
    found_at TEXT,
    published TEXT,
    modified TEXT,
    state TEXT NOT NULL CHECK (state IN ('queued', 'done', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    discovered_at TEXT NOT NULL,
    fetched_at TEXT,
    due_at TEXT NOT NULL,
    problem TEXT,
    PRIMARY KEY (source, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX frontier_by_state ON frontier (source, state, due_at);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    outcome TEXT,
    counts TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX runs_by_source ON runs (source, id);
"""

_YIELDS: Final = """
-- What each capture of a run gave. Read anew, a capture replaces its row: counts over a run never double.
CREATE TABLE yields (
    capture_id INTEGER PRIMARY KEY REFERENCES captures (id),
    run INTEGER NOT NULL REFERENCES runs (id),
    problem TEXT,
    words INTEGER NOT NULL,
    headline INTEGER NOT NULL,
    category INTEGER NOT NULL,
    published INTEGER NOT NULL,
    published_time INTEGER NOT NULL,
    authors INTEGER NOT NULL,
    description INTEGER NOT NULL,
    language INTEGER NOT NULL,
    image INTEGER NOT NULL,
    tags INTEGER NOT NULL,
    body INTEGER NOT NULL
) STRICT;
CREATE INDEX yields_by_run ON yields (run);
"""

_TEMPLATES: Final = """
-- What was learned of the lines that a site prints on many of its pages.
CREATE TABLE templates (
    site TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    articles INTEGER NOT NULL,
    memory BLOB NOT NULL
) STRICT;

CREATE TABLE template_lines (
    site TEXT NOT NULL,
    hash INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (site, hash)
) STRICT, WITHOUT ROWID;

-- The extractor that read an accepted capture last, where its reading was not taken.
ALTER TABLE captures ADD COLUMN tried TEXT;

-- Articles that are here already are learned from by the next processing.
INSERT INTO meta SELECT 'templates-learned-to', '' WHERE EXISTS (SELECT 1 FROM articles);
"""

_HARVESTS: Final = """
-- What was read of the documents that name articles. As the frontier, it is not in the WARC files.
CREATE TABLE harvests (
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    read_at TEXT,
    dated TEXT,
    rules TEXT,
    open INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (source, url)
) STRICT, WITHOUT ROWID;
"""

_PARTS: Final = """
-- Further pages of articles are found from the page that named them.
CREATE INDEX captures_of_parts ON captures (via) WHERE role = 'part';
"""

_REVISITS: Final = """
-- Captures whose payload is that of an earlier one: the profile, and what the WARC record says of that one.
ALTER TABLE captures ADD COLUMN revisit TEXT;
ALTER TABLE captures ADD COLUMN refers_to TEXT;
ALTER TABLE captures ADD COLUMN refers_to_url TEXT;
ALTER TABLE captures ADD COLUMN refers_to_at TEXT;
"""

_RECHECKS: Final = """
-- When a page is looked at again. `is_article` is set when one of its captures is accepted.
ALTER TABLE frontier ADD COLUMN is_article INTEGER NOT NULL DEFAULT 0;
ALTER TABLE frontier ADD COLUMN first_at TEXT;
ALTER TABLE frontier ADD COLUMN looks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE frontier ADD COLUMN status INTEGER;
ALTER TABLE frontier ADD COLUMN recheck_at TEXT;
UPDATE frontier SET is_article = 1 WHERE EXISTS (SELECT 1 FROM captures
    WHERE captures.url = frontier.url AND captures.source = frontier.source AND captures.state = 'accepted');
UPDATE frontier SET
    first_at = coalesce((SELECT min(captured_at) FROM captures WHERE captures.url = frontier.url), fetched_at)
    WHERE fetched_at IS NOT NULL;
-- Not later than the last look, which asks the next crawl to plan. What is older than the plan of then stays as it is.
UPDATE frontier SET recheck_at = fetched_at
    WHERE is_article AND first_at > strftime('%Y-%m-%dT%H:%M:%S', 'now', '-30 days');
CREATE INDEX frontier_by_recheck ON frontier (source, recheck_at) WHERE is_article AND recheck_at IS NOT NULL;
CREATE INDEX frontier_by_sight ON frontier (source, first_at) WHERE is_article;
CREATE INDEX articles_by_source ON articles (source, first_seen);
CREATE INDEX captures_of_discovery ON captures (source, captured_at) WHERE role = 'discovery';

-- Rechecks that a person ordered, beside the plan. Nothing else knows of them: a rebuild loses them.
CREATE TABLE recheck_orders (
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    due_at TEXT NOT NULL,
    every INTEGER,
    ends_at TEXT,
    reason TEXT NOT NULL,
    ordered_at TEXT NOT NULL,
    PRIMARY KEY (source, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX recheck_orders_by_due ON recheck_orders (source, due_at);
"""

_CHANGES: Final = """
-- What a reading says, noise left out; versions are the runs of equal senses. Until the next processing has worked them
-- out, digests stand in their place.
ALTER TABLE readings ADD COLUMN sense TEXT NOT NULL DEFAULT '';
UPDATE readings SET sense = digest;
-- When the article was first published, as this reading tells it.
ALTER TABLE readings ADD COLUMN published TEXT;
-- Where it was read, spelled canonically.
ALTER TABLE readings ADD COLUMN url TEXT;
CREATE INDEX readings_by_url ON readings (url);

-- Captures that say that there is no article at their URL any more.
CREATE TABLE absences (
    capture_id INTEGER PRIMARY KEY REFERENCES captures (id),
    url TEXT NOT NULL,
    captured_at TEXT NOT NULL,
    why TEXT NOT NULL
) STRICT;
CREATE INDEX absences_by_url ON absences (url, captured_at);

ALTER TABLE articles ADD COLUMN gone_since TEXT;
ALTER TABLE articles ADD COLUMN gone_why TEXT;

-- What became different between two captures of an article.
CREATE TABLE changes (
    article_id TEXT NOT NULL,
    capture_id INTEGER NOT NULL,
    seen_at TEXT NOT NULL,
    unchanged_at TEXT NOT NULL,
    kinds TEXT NOT NULL,
    old_version INTEGER NOT NULL,
    new_version INTEGER NOT NULL,
    old_digest TEXT NOT NULL,
    new_digest TEXT NOT NULL,
    added INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    old_published TEXT,
    new_published TEXT,
    why TEXT,
    PRIMARY KEY (article_id, capture_id)
) STRICT;
CREATE INDEX changes_by_time ON changes (seen_at);
"""

_RIGHTS: Final = """
-- What a publisher reserved, by capture; only captures of which anything was said have a row.
CREATE TABLE rights (
    capture_id INTEGER PRIMARY KEY REFERENCES captures (id),
    article_id TEXT NOT NULL,
    is_newest INTEGER NOT NULL,
    withheld INTEGER NOT NULL,
    noindex INTEGER NOT NULL,
    nosnippet INTEGER NOT NULL,
    said TEXT NOT NULL
) STRICT;
CREATE INDEX rights_by_article ON rights (article_id);
CREATE INDEX rights_unsearchable ON rights (article_id) WHERE is_newest AND noindex;
"""

_FRONTIER_ORDER: Final = """
-- What is due, in its order. Without it every page asked for sorted all that waited: 50,000 rows for each page.
CREATE INDEX IF NOT EXISTS frontier_by_date ON frontier (source, coalesce(published, modified, discovered_at) DESC, url)
    WHERE state = 'queued';
"""

STEPS: Final[tuple[str, ...]] = (
    _FIRST,
    _YIELDS,
    _TEMPLATES,
    _REVISITS,
    _RECHECKS,
    _CHANGES,
    _RIGHTS,
    _FRONTIER_ORDER,
    _HARVESTS,
    _PARTS,
)


def migrate(connection: sqlite3.Connection, *, name: str) -> None:
    """Bring a database up to date, each step in a transaction of its own.

    Raises:
        ArchiveTooNew: the file has seen steps that this version does not know.
    """
    check(connection, name=name)
    while (done := _steps_done(connection)) < len(STEPS):
        # executescript() would commit first; the version is raised inside the step's own transaction.
        connection.executescript(f"BEGIN IMMEDIATE; {STEPS[done]}; PRAGMA user_version = {done + 1}; COMMIT;")


def check(connection: sqlite3.Connection, *, name: str) -> None:
    """Refuse a database of a newer version; errors as in `migrate`."""
    done = _steps_done(connection)
    if done > len(STEPS):
        raise ArchiveTooNew(
            f"{name} has format {done}, and this newsarchive knows formats up to {len(STEPS)}",
            tip="upgrade newsarchive: pip install --upgrade newsarchive",
        )


def _steps_done(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
