"""Hostile pages end as an article or as a rejected capture with its reason, and no other page pays for them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from tests.extraction.attacks import HEADLINE, WORDS, Attack, attacks, page

import newsarchive
from newsarchive.errors import ExtractionError
from newsarchive.extraction import Pool, canonical_url
from newsarchive.models import Extraction, Payload

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CPU = 1
"""Seconds a page; the default is 20, with which the table takes ten minutes and ends the same way."""
MEMORY = 1_500_000_000
"""Bytes of address space; the default."""
HOST = "https://harbor.example/"


def payload(name: str, body: bytes) -> Payload:
    return Payload(url=HOST + name, body=body, content_type="text/html")


def good(number: int) -> Payload:
    return payload(f"good/{number}", page(f"good/{number}").encode())


def is_whole(body: str, attack: Attack | None = None) -> bool:
    words = [text for text in WORDS if text.isascii()] if attack and attack.loses_accents else WORDS
    return all(text in body for text in words)


def test_what_is_only_crooked_is_read_whole_and_what_is_too_much_is_refused() -> None:
    """The attacks that cost time are in the next test, which takes all of them."""

    def jobs() -> Iterator[tuple[int | Attack, Payload]]:
        for number, attack in enumerate(attack for attack in attacks() if "timeout" not in attack.outcomes):
            yield number, good(number)
            yield attack, payload(attack.name, attack.make(attack.name))

    wrong, neighbours, read = [], 0, 0
    with Pool(2, timeout=20, memory=MEMORY, max_page_size=20_000_000, max_tags=150_000) as pool:
        for key, outcome in pool.map(jobs()):
            if isinstance(key, int):
                neighbours += isinstance(outcome, Extraction) and is_whole(outcome.body)
                continue
            read += 1
            if isinstance(outcome, ExtractionError):
                if outcome.reason not in key.outcomes:
                    wrong.append((key.name, outcome.reason))
            elif "article" in key.outcomes and not (is_whole(outcome.body, key) and outcome.headline == HEADLINE):
                wrong.append((key.name, outcome.body[:80]))
    assert wrong == []
    assert neighbours == read > 40


# What runs in a process of its own, so that the memory which it reports is its own and its workers'.
_IMPORT = """
import json, resource, sys
from newsarchive.cli.app import run
code = run(["-q", "-A", sys.argv[1], "import", sys.argv[2], "--json"])
peak = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps({"code": code, "peak": peak}), file=sys.stderr)
"""


@pytest.mark.timeout(600)
def test_an_import_of_all_attacks_loses_no_page_and_stays_within_its_limits(folder: Path, tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    pile.mkdir()
    expected: list[Attack] = []
    for number, attack in enumerate(attacks()):
        expected.append(attack._replace(make=lambda _: b""))
        (pile / f"{number:03d}-{attack.name}.html").write_bytes(attack.make(attack.name))
        (pile / f"{number:03d}-good.html").write_bytes(good(number).body)
    with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"\n[extraction]\ntimeout = {CPU}\nmemory = {MEMORY}\n")
    command = [sys.executable, "-c", _IMPORT, folder, pile]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(done.stderr.splitlines()[-1])
    own, workers = (1024 * kilobytes for kilobytes in told["peak"])
    assert told["code"] == 0
    assert own < 1_000_000_000
    assert workers < MEMORY
    assert json.loads(done.stdout)["captured"] == 2 * len(expected)
    with newsarchive.open(folder) as archive:
        status = archive.status()
        held = {article.url.removeprefix(HOST): article for article in archive.articles()}
        codes = {one.capture.url.removeprefix(HOST): one.problems[0].code for one in archive.rejected()}
        assert archive.search("ferry").total == len(held)
    assert status.captures["captured"] == 0
    assert status.captures["accepted"] + status.captures["rejected"] == 2 * len(expected)
    assert all(f"good/{number}" in held and is_whole(held[f"good/{number}"].body) for number in range(len(expected)))
    wrong, nameless = [], 0
    for attack in expected:
        if attack.name in held:
            if "article" not in attack.outcomes or not is_whole(held[attack.name].body, attack):
                wrong.append((attack.name, "accepted"))
        elif attack.name in codes:
            if codes[attack.name] not in attack.outcomes:
                wrong.append((attack.name, codes[attack.name]))
        else:
            nameless += 1  # refused before its canonical link was read: it is kept under the digest of its bytes
    assert wrong == []
    refused = [code for url, code in codes.items() if url.startswith("urn:")]
    assert len(refused) == nameless
    assert set(refused) <= {"too-many-tags", "too-large", "not-html", "no-url", "timeout"}


def test_a_flood_of_attributes_does_not_hold_up_the_import_that_looks_for_the_pages_own_url() -> None:
    (flood,) = [attack for attack in attacks() if attack.name == "attributes-100000"]
    before = time.process_time()
    assert canonical_url(payload("", flood.make("x"))) is None
    assert time.process_time() - before < 2
    assert canonical_url(payload("", page("x").encode())) == f"{HOST}x"
