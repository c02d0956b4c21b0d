"""What is opted out is not taken in and not shown, is not deleted, and comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.errors import NotFound, SettingsError, UsageError
from newsarchive.models.optout import OptOut, OptOuts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import newsarchive

    Record = Callable[..., Any]
    Page = Callable[..., bytes]

SITE = "https://www.harbor.example"
WORDS = st.text("abcdefgh", min_size=1, max_size=6)


@pytest.fixture
def filled(archive: newsarchive.Archive, record: Record, page: Page) -> newsarchive.Archive:
    for path in ("people/lan", "people/minh", "politics/summit"):
        record(archive, f"{SITE}/{path}", page(f"{SITE}/{path}", headline=f"About {path}"))
    archive.process()
    assert archive.search("opera").total == 3
    return archive


@pytest.mark.parametrize(
    ("prefix", "covered", "free"),
    [
        ("harbor.example", ["https://harbor.example/", "http://www.harbor.example/a", "https://m.harbor.example/x"],
         ["https://otherharbor.example/", "https://example/"]),
        ("https://www.Harbor.example/people/", ["https://harbor.example/people/lan", "https://harbor.example/people"],
         ["https://harbor.example/people-and-places", "https://harbor.example/"]),
        ("harbor.example/people", ["https://harbor.example/people-and-places", "https://harbor.example/people?page=2"],
         ["https://harbor.example/peopl", "https://harbor.example/a/people"]),
        ("harbor.example:8443", ["https://harbor.example:8443/a"], ["https://harbor.example/a"]),
        ("harbor.example/a?print=", ["https://harbor.example/a?print=1"], ["https://harbor.example/a"]),
        ("127.0.0.1", ["http://127.0.0.1:8123/x"], ["http://127.0.0.10/x"]),
    ],
)  # fmt: skip
def test_what_an_entry_covers(prefix: str, covered: list[str], free: list[str]) -> None:
    entries = OptOuts((OptOut.of(prefix),))
    assert [url for url in covered if not entries.covering(url)] == []
    assert [url for url in free if entries.covering(url)] == []


@given(labels=st.lists(WORDS, min_size=2, max_size=4), path=st.lists(WORDS, max_size=3), more=WORDS)
def test_an_entry_covers_all_that_begins_with_it_on_its_host_and_below(
    labels: list[str], path: list[str], more: str
) -> None:
    host, start = ".".join(labels), "/".join(path)
    entries = OptOuts((OptOut.of(f"{host}/{start}"),))
    assert entries.covering(f"https://{host}/{start}{more}")
    assert entries.covering(f"http://{more}.{host}/{start}/{more}")
    assert not entries.covering(f"https://{more}{host}/{start}")
    assert OptOut.of(OptOut.of(f"{host}/{start}").prefix) == OptOut.of(f"{host}/{start}")


@pytest.mark.parametrize("text", ["", "  ", "/people", "https://", "mailto:lan@harbor.example", "harbor example"])
def test_what_names_no_host_is_refused(archive: newsarchive.Archive, text: str) -> None:
    with pytest.raises(UsageError, match="names no host"):
        archive.opt_out(text)


def test_held_articles_vanish_at_once_and_come_back(filled: newsarchive.Archive, tmp_path: Path) -> None:
    assert filled.opt_out("harbor.example/people/", reason="asked by the people") == 2
    results = filled.search("opera")
    assert (results.total, results.hidden) == (1, 2)
    assert [hit.url for hit in results] == [f"{SITE}/politics/summit"]
    assert [article.url for article in filled.articles()] == [f"{SITE}/politics/summit"]
    with pytest.raises(NotFound, match="asked by the people"):
        filled.get(f"{SITE}/people/lan")
    assert filled.search("opera").export(tmp_path / "a.warc.gz", rights_cleared=True).articles == 1
    assert filled.opt_in("https://www.harbor.example/people/") == 2
    assert filled.search("opera").total == 3
    assert filled.get(f"{SITE}/people/lan").body


def test_it_is_not_taken_in_and_what_waited_is_read_once_it_may_be(
    archive: newsarchive.Archive, record: Record, page: Page, tmp_path: Path
) -> None:
    url = f"{SITE}/people/lan"
    record(archive, url, page(url))  # captured before
    archive.opt_out("harbor.example/people")
    (tmp_path / "other.html").write_bytes(page(f"{SITE}/people/minh", headline="Another"))
    report, tally = archive.ingest(tmp_path / "other.html")
    assert dict(report.barred) == {"opted-out": 1}
    assert dict(tally.rejected) == {"opted-out": 1}
    assert archive.opt_in("harbor.example/people") == 1
    assert archive.search("opera").total == 1


def test_entries_of_the_settings_count_as_well(filled: newsarchive.Archive) -> None:
    path = filled.folder / "newsarchive.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text + f'\n[rights]\nopt_out = ["harbor.example/people/lan"]\n[sources.harbor]\nurl = "{SITE}/"\n'
        'opt_out = ["harbor.example/politics"]\n',
        encoding="utf-8",
    )
    assert [hit.url for hit in filled.search("opera")] == [f"{SITE}/people/minh"]
    assert [entry.where for entry in filled.opt_outs()] == ["[rights] opt_out", "[sources.harbor] opt_out"]
    with pytest.raises(NotFound) as caught:
        filled.opt_in("harbor.example/politics")
    assert "[sources.harbor] opt_out" in caught.value.tip
    path.write_text(text + "\n[rights]\nopt_out = [harbor]\n", encoding="utf-8")
    with pytest.raises(SettingsError):
        _ = filled.search("opera").total


def test_the_file_keeps_the_lines_of_its_reader(filled: newsarchive.Archive) -> None:
    path = filled.folder / "optout.txt"
    path.write_text("# ours\nharbor.example/a  # said so\n\nother.example", encoding="utf-8")
    filled.opt_out("harbor.example/people/lan", reason="asked # twice")
    assert [(entry.prefix, entry.reason) for entry in filled.opt_outs()] == [
        ("harbor.example/a", "said so"),
        ("other.example", ""),
        ("harbor.example/people/lan", "asked # twice"),
    ]
    filled.opt_in("other.example")
    assert path.read_text(encoding="utf-8") == (
        "# ours\nharbor.example/a  # said so\n\nharbor.example/people/lan  # asked # twice\n"
    )
    path.write_text("harbor.example\n???\n", encoding="utf-8")
    with pytest.raises(UsageError, match="line 2"):
        filled.search("opera").total  # noqa: B018 - asking is what must fail
