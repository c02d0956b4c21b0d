"""The settings that are shipped: none misspelt, every class in them there, and what they promise."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from scrapy.settings import default_settings
from scrapy.utils.misc import load_object
from tests.crawl.conftest import Answer

from newsarchive.crawl.settings import crawl_settings, user_agent
from newsarchive.settings import Settings, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.crawl.conftest import Crawl, OddServer

SHIPPED = crawl_settings(Settings())


@pytest.mark.parametrize("name", SHIPPED)
def test_a_setting_is_one_that_scrapy_or_this_package_reads(name: str) -> None:
    assert hasattr(default_settings, name) or name.startswith("NEWSARCHIVE_")


@pytest.mark.parametrize("group", ["DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS"])
def test_every_component_exists_and_those_switched_off_are_scrapys(group: str) -> None:
    for path, order in SHIPPED[group].items():
        assert load_object(path)
        assert order is not None or path in getattr(default_settings, f"{group}_BASE")


def test_no_handler_but_the_recording_one_is_left() -> None:
    handlers = {**default_settings.DOWNLOAD_HANDLERS_BASE, **SHIPPED["DOWNLOAD_HANDLERS"]}
    assert {handler for handler in handlers.values() if handler} == {"newsarchive.crawl.wire.WireHandler"}


def test_a_source_keeps_its_own_delay() -> None:
    settings = parse('[crawl]\ndelay = 4\n[sources.harbor]\nurl = "https://harbor.example/"\ndelay = 9.5\n')
    assert crawl_settings(settings)["DOWNLOAD_SLOTS"] == {"harbor.example": {"delay": 9.5, "concurrency": 1}}
    assert crawl_settings(settings)["DOWNLOAD_DELAY"] == 4


@pytest.mark.parametrize(
    ("contact", "shown"),
    [("", ""), ("mailto:desk@harbor.example", " (+mailto:desk@harbor.example)"), ("a\r\nCookie: b", " (+a Cookie: b)")],
)
def test_the_user_agent_names_a_contact_and_nothing_else(contact: str, shown: str) -> None:
    product, blank, rest = user_agent(contact).partition(" ")
    assert (product.startswith("newsarchive/"), blank + rest) == (True, shown)


class Slow:
    """Answers after a while, and counts how many answers are under way."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.now = self.most = 0

    def __iter__(self) -> Iterator[bytes]:
        self._count(1)
        threading.Event().wait(0.05)
        self._count(-1)
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    def _count(self, step: int) -> None:
        with self.lock:
            self.now += step
            self.most = max(self.most, self.now)


@pytest.mark.parametrize("limit", [1, 3])
def test_a_host_gets_no_more_requests_at_once_than_allowed_even_without_a_delay(
    limit: int, odd_server: Callable[..., OddServer], run_crawl: Callable[..., Crawl]
) -> None:
    slow = Slow()
    answers: dict[Any, Answer] = {f"/{number}": Answer(b"", wire=slow) for number in range(12)}
    server = odd_server(answers)
    run_crawl(*map(server.url, answers), crawl={"concurrency_per_host": limit, "delay": 0})
    assert slow.most <= limit
    assert len(server.seen) == 13
