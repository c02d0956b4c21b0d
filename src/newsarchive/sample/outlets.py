"""Who publishes in the sample newsroom: names, sections, zones, and how each outlet lays out its URLs.

Hosts stand under `.localhost`, which resolves to loopback (RFC 6761, section 6.3), so no resolver is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Final

ZONES: Final = {hours: timezone(timedelta(hours=hours)) for hours in (-6, -5, 0, 7)}


@dataclass(frozen=True, slots=True)
class Section:
    """One section of an outlet."""

    slug: str
    title: str
    subjects: tuple[str, ...]
    """Story subjects that appear here."""
    weight: int = 1
    """Its share of the outlet's articles, against the other sections."""
    language: str = ""
    """Where it differs from the outlet's."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """One news outlet, with a host of its own."""

    name: str
    title: str
    language: str
    zone: timezone
    theme: str
    """Which of the themes its pages wear."""
    share: int
    """Percent of all articles."""
    summits: int
    """Articles about the Hanoi summit."""
    sections: tuple[Section, ...]
    staff: tuple[str, ...]
    article_path: str
    """With the places `day`, `section`, `slug`, `number`."""
    section_path: str
    feed_path: str
    atom: bool = False
    """Whether the feed is Atom (RFC 4287); otherwise RSS 2.0."""
    has_sitemap: bool = True
    page_size: int = 0
    """Links on one page of a section; 0 puts all of them on one page."""
    robots: tuple[str, ...] = ()
    """Lines for every crawler in robots.txt (RFC 9309)."""

    @property
    def host(self) -> str:
        """Host name, without a port."""
        return f"{self.name}.localhost"

    def section_url_path(self, section: Section, page: int = 1) -> str:
        """Path of a section page; pages count from 1."""
        path = self.section_path.format(section=section.slug)
        return path if page == 1 else f"{path}page/{page}/"

    def section_about(self, subject: str) -> Section:
        """The first section in which stories of a subject appear."""
        return next(section for section in self.sections if subject in section.subjects)


HARBOR_POST: Final = Outlet(
    name="harbor-post",
    title="Harbor Post",
    language="en",
    zone=ZONES[-5],
    theme="gazette",
    share=25,
    summits=7,
    sections=(
        Section("politics", "Politics", ("politics",), 3),
        Section("world", "World", ("world",), 3),
        Section("business", "Business", ("business",), 2),
        Section("sports", "Sports", ("sports",), 2),
        Section("culture", "Culture", ("culture",), 1),
    ),
    staff=("Marlene Osgood", "Theo Castellan", "Priya Wainwright", "Dale Hutchins", "June Okonkwo", "Felix Brandt"),
    article_path="/{day:%Y/%m/%d}/{slug}/",
    section_path="/category/{section}/",
    feed_path="/feed/",
    page_size=15,
    robots=("Disallow: /wp-admin/",),
)
NORTHLINE: Final = Outlet(
    name="northline",
    title="Northline",
    language="en",
    zone=ZONES[0],
    theme="structured",
    share=24,
    summits=7,
    sections=(
        Section("politics", "Politics", ("politics",), 2),
        Section("world", "World", ("world",), 3),
        Section("business", "Money", ("business",), 2),
        Section("culture", "Arts", ("culture",), 2),
        Section("science", "Science", ("science",), 1),
    ),
    staff=("Isla Penhallow", "Rory MacAskill", "Anjali Thorne", "Gwen Prytherch", "Tobias Leigh"),
    article_path="/{section}/{slug}-{number}",
    section_path="/{section}",
    feed_path="/atom.xml",
    atom=True,
    robots=("Disallow: /print/",),
)
CAPITAL_WIRE: Final = Outlet(
    name="capital-wire",
    title="Capital Wire",
    language="en",
    zone=ZONES[0],
    theme="open-graph",
    share=22,
    summits=5,
    sections=(
        Section("world", "World", ("world",), 3),
        Section("politics", "Politics", ("politics",), 2),
        Section("markets", "Markets", ("business",), 3),
        Section("sport", "Sport", ("sports",), 2),
    ),
    staff=("Henrik Solvang", "Amara Diallo", "Noor Castell", "Victor Lund", "Mei Tanaka", "Oscar Brightman"),
    article_path="/article/{slug}-idCW{day:%Y%m%d}N{number}",
    section_path="/section/{section}",
    feed_path="/rss.xml",
    robots=("Crawl-delay: 0.05",),
)
EVENING_DELTA: Final = Outlet(
    name="evening-delta",
    title="Chiều Châu Thổ",
    language="vi",
    zone=ZONES[7],
    theme="delta",
    share=13,
    summits=4,
    sections=(
        Section("thoi-su", "Thời sự", ("politics",), 2),
        Section("the-gioi", "Thế giới", ("world",), 2),
        Section("kinh-te", "Kinh tế", ("business",), 2),
        Section("the-thao", "Thể thao", ("sports",), 2),
        Section("van-hoa", "Văn hóa", ("culture",), 1),
    ),
    staff=("Mai Thùy Dương", "Lâm Quốc Bảo", "Hồ Thị Diễm", "Phan Trọng Nghĩa", "Tô Ánh Nguyệt"),
    article_path="/{section}/{slug}-{number}.htm",
    section_path="/{section}",
    feed_path="/feed.atom",
    atom=True,
)
RIVER_HERALD: Final = Outlet(
    name="river-herald",
    title="River Herald",
    language="en",
    zone=ZONES[-6],
    theme="plain",
    share=16,
    summits=3,
    sections=(
        Section("town-hall", "Town Hall", ("politics",), 3),
        Section("main-street", "Main Street", ("business",), 3),
        Section("sports", "Sports", ("sports",), 2),
        Section("arts", "Arts & Books", ("culture", "science"), 2),
        Section("nation-world", "Nation & World", ("world",), 1),
        Section("espanol", "Español", ("culture",), 1, "es"),
        Section("nihongo", "日本語", ("culture",), 1, "ja"),
    ),
    staff=("Earl Simmons", "Dolores Vega", "Patsy Lindgren", "Curtis Mbeki", "Hana Mori"),
    article_path="/{section}/{day:%Y/%m/%d}/{slug}-{number}.html",
    section_path="/{section}/",
    feed_path="/rss/all.xml",
    has_sitemap=False,
)

OUTLETS: Final = (HARBOR_POST, NORTHLINE, CAPITAL_WIRE, EVENING_DELTA, RIVER_HERALD)
