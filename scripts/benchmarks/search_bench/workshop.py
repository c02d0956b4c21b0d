"""Where indexes are built once and kept: the cache folder, and the processes that fill and ask it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

BENCHMARKS: Final = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Kept:
    """An index that stands in the cache."""

    folder: Path
    figures: dict[str, Any]
    """What its making cost, or that it could not be made."""

    @property
    def stands(self) -> bool:
        """Whether there is an index."""
        return "cpu" in self.figures


class Workshop:
    """Builds indexes of one corpus in a cache folder, and runs tasks on them."""

    def __init__(self, cache: Path, corpus: Path, *, articles: int, keep: bool = False) -> None:
        self._cache = cache
        self._corpus = corpus
        self.articles = articles
        self._keep = keep
        self._name = corpus.name.removesuffix(".jsonl.gz").removeprefix("corpus-")

    def built(self, engine: str, *, workers: int = 1, articles: int | None = None) -> Kept:
        """The index of an engine, built unless the same code built it already.

        An index of other code is removed: of each engine one stands.
        """
        number = articles or self.articles
        key = f"{engine}-{self._name}-{number}-w{workers}"
        folder, told = self._cache / key, self._cache / f"{key}.json"
        code = self._code(engine)
        if told.exists():
            figures = json.loads(told.read_text(encoding="utf-8"))
            if self._keep or figures.get("code") == code:
                return Kept(folder, figures)
        told.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        task = {"engine": engine, "folder": str(folder), "corpus": str(self._corpus), "articles": number}
        prepared = self.run({"do": "prepare", **task})
        figures = prepared or self.run({"do": "build", "workers": workers, **task})
        figures["code"] = code
        if "cpu" in figures:
            told.write_text(json.dumps(figures), encoding="utf-8")
        return Kept(folder, figures)

    def added(self, engine: str, kept: Kept, *, rounds: int) -> dict[str, Any]:
        """What adding articles to a copy of an index costs."""
        copy = self._cache / f"{engine}-copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(kept.folder, copy)
        try:
            task = {"do": "add", "engine": engine, "folder": str(copy), "corpus": str(self._corpus)}
            return self.run({**task, "rounds": rounds})
        finally:
            shutil.rmtree(copy)

    @staticmethod
    def run(task: dict[str, Any]) -> dict[str, Any]:
        """Run a task in a process of its own."""
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(BENCHMARKS), os.environ.get("PYTHONPATH", "")])}
        command = [sys.executable, "-m", "search_bench.child", json.dumps(task)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=False)
        if done.returncode:
            raise SystemExit(f"{task['engine']}: {task['do']} ended with {done.returncode}")
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return said

    @staticmethod
    def _code(engine: str) -> str:
        """A digest of all that an index of this engine depends on."""
        import newsarchive  # noqa: PLC0415 - its folder alone is wanted

        digest = hashlib.blake2b(digest_size=6)
        folder = Path(__file__).parent
        paths = [folder / "child.py", folder / "engines" / "base.py", *sorted(folder.glob(f"engines/{engine[:4]}*.py"))]
        if engine.startswith("ours"):
            root = Path(newsarchive.__file__).parent
            paths += [*sorted(root.glob("search/**/*.py")), root / "models" / "query.py", root / "text.py"]
        for path in paths:
            digest.update(path.read_bytes())
        return digest.hexdigest()
