"""No spelling of an inner address gets past the guard; each gate is tried alone as well."""

from __future__ import annotations

from ipaddress import IPv4Address as StdIPv4Address
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.crawl.conftest import answer
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.task import Clock

from newsarchive.crawl.guard import GuardedResolver, is_public, read_address, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.crawl.conftest import Crawl, OddServer

# `{port}` is the port of a server on the loopback address that must not be asked.
SHAPES = (
    "http://127.0.0.1:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.0.0.1:{port}/",
    "http://0x7F.1:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://017700000001:{port}/",
    "http://127.0.0.01:{port}/",
    "http://127.123.45.67:{port}/",
    "http://0.0.0.0:{port}/",
    "http://0:{port}/",
    "http://[::1]:{port}/",
    "http://[::]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://127。0。0。1:{port}/",
    "http://127．0．0．1:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://１２７.0.0.1:{port}/",
    "http://%31%32%37.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST.:{port}/",
    "http://secret.localhost:{port}/",
    "http://harbor.example@127.0.0.1:{port}/",
    "http://harbor.example:80@127.0.0.1:{port}/",
    "http://127.0.0.1\\@harbor.example:{port}/",
    "//127.0.0.1:{port}/",
    "HTTP://127.0.0.1:{port}/",
)
ELSEWHERE = (
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.0.1/",
    "http://100.64.0.1/",
    "http://168.63.129.16/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1%25lo]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://printer.local/",
    "http://metadata.google.internal/",
    "http://router.home.arpa/",
)
SCHEMES = ("file:///etc/passwd", "data:text/plain,x", "ftp://harbor.example/", "gopher://harbor.example/", "http:///x")
PUBLIC = (
    "https://harbor.example/politics/summit",
    "http://harbor.example:8080/",
    "http://93.184.216.34/",
    "https://[2606:4700::6810:84e5]/",
    "https://tin-tức.example/hà-nội",
    "https://localhost.harbor.example/",
    "https://harbor.example/?url=http://127.0.0.1/",
    "https://face.example/",
)


def _spelled(shape: str, port: int = 8765) -> str:
    url = shape.replace("{port}", str(port))
    return f"http:{url}" if url.startswith("//") else url


@pytest.mark.parametrize("url", [*map(_spelled, SHAPES), *ELSEWHERE, *SCHEMES])
def test_a_url_that_leads_off_the_public_web_is_refused(url: str) -> None:
    assert refusal(url, allow_private=False)


@pytest.mark.parametrize("url", PUBLIC)
def test_a_public_url_is_let_pass(url: str) -> None:
    assert refusal(url, allow_private=False) is None


@pytest.mark.parametrize("url", SCHEMES)
def test_no_scheme_but_the_webs_is_let_pass_even_among_private_hosts(url: str) -> None:
    assert refusal(url, allow_private=True)
    assert refusal("http://127.0.0.1:8765/", allow_private=True) is None


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    for url in (text, f"http://{text}", f"http://[{text}]/"):
        assert refusal(url, allow_private=False) != ""


