"""What the documentation shows can be done as it is shown."""

from __future__ import annotations

import re
import shlex
import shutil
import sqlite3
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import click
import pytest
from tests.docs.conftest import PAGES, ROOT, Bench, blocks

from newsarchive.cli.app import COMMANDS, group
from newsarchive.ingest.publishers import read_publishers
from newsarchive.settings import parse as parse_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


README, GUIDE, API, COOKBOOK, EXTRACTION = (
    ROOT / "README.md",
    *(ROOT / "docs" / f"{name}.md" for name in ("guide", "python-api", "cookbook", "extraction")),
)
_INDENTED = re.compile(r"(?<=\n\n)(?:    .*\n)+")


def invocations(page: Path) -> Iterator[list[str]]:
    """The arguments of every `newsarchive` command in a page's shell blocks and indented lines."""
    text = page.read_text(encoding="utf-8")
    scripts = [block.text for block in blocks(page) if block.language in {"sh", "console", "ini"}]
    for script in [*scripts, *_INDENTED.findall(text)]:
        for line in script.replace("\\\n", " ").splitlines():
            found = re.search(r"(?:^\s*\$ |^\s*|[\s(/=])newsarchive (?=[-a-z])(.*)$", line)
            if found and not line.startswith(("made ", "error:")):
                yield _words(found[1])


def _words(rest: str) -> list[str]:
    lexer = shlex.shlex(re.sub(r"\s#.*", "", rest).replace("$(", ""), posix=True, punctuation_chars="|;>&)")
    lexer.whitespace_split = True
    words: list[str] = []
    try:
        for word in lexer:
            if set(word) <= set("|;>&)"):
                break
            words.append(word)
    except ValueError:  # a quotation mark that closes on a later line: what stands before it is checked
        return words
    return words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_is_shown_exists_with_its_options(page: Path) -> None:
    for words in invocations(page):
        if "..." in words or "COMMAND" in words:
            continue
        context = group.make_context("newsarchive", list(words))
        rest = [*context._protected_args, *context.args]
        command: click.Command = group
        while isinstance(command, click.Group) and rest:
            name = rest.pop(0)
            found = command.get_command(context, name)
            assert found is not None, words
            command = found
        command.make_context(command.name, rest)


def test_the_pages_show_every_command() -> None:
    shown = {word for page in PAGES for words in invocations(page) for word in words if word in COMMANDS}
    assert {"init", "sources", "crawl", "search", "get", "versions", "rejected", "status", "import", "rebuild"} <= shown


def test_the_session_of_the_readme_runs_as_it_is_shown(bench: Callable[..., Bench]) -> None:
    place = bench("readme", articles=340)
    [session] = [block for block in blocks(README) if block.language == "console"]
    inside = ""
    for step in session.text.removeprefix("$ ").split("\n$ "):
        typed, *shown = step.splitlines()
        if typed.startswith("cd "):
            inside = typed.removeprefix("cd ")
            continue
        # What is shown is what a terminal shows.
        out = place.shell(typed + (" --format table" if " search " in typed else ""), inside=inside)
        _compare(shown, [line.rstrip() for line in out.splitlines()])
    place.python([block.text for block in blocks(README) if block.language == "python"])


def _compare(shown: list[str], printed: list[str]) -> None:
    """Every line that is shown was printed, in this order; only `…` leaves lines out."""
    at, gap = 0, False
    for line in shown:
        if line == "…":
            gap = True
            continue
        wanted = _settled(line)
        rest = [_settled(one) for one in printed[at:]]
        assert wanted in rest if gap else rest[:1] == [wanted], f"{line!r} was not printed, but {printed[at:]}"
        at += rest.index(wanted) + 1
        gap = False
    assert gap or at == len(printed), printed[at:]


def _settled(line: str) -> str:
    return re.sub(r" in \d+ s$", " in # s", line)


def test_the_spider_of_the_readme_is_short() -> None:
    [spider] = [block.text for block in blocks(README) if "PublisherSpider" in block.text]
    assert len(spider.splitlines()) < 20


