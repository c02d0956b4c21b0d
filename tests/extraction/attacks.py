"""Pages that are made to hurt: each holds an article, and around it what has hung, starved or misled extractors.

Nesting, floods of tags, giant nodes, broken bytes and charsets, data for machines without end: what was measured to
hang or to empty extractors that have no limits, in the sizes that did it. Pages are made one at a time; together they
hold 400 MB.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WORDS: Final = (
    "Talks about the new ferry line between the islands ended on Wednesday without an agreement, officials said.",
    "The harbor master told reporters that both sides had wanted to go further than the other could on that day.",
    "“Sometimes you have to wait for the tide,” she said, and promised to call another meeting before the summer.",
    "The line would carry two thousand people a day and replace three buses, at twice the cost first planned.",
)
HEADLINE: Final = "Ferry talks end without a deal"
PUBLISHED: Final = "2019-02-27T18:30:00+07:00"
MEGABYTE: Final = 1_000_000


class Attack(NamedTuple):
    """One hostile page."""

    name: str
    make: Callable[[str], bytes]
    """The page's bytes, for the path that its canonical link names."""
    outcomes: frozenset[str]
    """What may become of it: `article` with its text in it, or the first problem that it is rejected for."""
    loses_accents: bool = False
    """Whether what is not ASCII is lost, as it is in a browser."""


def page(
    path: str,
    *,
    head: str = "",
    before: str = "",
    inside: str = "",
    after: str = "",
    dated: bool = True,
) -> str:
    """An article page with room for what does not belong there."""
    date = f'<meta property="article:published_time" content="{PUBLISHED}">' if dated else ""
    text = "".join(f"<p>{words}</p>" for words in WORDS)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{HEADLINE}</title>{date}'
        f'<link rel="canonical" href="https://harbor.example/{path}">{head}</head><body>{before}'
        f"<article><h1>{HEADLINE}</h1>{text}{inside}</article>{after}</body></html>"
    )


ARTICLE: Final = frozenset({"article"})
SLOW: Final = ("article", "timeout", "memory")
"""Ends as an article where the machine and the limits allow."""


def _attack(name: str, *outcomes: str, encoding: str = "utf-8", **parts: object) -> Attack:
    return Attack(name, lambda path: page(path, **parts).encode(encoding), frozenset(outcomes or ARTICLE))  # type: ignore[arg-type]


def _nested() -> Iterator[Attack]:
    for depth in (200, 255, 300, 1_000, 10_000):
        yield _attack(f"nested-div-{depth}", before="<div>" * depth, after="</div>" * depth)
    yield _attack("nested-div-100000", "too-many-tags", before="<div>" * 100_000, after="</div>" * 100_000)
    for tag in ("span", "ul", "b", "blockquote", "table"):
        yield _attack(f"nested-{tag}-10000", after=f"<{tag}>" * 10_000)
        yield _attack(f"nested-{tag}-70000-closed", after=f"<{tag}>" * 70_000 + f"</{tag}>" * 70_000)


