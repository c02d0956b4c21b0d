"""`python -m newsarchive.crawl.fetch [--archive DIR] -- URL`: fetches one page and prints it as an event."""

from __future__ import annotations

import base64
import sys
from typing import TYPE_CHECKING, Any

import scrapy

from newsarchive.crawl.single import LookingSpider, arguments_of, run_spider, tell_error
from newsarchive.crawl.telling import tell

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.http import Response
    from twisted.python.failure import Failure


class FetchSpider(LookingSpider):
    """Fetches one page, redirects followed."""

    name = "fetch"

    def __init__(self, *, url: str, **arguments: Any) -> None:  # noqa: ANN401 - Scrapy hands over what `-a` says
        super().__init__(**arguments)
        self._url = url

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Ask for the page."""
        yield scrapy.Request(self._url, callback=self.show, errback=self.complain, dont_filter=True)

    def show(self, response: Response) -> None:
        """Print the page."""
        content_type = response.headers.get("Content-Type") or b""
        tell(
            {
                "event": "page",
                "url": response.url,
                "status": response.status,
                "content_type": content_type.decode("latin-1"),
                "body": base64.b64encode(response.body).decode("ascii"),
            }
        )

    def complain(self, failure: Failure) -> None:
        """Print why there is no page."""
        tell_error("FetchError", f"{self._url} could not be fetched: {failure.value}")


if __name__ == "__main__":
    folder, page = arguments_of(sys.argv[1:])
    run_spider(FetchSpider, archive=folder, url=page)
