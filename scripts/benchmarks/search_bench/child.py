"""One engine doing one thing, in a process of its own: `python -m search_bench.child TASK`, a task as JSON.

What it prints last is a line of JSON. CPU seconds are those of all threads of the process and of its children, without
what reading the corpus took; memory is the largest resident set that the kernel saw of this program (VmHWM), since
`ru_maxrss` of a child begins with what its parent had.
"""

from __future__ import annotations

import gc
import json
import resource
import statistics
import sys
import time
from itertools import islice
from os import getpid
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final, Self

from search_bench import questions
from search_bench.articles import read
from search_bench.engines import engine
from search_bench.engines.base import Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from search_bench.articles import Article
    from search_bench.engines.base import Asked, Asker, Engine
    from search_bench.questions import Question

ADDED: Final = 100
"""Articles that are added at once."""


class Reading:
    """Hands on articles; counts what reading them took."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.cpu = 0.0
        self.number = 0

    def __iter__(self) -> Iterator[Article]:
        articles = read(self._path)
        while True:
            before = time.thread_time()
            article = next(articles, None)
            self.cpu += time.thread_time() - before
            if article is None:
                return
            self.number += 1
            yield article


def cpu() -> tuple[float, float]:
    """CPU seconds of this process, and of its children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time(), children.ru_utime + children.ru_stime


