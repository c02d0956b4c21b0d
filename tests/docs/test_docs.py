"""The documentation names everything there is, and nothing that there is not."""

from __future__ import annotations

import ast
import contextlib
import inspect
import re
import sqlite3
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
import pytest
from tests.docs.conftest import PAGES, ROOT

import newsarchive
from newsarchive import errors, settings
from newsarchive.cli.app import COMMANDS, group
from newsarchive.cli.exits import Exit
from newsarchive.cli.output import FORMATS
from newsarchive.cli.phrasebook import PHRASES, QUERY, Phrase, query_topic
from newsarchive.cli.topics import TOPICS
from newsarchive.crawl.agenda import Skip
from newsarchive.discovery import Refusal
from newsarchive.errors import NewsarchiveError, QuerySyntaxError
from newsarchive.export import Exported
from newsarchive.models.explanation import REASONS
from newsarchive.models.finding import ADVICE
from newsarchive.models.query import Property, State, TextField
from newsarchive.search import describe, parse
from newsarchive.search.language.fields import FIELDS
from newsarchive.storage.migrations import STEPS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCS = ROOT / "docs"
NOW = datetime(2019, 3, 9, tzinfo=UTC)
SECTIONS = {
    "archive": settings.ArchiveSettings,
    "crawl": settings.CrawlSettings,
    "recheck": settings.RecheckSettings,
    "warc": settings.WarcSettings,
    "extraction": settings.ExtractionSettings,
    "validation": settings.ValidationSettings,
    "index": settings.IndexSettings,
    "rights": settings.RightsSettings,
    "sources.NAME": settings.SourceSettings,
    "sources.NAME.rules": newsarchive.Rule,
}
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def sections(text: str, *, level: int = 2) -> dict[str, str]:
    """The text under each heading of a level."""
    parts = re.split(rf"^{'#' * level} (.+)$", _FENCE.sub("", text), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str) -> list[list[str]]:
    """The rows of the tables in a text, without their headings; a bar inside a cell is written with a backslash."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    rules = [number for number, row in enumerate(cells) if set("".join(row)) <= set("-: ")]
    return [row for number, row in enumerate(cells) if number not in rules and number + 1 not in rules]


def codes(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def anchor(heading: str) -> str:
    """The fragment that GitHub gives a heading."""
    bare = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return bare.replace(" ", "-")


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", found) for inner, found in command.commands.items())
        else:
            yield name, command


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    headings = [heading.split(" [")[0] for heading in sections(read("cli.md"))]
    named = [re.sub(r" [A-Z].*", "", heading) for heading in headings if heading not in {"Formats", "Exit codes"}]
    assert sorted(named) == sorted(name for name, _ in commands())


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_option_stands_in_the_section_of_its_command(name: str) -> None:
    command = dict(commands())[name]
    found = next(
        text for heading, text in sections(read("cli.md")).items() if re.match(rf"{name}(?= \W| [A-Z]|$)", heading)
    )
    options = {
        option
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts + parameter.secondary_opts
    }
    missing = {option for option in options if not re.search(rf"`{option}(?![\w-])", found)}
    assert not missing


def test_the_options_of_the_sample_newsroom_and_those_before_a_command_are_listed() -> None:
    text = read("cli.md")
    shown = subprocess.run(
        [sys.executable, "-m", "newsarchive", "sample", "--help"], capture_output=True, check=True, text=True
    ).stdout
    options = set(re.findall(r"--[a-z-]+", shown)) | {
        option for parameter in group.params if isinstance(parameter, click.Option) for option in parameter.opts
    }
    assert {"--port-file", "--archive", "-q", "--version"} <= options
    assert not {option for option in options if not re.search(rf"`{option}(?![\w-])", text)}


def test_exit_codes_formats_topics_and_environment_are_listed() -> None:
    found = sections(read("cli.md"))
    assert [int(row[0]) for row in rows(found["Exit codes"])] == [code.value for code in Exit]
    assert set(FORMATS) <= set(codes(found["Formats"]))
    assert set(TOPICS) <= set(codes(found["help [TOPIC]"]))
    for name in re.findall(r"^([A-Z_]{4,})", TOPICS["environment"](), re.MULTILINE):
        assert f"`{name}`" in read("cli.md")


@pytest.mark.parametrize("name", SECTIONS)
def test_every_setting_is_listed_with_its_default(name: str) -> None:
    listed = {codes(row[0])[0]: row[1] for row in rows(sections(read("settings.md"))[f"[{name}]"])}
    fields = SECTIONS[name].model_fields
    assert list(listed) == list(fields)
    for key, field in fields.items():
        assert _default(listed[key]) == ("required" if field.is_required() else _plain(field.default)), key


def _default(cell: str) -> object:
    return tomllib.loads(f"key = {cell.strip('`')}")["key"] if cell.startswith("`") else cell


def _plain(value: object) -> object:
    return "none" if value is None else list(value) if isinstance(value, tuple) else value


def test_no_section_of_the_settings_is_left_out_and_the_example_can_be_loaded() -> None:
    text = read("settings.md")
    assert {name.partition(".")[0] for name in SECTIONS} == set(settings.Settings.model_fields)
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example
    assert settings.parse(example[1]).sources["harbor-post"].delay == 5.0


def test_every_error_is_explained_and_no_other() -> None:
    found = rows(sections(read("python-api.md"))["Errors"])
    classes = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, NewsarchiveError) and value is not NewsarchiveError
    }
    assert {codes(row[0])[0] for row in found} == classes


def test_every_reason_of_a_cut_is_explained_in_the_words_of_the_program() -> None:
    table = rows(sections(read("extraction.md"))["See why"])
    assert {codes(code)[0]: sentence for code, sentence in table} == REASONS


def test_every_reason_to_leave_something_out_is_explained_and_no_other() -> None:
    told = sections(read("crawling.md"))
    for heading, reasons in (("What is not read", Skip), ("What is passed over", Refusal)):
        explained = {reason for row in rows(told[heading]) for reason in codes(row[0])}
        assert explained == {reason.value for reason in reasons}


def test_every_kind_of_damage_is_explained_and_no_other() -> None:
    table = rows(sections(read("verification.md"))["Kinds of damage"])
    assert [codes(kind)[0] for kind, _ in table] == list(ADVICE)


def test_every_problem_code_is_explained_and_no_other() -> None:
    used = {
        node.value.value
        for path in (ROOT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword) and node.arg in {"code", "reason"} and isinstance(node.value, ast.Constant)
        if isinstance(node.value.value, str) and re.fullmatch(r"[a-z]+(-[a-z]+)*", node.value.value)
    }
    headings = [found for found in _HEADING.findall(read("validation.md")) if re.fullmatch(r"[a-z-]+", found)]
    assert len(headings) == len(set(headings))
    assert set(headings) == used


def _public(owner: type) -> set[str]:
    fields = getattr(owner, "model_fields", None) or getattr(owner, "__dataclass_fields__", {})
    names = {*fields, *(name for kind in owner.__mro__ if _is_ours(kind) for name in vars(kind))}
    return {name for name in names if not name.startswith("_") and not name.startswith("model_")}


def _is_ours(kind: type) -> bool:
    return kind.__module__.startswith("newsarchive.")


@pytest.mark.parametrize(
    "owner",
    [
        newsarchive.Archive,
        newsarchive.Article,
        newsarchive.Capture,
        Exported,
        newsarchive.Extraction,
        newsarchive.Hit,
        newsarchive.Results,
        newsarchive.Version,
    ],
    ids=lambda owner: owner.__name__,
)
def test_every_public_name_of_the_python_api_is_explained(owner: type) -> None:
    text = read("python-api.md")
    missing = {name for name in _public(owner) if not re.search(rf"[`.]{name}\b", text)}
    assert _public(owner)
    assert not missing


def test_every_name_of_the_package_is_explained() -> None:
    text = read("python-api.md")
    assert not {name for name in newsarchive.__all__ if f"na.{name}" not in text}


def test_every_field_of_the_query_language_is_explained_and_no_other() -> None:
    table = [row for row in rows(sections(read("query-language.md"))["Fields"]) if len(row) == 3]
    listed = [code for row in table for code in codes(row[0])]
    assert {code.partition(":")[0] for code in listed} == set(FIELDS)
    assert all(f"`{name.value}:" in read("query-language.md") for name in TextField)


def _read_as(page: str) -> list[tuple[str, str]]:
    """The rows of a page's tables of queries and how each is read."""
    found = re.findall(r"^\| query \| read as \|\n\|---\|---\|\n((?:\|.*\n)+)", page, re.MULTILINE)
    return [(codes(query)[0], said) for table in found for query, said in rows(f"||\n|-|-|\n{table}")]


