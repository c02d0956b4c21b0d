"""Publishers' rules in an archive: read without running its files, chosen by source and day, told where they fail."""

from __future__ import annotations

import logging
import shutil
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

import newsarchive
from newsarchive.archive.folder import append_source
from newsarchive.errors import SettingsError
from newsarchive.extraction import Guide
from newsarchive.ingest import RuleBook, reconcile
from newsarchive.models import Capture, Origin, Place, Rule
from newsarchive.settings import SourceSettings, load
from newsarchive.warc import WarcWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SPIDER = """
from newsarchive.crawl import PublisherSpider

raise SystemExit("whoever reads the rules must not run this file")


class HarborPost(PublisherSpider):
    name = "harbor-post"
    url = "https://www.harbor.example/"
    rules = (
        {"until": "2024-05-01", "headline": "h2.old", "authors": ".by"},
        {"headline": ["css:h2.new"], "authors": ".by", "category": "//nav/b"},
    )
"""
BEFORE = datetime(2024, 5, 1, 23, 59, 59, tzinfo=UTC)
AFTER = datetime(2024, 5, 2, tzinfo=UTC)
TWO = "<h2 class='old'>As the old pages say</h2><h2 class='new'>As the new pages say</h2>"


def spider(folder: Path, text: str, name: str = "harbor_post.py") -> None:
    (folder / "spiders" / name).write_text(text, encoding="utf-8")


def with_rules(rules: str) -> str:
    return f'class A:\n    name = "a"\n    url = "https://a.example/"\n    rules = {rules}\n'


@pytest.fixture
def warc(tmp_path: Path) -> Callable[..., Path]:
    """Makes a WARC file of pages, each captured at its own time."""

    def make(*pages: tuple[str, bytes, datetime]) -> Path:
        folder = tmp_path / "elsewhere"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        with WarcWriter(folder, max_file_size=10**8, info={"software": "newsarchive tests"}) as writer:
            for url, body, at in pages:
                writer.write_resource(url, body, content_type="text/html", captured_at=at, origin=Origin())
        return folder

    return make


@pytest.fixture
def story(page: Callable[..., bytes]) -> Callable[..., bytes]:
    """Makes pages that have both a heading of the old design and one of the new, and a byline."""

    def make(url: str, extra: str = TWO + "<p class='by'>By Lan Tran</p>") -> bytes:
        return page(url).replace(b"</h1>", b"</h1>" + extra.encode())

    return make


# --- the whole way -------------------------------------------------------------------------------------------------


def test_each_capture_is_read_with_the_rule_of_its_day(
    folder: Path, warc: Callable[..., Path], story: Callable[..., bytes]
) -> None:
    spider(folder, SPIDER)
    old, new = "https://www.harbor.example/old", "https://www.harbor.example/new"
    with newsarchive.open(folder, mode="rw") as archive:
        _, tally = archive.ingest(warc((old, story(old), BEFORE), (new, story(new), AFTER)))
        first, second = archive.get(old).latest, archive.get(new).latest
    assert (first.headline, second.headline) == ("As the old pages say", "As the new pages say")
    for version in (first, second):
        assert version.provenance["headline"] == version.provenance["authors"] == "rule"
        assert version.authors == ("Lan Tran",)
        assert ", rule " in version.extractor
    assert first.extractor != second.extractor
    assert "category" not in second.provenance
    assert tally.missed == {("harbor-post", "category"): 1}
    assert tally.ruled == {
        ("harbor-post", "headline"): 2,
        ("harbor-post", "authors"): 2,
        ("harbor-post", "category"): 1,
    }
    assert tally.as_record()["rules_missed"] == [{"source": "harbor-post", "field": "category", "missed": 1, "of": 1}]