def memory(name: str = "VmHWM") -> float:
    """A figure of this process's memory, in MB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


class Together:
    """Watches how much memory this process and its children hold together. A context manager."""

    def __init__(self) -> None:
        self.most = 0.0
        """MB, at the worst moment that was seen; what they share is counted for each."""
        self._is_over = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        own = Path(f"/proc/self/task/{getpid()}/children")
        while not self._is_over.wait(0.05):
            processes = [getpid(), *map(int, own.read_text(encoding="ascii").split())]
            self.most = max(self.most, sum(map(_resident, processes)))


def _resident(process: int) -> float:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):  # it has ended
        return 0.0
    return pages * resource.getpagesize() / (1 << 20)


def build(bench: Engine, task: dict[str, Any]) -> dict[str, Any]:
    """Make an index."""
    folder, reading = Path(task["folder"]), Reading(Path(task["corpus"]))
    articles: Iterable[Article] = islice(reading, task["articles"])
    before, started = cpu(), time.perf_counter()
    with Together() as together:
        bench.build(folder, articles, workers=task["workers"])
    wall, after = time.perf_counter() - started, cpu()
    whole, plain = bench.sizes(folder)
    return {
        "articles": reading.number,
        "cpu": after[0] - before[0] + after[1] - before[1] - reading.cpu,
        "parent_cpu": after[0] - before[0] - reading.cpu,
        "reading_cpu": reading.cpu,
        "wall": wall,
        "peak_mb": memory(),
        "together_mb": max(together.most, memory()),
        "bytes": whole,
        "bytes_without_texts": plain,
        "version": bench.version,
    }


def prepare(bench: Engine, task: dict[str, Any]) -> dict[str, Any]:
    """Make what stands around an index."""
    bench.prepare(Path(task["folder"]), islice(read(Path(task["corpus"])), task["articles"]))
    return {}


def ask(bench: Engine, task: dict[str, Any]) -> dict[str, Any]:
    """Ask all questions: each once of an index that answered others, once of one just opened, then some times over.

    What an index does once after it was opened falls on another question of the same class, which is asked before.
    """
    folder = Path(task["folder"])
    asked = questions.load(Path(task["questions"]))
    before = memory("VmRSS")
    started = time.process_time()
    asker = bench.open(folder)
    opening = time.process_time() - started
    others = {question.kind: question for question in questions.load(Path(task["warm_up"]))}
    for question in others.values():
        _timed(asker, question)
    rows = [_row(question) for question in asked]
    for question, row in zip(asked, rows, strict=True):
        row["cold"], said = _timed(asker, question)
        row.update({"total": said.total, "ids": said.ids} if said else {})
    for question, row in zip(asked, rows, strict=True):
        _ask_fresh(bench, folder, question, others[question.kind], row)
    for _ in range(task["rounds"]):
        for question, row in zip(asked, rows, strict=True):
            if row["cold"] is not None:
                row["warm"].append(_timed(asker, question)[0])
    for row in rows:
        row["warm"] = statistics.median(row["warm"]) if row["warm"] else None
    memories = {name: memory(name) for name in ("VmRSS", "RssAnon", "RssFile", "VmHWM")}
    return {"rows": rows, "opening": opening, "memory": memories, "memory_before": before, "version": bench.version}


def _ask_fresh(bench: Engine, folder: Path, question: Question, other: Question, row: dict[str, Any]) -> None:
    """Ask an index that was just opened, where opening is no build."""
    if not bench.reopens:
        return
    asker = bench.open(folder)
    gc.collect()
    row["first"], _ = _timed(asker, other)
    row["fresh"], _ = _timed(asker, question)
    asker.close()


def _row(question: Question) -> dict[str, Any]:
    return {"kind": question.kind, "words": question.words, "warm": []}


def _timed(asker: Asker, question: Question) -> tuple[float | None, Asked | None]:
    """CPU milliseconds of one answer; None where the engine has none."""
    started = time.process_time()
    try:
        said = asker.ask(question)
    except Unsupported:
        return None, None
    return 1000 * (time.process_time() - started), said


def add(bench: Engine, task: dict[str, Any]) -> dict[str, Any]:
    """Put a hundred articles in and find one of them, some times over; CPU seconds of each time."""
    folder, rounds = Path(task["folder"]), task["rounds"]
    waiting = added(Path(task["corpus"]), rounds)
    asker = bench.open(folder)
    asker.ask(questions.Question("term rare", ("zzneverwritten",)))
    asker.close()
    spent, walls = [], []
    for number in range(rounds):
        batch = waiting[number]
        before, started = sum(cpu()), time.perf_counter()
        bench.add(folder, batch)
        asker = bench.open(folder)
        said = asker.ask(questions.Question("term rare", (_marker(number),)))
        asker.close()
        spent.append(sum(cpu()) - before)
        walls.append(time.perf_counter() - started)
        if said.total != ADDED:
            raise SystemExit(f"{said.total} of {ADDED} added articles were found")
    return {"cpu": spent, "wall": walls}


def added(corpus: Path, rounds: int) -> list[list[Article]]:
    """Batches of new articles, each half of one and half of another, that have a word of their own."""
    some = list(islice(read(corpus), 2 * ADDED * rounds))
    batches: list[list[Article]] = []
    for number in range(rounds):
        first = some[number * ADDED : (number + 1) * ADDED]
        second = some[(rounds + number) * ADDED :]
        batches.append([
            one._replace(
                id=f"added{number:03}{place:03}",
                url=f"{one.url}/added/{number}",
                body=f"{_half(one.body, 0)} {_marker(number)} {_half(second[place % len(second)].body, 1)}",
            )
            for place, one in enumerate(first)
        ])  # fmt: skip
    return batches


def _marker(number: int) -> str:
    return "zzaddedin" + "abcdefghij"[number]


def _half(text: str, which: int) -> str:
    words = text.split(" ")
    return " ".join(words[: len(words) // 2] if which == 0 else words[len(words) // 2 :])


TASKS: Final[dict[str, Callable[[Engine, dict[str, Any]], dict[str, Any]]]] = {
    "prepare": prepare,
    "build": build,
    "ask": ask,
    "add": add,
}


def main() -> None:
    """Do the task; an engine that is absent, or cannot do it, says so."""
    task = json.loads(sys.argv[1])
    try:
        said = TASKS[task["do"]](engine(task["engine"]), task)
    except ImportError as error:
        said = {"absent": str(error)}
    except Unsupported as error:
        said = {"unsupported": str(error)}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