@given(st.ip_addresses(v=4, network="127.0.0.0/8") | st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_every_way_to_write_a_private_address_is_read(address: StdIPv4Address) -> None:
    number = int(address)
    a, b, c, d = address.packed
    for host in (
        str(number),
        hex(number),
        oct(number).replace("o", ""),
        f"{a}.{b}.{c * 256 + d}",
        f"0x{a:x}.{b}.{c}.{d}",
    ):
        assert read_address(host) == address
    for carrier in (
        f"::ffff:{address}",
        f"64:ff9b::{address}",
        f"2002:{a:02x}{b:02x}:{c:02x}{d:02x}::",
        f"::{address}",
    ):
        assert not is_public(ip_address(carrier))


@pytest.fixture(scope="module")
def attack(odd_server: Callable[..., OddServer], run_crawl: Callable[..., Crawl]) -> tuple[Crawl, OddServer]:
    """Every shape as seed, as redirect and as link, from a home that is let pass, against a server that is not."""
    secret = odd_server({"/": answer("200 OK", body=b"inner secret"), "/robots.txt": answer("200 OK")})
    home = odd_server({})
    urls = [shape.replace("{port}", str(secret.port)) for shape in (*SHAPES, *SCHEMES)]
    links = "".join(f'<a href="{url}">x</a>' for url in urls).encode("utf-8")
    home.answers["/links"] = answer("200 OK", "Content-Type: text/html; charset=utf-8", body=links)
    for number, url in enumerate(urls):
        location = f"Location: {url}".encode().decode("latin-1")
        home.answers[f"/to/{number}"] = answer("302 Found", location)
    seeds = [url for url in urls if "://" in url]
    return _attack(run_crawl, home, seeds=seeds, redirects=len(urls)), secret


def _attack(run_crawl: Callable[..., Crawl], home: OddServer, *, seeds: list[str], redirects: int) -> Crawl:
    middlewares = _middlewares()
    middlewares["__main__.HomeGuard"] = middlewares.pop("newsarchive.crawl.guard.GuardMiddleware")
    middlewares["newsarchive.crawl.guard.GuardMiddleware"] = None
    return run_crawl(
        home.url("/links"),
        *seeds,
        *[home.url(f"/to/{number}") for number in range(redirects)],
        crawl={"allow_private_hosts": False, "timeout": 5},
        scrapy={
            "TEST_HOME": f"127.0.0.1:{home.port}",
            "TWISTED_DNS_RESOLVER": "__main__.HomeResolver",
            "DOWNLOADER_MIDDLEWARES": middlewares,
            "RETRY_TIMES": 0,
        },
        follow=True,
    )


def _middlewares() -> dict[str, int | None]:
    from newsarchive.crawl.settings import crawl_settings  # noqa: PLC0415 - a copy for each change
    from newsarchive.settings import Settings  # noqa: PLC0415 - as above

    return dict(crawl_settings(Settings())["DOWNLOADER_MIDDLEWARES"])


def test_no_shape_reaches_the_inner_server(attack: tuple[Crawl, OddServer]) -> None:
    crawl, secret = attack
    assert (secret.connections, secret.paths()) == (0, [])
    assert not [exchange["url"] for exchange in crawl.exchanges if "inner secret" in exchange["body"]]


def test_the_attack_was_tried_at_all(attack: tuple[Crawl, OddServer]) -> None:
    crawl, secret = attack
    # Seeds, redirects and links: every shape that Scrapy makes a request of was refused, by reason.
    assert crawl.stats["guard/refused"] > 2 * len(SHAPES)
    reasons = [outcome[3] for outcome in crawl.outcomes if outcome[2] == "Refused"]
    assert f"http://127.0.0.1:{secret.port}/: not fetched: 127.0.0.1 is not a public address" in reasons


def test_the_resolver_alone_keeps_inner_addresses_back(
    odd_server: Callable[..., OddServer], run_crawl: Callable[..., Crawl]
) -> None:
    secret = odd_server({"/": answer("200 OK", body=b"inner secret")})
    urls = [shape.replace("{port}", str(secret.port)) for shape in SHAPES if shape.startswith("http://")]
    middlewares = {**_middlewares(), "newsarchive.crawl.guard.GuardMiddleware": None}
    changed = {"DOWNLOADER_MIDDLEWARES": middlewares, "RETRY_TIMES": 0, "ROBOTSTXT_OBEY": False}
    crawl = run_crawl(*urls, crawl={"allow_private_hosts": False}, scrapy=changed)
    assert (secret.connections, crawl.exchanges) == (0, [])


def test_nothing_is_fetched_where_names_are_not_checked(run_crawl: Callable[..., Crawl]) -> None:
    unchecked = {"TWISTED_DNS_RESOLVER": "scrapy.resolver.CachingThreadedResolver"}
    crawl = run_crawl("https://harbor.example/", crawl={"allow_private_hosts": False}, scrapy=unchecked)
    assert crawl.outcome("https://harbor.example/")[:2] == ("failure", "Refused")
    assert "names are not checked" in crawl.outcome("https://harbor.example/")[2]


def test_a_redirect_carries_no_condition_of_the_first_url(
    odd_server: Callable[..., OddServer], run_crawl: Callable[..., Crawl]
) -> None:
    server = odd_server({"/old": answer("301 Moved", "Location: /new"), "/new": answer("200 OK", body=b"news")})
    run_crawl({"url": server.url("/old"), "headers": {"If-None-Match": '"a"', "X-Kept": "1"}})
    old, new = (seen.head for seen in server.seen if seen.path in {"/old", "/new"})
    assert (b"If-None-Match" in old, b"If-None-Match" in new) == (True, False)
    assert b"X-Kept" in new
    assert b"Referer" not in new


class Upstream:
    """A name server with a table; a name that is not in it never answers."""

    def __init__(self, table: dict[str, list[str]]) -> None:
        self.table = table
        self.asked: list[str] = []

    def resolveHostName(self, receiver: Asker, name: str, port: int, *_: object) -> None:  # noqa: N802 - Twisted's name
        self.asked.append(name)
        if name not in self.table:
            return
        receiver.resolutionBegan(None)
        for host in self.table[name]:
            receiver.addressResolved((IPv6Address if ":" in host else IPv4Address)("TCP", host, port))
        receiver.resolutionComplete()


class Asker:
    """Whoever wants to connect."""

    def __init__(self) -> None:
        self.hosts: list[tuple[str, int]] = []
        self.completed = 0

    def resolutionBegan(self, resolution: object) -> None:  # noqa: N802 - Twisted's name
        pass

    def addressResolved(self, address: IPv4Address) -> None:  # noqa: N802 - Twisted's name
        self.hosts.append((address.host, address.port))

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        self.completed += 1


def _ask(resolver: GuardedResolver, name: str) -> list[tuple[str, int]]:
    asker = Asker()
    resolver.resolveHostName(asker, name, 443)
    assert asker.completed == 1
    return asker.hosts


def _resolver(table: dict[str, list[str]], *, allow_private: bool = False) -> tuple[GuardedResolver, Upstream, Clock]:
    clock, upstream = Clock(), Upstream(table)
    return GuardedResolver(clock, allow_private=allow_private, timeout=10, upstream=upstream), upstream, clock


def test_a_name_with_one_inner_answer_is_kept_back_whole() -> None:
    resolver, _, clock = _resolver({"two-faced.example": ["93.184.216.34", "10.0.0.7"]})
    assert _ask(resolver, "two-faced.example") == []
    assert resolver.refused("Two-Faced.example.") == "two-faced.example resolves to 10.0.0.7, which is not public"
    assert clock.getDelayedCalls() == []


def test_a_checked_answer_is_used_again_and_not_asked_again() -> None:
    resolver, upstream, clock = _resolver({"harbor.example": ["93.184.216.34", "2606:4700::1"]})
    answers = [("93.184.216.34", 443), ("2606:4700::1", 443)]
    assert _ask(resolver, "harbor.example") == answers
    upstream.table["harbor.example"] = ["127.0.0.1"]  # the name is rebound between check and use
    assert _ask(resolver, "HARBOR.example") == answers
    assert upstream.asked == ["harbor.example"]
    clock.advance(601)
    assert _ask(resolver, "harbor.example") == []


def test_a_name_server_that_never_answers_is_not_waited_for() -> None:
    resolver, _, clock = _resolver({})
    asker = Asker()
    resolver.resolveHostName(asker, "silent.example", 80)
    clock.advance(10)
    assert (asker.completed, asker.hosts) == (1, [])


def test_names_under_localhost_need_no_name_server_where_private_hosts_are_allowed() -> None:
    resolver, upstream, _ = _resolver({}, allow_private=True)
    assert _ask(resolver, "north.harbor.localhost") == _ask(resolver, "localhost") == [("127.0.0.1", 443)]
    assert upstream.asked == []