def test_the_same_bytes_on_both_sides_of_a_date_are_read_twice_and_then_no_more(
    folder: Path, warc: Callable[..., Path], story: Callable[..., bytes]
) -> None:
    spider(folder, SPIDER)
    url = "https://www.harbor.example/same"
    later = datetime(2024, 6, 1, tzinfo=UTC)
    with newsarchive.open(folder, mode="rw") as archive:
        for at in (BEFORE, AFTER, later):  # one by one: what was read before is looked up when the next one comes
            archive.ingest(warc((url, story(url), at)))
        article = archive.get(url)
    assert [version.headline for version in article.versions] == ["As the old pages say", "As the new pages say"]
    assert article.last_seen == later


def test_a_rebuild_reads_by_the_same_rules(
    folder: Path, warc: Callable[..., Path], story: Callable[..., bytes]
) -> None:
    spider(folder, SPIDER)
    urls = ("https://www.harbor.example/old", "https://www.harbor.example/new")
    with newsarchive.open(folder, mode="rw") as archive:
        archive.ingest(warc(*((url, story(url), at) for url, at in zip(urls, (BEFORE, AFTER), strict=True))))
        before = [article.model_dump() for article in archive.articles()]
    for path in folder.glob("articles.db*"):
        path.unlink()
    with newsarchive.open(folder, mode="rw") as archive:
        archive.rebuild()
        assert [article.model_dump() for article in archive.articles()] == before


def test_rules_of_the_settings_hold_as_those_of_a_file(
    folder: Path, warc: Callable[..., Path], story: Callable[..., bytes], command: Callable[..., Any]
) -> None:
    source = SourceSettings(
        url="https://harbor.example/",
        rules=(Rule(until=date(2024, 5, 1), headline="h2.old"), Rule(headline=("h2.gone", "//h2[@class='new']"))),
    )
    append_source(folder, name="harbor", source=source)
    assert load(folder / "newsarchive.toml").sources["harbor"] == source
    old, new = "https://www.harbor.example/old", "https://www.harbor.example/new"
    done = command("-A", folder, "import", warc((old, story(old), BEFORE), (new, story(new, ""), AFTER)))
    assert done.code == 0, done.err
    assert "harbor: the rule for headline gave nothing on 1 of 2 articles" in done.out
    with newsarchive.open(folder) as archive:
        assert archive.get(old).latest.headline == "As the old pages say"
        assert archive.get(new).latest.provenance["headline"] == "visible"


def test_extract_uses_the_rule_of_the_archive_it_stands_in(
    folder: Path, tmp_path: Path, story: Callable[..., bytes], command: Callable[..., Any]
) -> None:
    spider(folder, SPIDER)
    url = "https://www.harbor.example/some/page"
    (tmp_path / "page.html").write_bytes(story(url))
    done = command("-A", folder, "extract", tmp_path / "page.html")
    assert done.code == 0, done.err
    assert "As the new pages say  (rule)" in done.out
    assert done.err == "the rule for category gave nothing on this page\n"
    elsewhere = command("extract", tmp_path / "page.html")
    assert "Summit ends without a deal" in elsewhere.out
    assert elsewhere.err == ""
    named = command("-A", folder, "extract", tmp_path / "page.html", "--url", "https://other.example/")
    assert "(rule)" not in named.out


def test_the_process_of_a_crawl_warns_of_rules_that_meet_nothing(
    folder: Path, warc: Callable[..., Path], story: Callable[..., bytes], command: Callable[..., Any]
) -> None:
    spider(folder, SPIDER)
    url = "https://www.harbor.example/new"
    (written,) = warc((url, story(url), AFTER)).glob("*.warc.gz")
    shutil.copy(written, folder / "warc")
    with newsarchive.open(folder, mode="rw") as archive:
        reconcile(archive._holdings)
        assert archive.status().captures["captured"] == 1, "a row that waits, as a crawl leaves it"
    done = command("-A", folder, "-q", "process", "--follow", stdin=b"")
    assert done.code == 0, done.err
    assert "warning: harbor-post: the rule for category gave nothing on 1 of 1 articles" in done.err


# --- rules that change ---------------------------------------------------------------------------------------------

