"""What might be an article here? Robots files, sitemaps, feeds and listing pages: bytes in, candidates out.

Nothing here fetches. Every parser reads what strangers send, so each has limits, and says `DiscoveryError` of what it
cannot read.
"""

from newsarchive.discovery.feeds import Feed, parse_feed
from newsarchive.discovery.filter import Filter, Refusal, Sifted
from newsarchive.discovery.listings import Listing, parse_listing
from newsarchive.discovery.paths import (
    article_evidence,
    file_type,
    looks_like_article,
    looks_like_index,
    looks_like_section,
)
from newsarchive.discovery.proposal import COMMON_PATHS, Proposal, places_to_try, propose
from newsarchive.discovery.reservations import TdmRules, TrainingRules, tdmrep_url
from newsarchive.discovery.robots import Robots, robots_url
from newsarchive.discovery.sitemaps import Sitemap, SitemapRef, parse_sitemap
from newsarchive.discovery.spans import Window, archive_span, archive_spans
from newsarchive.discovery.traps import Traps

__all__ = [
    "COMMON_PATHS",
    "Feed",
    "Filter",
    "Listing",
    "Proposal",
    "Refusal",
    "Robots",
    "Sifted",
    "Sitemap",
    "SitemapRef",
    "TdmRules",
    "TrainingRules",
    "Traps",
    "Window",
    "archive_span",
    "archive_spans",
    "article_evidence",
    "file_type",
    "looks_like_article",
    "looks_like_index",
    "looks_like_section",
    "parse_feed",
    "parse_listing",
    "parse_sitemap",
    "places_to_try",
    "propose",
    "robots_url",
    "tdmrep_url",
]
