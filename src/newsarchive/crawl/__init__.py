"""Scrapy lives here: how pages are asked for, and how the exact bytes of each exchange reach the archive.

The lower half needs no database. `settings` is what Scrapy is run with; `wire` records an exchange byte for byte;
`capture` hands it to the sink before anything else reads the response; `guard` keeps requests on the public web;
`robots` and `retry` keep them polite. The upper half is the crawl of a source: `publisher` is the spider, `harvest`
reads what names articles, `session` holds the archive open, `processing` starts the process that extracts.
"""

from newsarchive.crawl.publisher import PublisherSpider

__all__ = ["PublisherSpider"]
