"""`python -m newsarchive.crawl`: what `Archive.crawl` starts. Events are printed as JSON, one a line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from newsarchive.crawl.run import error_event, run_sources
from newsarchive.crawl.telling import tell
from newsarchive.errors import NewsarchiveError


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m newsarchive.crawl", description=__doc__)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--since", default="")
    parser.add_argument("--until", default="")
    parser.add_argument("--limit", default="")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--capture-only", action="store_true")
    parser.add_argument("--log-level", default="WARNING")
    parser.add_argument("--log-format", default="text", choices=("text", "json"))
    parser.add_argument("sources", nargs="*")
    given = parser.parse_args()
    asked = {
        "since": given.since,
        "until": given.until,
        "limit": given.limit,
        "dry_run": "1" if given.dry_run else "",
        "capture_only": "1" if given.capture_only else "",
    }
    arguments = {key: value for key, value in asked.items() if value}
    try:
        for event in run_sources(
            given.archive,
            given.sources,
            arguments=arguments,
            log_level=given.log_level,
            log_format=given.log_format,
        ):
            tell(event)
    except NewsarchiveError as error:
        tell(error_event(error))
        return error.exit_code
    return 0


sys.exit(_main())
