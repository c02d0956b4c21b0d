"""Atom feeds hold to RFC 4287, whatever an archive puts into them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from newsarchive.export.atom import NAMESPACE, Entry, feed

SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))
AT = datetime(2019, 3, 1, 12, 30, 5, 77, tzinfo=UTC)
ATOM = {"a": NAMESPACE}


def entry(key: str = "k", *, title: str = "t", html: str = "<p>x</p>") -> Entry:
    return Entry(key, title, "https://harbor.example/a", AT, "s", html, ("headline", "body"))


def read(data: bytes) -> etree._Element:
    tree = etree.fromstring(data)
    SCHEMA.assertValid(tree)
    return tree


def test_a_feed_is_valid_and_says_what_it_was_given() -> None:
    made = feed([entry()], key="f", title="Changes", author="me", updated=AT)
    tree = read(made)
    assert tree.findtext("a:updated", namespaces=ATOM) == "2019-03-01T12:30:05+00:00"
    assert tree.findtext("a:entry/a:content", namespaces=ATOM) == "<p>x</p>"
    assert [one.get("term") for one in tree.iterfind("a:entry/a:category", ATOM)] == ["headline", "body"]
    assert made == feed([entry()], key="f", title="Changes", author="me", updated=AT)


def test_ids_are_told_apart_by_their_keys_alone() -> None:
    tree = read(feed([entry("1"), entry("2"), entry("1", title="new")], key="f", title="t", author="a", updated=AT))
    first, second, again = (one.text for one in tree.iterfind("a:entry/a:id", ATOM))
    assert first == again != second


@given(st.text(), st.text(st.characters(codec=None), max_size=20))
@settings(max_examples=60)
def test_no_text_breaks_a_feed(title: str, html: str) -> None:
    clean = "".join(char for char in html if not "\ud800" <= char <= "\udfff")
    read(feed([entry(title=title, html=clean)], key="f", title=title, author=title, updated=AT))


@pytest.mark.parametrize("missing", ["id", "title", "updated", "author"])
def test_the_schema_notices_what_is_missing(missing: str) -> None:
    tree = etree.fromstring(feed([entry()], key="f", title="t", author="a", updated=AT))
    found = tree.find(f"a:{missing}", ATOM)
    assert found is not None
    tree.remove(found)
    assert not SCHEMA.validate(tree)