URL = "https://www.harbor.example/story"
NEWER = SPIDER.replace("css:h2.new", "h2.newest")
NEWEST = f"{TWO}<h2 class='newest'>As the newest pages say</h2><p class='by'>By Lan Tran</p>"


def headlines(archive: newsarchive.Archive, url: str = URL) -> list[str | None]:
    return [version.headline for version in archive.get(url).versions]


def test_a_rule_that_is_added_comes_to_stored_articles_and_is_no_edit(
    folder: Path, warc: Callable[..., Path], story: Callable[..., bytes]
) -> None:
    said = "The summit ended early, and nobody signed anything. Both sides will meet again in spring. " * 3
    page = story(URL, f"{TWO}<div class='part'><p>{said}</p></div>")
    with newsarchive.open(folder, mode="rw") as archive:
        archive.ingest(warc((URL, page, AFTER)))
        before = archive.get(URL)
        assert archive.reextract().due == 0
        spider(folder, with_rules('({"headline": "h2.new", "body": ".part"},)').replace("a.example", "harbor.example"))
        done = archive.reextract()
        after = archive.get(URL)
        assert (done.due, done.reread, done.changed) == (1, 1, 1)
        assert (done.fewer_versions, done.more_versions) == (0, 0)
        (version,) = after.versions
        assert version.headline == "As the new pages say"
        assert version.paragraphs == (said.strip(),)
        assert (after.id, version.captured_at, version.record_id) == (
            before.id,
            before.latest.captured_at,
            before.latest.record_id,
        )
        assert archive.search("spring").total == 1
        assert archive.reextract().due == 0
        (folder / "spiders" / "harbor_post.py").unlink()
        archive.reextract()
        assert archive.get(URL) == before, "without the rule it reads as it did"


def test_only_what_the_changed_rule_reads_is_due(
    folder: Path, warc: Callable[..., Path], story: Callable[..., bytes]
) -> None:
    spider(folder, SPIDER)
    old, new = "https://www.harbor.example/old", "https://www.harbor.example/new"
    with newsarchive.open(folder, mode="rw") as archive:
        archive.ingest(warc((old, story(old), BEFORE), (new, story(new, NEWEST), AFTER)))
        spider(folder, NEWER)
        done = archive.reextract()
        assert (done.due, done.changed) == (1, 1)
        assert headlines(archive, old) == ["As the old pages say"]
        assert headlines(archive, new) == ["As the newest pages say"]
        spider(folder, NEWER.replace("2024-05-01", "2024-05-02"))
        assert archive.reextract().due == 1, "the day moved, and with it the rule of one capture"
        assert headlines(archive, new) == ["As the old pages say"]


def test_a_source_of_its_own_rules_decides_what_is_due(
    folder: Path, warc: Callable[..., Path], story: Callable[..., bytes]
) -> None:
    """The page stands on the site of one source and was crawled for another."""
    with newsarchive.open(folder, mode="rw") as archive:
        archive.ingest(warc((URL, story(URL), AFTER)))
        connection = archive._holdings.database.connection
        connection.execute("UPDATE captures SET source = 'wire'")
        (folder / "spiders" / "wire.py").write_text(with_rules("()").replace('"a"', '"wire"'), encoding="utf-8")
        spider(folder, SPIDER)
        assert archive.reextract().due == 0
        rule = with_rules('({"headline": "h2.old"},)').replace('"a"', '"wire"')
        (folder / "spiders" / "wire.py").write_text(rule, encoding="utf-8")
        archive.reextract()
        assert headlines(archive) == ["As the old pages say"]


