"""Does a URL's path look like an article's? Evidence from the URL alone, before anything is fetched.

The weights were set over 308 article URLs of 210 sites in about twenty languages, and by looking through links of
their pages. They tell 299 of the 308; how well they do on other sites is not known from that.
`tests/discovery/test_paths.py` holds a table of the same shapes. A source's own `include` pattern is better evidence.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

ENOUGH = 2.0
"""Evidence from which a URL is taken for an article."""

FILE_TYPES = frozenset({
    "7z", "aac", "apk", "avi", "avif", "bmp", "css", "csv", "docx", "epub", "exe", "flac", "flv", "gif", "gz", "ico",
    "ics", "jpeg", "jpg", "js", "json", "kml", "m3u8", "m4a", "m4v", "mkv", "mov", "mp3", "mp4", "mpg", "odt", "ogg",
    "pdf", "png", "ppt", "pptx", "rar", "rss", "svg", "swf", "tar", "tif", "tiff", "ttf", "txt", "wav", "webm",
    "webmanifest", "webp", "woff", "woff2", "xls", "xlsx", "xml", "zip",
})  # fmt: skip
"""Endings of URLs that lead to no page."""

GROUP_SEGMENTS = frozenset({
    "tag", "tags", "topic", "topics", "thema", "themen", "theme", "themes", "tema", "temas", "temi", "category",
    "categories", "kategorie", "categoria", "categorie", "label", "keyword", "keywords", "hashtag", "section",
    "sections", "ressort", "rubrik", "rubrique",
})  # fmt: skip
"""What lies below is a section or topic, however long its name is."""

PERSON_SEGMENTS = frozenset({
    "author", "authors", "autor", "autoren", "autores", "auteur", "auteurs", "autore", "byline", "contributor",
    "contributors", "profile", "people", "redaktion", "team", "staff",
})  # fmt: skip
"""What lies below is a person's page."""

SERVICE_SEGMENTS = frozenset({
    "search", "suche", "recherche", "buscar", "busca", "cari", "arama", "login", "signin", "sign-in", "logout",
    "register", "signup", "sign-up", "account", "my-account", "subscribe", "subscription", "subscriptions", "abo",
    "newsletter", "newsletters", "shop", "cart", "checkout", "jobs", "feed", "feeds", "rss", "wp-json", "wp-admin",
    "wp-content", "cdn-cgi", "cgi-bin", "ajax", "widgets", "embed", "sitemap", "sitemaps", "apps", "help", "hilfe",
})  # fmt: skip
"""What lies below is a service of the site."""

LIST_SEGMENTS = frozenset({
    "video", "videos", "gallery", "galleries", "galerie", "galeria", "fotos", "photos", "pictures", "bilder",
    "slideshow", "fotostrecken", "podcast", "podcasts", "audio", "live-tv", "tv", "radio", "mediathek", "games",
    "crosswords", "horoscope", "weather", "wetter", "page", "seite", "archive", "archives", "archiv", "events",
    "event", "forum", "comments", "live", "liveticker", "schlagzeilen", "newsticker", "series",
})  # fmt: skip
"""These hold articles on some sites and something else on most: they weigh against, and decide when they end a path."""

ARTICLE_SEGMENTS = frozenset({
    "article", "articles", "artikel", "articolo", "articulo", "artigo", "story", "stories", "doc", "post", "posts",
    "noticia", "nyhet", "berita", "haber", "read", "a", "s",
})  # fmt: skip
"""What content systems put before the name or number of one article."""

PAGE_TYPES = frozenset({"html", "htm", "shtml", "xhtml", "php", "asp", "aspx", "jsp", "cms", "ece", "amp"})
_NO_NAME = frozenset({"index", "default", "home", "main", "amp", "news_view", "article", "artikel"})
"""Last segments that name nothing; the one before them is looked at."""

