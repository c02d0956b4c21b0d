"""bm25s: a matrix of weights, ranking alone; no AND, no phrases, no totals, no adding."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import bm25s
import Stemmer

from search_bench.engines.base import TOP, Asked, Unsupported, size_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from search_bench.articles import Article
    from search_bench.questions import Question


class Bench:
    """bm25s, stems by PyStemmer."""

    keeps_texts = False
    adds = False
    reopens = False

    @property
    def version(self) -> str:
        """Of the library."""
        return str(bm25s.__version__)

    def prepare(self, folder: Path, articles: Iterable[Article]) -> None:
        """Nothing."""

    def build(self, folder: Path, articles: Iterable[Article], *, workers: int) -> None:
        """All in memory at once."""
        if workers > 1:
            raise Unsupported("one worker only")
        ids: list[str] = []
        texts: list[str] = []
        for article in articles:
            ids.append(article.id)
            texts.append(f"{article.headline}\n{article.body}")
        words = bm25s.tokenize(texts, stopwords=None, stemmer=Stemmer.Stemmer("english"), show_progress=False)
        index = bm25s.BM25()
        index.index(words, show_progress=False)
        index.save(str(folder))
        (folder / "ids.json").write_text(json.dumps(ids), encoding="utf-8")

    def add(self, folder: Path, articles: Iterable[Article]) -> None:  # noqa: ARG002 - as every engine
        """Cannot be done.

        Raises:
            Unsupported: always.
        """
        raise Unsupported("an index is built anew")

    def open(self, folder: Path) -> _Asker:
        """The matrix, mapped."""
        return _Asker(folder)

    def sizes(self, folder: Path) -> tuple[int, int | None]:
        """Without texts."""
        return size_of(folder), size_of(folder)


class _Asker:
    def __init__(self, folder: Path) -> None:
        self._index = bm25s.BM25.load(str(folder), mmap=True)
        self._ids = json.loads((folder / "ids.json").read_text(encoding="utf-8"))
        self._stemmer = Stemmer.Stemmer("english")

    def ask(self, question: Question) -> Asked:
        """Single words and OR."""
        plain = question.kind.startswith("term ") or question.kind == "or"
        if not plain:
            raise Unsupported(question.kind)
        words = [self._stemmer.stemWords(list(question.words))]
        found, _ = self._index.retrieve(words, k=TOP, show_progress=False)
        return Asked(None, tuple(self._ids[place] for place in found[0]))

    def close(self) -> None:
        """Nothing is held but memory."""