def test_a_capture_after_a_change_of_rules_is_compared_like_with_like(
    folder: Path, warc: Callable[..., Path], story: Callable[..., bytes]
) -> None:
    """Nobody called `reextract`: the older capture is read by the new rule before an edit is declared."""
    spider(folder, SPIDER)
    page = story(URL, NEWEST)
    with newsarchive.open(folder, mode="rw") as archive:
        archive.ingest(warc((URL, page, AFTER)))
        assert headlines(archive) == ["As the new pages say"]
        spider(folder, NEWER)
        seen = page.replace(b"</body>", b"<!-- seen again --></body>")
        _, tally = archive.ingest(warc((URL, seen, AFTER.replace(day=9))))
        assert (tally.accepted, tally.new_versions) == (1, 0)
        assert tally.ruled["harbor-post", "headline"] == 1
        assert headlines(archive) == ["As the newest pages say"]
        edited = seen.replace(b"As the newest", b"As corrected, the newest")
        assert archive.ingest(warc((URL, edited, AFTER.replace(day=10))))[1].new_versions == 1
        assert headlines(archive) == ["As the newest pages say", "As corrected, the newest pages say"]


def test_a_redesign_between_two_captures_stays_what_the_page_said_each_day(
    folder: Path, warc: Callable[..., Path], story: Callable[..., bytes]
) -> None:
    """One text in two designs, read by two rules, has one version, also when both were read without rules before."""
    old = story(URL, "<h2 class='old'>One headline</h2><h2 class='new'>Most read</h2>")
    new = story(URL, "<h2 class='old'>Most read</h2><h2 class='new'>One headline</h2>")
    with newsarchive.open(folder, mode="rw") as archive:
        archive.ingest(warc((URL, old, BEFORE), (URL, new, AFTER)))
        spider(folder, SPIDER.replace('"h2.old"', '"h2.old", "body": "p"').replace('h2.new"]', 'h2.new"], "body": "p"'))
        assert archive.reextract().due == 1
        assert headlines(archive) == ["One headline"]
        assert archive.get(URL).last_seen == AFTER


def test_reading_again_says_where_rules_gave_nothing(
    folder: Path, warc: Callable[..., Path], story: Callable[..., bytes], command: Callable[..., Any]
) -> None:
    with newsarchive.open(folder, mode="rw") as archive:
        archive.ingest(warc((URL, story(URL), AFTER)))
    spider(folder, SPIDER)
    done = command("-A", folder, "reextract", "--json")
    assert done.json["rules_missed"] == [{"source": "harbor-post", "field": "category", "missed": 1, "of": 1}]
    spider(folder, NEWER)
    done = command("-A", folder, "reextract")
    assert "harbor-post: the rule for headline gave nothing on 1 of 1 articles" in done.out


# --- which rule ----------------------------------------------------------------------------------------------------


def capture(url: str, source: str | None = None, at: datetime = AFTER) -> Capture:
    place = Place(file="a.warc.gz", offset=0, length=1)
    return Capture(record_id="urn:a", url=url, captured_at=at, place=place, origin=Origin(source=source))


@pytest.fixture
def book(folder: Path) -> RuleBook:
    """Sources of one publisher, of which two have rules, and of another that has none."""
    with (folder / "newsarchive.toml").open("a", encoding="utf-8") as settings:
        settings.write(
            '[sources.all]\nurl = "https://www.harbor.example/"\nrules = [{ headline = "#all" }]\n'
            '[sources.sport]\nurl = "https://sport.harbor.example/"\n[[sources.sport.rules]]\nheadline = "#sport"\n'
            '[sources.opinion]\nurl = "https://harbor.example/opinion/"\n[[sources.opinion.rules]]\nheadline = "#op"\n'
            '[sources.wire]\nurl = "https://wire.harbor.example/"\n'
            '[sources.part]\nurl = "https://part.river.example/"\n[[sources.part.rules]]\nheadline = "#part"\n'
        )
    return RuleBook.read(folder)