_SERVICE_PAGE = re.compile(
    r"(?:privacy|cookies?|terms|legal|imprint|impressum|datenschutz|agb|nutzungsbedingungen|disclaimer|contacts?"
    r"|kontakt|contacto|about(?:-us)?$|about-the|ueber-uns|advertis\w*|mediadaten|accessibility|barrierefreiheit"
    r"|corrections|faqs?|careers?|conditions|mentions-legales|aviso-legal|politica-de)(?:-|$)"
)
_SERVICE_WORDS = 5
"""A service page has a short name; `cookies-without-sugar-for-a-rainy-sunday` is an article."""

_YEAR = r"(?:19[5-9]\d|20\d\d)"
_MONTH = r"(?:0?[1-9]|1[0-2]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_FULL_DATE = re.compile(
    rf"(?<!\d){_YEAR}([/_-]){_MONTH}[/_-]{_DAY}(?!\d)|(?<!\d){_YEAR}-{_MONTH}/{_DAY}(?!\d)"
    rf"|(?<!\d){_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?=\D|\d{{4,10}}(?!\d)|$)|/\d\d_[a-z]{{3,10}}_\d\d/"
)
_PART_DATE = re.compile(rf"/{_YEAR}(?:/{_MONTH})?/")
_DATE_ALONE = re.compile(rf"/{_YEAR}(?:[/-]{_MONTH}(?:[/-]{_DAY})?)?/?$")
_LONG_NUMBER = re.compile(r"(?<!\d)\d{5,}(?!\d)|^[a-z]{1,3}\d{5,}|(?<=[a-z])\d{6,}$")
_SHORT_NUMBER = re.compile(r"\d{3,4}")
_HASH = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?<![0-9a-z])[0-9a-f]{24,}(?![0-9a-z])"
    r"|(?<![0-9a-z])(?=[a-z]*\d[a-z]*\d)(?=\d*[a-z])[a-z\d]{7,}$"
)
_ID_PARAMETER = re.compile(r"(?:^|&)(?:id|idx|aid|nid|artid|articleid|article|newsid|news|p|no|story)=\d{3,}(?:&|$)")
_INDEX_SEGMENTS = GROUP_SEGMENTS | PERSON_SEGMENTS | SERVICE_SEGMENTS
_WORDS = re.compile(r"[-_,.\s]+")
_NOT_LATIN = re.compile("[\u0370-\uffff]")
_UNSPACED_SLUG = 8
"""Letters of a slug that is written in another script than Latin, without hyphens."""
_SECTION_DEPTH = 3
_DEEPEST = 40
_LONGEST = 2000


class _Path(NamedTuple):
    whole: str
    """Decoded, lower case."""
    segments: tuple[str, ...]
    """Without empty ones, and without endings and names that say nothing."""
    last_type: str
    query: str


def looks_like_article(url: str) -> bool:
    """Whether a URL looks like the address of one article.

    >>> looks_like_article("https://harbor.example/politics/2019/02/27/summit-ends-early")
    True
    >>> looks_like_article("https://harbor.example/politics/"), looks_like_article("https://harbor.example/tag/summit")
    (False, False)
    """
    return article_evidence(url) >= ENOUGH


def looks_like_index(url: str) -> bool:
    """Whether a URL is surely none of an article: a home page, a tag or author page, a search, a service, a file.

    >>> looks_like_index("https://harbor.example/"), looks_like_index("https://harbor.example/politics/summit")
    (True, False)
    """
    return article_evidence(url) < 0


def looks_like_section(url: str) -> bool:
    """Whether a URL may be a section or topic of a site: a short path without file, person or service.

    >>> looks_like_section("https://harbor.example/politics/"), looks_like_section("https://harbor.example/privacy")
    (True, False)
    """
    path = _read(url)
    if path is None or not 0 < len(path.segments) <= _SECTION_DEPTH or path.query or path.last_type in FILE_TYPES:
        return False
    if (PERSON_SEGMENTS | SERVICE_SEGMENTS).intersection(path.segments) or _is_service(path):
        return False
    if _DATE_ALONE.search(path.whole):
        return False
    return bool(GROUP_SEGMENTS.intersection(path.segments)) or article_evidence(url) < ENOUGH


