"""What `newsarchive.toml` says, as one frozen object that is passed down and never global."""

from __future__ import annotations

import tomllib
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from newsarchive import layout
from newsarchive.dates import parse_duration
from newsarchive.errors import SettingsError, UsageError
from newsarchive.models.optout import OptOut
from newsarchive.models.recheck import RecheckPlan
from newsarchive.models.rule import Rule, Rules
from newsarchive.models.window import Window, zone_of

if TYPE_CHECKING:
    from pathlib import Path

_NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,62}$"


def _web_url(url: str) -> str:
    if not url.startswith(("http://", "https://")) or len(url.split("://", 1)[1]) == 0:
        message = "must start with http:// or https:// and name a host"
        raise ValueError(message)
    return url


WebUrl = Annotated[str, AfterValidator(_web_url)]


def _ages(ages: tuple[str, ...]) -> tuple[str, ...]:
    lengths = [parse_duration(age) for age in ages]
    for age, length in zip(ages, lengths, strict=True):
        if length is None:
            message = f"{age!r} is no length of time such as 30min, 6h, 3d or 2w"
            raise ValueError(message)
    if lengths != sorted(set(lengths)):  # type: ignore[type-var]  # None was refused above
        message = "must go up, each age once"
        raise ValueError(message)
    return ages


def _zone(name: str) -> str:
    zone_of(name)
    return name


def _window(text: str | None) -> str | None:
    if text is not None:
        Window.parse(text)
    return text


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ArchiveSettings(_Section):
    """`[archive]`: what this archive is."""

    name: str = "news archive"
    contact: str = ""
    """A URL or mail address for the operators of crawled sites; it stands in the User-Agent."""


class CrawlSettings(_Section):
    """`[crawl]`: how pages are fetched."""

    delay: float = Field(default=2.0, ge=0)
    """Seconds between two requests to one host; robots.txt may ask for more, up to `max_delay`."""
    max_delay: float = Field(default=60.0, ge=0)
    concurrency_per_host: int = Field(default=1, ge=1, le=16)
    obey_robots: bool = True
    timeout: float = Field(default=30.0, gt=0)
    """Seconds for one response, from request to its last byte."""
    max_body: int = Field(default=20_000_000, gt=0)
    """Bytes of one response, after decompression."""
    max_pages: int = Field(default=10_000, gt=0)
    """Article pages that one run fetches from one source at the most."""
    max_backlog: int = Field(default=2_000, ge=100)
    """Captures that wait to be read, beyond which a crawl fetches no further page until they are fewer."""
    max_documents: int = Field(default=500, gt=0)
    """Sitemaps, feeds and section pages that one run reads of one source at the most."""
    allow_private_hosts: bool = False
    """Fetch from loopback, private and link-local addresses; for a newsroom's own network and for tests."""


class RecheckSettings(_Section):
    """`[recheck]`: when articles are looked at again, to find what was edited since."""

    enabled: bool = True
    """Whether there is a plan at all; what `newsarchive recheck add` ordered is looked at in any case."""
    ages: Annotated[tuple[str, ...], AfterValidator(_ages)] = ("1h", "6h", "1d", "3d", "7d", "30d")
    """Lengths of time after first sight, in `min`, `h`, `d` or `w`."""
    adaptive: bool = True
    """Look at the articles of often-edited sources sooner and more often."""
    max_pages: int = Field(default=5_000, ge=0)
    """Rechecks of one source in one run at the most, among its `crawl.max_pages`; the rest wait for the next run."""

    @property
    def plan(self) -> RecheckPlan:
        """The ages as lengths of time; none where there is no plan."""
        lengths = (parse_duration(age) for age in self.ages) if self.enabled else ()
        return RecheckPlan(tuple(length for length in lengths if length))

    def but(self, own: RecheckSettings | None) -> RecheckSettings:
        """These settings with what a source says of its own."""
        return self.model_copy(update=own.model_dump(exclude_unset=True)) if own else self


