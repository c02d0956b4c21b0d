"""One crawl of a good newspaper and of many hosts that mean it ill, on an internet of its own.

The crawler runs as a user runs it, with its guards as they are on the real web: `tests/flow/internet` gives it the
names. Each attack ends in what `docs/crawling.md` promises, the newspaper is complete, and memory stays level.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
from tests.conftest import make_page
from tests.crawl.conftest import Answer, answer
from tests.flow import hostile
from tests.flow.hostile import (
    GOOD,
    GOOD_ARTICLES,
    HTML,
    MAX_BODY,
    HostileServer,
    Pieces,
    _head,
    _raw,
    dripping,
    feed,
)

import newsarchive
from newsarchive.archive import init_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from newsarchive.storage import Run

INTERNET: Final = Path(__file__).with_name("internet")
SETTINGS: Final = (
    f"\n[crawl]\ndelay = 0\nconcurrency_per_host = 4\ntimeout = 3\nmax_body = {MAX_BODY}\nmax_documents = 60\n"
)
MOST_MEMORY: Final = 500_000_000

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the kernel's mark of memory")


class Attack(NamedTuple):
    """What one host sends for `/a`, or for every path, and what becomes of it."""

    serve: Answer | Callable[[str], Answer | None]
    outcome: str
    """A piece of the reason that the frontier or the rejected capture gives; or a count of the run; or `accepted`.
    Where two are given, parted by a bar, the machine's speed decides which bound is met first."""
    source: str = 'feeds = ["http://{host}/feed"]'


def _page(text: bytes, *headers: str) -> Answer:
    return answer("200 OK", *(headers or (HTML,)), body=text)