def looks_like_archive(url: str) -> bool:
    """Whether a URL is that of a site's list of one year, month or day.

    >>> looks_like_archive("https://harbor.example/archive/2019/02/"), looks_like_archive("https://harbor.example/2019")
    (True, True)
    >>> looks_like_archive("https://harbor.example/2019/02/27/summit")
    False
    """
    path = _read(url)
    return path is not None and bool(_DATE_ALONE.search(path.whole))


def article_evidence(url: str) -> float:
    """How much of a URL speaks for an article; below zero where it is surely something else.

    A full date in the path weighs 3, a year or month 1.5; a name of three, four, or more words 1, 2, 3; a number or
    hash as an id 2; a word such as `article`, or a page ending, 1; a word such as `video` minus 1.

    >>> article_evidence("https://harbor.example/article/379018"), article_evidence("https://harbor.example/a.pdf")
    (3.0, -1.0)
    """
    path = _read(url)
    if path is None or _is_index(path):
        return -1.0
    evidence = _date(path.whole) + max((_name(segment) for segment in path.segments[-2:]), default=0.0) + _id(path)
    if path.last_type in PAGE_TYPES:
        evidence += 1.0
    if ARTICLE_SEGMENTS.intersection(path.segments[:-1]):
        evidence += 1.0
    if LIST_SEGMENTS.intersection(path.segments[:-1]):
        evidence -= 1.0
    return max(evidence, 0.0)


def file_type(url: str) -> str:
    """The ending of the path, lower case and without its dot; empty where there is none.

    >>> file_type("https://harbor.example/report.PDF?v=2"), file_type("https://harbor.example/v1.5/summit")
    ('pdf', '')
    """
    try:
        last = urlsplit(url).path.rpartition("/")[2]
    except ValueError:
        return ""
    return last.rpartition(".")[2].lower() if "." in last else ""


def _read(url: str) -> _Path | None:
    """The path in parts; None where it is too long, too deep or no URL."""
    try:
        split = urlsplit(url)
    except ValueError:
        return None
    whole = unquote(split.path, errors="replace").lower()
    segments = [segment for segment in whole.split("/") if segment]
    if len(url) > _LONGEST or len(segments) > _DEEPEST:
        return None
    last_type = file_type(url)
    if segments and last_type in PAGE_TYPES:
        segments[-1] = segments[-1].rpartition(".")[0]
    while len(segments) > 1 and segments[-1] in _NO_NAME:
        segments.pop()
    return _Path(whole, tuple(segments), last_type, split.query.lower())


def _is_index(path: _Path) -> bool:
    if path.last_type in FILE_TYPES or _INDEX_SEGMENTS.intersection(path.segments):
        return True
    if _ID_PARAMETER.search(path.query):
        return False
    if not path.segments or _DATE_ALONE.search(path.whole):
        return True
    return path.segments[-1] in LIST_SEGMENTS | _NO_NAME or _is_service(path)


def _is_service(path: _Path) -> bool:
    last = path.segments[-1]
    return bool(_SERVICE_PAGE.match(last)) and len(_WORDS.split(last)) <= _SERVICE_WORDS and not _id(path)


def _date(whole: str) -> float:
    if _FULL_DATE.search(whole):
        return 3.0
    return 1.5 if _PART_DATE.search(whole) else 0.0


def _name(segment: str) -> float:
    """Evidence of a headline in a segment: sections have one to three words, headlines more."""
    words = [word for word in _WORDS.split(segment) if word and not word.isdigit()]
    if len(words) == 1 and len(_NOT_LATIN.findall(segment)) >= _UNSPACED_SLUG:
        return 3.0
    return float(min(max(len(words) - 2, 0), 3))


def _id(path: _Path) -> float:
    tail = path.segments[-2:]
    if _ID_PARAMETER.search(path.query) or any(_LONG_NUMBER.search(part) or _HASH.search(part) for part in tail):
        return 2.0
    return 1.0 if any(_SHORT_NUMBER.fullmatch(part) and not re.fullmatch(_YEAR, part) for part in tail) else 0.0
