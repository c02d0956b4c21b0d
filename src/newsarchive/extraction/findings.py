"""What one reader found on a page, before anything is chosen or cleaned. All readers answer in this shape."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Findings:
    """Raw values in the page's order, as the page writes them: dates are strings, links may be relative."""

    reader: str
    """Which reader this is; it becomes the provenance of what is taken from it."""
    headlines: tuple[str, ...] = ()
    lesser_headlines: tuple[str, ...] = ()
    """Headings of the second rank, where the page has none of the first but its logo."""
    sections: tuple[str, ...] = ()
    crumbs: tuple[str, ...] = ()
    """A breadcrumb trail from the front page down."""
    published: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """Names of the site or its publisher."""
    canonical: tuple[str, ...] = ()
    amp: tuple[str, ...] = ()
    """Addresses of the page's AMP form."""
    originals: tuple[str, ...] = ()
    """Addresses that a copy names as the original's."""
    is_news: bool = False
    """Whether the page calls the article news, not a blog's entry or any article."""
    is_free: bool | None = None
    text: str = ""
    """The article's text, where the page repeats it for machines."""
    entries: tuple[tuple[str, str], ...] = ()
    """Entries of a live blog as the page writes them, each its time (or "") and its text."""