@pytest.mark.parametrize(
    ("url", "source", "ruled"),
    [
        ("https://cdn.example/x", "sport", "sport"),  # where a capture came from decides, wherever it led
        ("https://sport.harbor.example/x", "all", "all"),
        ("https://www.harbor.example/x", "wire", None),  # a source that has no rules
        ("https://www.harbor.example/x", None, "all"),
        ("https://m.harbor.example/x", None, "all"),
        ("https://games.harbor.example/x", None, "all"),
        ("https://sport.harbor.example/x", None, "sport"),
        ("https://www.sport.harbor.example/x", None, "sport"),
        ("https://wire.harbor.example/x", None, None),
        ("https://harbor.example/opinion/x", None, "opinion"),
        ("http://www.harbor.example/Opinion", None, "opinion"),
        ("https://harbor.example/opinions", None, "all"),
        ("https://example/x", None, None),
        ("https://sport.harbor.example/x", "renamed-since", "sport"),
        ("https://river.example/x", None, None),  # a part says nothing of the whole
        ("https://www.part.river.example/x", None, "part"),
        ("https://harbor.example.evil.example/x", None, None),
        ("urn:sha1:3I42", None, None),
    ],
)
def test_a_capture_is_ruled_by_its_source_or_else_by_its_site(
    book: RuleBook, url: str, source: str | None, ruled: str | None
) -> None:
    found = book.for_capture(capture(url, source))
    assert (found.source if found else None) == ruled


def test_the_day_of_a_capture_is_counted_in_utc(folder: Path) -> None:
    spider(folder, SPIDER)
    book = RuleBook.read(folder)
    evening = datetime.fromisoformat("2024-05-01T20:30:00-04:00")
    found = book.for_capture(capture("https://harbor.example/", at=evening))
    assert found is not None
    assert found.rule == book.of("harbor-post")[1]
    earlier = book.for_url("https://harbor.example/", day=date(2024, 5, 1))
    assert earlier is not None
    assert earlier.rule == book.of("harbor-post")[0]


def test_a_rule_can_be_had_from_python(folder: Path) -> None:
    spider(folder, SPIDER)
    rule = newsarchive.rule_for("https://harbor.example/a", archive=folder, day=date(2020, 1, 1))
    assert rule == Rule(until=date(2024, 5, 1), headline="h2.old", authors=".by")
    assert newsarchive.rule_for("https://other.example/a", archive=folder) is None
    newest = newsarchive.rule_for("https://harbor.example/a", archive=folder)
    assert newest is not None
    assert newest.category == ("//nav/b",)
    with newsarchive.open(folder, mode="rw") as archive:
        assert archive.rules.of("harbor-post")[1] == newest
    assert Guide(rule=newest).extractor.endswith(f", rule {newest.digest}")


# --- files ---------------------------------------------------------------------------------------------------------


def test_rules_are_taken_over_within_a_file_and_a_later_assignment_counts(folder: Path) -> None:
    spider(
        folder,
        'class Base:\n    rules = ({"headline": "h1"},)\n'
        'class One(Base):\n    name: str = "one"\n    url = "https://one.example/"\n'
        'class Unnamed(One):\n    include = ("\\d",)\n'
        'class Two(Base):\n    name = "two"\n    url = "https://two.example/"\n'
        '    rules = ({"headline": "h2"},)\n    rules: tuple = [{"headline": "h3"}]\n',
    )
    book = RuleBook.read(folder)
    assert book.of("one") == (Rule(headline="h1"),)
    assert book.of("two") == (Rule(headline="h3"),)
    assert book.of("three") == ()


