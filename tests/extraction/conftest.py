"""A newsroom that does not exist; its pages have the shapes that real content systems give them."""

from __future__ import annotations

import pytest

from newsarchive.extraction import extract
from newsarchive.models import Extraction, Payload

URL = "https://www.harborpost.example/politics/2019/02/27/ferry-talks-end"

PARAGRAPHS = (
    "Talks about the new ferry line between the islands ended on Wednesday without an agreement, officials said.",
    "The harbor master, Ana Costa, told reporters that both sides had wanted to go further than the other could.",
    "“Sometimes you have to wait for the tide,” she said, and promised to call another meeting before the summer.",
    "The line would carry 2,000 people a day and replace three buses. Its cost has doubled since it was first planned.",
)

JSON_LD = """{"@context": "https://schema.org", "@type": "NewsArticle",
 "headline": "Ferry talks end without a deal", "datePublished": "2019-02-27T18:30:00+07:00",
 "dateModified": "2019-02-28T09:00:00+07:00", "articleSection": "Politics", "inLanguage": "en-GB",
 "author": [{"@type": "Person", "name": "Lan Tran"}, {"@type": "Person", "name": "Ben Okoro"}],
 "publisher": {"@type": "Organization", "name": "Harbor Post"}, "isAccessibleForFree": "False",
 "keywords": ["ferry", "islands"], "image": {"@type": "ImageObject", "url": "/img/ferry.jpg"},
 "description": "No agreement after two days."}"""


class Newsroom:
    """Makes pages; what is not asked for has a plain default."""

    url = URL
    paragraphs = PARAGRAPHS

    @staticmethod
    def body(paragraphs: tuple[str, ...] = PARAGRAPHS) -> str:
        return "".join(f"<p>{text}</p>" for text in paragraphs)

    def page(
        self,
        *,
        head: str = "<title>Ferry talks end without a deal - Harbor Post</title>",
        top: str = "<h1>Ferry talks end without a deal</h1>",
        text: str | None = None,
        after: str = "",
    ) -> str:
        inner = self.body() if text is None else text
        return (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">{head}</head><body>'
            '<nav><ul><li><a href="/">Home</a></li><li><a href="/sport/">Sport</a></li></ul></nav>'
            f"<article>{top}{inner}</article>{after}<footer><p>All rights reserved.</p></footer></body></html>"
        )

    @staticmethod
    def linked(data: str = JSON_LD) -> str:
        return f'<title>Ferry talks end - Harbor Post</title><script type="application/ld+json">{data}</script>'

    @staticmethod
    def payload(html: str | bytes, *, url: str = URL, content_type: str = "text/html; charset=utf-8") -> Payload:
        return Payload(url=url, body=html.encode() if isinstance(html, str) else html, content_type=content_type)

    def read(self, html: str | bytes, *, url: str = URL) -> Extraction:
        return extract(self.payload(html, url=url))


@pytest.fixture(scope="session")
def newsroom() -> Newsroom:
    return Newsroom()