def _attacks(page: Callable[..., bytes]) -> dict[str, Attack]:
    story = page(None)
    short = story[: len(story) // 2]
    deep = 'sections = ["http://{host}/%s"]'
    plain_head = _head(HTML, f"Content-Length: {len(story)}")
    return {
        "endless": Attack(
            Answer(b"", wire=Pieces(hostile.endless)), "larger than 1000000 bytes|not complete within 3 seconds"
        ),
        "drip": Attack(Answer(b"", wire=Pieces(dripping(_head(HTML)))), "not complete within 3"),
        "drip-head": Attack(
            Answer(b"", wire=Pieces(dripping(b"", b"HTTP/1.1 200 OK\r\nX: y"))), "not complete within 3"
        ),
        "silent": Attack(
            Answer(b"", wire=Pieces(dripping(b"", b""))),
            "not complete within 3",
        ),
        "bomb": Attack(_page(hostile.bomb(), HTML, "Content-Encoding: gzip"), "unpack to more than"),
        "nested-bomb": Attack(_page(hostile.nested_bomb(), HTML, "Content-Encoding: gzip, gzip"), "too-large"),
        "deflate-bomb": Attack(_page(hostile.deflate_bomb(), HTML, "Content-Encoding: deflate"), "too-large"),
        "unasked-brotli": Attack(_page(b"\x8b\x02\x80news\x03", HTML, "Content-Encoding: br"), "bad-encoding"),
        "torn-gzip": Attack(_page(hostile.bomb(20_000_000)[:-9], HTML, "Content-Encoding: gzip"), "unpack to more"),
        "circle": Attack(hostile.in_a_circle, "redirects in a circle"),
        "chain": Attack(hostile.chain, "more than 5 redirects"),
        "to-file": Attack(answer("302 Found", "Location: file:///etc/passwd"), "redirects to no page of the web"),
        "to-loopback": Attack(answer("302 Found", "Location: http://127.0.0.1/secret"), "other-site"),
        "to-cloud": Attack(answer("302 Found", "Location: http://169.254.169.254/latest/meta-data/"), "other-site"),
        "to-inner": Attack(
            answer("302 Found", "Location: http://inner.to-inner.example/summit-ends-early-after-talks-7001"),
            "which is not public",
        ),
        "to-metadata": Attack(
            answer("302 Found", "Location: http://meta.to-metadata.example/summit-ends-early-after-talks-7001"),
            "which is not public",
        ),
        "two-faced": Attack(
            answer("302 Found", "Location: http://both.two-faced.example/summit-ends-early-after-talks-7001"),
            "which is not public",
        ),
        "rebinds": Attack(_page(story), "accepted"),
        "robots-inside": Attack(_page(story), "sources_failed"),
        "feed-inside": Attack(_page(story), "sources_failed", 'feeds = ["http://{host}/feed-inside"]'),
        "nested": Attack(hostile.nested, "not_read.too-many", 'sitemaps = ["http://{host}/sitemap"]'),
        "laughs": Attack(_xml(hostile.LAUGHS, "laughs"), "404"),
        "outside": Attack(_xml(hostile.OUTSIDE, "outside"), "404"),
        "calendar": Attack(hostile.calendar, "not_read.in-the-future", deep % "calendar/2026/01/"),
        "list": Attack(hostile.endless_list, "not_read.too-deep", deep % "list"),
        "maze": Attack(
            hostile.mazes, "passed_over.repeats-itself", deep % "world/" + '\nfeeds = ["http://{host}/feed"]'
        ),
        "storm": Attack(hostile.storm("Retry-After: 86400", host="storm.example"), "asked to be left alone"),
        "squall": Attack(hostile.storm("Retry-After: 1", host="squall.example"), "the server answered 429"),
        "too-long": Attack(
            _raw(_head(HTML, f"Content-Length: {len(story) + 500}") + story), "closed before the body was whole"
        ),
        "too-short": Attack(_raw(_head(HTML, f"Content-Length: {len(short)}") + story), "too-short"),
        "negative": Attack(_raw(_head(HTML, "Content-Length: -5") + story), "the answer cannot be read"),
        "two-lengths": Attack(
            _raw(_head(HTML, "Content-Length: 5", "Content-Length: 50") + story), "the answer cannot be read"
        ),
        "bad-chunks": Attack(
            _raw(_head(HTML, "Transfer-Encoding: chunked") + b"zz\r\n" + story), "closed before the body was whole"
        ),
        "no-http": Attack(_raw(b"SSH-2.0-OpenSSH_9.6\r\n" * 3), "the answer is no HTTP"),
        "reset": Attack(
            Answer(plain_head, wire=(plain_head + story[:100],), reset=True), "closed before the body was whole"
        ),
        "header-flood": Attack(
            Answer(b"", wire=(b"HTTP/1.1 200 OK\r\n" + b"X-Flood: 1\r\n" * 200_000 + b"\r\n",)), "head is larger"
        ),
        "long-header": Attack(Answer(b"", wire=(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 3_000_000,)), "head is larger"),
        "cookies": Attack(_page(story, HTML, *(f"Set-Cookie: c{n}={'x' * 40}" for n in range(3_000))), "accepted"),
        "wrong-charset": Attack(_page(page(None), "Content-Type: text/html; charset=utf-16"), "accepted"),
        "no-charset": Attack(_page(page(None), "Content-Type: text/html; charset=none-such"), "accepted"),
        "binary": Attack(_page(bytes(range(256)) * 500), "not-html"),
    }


def _xml(text: str, host: str) -> Callable[[str], Answer | None]:
    body = text.replace("{host}", f"{host}.example").encode()
    return lambda path: answer("200 OK", hostile.XML, body=body) if path == "/feed" else None


@dataclass(frozen=True)
class Left:
    """What the crawl left behind."""

    folder: Path
    events: list[dict[str, Any]]
    """Connections that were asked for, and the most memory that each process held."""
    server: HostileServer
    attacks: dict[str, Attack]
    done: subprocess.CompletedProcess[str]

    def runs(self) -> dict[str, Run]:
        with newsarchive.open(self.folder) as archive:
            return {name: run for name in archive.runs.sources() if (run := archive.runs.latest(name))}

    def reasons(self, name: str) -> list[str]:
        """Everything that is told of a source."""
        with newsarchive.open(self.folder) as archive:
            told = [trouble.problem for trouble in archive.harvests.troubles(name)]
            for rejection in archive.rejected(source=name):
                told += [f"{problem.code}: {problem.message}" for problem in rejection.problems]
            told += ["accepted" for article in archive.articles() if article.source == name]
            run = archive.runs.latest(name)
            return told + [key for key, count in (run.counts if run else {}).items() if count]


def _host(attack: Attack, name: str) -> Callable[[str], Answer | None]:
    if not isinstance(attack.serve, Answer):
        return attack.serve
    host = f"{name}.example"

    def give(path: str) -> Answer | None:
        if path == "/robots.txt" and name == "robots-inside":
            return answer("302 Found", "Location: http://inner.to-inner.example/robots.txt")
        if path == "/feed-inside":
            return answer("302 Found", "Location: http://127.0.0.1/feed")
        if path == "/feed":
            return feed(f"http://{host}/a", *([f"http://{host}/b"] if name == "cookies" else []))
        return attack.serve if path == "/a" else None  # type: ignore[return-value]

    return give


def _good(page: Callable[..., bytes]) -> Callable[[str], Answer | None]:
    paths = [f"/world/story-{number}" for number in range(GOOD_ARTICLES)]

    def give(path: str) -> Answer | None:
        if path == "/feed":
            return feed(*(f"http://{GOOD}{one}" for one in paths))
        if path in paths:
            return _page(page(f"http://{GOOD}{path}", headline=f"Summit ends without a deal {path[-2:]}"))
        return None

    return give


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    """Crawl them all at once."""
    tmp = tmp_path_factory.mktemp("hostile")
    attacks = _attacks(make_page)
    hosts = {f"{name}.example": _host(attack, name) for name, attack in attacks.items()}
    server = HostileServer(hosts={**hosts, GOOD: _good(make_page)})
    names = [GOOD, *hosts, *(f"x{number}.maze.example" for number in range(80))]
    public = {name: f"93.184.{number // 250}.{number % 250 + 1}" for number, name in enumerate(names)}
    table = {
        "port": server.port,
        "public": list(public.values()),
        "names": {
            **{name: [[address]] for name, address in public.items()},
            "rebinds.example": [[public["rebinds.example"]], ["127.0.0.1"]],
            "inner.to-inner.example": [["127.0.0.1"]],
            "meta.to-metadata.example": [["169.254.169.254"]],
            "both.two-faced.example": [[public["two-faced.example"], "10.0.0.7"]],
        },
    }
    (tmp / "internet.json").write_text(json.dumps(table))
    folder = init_folder(tmp / "archive")
    with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS + f'\n[sources.good]\nurl = "http://{GOOD}/"\nfeeds = ["http://{GOOD}/feed"]\n')
        for name, attack in attacks.items():
            host = f"{name}.example"
            settings.write(f'\n[sources.{name}]\nurl = "http://{host}/"\n{attack.source.replace("{host}", host)}\n')
    done = subprocess.run(
        [sys.executable, "-m", "newsarchive", "-A", str(folder), "crawl"],
        env={**os.environ, "STUB_INTERNET": str(tmp / "internet.json"), "PYTHONPATH": _python_path()},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    events = [json.loads(line) for line in (tmp / "internet.log").read_text().splitlines()]
    yield Left(folder, events, server, attacks, done)
    server.stop()


def _python_path() -> str:
    return os.pathsep.join([str(INTERNET), *filter(None, [os.environ.get("PYTHONPATH")])])


NAMES: Final = tuple(sorted(_attacks(make_page)))


@pytest.mark.parametrize("name", NAMES)
def test_an_attack_ends_as_promised(left: Left, name: str) -> None:
    wanted = left.attacks[name].outcome
    reasons = left.reasons(name)
    assert any(one in reason for reason in reasons for one in wanted.split("|")), reasons


def test_the_good_newspaper_is_complete(left: Left) -> None:
    with newsarchive.open(left.folder) as archive:
        held = {article.url for article in archive.articles() if article.source == "good"}
    assert held == {f"http://{GOOD}/world/story-{number}" for number in range(GOOD_ARTICLES)}
    assert left.runs()["good"].counts.get("failed", 0) == 0


def test_every_run_finishes_and_the_command_says_which_sources_failed(left: Left) -> None:
    assert {run.outcome for run in left.runs().values()} == {"finished"}
    assert left.done.returncode == 4, left.done.stderr[-3000:]
    assert "Traceback" not in left.done.stderr


def test_no_process_grows(left: Left) -> None:
    memory = {" ".join(event["command"][1:5]): event["memory"] for event in left.events if "memory" in event}
    assert any("newsarchive.crawl" in command for command in memory)
    assert {command: held for command, held in memory.items() if held > MOST_MEMORY} == {}


def test_no_connection_leads_inside(left: Left) -> None:
    asked = {event["connect"][0] for event in left.events if "connect" in event}
    assert asked
    assert {address for address in asked if not address.startswith("93.184.")} == set()
    assert not any(b"root:" in path.read_bytes() for path in (left.folder / "warc").iterdir())


def test_no_cookie_is_sent_back(left: Left) -> None:
    asked = [seen for seen in left.server.seen if seen.host == "cookies.example"]
    assert {seen.path for seen in asked} >= {"/a", "/b"}
    assert not any(b"\r\ncookie:" in seen.head.lower() for seen in asked)


def test_a_maze_is_told_by_name(left: Left) -> None:
    told = left.reasons("maze")
    for reason in ("repeats-itself", "too-deep", "query-explosion", "too-long", "too-many-hosts"):
        assert f"passed_over.{reason}" in told