def test_a_file_without_a_home_page_has_that_of_the_settings(folder: Path) -> None:
    append_source(folder, name="a", source=SourceSettings(url="https://a.example/"))
    spider(folder, 'class A:\n    name = "a"\n    rules = ({"headline": "h1"},)\n')
    assert RuleBook.read(folder).for_url("https://a.example/x", day=date(2024, 1, 1)) is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (with_rules('(\n    {"headlin": "h1"},)'), "spiders/bad.py, line 5: a rule has no field 'headlin'"),
        (
            with_rules('(\n  {"headline": "h1",\n   "body":\n    "h1["},)'),
            "spiders/bad.py, line 7: body: 'h1[': no CSS",
        ),
        (with_rules('(\n  {"until": "2024-05-01"},\n  {"until": "May"},)'), "line 6: until: a day is written as"),
        (with_rules('(\n  {"headline": "h1"},\n  {"headline": "h2"},)'), "line 4: rule 1 has no `until`"),
        (with_rules("make_rules()"), "line 4: rules are data, and 'make_rules()' is none"),
        (with_rules('({"until":\n  date(2024, 5, 1)},)'), "line 5: rules are data, and 'date(2024, 5, 1)' is none"),
        (with_rules('({"headline": "h1" + "b"},)'), "rules are data"),
        (with_rules('{"headline": "h1"}'), "rules is one rule, not a tuple"),
        ("class A:\n  name = f'{1}'\n  rules = ()\n", "line 2: the name of A is not written as a string"),
    ],
)
def test_a_file_with_rules_that_cannot_be_is_told_by_its_line(folder: Path, text: str, said: str) -> None:
    spider(folder, text, "bad.py")
    with pytest.raises(SettingsError) as caught:
        RuleBook.read(folder)
    assert said in caught.value.message
    assert caught.value.tip


def test_a_wrong_rule_of_the_settings_is_told_by_its_line(folder: Path) -> None:
    with (folder / "newsarchive.toml").open("w", encoding="utf-8") as settings:
        settings.write(
            '[sources.a]\nurl = "https://a.example/"\n[[sources.a.rules]]\nuntil = 2024-05-01\nheadline = "h1"\n'
            '[[sources.a.rules]]\nheadline = "h1["\n'
        )
    with pytest.raises(SettingsError) as caught:
        load(folder / "newsarchive.toml")
    assert caught.value.message.startswith("newsarchive.toml, line 7: sources.a.rules.1.headline: 'h1[': no CSS")
    text = (folder / "newsarchive.toml").read_text(encoding="utf-8").replace('headline = "h1["', 'autors = "h1"')
    (folder / "newsarchive.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(folder / "newsarchive.toml")
    assert caught.value.tip == "did you mean 'authors'?"
    assert "line 7" in caught.value.message


def test_rules_in_two_places_are_refused(folder: Path) -> None:
    append_source(folder, name="a", source=SourceSettings(url="https://a.example/", rules=(Rule(headline="h1"),)))
    spider(folder, with_rules('({"headline": "h2"},)'), "a.py")
    with pytest.raises(SettingsError, match=r"spiders/a.py, line 4: .* newsarchive.toml, \[sources.a\] as well"):
        RuleBook.read(folder)


def test_a_file_that_is_no_python_is_passed_over_with_a_warning(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    spider(folder, "class A(:\n", "broken.py")
    spider(folder, "\x00", "binary.py")
    spider(folder, SPIDER)
    with caplog.at_level(logging.WARNING):
        assert len(RuleBook.read(folder).of("harbor-post")) == 2
    assert "spiders/broken.py is no Python" in caplog.text
    assert "spiders/binary.py is no Python" in caplog.text


@pytest.mark.parametrize("work", ["import", "process", "rebuild", "reextract", "crawl", "follow", "extract"])
def test_a_rule_that_cannot_be_stops_work_before_it_starts(
    folder: Path, tmp_path: Path, page: Callable[..., bytes], command: Callable[..., Any], work: str
) -> None:
    (tmp_path / "a.html").write_bytes(page())
    newsarchive.open(folder, mode="rw").close()
    spider(folder, with_rules('({"headline": "h1["},)'), "bad.py")
    options = {"import": ["import", tmp_path / "a.html"], "extract": ["extract", tmp_path / "a.html"]}
    done = command("-A", folder, *options.get(work, [work] if work != "follow" else ["process", "--follow"]), stdin=b"")
    assert done.code == 2
    assert "spiders/bad.py, line 4: headline: 'h1[': no CSS selector" in done.err
    assert done.out == ""
    with newsarchive.open(folder) as archive:
        assert not any(archive.status().captures.values())
