"""Choosing the engine of the search index: by command, by settings, and without its library."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

import newsarchive
from newsarchive.archive.folder import write_engine
from newsarchive.errors import SettingsError
from newsarchive.search import EngineName, stamp

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("tantivy", reason="the extra newsarchive[tantivy] is not installed")

Command = Callable[..., Any]


@pytest.fixture
def filled(folder: Path, page: Callable[..., bytes], tmp_path: Path) -> Path:
    """An archive with one article about a summit."""
    (tmp_path / "page.html").write_bytes(page(headline="Summit ends"))
    with newsarchive.open(folder, mode="rw") as archive:
        archive.ingest(tmp_path / "page.html", urls={"page.html": "https://www.harborpost.example/world/summit"})
    return folder


def engine_of(folder: Path) -> str | None:
    found = stamp(folder / "index")
    return found.engine if found else None


def test_rebuild_changes_the_engine_writes_it_down_and_later_work_keeps_it(filled: Path, command: Command) -> None:
    before = command("-A", filled, "search", "summit", "--json").json["results"]
    assert engine_of(filled) == "whoosh"
    settings = filled / "newsarchive.toml"
    settings.write_text(settings.read_text() + "# a note of mine\n")
    done = command("-A", filled, "rebuild", "--engine", "tantivy")
    assert done.code == 0
    assert "tantivy" in done.out
    assert engine_of(filled) == "tantivy"
    assert "# a note of mine" in settings.read_text()
    assert "search index: tantivy" in command("-A", filled, "status").out
    assert command("-A", filled, "status", "--json").json["engine"] == "tantivy"
    after = command("-A", filled, "search", "summit", "--json").json["results"]
    assert [hit["id"] for hit in after] == [hit["id"] for hit in before]
    assert command("-A", filled, "verify").code == 0
    assert command("-A", filled, "rebuild").code == 0
    assert engine_of(filled) == "tantivy"
    assert command("-A", filled, "rebuild", "--engine", "whoosh").code == 0
    assert engine_of(filled) == "whoosh"
    assert not (filled / "index" / "tantivy").exists()


def test_an_engine_that_is_named_in_the_settings_takes_over_with_the_next_update(
    filled: Path, command: Command
) -> None:
    write_engine(filled, "tantivy")
    assert command("-A", filled, "search", "summit").code == 0  # by the index as it is
    assert engine_of(filled) == "whoosh"
    assert command("-A", filled, "process").code == 0
    assert engine_of(filled) == "tantivy"
    assert len(command("-A", filled, "search", "summit", "--json").json["results"]) == 1


def test_what_is_withdrawn_is_in_no_file_of_the_index(filled: Path, command: Command) -> None:
    assert command("-A", filled, "rebuild", "--engine", "tantivy").code == 0
    assert command("-A", filled, "withdraw", "summit", "--yes", "--reason", "asked to").code == 0
    assert command("-A", filled, "search", "summit", "--json").json["results"] == []
    files = [path for path in (filled / "index").rglob("*") if path.is_file()]
    assert not any(b"summit" in path.read_bytes().lower() for path in files)


@pytest.mark.parametrize("arguments", [("rebuild", "--engine", "tantivy"), ("search", "summit"), ("process",)])
def test_without_the_library_the_way_to_install_it_is_named(
    filled: Path, command: Command, arguments: tuple[str, ...]
) -> None:
    if arguments[0] != "rebuild":
        assert command("-A", filled, "rebuild", "--engine", "tantivy").code == 0
    if arguments[0] == "process":
        (filled / "index" / "stamp.json").unlink()
    # None in sys.modules makes the import fail as it does where the library is not installed.
    code = "import sys; sys.modules['tantivy'] = None; from newsarchive.cli.app import run; sys.exit(run(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, "-A", filled, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "pip install 'newsarchive[tantivy]'" in done.stderr
    assert "Traceback" not in done.stderr
    if arguments[0] == "rebuild":  # nothing was begun
        assert engine_of(filled) == "whoosh"
        assert "tantivy" not in (filled / "newsarchive.toml").read_text()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '\n\n[index]\nengine = "tantivy"\n'),
        ("[index]\n", '[index]\nengine = "tantivy"\n'),
        (
            "[index] # mine\n# why\nengine='whoosh' # so\n[crawl]\n",
            '[index] # mine\n# why\nengine = "tantivy"\n[crawl]\n',
        ),
        ("[ index ]\n\n[crawl]\ndelay = 3\n", '[ index ]\nengine = "tantivy"\n\n[crawl]\ndelay = 3\n'),
        ('[index]\nengine = "tantivy" # as it is\n', '[index]\nengine = "tantivy" # as it is\n'),
    ],
)
def test_the_settings_file_is_edited_not_written_anew(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "newsarchive.toml"
    path.write_text('[archive]\nname = "x" # engine = "none"\n' + before)
    write_engine(tmp_path, "tantivy")
    assert path.read_text().split("\n", 2)[2].strip() == after.strip()


@pytest.mark.parametrize("text", ['index = { engine = "whoosh" }\n', '"index".engine = "whoosh"\n'])
def test_settings_that_are_written_otherwise_are_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "newsarchive.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        write_engine(tmp_path, "tantivy")
    assert 'engine = "tantivy"' in caught.value.tip
    assert path.read_text() == text


def test_an_engine_that_there_is_not_is_refused(folder: Path) -> None:
    unknown: EngineName = "lucene"  # type: ignore[assignment]
    with pytest.raises(SettingsError, match="engine"):
        write_engine(folder, unknown)
