"""The generic spider: any source of newsarchive.toml, without code. `scrapy crawl site -a source=NAME`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from newsarchive.crawl.publisher import PublisherSpider
from newsarchive.crawl.registry import source_of

if TYPE_CHECKING:
    from newsarchive.settings import SourceSettings


class SiteSpider(PublisherSpider):
    """Crawls the source of the settings that `-a source=NAME` names."""

    name = "site"

    def __init__(self, *, source: str = "", **arguments: Any) -> None:  # noqa: ANN401 - Scrapy hands over what `-a` says
        super().__init__(**arguments)
        self._source_name = source

    def describe(self, sources: dict[str, SourceSettings]) -> tuple[str, SourceSettings]:
        """The settings' table of the source."""
        return source_of(sources, self._source_name)
