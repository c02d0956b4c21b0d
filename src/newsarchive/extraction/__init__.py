"""What is the article on this page? Structured data, text and metadata, read by one page or by many in a pool.

Importing this package loads lxml, yet neither trafilatura nor htmldate: those wait for the first page.
"""

from newsarchive.extraction.cascade import canonical_url, extract
from newsarchive.extraction.explaining import explain
from newsarchive.extraction.guide import NO_GUIDE, Guide
from newsarchive.extraction.learner import Learner
from newsarchive.extraction.limits import Limits
from newsarchive.extraction.pool import Pool
from newsarchive.extraction.reserving import of_headers as rights_of_headers
from newsarchive.extraction.revision import extractor_version

__all__ = [
    "NO_GUIDE", "Guide", "Learner", "Limits", "Pool", "canonical_url", "explain", "extract", "extractor_version",
    "rights_of_headers",
]  # fmt: skip