class Guided(NamedTuple):
    """What following the guide left behind."""

    before: str
    """What the steps before the last one printed."""
    last: str
    """What the last one printed, which throws away what can be made again."""
    archive: Bench
    """A copy of the archive from before the last step, with one article captured again after it was edited."""


@pytest.fixture(scope="module")
def guided(bench: Callable[..., Bench], tmp_path_factory: pytest.TempPathFactory) -> Guided:
    """Follows the guide, with the second edition of the newsroom where it speaks of it."""
    place = bench("guide")
    *steps, last = [block.text for block in blocks(GUIDE) if block.language == "sh" and block.runs]
    before = place.shell("\n".join(steps))
    place.newsroom.edition = 2
    assert "1 new version of known ones" in place.shell("newsarchive crawl", inside="hanoi")
    copy = Bench(tmp_path_factory.mktemp("copy"), place.newsroom)
    shutil.copytree(place.folder / "hanoi", copy.folder / "hanoi")
    return Guided(before, place.shell(last, inside="hanoi"), copy)


def test_the_guide_can_be_followed(guided: Guided) -> None:
    [new] = re.findall(r"^(\d+) new articles, 0 new versions", guided.before, re.MULTILINE)
    assert int(new) > 20
    assert f"{new} new articles, {int(new) + 1} new versions" in guided.last, "a rebuild brings everything back"
    assert f"indexed {new} articles" in guided.last


@pytest.fixture(scope="module")
def archive(guided: Guided) -> Bench:
    """A folder with the archive `hanoi`."""
    return guided.archive


def test_the_examples_of_the_python_api_print_what_is_shown(archive: Bench) -> None:
    examples = [block for block in blocks(API) if block.language == "python" and block.runs]
    printed = archive.python([block.text for block in examples])
    for block, out in zip(examples, printed, strict=True):
        if block.shown is not None:
            assert out == block.shown, block.text


def test_the_rules_that_are_shown_can_be_read_and_the_trial_prints_what_is_shown(
    bench: Callable[..., Bench], tmp_path: Path
) -> None:
    shown = {block.language: block.text for block in blocks(EXTRACTION) if "rules" in block.text}
    (tmp_path / "harbor_post.py").write_text(shown["python"], encoding="utf-8")
    [publisher] = read_publishers(tmp_path)
    rules = parse_settings(shown["toml"]).sources["harbor-post"].rules
    assert [rule.until for rule in publisher.rules] == [rule.until for rule in rules] == [date(2024, 5, 1), None]
    assert publisher.rules[1] == rules[1]
    trials = [block for block in blocks(EXTRACTION) if block.language == "python" and block.runs]
    assert bench("rules").python([block.text for block in trials]) == [block.shown for block in trials]


def test_the_python_of_the_cookbook_runs(archive: Bench) -> None:
    examples = [block.text for block in blocks(COOKBOOK) if block.language == "python" and block.runs]
    printed = archive.python(examples)
    assert len(printed) == len(examples) > 2
    assert re.search(r"^harbor-post 2019-02 [1-9]\d* of \d+$", "\n".join(printed), re.MULTILINE)
    assert any("[(" in out for out in printed), "the edited article shows no change"


def test_the_shell_of_the_cookbook_runs(archive: Bench) -> None:
    examples = [block.text for block in blocks(COOKBOOK) if block.language == "sh" and block.runs]
    assert len(examples) > 5
    for script in examples:
        if "sqlite3 " not in script or shutil.which("sqlite3"):
            archive.shell(script, inside="hanoi")


def test_the_sql_of_the_cookbook_runs(archive: Bench) -> None:
    text = COOKBOOK.read_text(encoding="utf-8")
    queries = [block.text for block in blocks(COOKBOOK) if block.language == "sql" and block.runs]
    queries += re.findall(r'^sqlite3 [^"]*"([^"]+)"', text, re.MULTILINE)
    assert len(queries) > 1
    with sqlite3.connect(f"file:{archive.folder / 'hanoi' / 'articles.db'}?mode=ro", uri=True) as connection:
        for query in queries:
            assert connection.execute(query).fetchall()
    connection.close()