def _floods() -> Iterator[Attack]:
    yield _attack("unclosed-p-100000", *SLOW, inside="<p>text" * 100_000)
    yield _attack("unclosed-p-1000000", "too-many-tags", inside="<p>text" * 1_000_000)
    ordinary = "".join(f"<p>{number} {WORDS[number % 4]}</p>" for number in range(MEGABYTE // 110))
    yield _attack("paragraphs-1mb", *SLOW, inside=ordinary)
    yield _attack("paragraphs-10mb", "too-many-tags", inside=f"<p>{WORDS[0]}</p>" * 90_000)
    yield _attack("paragraphs-50mb", "too-large", "no-url", inside=f"<p>{WORDS[0]}</p>" * 450_000)
    yield _attack("tiny-p-50000", *SLOW, inside="<p>a b c</p>" * 50_000)
    yield _attack("tiny-p-200000", "too-many-tags", inside="<p>a b c</p>" * 200_000)
    cells = "<tr>" + "<td>1</td>" * 100 + "</tr>"
    yield _attack("cells-10000", *SLOW, inside=f"<table>{cells * 100}</table>")
    yield _attack("cells-100000", "too-many-tags", inside=f"<table>{cells * 1_000}</table>")
    rows = "<tr><td colspan=1000>1</td></tr>" * 5_000
    yield _attack("colspan-1000x5000", *SLOW, inside=f"<table>{rows}</table>")
    wide = "<table><tr><td colspan=9007199254740991>1</td><td>2</td></tr></table>"
    yield _attack("colspan-widest", inside=wide)
    links = "".join(f'<a href="/{number}">Story {number}</a> ' for number in range(10_000))
    yield _attack("links-10000", *SLOW, after=f"<div>{links}</div>")
    yield _attack("links-500000", "too-many-tags", after='<a href="/">Story</a> ' * 500_000)
    yield _attack("br-140000", *SLOW, inside="<p>text" + "<br>" * 140_000)
    yield _attack("br-1000000", "too-many-tags", inside="<p>text" + "<br>" * 1_000_000)
    yield _attack("i-1000000", "too-many-tags", inside="<i></i>" * 1_000_000)


def _giants() -> Iterator[Attack]:
    many = " ".join(f"a{number}=1" for number in range(100_000))
    yield _attack("attributes-100000", *SLOW, before=f"<p {many}>text</p>")
    for megabytes in (1, 9, 19):
        filler = "x" * (megabytes * MEGABYTE)
        yield _attack(f"attribute-{megabytes}mb", *SLOW, before=f'<div data-x="{filler}"></div>')
        yield _attack(f"comment-{megabytes}mb", before=f"<!-- {filler} -->")
        yield _attack(f"json-ld-{megabytes}mb", head=_script(f'{{"x": "{filler}"}}'))
    for megabytes in (1, 19):
        words = f"<div>{'x' * (megabytes * MEGABYTE)}</div>"
        yield _attack(f"paragraph-{megabytes}mb", *SLOW, after=words)
    yield _attack("meta-author-5000", *SLOW, head=f'<meta name="author" content="{"Lan Tran, " * 300}">' * 5_000)


def _script(data: str) -> str:
    return f'<script type="application/ld+json">{data}</script>'


def _machines() -> Iterator[Attack]:
    yield _attack("json-dict-100000", head=_script('{"a":' * 100_000 + "1" + "}" * 100_000))
    yield _attack("json-list-200000", head=_script("[" * 200_000 + "]" * 200_000))
    yield _attack("json-unclosed", head=_script('{"@graph": [' * 50_000))
    yield _attack("json-graph-100000", head=_script('{"@graph": [' + '{"@type": "Thing"},' * 100_000 + "{}]}"))
    yield _attack("json-reference", head=_script('{"@id": "a", "author": {"@id": "a"}, "@type": "NewsArticle"}'))
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE html [<!ENTITY e0 "boom"><!ENTITY x SYSTEM "file:///etc/hostname">{entities}]>'
    yield Attack(
        "dtd-entities",
        lambda path: page(path, inside="<p>&e9; &x;</p>").replace("<!DOCTYPE html>", doctype).encode(),
        ARTICLE,
    )
    for name, filler, megabytes in (("digits", "0123456789", 1), ("slashes", "/20", 5), ("letters", "abcdefgh ", 1)):
        after = f"<div>{filler * (megabytes * MEGABYTE // len(filler))}</div>"
        yield _attack(f"undated-{name}-{megabytes}mb", "no-date", "timeout", "memory", after=after, dated=False)


def _bytes() -> Iterator[Attack]:
    control = "".join(map(chr, [*range(1, 9), 11, *range(14, 32), 127]))
    yield Attack("nul-inside", lambda path: page(path, inside="<p>ta\x00lks</p>").encode(), ARTICLE)
    yield Attack("nul-5mb-leading", lambda path: b"\x00" * (5 * MEGABYTE) + page(path).encode(), ARTICLE)
    yield _attack("control-characters", before=f"<div>{control * 1_000}</div>")
    yield _attack("control-characters-inside", inside=f"\f<p>{control}</p>\x01<p>\uffff\ufffe</p>\f")
    yield _attack("control-references", inside="&#1;<p>&#12;&#x1F;&#xFFFF;&#65534;</p>&#xB;")
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"):
        yield _attack(f"charset-{encoding}", encoding=encoding)
    seven_bit = frozenset({"article", "not-html", "no-url"})
    yield Attack("charset-utf-7", lambda path: page(path).encode("utf-7"), seven_bit, loses_accents=True)
    yield Attack("charset-cp1252-as-utf-8", lambda path: page(path).encode("cp1252"), ARTICLE, loses_accents=True)
    yield Attack("charset-utf-8-as-koi8", lambda path: page(path).replace('"utf-8"', "koi8-r").encode(), ARTICLE)
    surrogate = "<p>\ud800</p>"
    yield Attack("lone-surrogate", lambda path: page(path, inside=surrogate).encode(errors="surrogatepass"), ARTICLE)
    chance = random.Random(2019)  # noqa: S311 - noise, no secret
    noise = frozenset({"not-html", "no-url", "no-headline"})
    yield Attack("random-5mb", lambda _: chance.randbytes(5 * MEGABYTE), noise)
    yield Attack("random-50mb", lambda _: chance.randbytes(50 * MEGABYTE), frozenset({"too-large", "no-url"}))


def attacks() -> Iterator[Attack]:
    """Every attack once."""
    for kind in (_nested, _floods, _giants, _machines, _bytes):
        yield from kind()
