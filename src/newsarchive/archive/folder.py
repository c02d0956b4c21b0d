"""The archive folder: how one is found, and how one is made."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from newsarchive import layout
from newsarchive.durable import replace, sync_folder
from newsarchive.errors import ArchiveExists, ArchiveNotFound, SettingsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from newsarchive.settings import Settings, SourceSettings

ENVIRONMENT: Final = "NEWSARCHIVE_DIR"

_TEMPLATE: Final = """\
# Settings of this archive. `newsarchive help settings` lists all of them with their meaning.

[archive]
name = {name}
# A URL or mail address for the operators of the sites you crawl; it stands in the User-Agent.
contact = ""

# Sites to crawl. `newsarchive sources add URL` finds a site's sitemaps and feeds and adds a table here.
# [sources.harbor-post]
# url = "https://www.harborpost.example/"
# sitemaps = ["https://www.harborpost.example/news-sitemap.xml"]
"""

# The `scrapy` command finds the project through this file; it does not read pyproject.toml.
_SCRAPY_CFG: Final = """\
[settings]
default = newsarchive.crawl.project
"""

_SPIDERS_README: Final = """\
One file per publisher that needs more than the settings can say; each declares a `PublisherSpider` and is run by
`scrapy crawl NAME`. A site that is listed in newsarchive.toml needs no file here.
"""

_INDEX_README: Final = """\
The built search index. It is always safe to delete: `newsarchive rebuild` makes it anew from the records.
Never copy an index here from elsewhere: its table of contents is a pickle, which runs code when it is opened.
"""

FILES: Final[Mapping[str, str]] = {
    "scrapy.cfg": _SCRAPY_CFG,
    "spiders/README.md": _SPIDERS_README,
    "index/README.md": _INDEX_README,
    "index/.gitignore": "*\n!.gitignore\n!README.md\n",
}
"""What `init` writes beside the settings; the project's own checkout holds the same files."""


def find_folder(start: Path | None = None) -> Path:
    """The archive that is meant: `start` itself if given, then NEWSARCHIVE_DIR, then the nearest folder upwards.

    Raises:
        ArchiveNotFound: there is none.
    """
    if start is not None:
        return _require(start.expanduser())
    if named := os.environ.get(ENVIRONMENT):
        return _require(Path(named).expanduser())
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / layout.SETTINGS).is_file():
            return folder
    raise ArchiveNotFound(
        f"no archive here: neither {here} nor a folder above it has a {layout.SETTINGS}",
        tip=f"make one with `newsarchive init DIR`, or name one with -A DIR or {ENVIRONMENT}",
    )


def _require(folder: Path) -> Path:
    if (folder / layout.SETTINGS).is_file():
        return folder
    raise ArchiveNotFound(f"{folder} is no archive: it has no {layout.SETTINGS}", tip=f"newsarchive init {folder}")


def init_folder(folder: Path, *, name: str = "") -> Path:
    """Make an archive; the folder may exist, other files in it stay as they are.

    Raises:
        ArchiveExists: there is an archive already.
    """
    folder = folder.expanduser()
    settings = folder / layout.SETTINGS
    if settings.exists():
        raise ArchiveExists(f"{folder} is an archive already", tip="choose another folder")
    for part in (layout.WARC, layout.INDEX, layout.SPIDERS):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for path, text in FILES.items():
        if not (target := folder / path).exists():
            replace(target, text.encode("utf-8"))
    # Last, since it is what makes the folder an archive: an init that was killed can be run again.
    text = _TEMPLATE.format(name=quote(name or folder.resolve().name))
    sync_folder(folder)
    replace(settings, text.encode("utf-8"))
    sync_folder(folder.resolve().parent)
    return folder


def quote(text: str) -> str:
    r"""A TOML basic string (https://toml.io/en/v1.0.0#string).

    >>> print(quote('say "hi"\n'))
    "say \"hi\"\n"
    """
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    body = "".join(escapes.get(c) or (f"\\u{ord(c):04X}" if c < " " or c == "\x7f" else c) for c in text)
    return f'"{body}"'


def write_engine(folder: Path, engine: str) -> None:
    """Set `engine` in the `[index]` table of the settings file; comments and order of the rest stay.

    Raises:
        SettingsError: the settings cannot be read or edited, or no such engine exists; the file is as it was.
    """
    from newsarchive.settings import load, parse  # noqa: PLC0415 - finding an archive needs no settings

    path = folder / layout.SETTINGS
    if load(path).index.engine == engine:
        return
    line = f"engine = {quote(engine)}"
    text = _with_line(path.read_text(encoding="utf-8"), line)
    try:
        parse(text, name=path.name)
    except SettingsError as error:
        message = f"{path}: engine of [index] could not be set: {error.message}"
        raise SettingsError(message, key="index.engine", tip=f"write {line} into the table [index] by hand") from error
    replace(path, text.encode("utf-8"))


def _with_line(text: str, line: str) -> str:
    """Settings with a line `engine = …` in the table `[index]`, in place of the one that stands there."""
    heading = re.search(r"^[ \t]*\[[ \t]*index[ \t]*\][^\n]*$", text, re.MULTILINE)
    if heading is None:
        return f"{text.rstrip()}\n\n[index]\n{line}\n"
    end = re.search(r"^[ \t]*\[", text[heading.end() :], re.MULTILINE)
    until = heading.end() + end.start() if end else len(text)
    table, found = re.subn(r"^[ \t]*engine[ \t]*=[^\n]*$", line, text[heading.end() : until], flags=re.MULTILINE)
    return text[: heading.end()] + (table if found else f"\n{line}{table}") + text[until:]


def append_source(folder: Path, *, name: str, source: SourceSettings) -> Settings:
    """Add a `[sources.NAME]` table at the end of the settings file; comments and order of the rest stay.

    Raises:
        UsageError: a source of this name is listed already.
        SettingsError: the name or a value cannot be.
    """
    from newsarchive.settings import load, parse  # noqa: PLC0415 - finding an archive needs no settings

    path = folder / layout.SETTINGS
    if name in load(path).sources:
        raise UsageError(f"a source named {name!r} is listed already", tip=f"edit [sources.{name}] in {path}")
    key = name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quote(name)
    table = source.model_dump(mode="json", exclude_defaults=True)
    rules, recheck = table.pop("rules", []), table.pop("recheck", None)
    lines = [f"[sources.{key}]", *_toml_lines(table)]
    if recheck:
        lines += ["", f"[sources.{key}.recheck]", *_toml_lines(recheck)]
    for rule in rules:
        lines += ["", f"[[sources.{key}.rules]]", *_toml_lines(rule)]
    text = path.read_text(encoding="utf-8").rstrip("\n") + "\n\n" + "\n".join(lines) + "\n"
    settings = parse(text, name=path.name)
    replace(path, text.encode("utf-8"))
    return settings


def _toml_lines(table: Mapping[str, Any]) -> list[str]:
    lines = []
    for field, value in table.items():
        if isinstance(value, list):
            inner = "".join(f"  {quote(item)},\n" for item in value)
            lines.append(f"{field} = [\n{inner}]")
        else:
            plain = str(value).lower() if isinstance(value, bool) else value
            lines.append(f"{field} = {quote(value) if isinstance(value, str) else plain}")
    return lines
