"""The documentation as text and as blocks, and a place where its examples can run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from newsarchive.sample import build, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsarchive.sample import NewsroomServer

ROOT = Path(__file__).parent.parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_BLOCK = re.compile(r"^```([a-z]+)( no-run)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PORT = re.compile(r"\.localhost:\d+")

# Runs blocks in one namespace, as a reader would type them one after another; gives what each printed.
_RUNNER = """
import contextlib, io, json, sys
namespace, printed = {"__name__": "__main__"}, []
for source in json.load(sys.stdin):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(source, "<example>", "exec"), namespace)
    printed.append(out.getvalue())
json.dump(printed, sys.stdout)
"""


class Block(NamedTuple):
    """A fenced block: its language, whether it is run, its text, and the output that is shown after it."""

    language: str
    runs: bool
    text: str
    shown: str | None


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page. A `text` block right after another one is that one's output."""
    text = page.read_text(encoding="utf-8")
    found = list(_BLOCK.finditer(text))
    made = []
    for number, match in enumerate(found):
        after = found[number + 1] if number + 1 < len(found) else None
        is_output = after is not None and after[1] == "text" and not text[match.end() : after.start()].strip()
        made.append(Block(match[1], match[2] is None, match[3], after[3] if after and is_output else None))
    return made


@dataclass(frozen=True)
class Bench:
    """A folder in which examples run, and the newsroom that they ask instead of the one on the default port."""

    folder: Path
    newsroom: NewsroomServer

    def shell(self, script: str, *, inside: str = "") -> str:
        """What a script prints, both streams together; a command of it that fails fails the test."""
        paths = [str(Path(sys.executable).parent), os.environ["PATH"]]
        environment = {**os.environ, "PATH": os.pathsep.join(paths), "COLUMNS": "96", "TZ": "UTC"}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", _PORT.sub(f".localhost:{self.newsroom.port}", script)],
            cwd=self.folder / inside,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=500,
            check=False,
        )
        out = done.stdout.decode()
        assert done.returncode == 0, f"{script}\n{out}"
        return _PORT.sub(".localhost:8765", out)

    def python(self, sources: list[str]) -> list[str]:
        """What each of some blocks prints."""
        done = subprocess.run(
            [sys.executable, "-c", _RUNNER],
            cwd=self.folder,
            env={**os.environ, "TZ": "UTC"},
            input=json.dumps(sources).encode(),
            capture_output=True,
            timeout=500,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        printed: list[str] = json.loads(done.stdout)
        return printed


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Bench]]:
    """Makes places for examples, each with a newsroom of its own; a small one, if no more is asked for."""
    with ExitStack() as stack:

        def make(name: str, *, articles: int = 100) -> Bench:
            newsroom = stack.enter_context(serve(build(1, articles=articles)))
            return Bench(tmp_path_factory.mktemp(name), newsroom)

        yield make