def test_every_query_that_the_query_language_shows_is_read_as_it_says() -> None:
    shown = _read_as(read("query-language.md"))
    assert len(shown) > 70
    for query, said in shown:
        assert describe(parse(query, now=NOW)) == said


def test_every_field_that_the_query_language_shows_can_be_read() -> None:
    shown = [code for row in rows(sections(read("query-language.md"))["Fields"]) for code in codes(row[0])]
    for query in shown:
        parse(query, now=NOW)
    text = read("query-language.md")
    for code in [f"is:{state.value}" for state in State] + [f"has:{name.value}" for name in Property]:
        assert f"`{code}`" in text


def test_the_errors_of_the_query_language_say_what_is_written() -> None:
    found = rows(sections(read("query-language.md"))["Errors"])
    assert len(found) > 20
    for query, said in found:
        with pytest.raises(QuerySyntaxError) as caught:
            parse(codes(query)[0], now=NOW)
        assert f"{caught.value.message}; {caught.value.tip}" == said


def test_the_phrase_book_of_the_page_is_that_of_the_help() -> None:
    page = read("query-language.md")
    for system, phrases in PHRASES.items():
        table = re.search(rf"^\*\*{system}\*\*\n\n((?:\|.*\n)+)", page, re.MULTILINE)
        assert table
        written = [(codes(there)[0], codes(here)[0], difference) for there, here, difference in rows(table[1])]
        assert written == [tuple(phrase) for phrase in phrases]


