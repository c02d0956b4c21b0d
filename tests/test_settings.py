from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from newsarchive import layout
from newsarchive.archive.folder import FILES, append_source, init_folder, quote
from newsarchive.crawl import PublisherSpider
from newsarchive.errors import ArchiveExists, SettingsError, UsageError
from newsarchive.settings import RecheckSettings, Settings, SourceSettings, load, parse

ROOT = Path(__file__).parent.parent


def refusal(text: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        parse(text)
    return caught.value


def test_an_empty_file_gives_the_defaults() -> None:
    assert parse("") == Settings()


def test_a_wrong_key_is_named_with_its_line_and_the_nearest_right_one() -> None:
    error = refusal('[archive]\nname = "x"\n\n[crawl]\ndelai = 3\n')
    assert (error.key, error.exit_code) == ("crawl.delai", 2)
    assert error.message == "newsarchive.toml, line 5: unknown key 'crawl.delai'"
    assert error.tip == "did you mean 'delay'?"


def test_a_misspelt_key_is_named_rather_than_the_one_that_is_missing_for_it() -> None:
    error = refusal('[sources.harbor]\nurll = "https://harbor.example/"\n')
    assert error.key == "sources.harbor.urll"
    assert error.tip == "did you mean 'url'?"


def test_a_wrong_table_lists_the_known_ones() -> None:
    assert "sources" in refusal("[zzz]\nname = 1\n").tip


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[crawl]\ndelay = "slow"\n', "crawl.delay"),
        ("[crawl]\ndelay = -1\n", "crawl.delay"),
        ('[sources.a]\nurl = "ftp://harbor.example/"\n', "sources.a.url"),
        ('[sources.a]\nurl = "https://"\n', "sources.a.url"),
        ("[sources.a]\n", "sources.a.url"),
        ('[sources."A B"]\nurl = "https://harbor.example/"\n', "sources.A B"),
        ("sources = 3\n", "sources"),
    ],
)
def test_a_wrong_value_is_named_by_its_key(text: str, key: str) -> None:
    assert refusal(text).key == key


def test_what_is_no_toml_is_told_with_its_place() -> None:
    assert "line 2" in refusal("[crawl]\ndelay = ?\n").message


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / layout.SETTINGS).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path / layout.SETTINGS)


def test_init_makes_an_archive_once_and_touches_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "scrapy.cfg").write_text("mine", encoding="utf-8")
    folder = init_folder(tmp_path, name='The "Hanoi" summit\n')
    assert load(folder / layout.SETTINGS).archive.name == 'The "Hanoi" summit\n'
    assert (tmp_path / "scrapy.cfg").read_text(encoding="utf-8") == "mine"
    assert all((folder / name).exists() for name in (*FILES, "warc"))
    with pytest.raises(ArchiveExists):
        init_folder(tmp_path)


def test_a_source_is_added_below_everything_else(tmp_path: Path) -> None:
    folder = init_folder(tmp_path)
    before = (folder / layout.SETTINGS).read_text(encoding="utf-8")
    source = SourceSettings(
        url="https://harbor.example/", title='Harbor "Post"\\', feeds=("https://harbor.example/rss",), delay=1.5
    )
    settings = append_source(folder, name="harbor.example", source=source)
    assert settings.sources == {"harbor.example": source}
    assert (folder / layout.SETTINGS).read_text(encoding="utf-8").startswith(before.rstrip("\n"))
    with pytest.raises(UsageError, match="listed already"):
        append_source(folder, name="harbor.example", source=source)


def test_a_name_that_cannot_be_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    folder = init_folder(tmp_path)
    before = (folder / layout.SETTINGS).read_bytes()
    with pytest.raises(SettingsError):
        append_source(folder, name="Harbor Post", source=SourceSettings(url="https://harbor.example/"))
    assert (folder / layout.SETTINGS).read_bytes() == before


def test_a_plan_is_that_of_the_archive_but_for_what_a_source_says() -> None:
    settings = parse(
        """
[recheck]
ages = ["30min", "2d"]
max_pages = 7
[sources.a]
url = "https://a.example/"
[sources.a.recheck]
ages = ["1w"]
[sources.b]
url = "https://b.example/"
recheck.enabled = false
"""
    )
    own = {name: settings.recheck.but(source.recheck) for name, source in settings.sources.items()}
    assert settings.recheck.plan.ages == (timedelta(minutes=30), timedelta(days=2))
    assert (own["a"].plan.ages, own["a"].max_pages) == ((timedelta(weeks=1),), 7)
    assert own["b"].plan.ages == ()
    assert RecheckSettings().plan.ages[-1] == timedelta(days=30)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[recheck]\nages = ["soon"]', "line 2: recheck.ages: 'soon' is no length of time"),
        ('[recheck]\nages = ["1d", "1h"]', "must go up"),
        ('[recheck]\nages = ["60min", "1h"]', "must go up"),
        ('[sources.a]\nurl = "http://a.example"\nwindow = "1-5"', "line 3: sources.a.window: must look like"),
        ('[sources.a]\nurl = "http://a.example"\ntimezone = "Mars"', "line 3: sources.a.timezone: 'Mars' is no time"),
        ('[sources.a]\nurl = "http://a.example"\n[sources.a.recheck]\nage = ["1h"]', "line 4: unknown key"),
    ],
)
def test_a_plan_or_hours_that_cannot_be_are_told_with_their_line(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(text)
    assert said in caught.value.message
    if "unknown" in said:
        assert caught.value.tip == "did you mean 'ages'?"


def test_a_source_is_added_with_hours_and_a_plan_of_its_own(tmp_path: Path) -> None:
    folder = init_folder(tmp_path)
    source = SourceSettings(
        url="https://harbor.example/",
        window="01:00-05:00",
        timezone="Europe/London",
        recheck=RecheckSettings(ages=("1d",), adaptive=False),
    )
    assert append_source(folder, name="harbor", source=source).sources["harbor"] == source


def test_a_publishers_file_can_say_all_that_a_table_can() -> None:
    assert [name for name in SourceSettings.model_fields if not hasattr(PublisherSpider, name)] == []


def test_the_checkout_is_itself_an_archive() -> None:
    assert load(ROOT / layout.SETTINGS).archive.name
    for name, text in FILES.items():
        assert (ROOT / name).read_text(encoding="utf-8") == text


def test_quoting_escapes_what_toml_cannot_hold() -> None:
    assert quote('a"b\\c\x00\x7f') == '"a\\"b\\\\c\\u0000\\u007F"'