class WarcSettings(_Section):
    """`[warc]`: how captures are kept."""

    max_file_size: int = Field(default=1_000_000_000, ge=1_000)
    """A WARC file is finished when it is larger than this many bytes."""


class ExtractionSettings(_Section):
    """`[extraction]`: limits for reading one page, and how many pages are read at once."""

    workers: int = Field(default=2, ge=1, le=64)
    timeout: float = Field(default=20.0, gt=0)
    """CPU seconds for one page."""
    memory: int = Field(default=1_500_000_000, ge=200_000_000)
    """Bytes of address space for one worker."""
    max_page_size: int = Field(default=20_000_000, gt=0)
    max_tags: int = Field(default=150_000, gt=0)


class ValidationSettings(_Section):
    """`[validation]`: what makes a page an article."""

    min_words: int = Field(default=25, ge=0)


class IndexSettings(_Section):
    """`[index]`: what makes the search index."""

    engine: Literal["whoosh", "tantivy"] = "whoosh"
    """`tantivy` needs the extra `newsarchive[tantivy]`. An index of another engine is built anew when it is next
    brought up to date."""
    memory_mb: int = Field(default=512, ge=64)
    """MB of memory that the engine `whoosh` may take while it makes articles into a part of the index."""


def _optout(text: str) -> str:
    try:
        OptOut.of(text)
    except UsageError as error:
        raise ValueError(error.message) from error
    return text


OptOutPrefix = Annotated[str, AfterValidator(_optout)]


class RightsSettings(_Section):
    """`[rights]`: which of the publishers' reservations are honoured, and what is left out at all."""

    honour_noarchive: bool = True
    """Keep no text of a page that says `noarchive`; headline, date and authors are kept."""
    honour_noindex: bool = True
    """Show an article that says `noindex` in no search."""
    honour_nosnippet: bool = True
    """Show no part of the text in a list of hits where the page says `nosnippet`."""
    honour_noai: bool = True
    """Leave out of bulk exports what says `noai`."""
    honour_tdm: bool = True
    """Leave out of bulk exports what reserves text and data mining (TDMRep)."""
    honour_ai_robots: bool = False
    """Leave out of bulk exports what robots.txt keeps from collectors of training data."""
    read_tdmrep: bool = True
    """Ask each host for `/.well-known/tdmrep.json`, once a run."""
    opt_out: tuple[OptOutPrefix, ...] = ()
    """Hosts and beginnings of addresses that are not fetched, kept or shown; `optout.txt` holds more."""


class SourceSettings(_Section):
    """`[sources.NAME]`: one site, and where it lists its articles."""

    url: WebUrl
    """The site's home page."""
    title: str = ""
    """The publisher's name, such as `Harbor Post`."""
    sitemaps: tuple[WebUrl, ...] = ()
    feeds: tuple[WebUrl, ...] = ()
    sections: tuple[WebUrl, ...] = ()
    """Pages whose links to articles are followed."""
    language: str | None = None
    include: tuple[str, ...] = ()
    """Regular expressions; where there are any, an article's URL must match one."""
    exclude: tuple[str, ...] = ()
    """Regular expressions; a URL that matches one is never fetched."""
    delay: float | None = Field(default=None, ge=0)
    """Overrides `crawl.delay`."""
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """Whose hours and days are meant, such as `Europe/London`."""
    window: Annotated[str | None, AfterValidator(_window)] = None
    """The hours in which it is crawled, such as `01:00-05:00`; at any time without."""
    recheck: RecheckSettings | None = None
    """Overrides keys of `[recheck]`; `[sources.NAME.recheck]`."""
    opt_out: tuple[OptOutPrefix, ...] = ()
    """As `rights.opt_out`, for what this source names."""
    rules: Rules = ()
    """Where the fields of its pages stand, oldest first; `[[sources.NAME.rules]]`."""

    @property
    def hours(self) -> Window | None:
        """The hours in which it is crawled; None is at any time."""
        return Window.parse(self.window, self.timezone) if self.window else None