@pytest.mark.parametrize("phrase", [phrase for phrases in PHRASES.values() for phrase in phrases], ids=str)
def test_what_other_systems_write_is_an_error_or_the_same_or_its_difference_is_told(phrase: Phrase) -> None:
    meant = parse(phrase.here, now=NOW)
    try:
        read_so = parse(phrase.elsewhere, now=NOW)
    except QuerySyntaxError:
        return
    assert read_so == meant or phrase.difference


def test_the_help_shows_the_language_on_one_screen() -> None:
    lines = QUERY.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 120
    text = query_topic()
    assert text.startswith(QUERY)
    for line in lines[: lines.index("")]:
        parse(re.split(r" {2,}", line)[0], now=NOW)
    names = [*FIELDS, *Property, *State]
    assert not [name for name in names if name != "language" and not re.search(rf"\b{name}\b", QUERY)]


def test_every_table_and_column_of_the_records_is_explained() -> None:
    text = sections(read("archive-format.md"))["articles.db"]
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript("".join(STEPS))
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        columns = {table: {row[1] for row in connection.execute(f"PRAGMA table_info({table})")} for table in tables}
    assert len(columns) > 5
    for table, names in columns.items():
        found = re.search(rf"^\*\*{table}\*\*(.*?)(?=^\*\*|\Z)", text, re.MULTILINE | re.DOTALL)
        assert found, table
        assert not names - set(codes(found[1])), table


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name
)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\[[^\]]+\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith(("http://", "https://")):
            continue
        path, _, fragment = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if fragment:
            headings = _HEADING.findall(_FENCE.sub("", file.read_text(encoding="utf-8")))
            assert fragment in {anchor(heading) for heading in headings}, target


def test_the_map_names_every_page() -> None:
    assert not {path.name for path in DOCS.glob("*.md") if path.name != "index.md"} - set(
        re.findall(r"\]\(([a-z-]+\.md)\)", read("index.md"))
    )
