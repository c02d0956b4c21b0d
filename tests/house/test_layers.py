"""The house keeps its order: imports point down, each library has one home, and starting is cheap."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import newsarchive

SOURCE = Path(newsarchive.__file__).parent

# From the top down; names on one line never import each other.
LAYERS: tuple[frozenset[str], ...] = tuple(
    frozenset(line.split())
    for line in (
        "__main__",
        "cli web",
        "crawl",
        "api",
        "archive",
        "ingest audit export",
        "holdings",
        "discovery warc extraction validation storage search research",
        "settings",
        "models",
        "sample",
        "further",
        "folding",
        "edits",
        "urls dates digests text selectors durable memory",
        "errors version layout",
    )
)
LEVEL = {name: -number for number, line in enumerate(LAYERS) for name in line}

HOMES = {
    "scrapy": {"crawl"},
    "twisted": {"crawl"},
    "warcio": {"warc"},
    "fastwarc": set(),
    "trafilatura": {"extraction"},
    "htmldate": {"extraction"},
    "protego": {"discovery"},
    "cssselect": {"selectors"},
    "sqlite3": {"storage"},
    "whoosh": {"search"},
    "tantivy": {"search"},
    "click": {"cli"},
    "rich": {"cli"},
}
"""A library and the only packages that may import it."""


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def place_of(path: Path) -> str:
    first = path.relative_to(SOURCE).parts[0]
    return first.removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found.add(str(node.module))
            if node.module == "newsarchive":
                found |= {f"newsarchive.{alias.name}" for alias in node.names}
    return found


def test_every_module_has_a_place() -> None:
    strangers = {place_of(path) for path in modules()} - set(LEVEL) - {"__init__"}
    assert not strangers


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_down(path: Path) -> None:
    own = place_of(path)
    if own == "__init__":
        return
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] != "newsarchive" or len(parts) == 1 or parts[1] == own or parts[1] not in LEVEL:
            continue
        assert LEVEL[parts[1]] < LEVEL[own], f"{own} imports {name}, which is not below it"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_each_library_has_one_home(path: Path) -> None:
    for name in imports_of(path):
        library = name.split(".", maxsplit=1)[0]
        if library in HOMES:
            assert place_of(path) in HOMES[library], f"{library} belongs to {HOMES[library]}"


def loaded_by(code: str) -> set[str]:
    program = f"import sys\n{code}\nprint(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.splitlines()[-1].split()}


def test_importing_the_package_loads_no_library_at_all() -> None:
    heavy = {"scrapy", "twisted", "trafilatura", "whoosh", "tantivy", "pydantic", "lxml", "sqlite3", "click", "warcio"}
    assert not loaded_by("import newsarchive") & heavy


def test_the_help_loads_only_click() -> None:
    code = "from newsarchive.cli.app import run; run(['--help'])"
    heavy = {"scrapy", "twisted", "trafilatura", "whoosh", "pydantic", "lxml", "sqlite3", "rich"}
    assert not loaded_by(code) & heavy


def test_a_search_loads_no_crawler_no_extractor_and_no_validator(folder: Path) -> None:
    newsarchive.open(folder, mode="rw").process()
    code = f"from newsarchive.cli.app import run; assert run(['-A', {str(folder)!r}, 'search', 'summit']) == 0"
    assert not loaded_by(code) & {"scrapy", "twisted", "trafilatura", "htmldate", "lxml", "pandas", "pydantic", "rich"}


def test_the_public_names_are_sorted_and_can_be_imported() -> None:
    assert newsarchive.__all__ == sorted(newsarchive.__all__)
    for name in newsarchive.__all__:
        assert getattr(newsarchive, name) is not None


def test_the_version_is_the_one_of_the_package() -> None:
    text = (SOURCE.parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{newsarchive.__version__}"' in text
