from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsarchive.extraction.decode import decode

VIETNAMESE = "Hội nghị tại Hà Nội kết thúc"
JAPANESE = "港の会談は合意なく終わった。" * 3
RUSSIAN = "Переговоры о пароме закончились без соглашения. " * 3


def html(text: str, label: str = "") -> str:
    meta = f"<meta charset={label}>" if label else ""
    return f"<html><head>{meta}</head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize("label", ["iso-8859-1", "shift_jis", "no-such-charset", "utf-7"])
def test_valid_utf8_is_utf8_whatever_the_labels_say(label: str) -> None:
    decoded = decode(html(VIETNAMESE, label).encode(), content_type=f"text/html; charset={label}")
    assert VIETNAMESE in decoded.utf8.decode()


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        (RUSSIAN, "koi8-r", "koi8-r"),
        (RUSSIAN, "cp1251", "windows-1251"),
        (JAPANESE, "shift_jis", "Shift_JIS"),
        (JAPANESE, "euc_jp", "x-euc-jp"),
        (JAPANESE, "iso2022_jp", "iso-2022-jp"),
        ("“Café” – 5 €", "cp1252", "iso-8859-1"),
        ("北京会谈結束", "gb18030", "gb2312"),
    ],
)
def test_a_label_is_followed_from_header_and_from_meta(text: str, codec: str, label: str) -> None:
    from_meta = decode(html(text, label).encode(codec))
    from_header = decode(html(text).encode(codec), content_type=f'text/html; charset="{label}"')
    assert text in from_meta.utf8.decode()
    assert text in from_header.utf8.decode()


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_wide_and_marked_pages_need_no_label(codec: str) -> None:
    utf8 = decode(html(VIETNAMESE).encode(codec), content_type="text/html; charset=iso-8859-1").utf8
    assert VIETNAMESE in utf8.decode()
    assert b"\x00" not in utf8
    assert not utf8.startswith(b"\xef\xbb\xbf")


def test_a_wrong_label_gives_way_to_a_guess() -> None:
    assert "закончились" in decode(html(RUSSIAN, "utf-8").encode("cp1251")).utf8.decode()


def test_a_few_broken_bytes_do_not_make_utf8_another_charset() -> None:
    broken = html(VIETNAMESE * 20).encode() + b"<p>\xe9</p>"
    decoded = decode(broken, content_type="text/html; charset=iso-8859-1")
    assert VIETNAMESE in decoded.utf8.decode()
    assert decoded.charset == "utf-8"


@given(st.binary(max_size=400), st.text(max_size=30))
def test_any_bytes_come_out_as_utf8_without_nul(body: bytes, label: str) -> None:
    utf8 = decode(body, content_type=f"text/html; charset={label}").utf8
    utf8.decode("utf-8")
    assert b"\x00" not in utf8
