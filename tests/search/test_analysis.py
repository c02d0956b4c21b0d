"""What becomes a word, and which words meet."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsarchive.search.analysis import (
    STEMMED,
    analysed,
    asked,
    extras,
    extras_of,
    key,
    keys,
    keyword,
    located,
    name_key,
    pieces_of,
    stem,
    stem_language,
    stems,
    surfaces,
    tokens,
    words_of,
)
from newsarchive.search.analysis import words as words_

SCRAPS = (
    "NATO's", "U.S.", "e-mail", "Hà", "Nội", "Ha", "Noi", " ", " ", "  ", "\n", ".", ",", "'", "’", "-", "--", "_", '"',
    "1,000", "1 000", "3.5", "27.02.2019", "10.300.200.1", "12,13", "東京", "会談", "ﾆｭｰｽ", "한국은", "สวัสดี", "हिन्दी",
    "أَحْمَد", "مـحـمد", 'צה"ל', "צה״ל", "об'єднання", "Ёлка", "col·laboració", "İstanbul", "Straße", "ﬁ", "½", "²", "…",
    "\u0301", "a\u0300", "\u200d", "\xad", "\x01", "\xa0", "“", "”", "–", "O’Brien", "Sana'a", "x" * 210, "é" * 210,
    "Dien-Bien-Phu", "F-16", "N.A.T.O", "0㊀", "①", "A.b", "٢٠١٩", "ς", "ſ", "K", "ŉ", "ǰ", "ΐ", "x/y", "@", "#tag",
)  # fmt: skip
texts = st.text() | st.lists(st.sampled_from(SCRAPS) | st.text(max_size=3), max_size=14).map("".join)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("NATO's", ["nato"]),
        ("NATO’s", ["nato"]),
        ("well-known", ["well", "known"]),
        ("U.S.", ["us"]),
        ("the U.S. and U.K", ["the", "us", "and", "uk"]),
        ("U.S.-led", ["us", "led"]),
        ("at 10:30 p.m.", ["at", "10", "30", "pm"]),
        ("covid-19", ["covid", "19"]),
        ("O'Brien didn't", ["o", "brien", "didn", "t"]),
        ("l’homme", ["l", "homme"]),
        ("Hà Nội", ["ha", "noi"]),
        ("Ha\u0300 No\u0323\u0302i", ["ha", "noi"]),
        ("Đà Nẵng", ["da", "nang"]),
        ("Straße über Öl", ["strasse", "uber", "ol"]),
        ("El niño, ¿dónde?", ["el", "nino", "donde"]),
        ("東京会談", ["東京", "京会", "会談", "談"]),
        ("NATO加盟", ["nato", "加盟", "盟"]),
        ("ﾆｭｰｽ", ["ニュ", "ュー", "ース", "ス"]),
        ("हिन्दी समाचार", ["हिंदी", "समाचार"]),
        ("co\u00adoperation", ["cooperation"]),
        ("snake_case __x__", ["snake", "case", "x"]),
        ("bbc.co.uk", ["bbc", "co", "uk"]),
        ("3.5 1,000 1.250.000 10,00,000", ["3", "5", "1000", "1250000", "1000000"]),
        ("1,000.50 1.000,5 27.02.2019 10:30", ["1000", "50", "1000", "5", "27", "02", "2019", "10", "30"]),
        ("192.168.100.1 2019,100", ["192", "168", "100", "1", "2019", "100"]),
        ("об'єднання", ["обєднання"]),
        ('צה"ל צה״ל "שלום"', ["צהל", "צהל", "שלום"]),
        ("col·laboració", ["collaboracio"]),
        ("한국은 미국", ["한국", "국은", "은", "미국", "국"]),
        ("佐々木", ["佐々", "々木", "木"]),
        ("مـحـمد أَحْمَد", ["محمد", "احمد"]),
        ("İSTANBUL ısı Iğdır", ["istanbul", "isi", "igdir"]),
        ("— … ** ''", []),
        ("", []),
    ],
)
def test_text_becomes_these_words(text: str, words: list[str]) -> None:
    assert tokens(text) == words


@settings(max_examples=400)
@given(texts)
def test_places_and_words_go_together(text: str) -> None:
    words, places = located(text)
    assert words == surfaces(text)
    assert len(words) == len(places)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


@given(texts)
def test_words_and_keys_are_folded_already(text: str) -> None:
    for word in surfaces(text):
        assert word.split() == [word]
        assert surfaces(word)[:1] == [word]
        assert key(word)
        assert key(key(word)) == key(word)


def test_a_key_of_any_letter_is_its_own_key() -> None:
    letters = (chr(code) for code in range(0x30000) if not 0x3400 <= code < 0xA000 and not 0xAC00 <= code < 0xE000)
    for char in filter(str.isalnum, letters):
        assert key(key(char)) == key(char), char
        for word in surfaces(char):
            assert surfaces(word)[:1] == [word], char


@settings(max_examples=400)
@given(texts)
def test_extra_words_stand_at_a_word_in_ascending_order_and_are_words_themselves(text: str) -> None:
    words, more = analysed(text)
    assert words == surfaces(text)
    assert more == extras(text) == sorted(more, key=lambda extra: extra[0])
    for place, word in more:
        assert 0 <= place < len(words)
        assert surfaces(word) == [word]


SIGNED = st.lists(st.sampled_from(["a", "is", "kim", "s", "'s", "-", ".", ",", "1", "12", "123", "1234"]), max_size=7)


@settings(max_examples=1_000, deadline=None)
@given(SIGNED.map("".join) | st.from_regex(words_._USUAL, fullmatch=True))
def test_usual_stretches_are_taken_apart_as_all_others_are(chunk: str) -> None:
    assert words_._taken_apart(chunk) == words_._matched(chunk)


@settings(max_examples=300)
@given(texts)
def test_words_in_bulk_are_the_same_words(text: str) -> None:
    words: list[str] = []
    more: list[tuple[int, str]] = []
    for chunk in words_of(text):
        more += [(len(words) + place, word) for place, word in extras_of(chunk)]
        words += pieces_of(chunk)
    assert (words, more) == analysed(text)


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("An e-mail, Week-End", [(1, "email"), (3, "weekend")]),
        ("from Hà Nội, Ha Noi's", [(1, "hanoi"), (3, "hanoi")]),
        ("Ha\u0300 No\u0323\u0302i", [(0, "hanoi")]),
        ("Hà. Nội hà nội McHa Noi", []),
        ("Hồ Chí Minh", [(0, "hochi"), (0, "hochiminh"), (1, "chiminh")]),
        ("1 000 000 or 2018 100", [(0, "1000000")]),
        ("Sana'a O'Brien l'homme didn't", [(0, "sanaa"), (2, "obrien")]),
        ("30-year-old 2-1 U.S.-led covid-19", [(7, "covid19")]),
        ("東京-大阪", []),
    ],
)
def test_other_spellings_stand_at_their_places(text: str, more: list[tuple[int, str]]) -> None:
    assert extras(text) == more


def test_reading_words_loads_no_library() -> None:
    program = "import sys, newsarchive.search.widening; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"numpy", "Stemmer", "whoosh", "tantivy"} & set(done.stdout.split())


@given(texts, st.sampled_from(sorted(STEMMED)))
def test_a_stem_is_the_same_each_time_and_folded(text: str, language: str) -> None:
    words = surfaces(text)
    found = stems(words, language)
    assert found == [stem(word, language) for word in words]
    assert found == keys(found)
    assert stems(words, "vi") == keys(words)


@given(st.text(alphabet="東京会談の 平和"))
def test_a_query_over_unspaced_text_asks_for_words_the_text_has_at_its_positions(text: str) -> None:
    words = tokens(text)
    pieces = asked(text)
    if not words:
        assert not pieces
        return
    assert all(words[piece.offset].startswith(piece.text) for piece in pieces)


def test_one_character_of_an_unspaced_script_finds_every_place_it_stands_at() -> None:
    for char in "東京会談":
        (piece,) = asked(char)
        assert piece.prefix
        assert any(word.startswith(piece.text) for word in tokens("東京会談"))


def test_a_value_is_one_term() -> None:
    assert keyword("U.S. & Canada") == keyword("us  canada") == "us canada"
    assert keyword("—") == ""
    assert name_key("WWW.Harbor.Example") == "harbor.example"


def test_a_long_run_is_cut() -> None:
    assert len(tokens("a" * 5_000)[0]) == 200
    assert len(tokens("é" * 5_000)[0]) == 200


MEETING = """
en summit summits | sanction sanctions sanctioned | city cities | negotiate negotiating negotiations
en-GB policy policies
de Haus Häuser Hauses | Verhandlung Verhandlungen | Straße Straßen Strasse | Präsident Präsidenten Praesident
fr élection élections | négociation négociations | journal journaux | grève grèves | national nationaux nationale
es elección elecciones eleccion | gobierno gobiernos | país países | internos interno interna
pt-BR eleição eleições eleicao eleicoes | governo governos | nacional nacionais | possível possíveis | homem homens
it elezione elezioni | città citta | politico politici politiche
nl verkiezing verkiezingen | akkoord akkoorden | minister ministers
sv regering regeringen regeringarna | möte möten mötet
nb valg valget valgene | møte møter møtet
da regering regeringen regeringer | møde møder mødet
fi hallitus hallituksen hallitukset | vaali vaalit vaalien vaaleissa | talo talon talossa
ru выборы выборов выборах | переговоры переговорам | ёлка елка ёлки елку | санкция санкций
pl prezydent prezydenta prezydentem | wybory wyborów wyborow wyborach | sankcja sankcje
cs volby voleb volbách volbach | vláda vlády vládou
hu választás választások választást | kormány kormányok
ro guvern guvernul guvernului
tr hükümet hükümeti hükümetin | seçimler seçimleri
el εκλογή εκλογές εκλογών ΕΚΛΟΓΕΣ | πρόεδρος προέδρου
ar انتخاب انتخابات الانتخابات | رئيس الرئيس للرئيس | حكومة الحكومة حكومات | وزير الوزير | وطن الوطن وطنية ووطني
hi चुनाव चुनावों | सरकार सरकारें सरकारों
id pemilihan memilih | pemerintah pemerintahan
fa کتاب کتابها کتاب‌ها
ca elecció eleccio eleccions
sr-Latn izbori izbora избори избора
lt rinkimai rinkimų rinkimuose
"""


@pytest.mark.parametrize("line", MEETING.strip().splitlines(), ids=lambda line: line.split()[0])
def test_the_forms_of_a_word_meet_in_its_language(line: str) -> None:
    language, rest = line.split(" ", 1)
    for group in rest.split(" | "):
        found = {stem(word, language) for word in surfaces(group)}
        assert len(found) == 1, (group, found)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "universal", "summit"),
        ("de", "Wahl", "Wal"),
        ("es", "hacernos", "hacerno"),
        ("pt", "mais", "mal"),
        ("ar", "وزير", "وطن"),
        ("vi", "hội", "nghị"),
    ],
)
def test_other_words_stay_apart(language: str, one: str, other: str) -> None:
    assert stem(surfaces(one)[0], language) != stem(surfaces(other)[0], language)


def test_every_language_that_is_said_to_have_a_stemmer_has_one() -> None:
    assert all(stem_language(language) == language and stems(["a"], language) for language in STEMMED)
    assert [stem_language(tag) for tag in ("nn", "HR", "en_US", "zh-Hant", "vi", "", "-", "x-private")] == (
        ["no", "sr", "en", "", "", "", "", ""]
    )


def test_threads_stem_at_the_same_time() -> None:
    words = [
        f"{start}{end}" for start in ("negotiat", "elect", "summ", "sanction") for end in ("ions", "ing", "ed")
    ] * 200
    with ThreadPoolExecutor(4) as pool:
        assert len({tuple(found) for found in pool.map(lambda _: stems(words, "en"), range(8))}) == 1