SourceName = Annotated[str, Field(pattern=_NAME_PATTERN)]


class Settings(_Section):
    """The whole of `newsarchive.toml`."""

    archive: ArchiveSettings = ArchiveSettings()
    crawl: CrawlSettings = CrawlSettings()
    recheck: RecheckSettings = RecheckSettings()
    warc: WarcSettings = WarcSettings()
    extraction: ExtractionSettings = ExtractionSettings()
    validation: ValidationSettings = ValidationSettings()
    index: IndexSettings = IndexSettings()
    rights: RightsSettings = RightsSettings()
    sources: dict[SourceName, SourceSettings] = Field(default_factory=dict)


def load(path: Path) -> Settings:
    """Read a settings file.

    Raises:
        SettingsError: not TOML, an unknown key or a value that cannot be; the message names the key and its line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return parse(text, name=path.name)
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read: {error}"
        raise SettingsError(message) from error


def parse(text: str, *, name: str = layout.SETTINGS) -> Settings:
    """The settings in a TOML text; errors as in `load`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{name}: not TOML: {error}"
        raise SettingsError(message, tip="strings need quotes, and a table is headed [like.this]") from error
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        raise _first_error(error, text, name) from error


def _first_error(error: ValidationError, text: str, name: str) -> SettingsError:
    # A misspelt key explains the missing one beside it, so it is named first.
    first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in first["loc"] if part != "[key]")
    line = _line_of(text, first["loc"])
    place = f"{name}, line {line}" if line else name
    if first["type"] == "extra_forbidden":
        message, tip = f"{place}: unknown key {key!r}", _nearest(first["loc"])
    elif first["loc"][-1] == "[key]":
        message, tip = f"{place}: {key!r} is no name for a source", "use lower-case letters, digits, '.', '-' and '_'"
    else:
        reason = first["msg"].removeprefix("Value error, ")
        message, tip = f"{place}: {key}: {reason} (it is {first['input']!r})", ""
    others = error.error_count() - 1
    if others:
        message += f", and {others} more"
    return SettingsError(message, key=key, tip=tip)


def _line_of(text: str, loc: tuple[int | str, ...]) -> int | None:
    """The line where the last named part of a key is written; None where it is not written at all."""
    table: tuple[int | str, ...] = ()
    wanted = tuple(part for part in loc if part != "[key]")
    best: int | None = None
    tables: Counter[tuple[int | str, ...]] = Counter()
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if line.startswith("["):
            table = tuple(part.strip(" \"'") for part in line.strip("[] ").split("."))
            if line.startswith("[["):  # one of several tables of a name
                tables[table] += 1
                table = (*table, tables[table] - 1)
            if table == wanted[: len(table)]:
                best = number
        elif "=" in line and not line.startswith("#"):
            keys = tuple(part.strip(" \"'") for part in line.split("=", 1)[0].split("."))
            if table + keys == wanted[: len(table + keys)]:
                return number
    return best


def _nearest(loc: tuple[int | str, ...]) -> str:
    import difflib  # noqa: PLC0415 - only on the way to an error

    model: Any = Settings
    for part in loc[:-1]:
        model = _TABLES.get(str(part), SourceSettings)
    if loc[2:3] == ("rules",):
        model = Rule
    elif loc[2:3] == ("recheck",) and len(loc) > 3:  # noqa: PLR2004 - sources, NAME, recheck and a key of it
        model = RecheckSettings
    names = list(model.model_fields)
    near = difflib.get_close_matches(str(loc[-1]), names, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known keys here: {', '.join(names)}"


_TABLES: dict[str, type[BaseModel]] = {
    "archive": ArchiveSettings,
    "crawl": CrawlSettings,
    "recheck": RecheckSettings,
    "warc": WarcSettings,
    "extraction": ExtractionSettings,
    "validation": ValidationSettings,
    "index": IndexSettings,
    "rights": RightsSettings,
}
