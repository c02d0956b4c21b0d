"""Harbor Post, an invented outlet of the sample newsroom: an example of a publisher's description."""

from newsarchive.crawl import PublisherSpider


class HarborPost(PublisherSpider):
    """Run `newsarchive sample --port 8765` first, then `scrapy crawl harbor-post`."""

    name = "harbor-post"
    title = "Harbor Post"
    url = "http://harbor-post.localhost:8765/"
    sitemaps = ("http://harbor-post.localhost:8765/sitemap.xml",)
