"""What a text says, and what is noise: typography and lines that pages change by themselves."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.edits import is_same_moment, sense, without_noise
from newsarchive.edits.noise import bare, is_noise

NOISE = (
    "Updated 5 minutes ago", "Last updated: 28 February 2019 at 10:45 GMT", "UPDATED: 10.45pm, Thu 28 Feb",
    "Zuletzt aktualisiert am 3. März 2019, 10:45 Uhr", "Stand: 3.3.2019, 10:45 Uhr", "vor 5 Minuten",
    "Mis à jour il y a 5 minutes", "Publié le 3 mars 2019 à 10h45", "Actualizado hace 5 minutos", "hace 3 horas",
    "Última actualización: 3 de marzo de 2019", "Aggiornato alle 10:45", "5 minuti fa", "Atualizado às 10h45",
    "Bijgewerkt op 3 maart 2019 om 10:45", "Uppdaterad 3 mars 2019 10:45", "Обновлено 5 минут назад", "5 минут назад",
    "Cập nhật lúc 10:45 ngày 3/3/2019", "5 phút trước", "2019年3月3日 10:45 更新", "最終更新：10時45分", "5分前",
    "입력 2019.03.03 10:45", "Güncelleme: 3.3.2019 10:45", "Diperbarui 5 menit lalu", "just now",
    "23 comments", "Comments (23)", "1.2K shares", "1,204 views | 33 shares", "23 Kommentare", "コメント 23",
    "4 min read", "Reading time: 4 minutes", "Lesezeit: 4 Minuten", "12 people are reading this",
    "LIVE: 345 watching now", "3 小时前",
    "Advertisement", "Anzeige", "Publicité", "広告", "Sponsored: Better shoes for less",
)  # fmt: skip
PROSE = (
    "Updated to name the minister.", "The list was updated on Monday.", "Three days ago he resigned.", "3 March 2019",
    "Monday 3 March", "il 3 marzo", "3 y 4 de marzo", "2019年3月3日", "212 votes", "On the stand today",
    "He left 5 minutes ago.", "Comments by the minister", "5 people died", "300 police officers", "更新が必要だ",
    "Correction: 23 people, not 32, were hurt.", "Advertising is a trade.", "May", "Once", "10:45", "Live",
    "Share of the vote: 23 per cent", "The sponsored bill failed.", "No comment", "Stand by me", "28", "5 minutes",
)  # fmt: skip


@pytest.mark.parametrize("line", NOISE)
def test_a_line_that_pages_change_by_themselves_is_noise(line: str) -> None:
    assert is_noise(line)
    assert sense("h", ["He said no.", line]) == sense("h", ["He said no."])


@pytest.mark.parametrize("line", PROSE)
def test_a_line_that_an_article_may_say_is_none(line: str) -> None:
    assert not is_noise(line)
    assert sense("h", ["He said no.", line]) != sense("h", ["He said no."])


@pytest.mark.parametrize("line", NOISE)
def test_a_headline_is_never_noise(line: str) -> None:
    assert sense(line, ["text"]) != sense("", ["text"])


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("UPDATED 10:45 GMT: The minister has resigned", "The minister has resigned"),
        ("Aktualisiert 10:45 Uhr – Der Minister geht", "Der Minister geht"),
        ("He went home (updated 5 minutes ago)", "He went home"),
        ("Ratio 3: the rest", "Ratio 3: the rest"),
        ("He went home (in March)", "He went home (in March)"),
    ],
)
def test_noise_at_the_head_or_end_of_a_line_is_taken_off(line: str, left: str) -> None:
    assert bare(line) == left


SAME = (
    ("“No,” he said", '"No," he said'),
    ("«\u00a0Non\u00a0»", "“Non”"),
    ("it’s", "it's"),
    ("the talks – and he – fail", "the talks — and he — fail"),
    ("the talks—and he—fail", "the talks - and he - fail"),
    ("well...", "well…"),
    ("well . . .", "well…"),
    ("co\u00adoperate", "cooperate"),
    ("a\u200bb", "ab"),
    ("a\u00a0b", "a  b"),
    ("Hà Nội", unicodedata.normalize("NFD", "Hà Nội")),
    ("２０１９年", "2019年"),
    ("東京 で", "東京で"),
    ("oﬃce", "office"),
    ("\u2066no\u2069", "no"),
)
OTHER = (
    ("He said no.", "He said no?"),
    ("a, b", "a b"),
    ("3.5 million", "35 million"),
    ("“close” talks", "close talks"),
    ("us", "US"),
    ("ma", "mà"),
    ("10²", "102"),
    ("-5 degrees", "5 degrees"),
    ("to day", "today"),
    ("re-sign", "resign"),
    ("1,000", "1.000"),
    ("会談", "会議"),
    ("50%", "50"),
    ("$5", "€5"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_typography_says_nothing(one: str, other: str) -> None:
    assert sense(one, [one]) == sense(other, [other])


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_marks_and_letters_that_carry_meaning_count(one: str, other: str) -> None:
    assert sense("", [one]) != sense("", [other])
    assert sense(one, ["x"]) != sense(other, ["x"])


def test_where_a_paragraph_ends_says_nothing_and_their_order_does() -> None:
    assert sense("h", ["One.", "Two."]) == sense("h", ["One. Two."])
    assert sense("h", ["One.", "Two."]) != sense("h", ["Two.", "One."])


def test_headline_and_text_are_told_apart() -> None:
    assert sense("One", ["two"]) != sense("One two", [])


@given(st.text(), st.text())
def test_other_words_are_another_sense(one: str, other: str) -> None:
    words = [[word for word in text.split() if word.isascii() and word.isalnum()] for text in (one, other)]
    headlines = [" ".join(found) for found in words]
    assert (sense(headlines[0], ()) == sense(headlines[1], ())) == (words[0] == words[1])


@given(st.lists(st.text(max_size=80), max_size=6))
def test_taking_noise_off_twice_changes_nothing(paragraphs: list[str]) -> None:
    once = without_noise(paragraphs)
    assert without_noise(once) == once
    assert sense("h", once) == sense("h", paragraphs)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2019-02-28T14:05:00+07:00", "2019-02-28T07:05:00+00:00", True),
        ("2019-02-28T14:05:33+07:00", "2019-02-28T07:05+00:00", True),
        ("2019-02-28T14:05:33+07:00", "2019-02-28T14:05:34+07:00", False),
        ("2019-02-28", "2019-02-28T23:30:00-05:00", True),
        ("2019-03-01", "2019-02-28T23:30:00-05:00", True),
        ("2019-02-28", "2019-03-02T00:00:00+00:00", False),
        ("2019-02-28", "2019-02-28", True),
        ("2019-02-28", "2019-02-27", False),
        ("no date", "2019-02-27", False),
    ],
)
def test_a_date_that_is_told_more_precisely_is_the_same_date(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a table
    assert is_same_moment(one, other) is same
    assert is_same_moment(other, one) is same
