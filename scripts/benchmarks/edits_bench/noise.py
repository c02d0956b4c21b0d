"""Mutations of a page that are no edit: each takes the page's HTML and gives it before and after."""
# ruff: noqa: D103 - a mutation's name says what it does

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

Pair = tuple[str, str]
_PARAGRAPH = re.compile(r"(?<=<p>)[^<]{40,}(?=</p>)")

UPDATED: Final = (
    "Updated {n} minutes ago", "Last updated: 28 February 2019 at 10:{n} GMT", "Updated 10:{n} AM EST, Feb 28, 2019",
    "Zuletzt aktualisiert am 28. Februar 2019, 10:{n} Uhr", "Stand: 28.02.2019, 10:{n} Uhr",
    "Mis à jour il y a {n} minutes", "Mis à jour le 28 février 2019 à 10h{n}", "Actualizado hace {n} minutos",
    "Última actualización: 28/02/2019 10:{n} h",
    "Aggiornato alle 10:{n}", "Atualizado em 28 de fevereiro de 2019 às 10h{n}",
    "Bijgewerkt op 28 februari 2019 om 10:{n}",
    "Uppdaterad 28 februari 2019 10:{n}", "Обновлено 28 февраля 2019, 10:{n}", "Cập nhật lúc 10:{n} ngày 28/2/2019",
    "2019年2月28日 10時{n}分 更新", "Güncelleme: 28.02.2019 10:{n}", "Diperbarui 28 Februari 2019, 10:{n} WIB",
)  # fmt: skip
AGO: Final = (
    "{n} minutes ago", "vor {n} Minuten", "il y a {n} minutes", "hace {n} minutos", "{n} minuti fa", "{n} минут назад",
    "{n}分前", "{n} phút trước",
)  # fmt: skip
COUNTS: Final = (
    "{n} comments", "Comments ({n})", "{n} shares", "1.{n}K views", "{n} Kommentare", "{n} commentaires",
    "{n} comentarios", "{n} bình luận", "コメント {n}", "{n} comments | 1{n} shares",
)  # fmt: skip
READING: Final = ("{n} min read", "Reading time: {n} minutes", "Lesezeit: {n} Minuten", "Temps de lecture : {n} min")
WATCHING: Final = ("{n} people are reading this", "LIVE: {n} watching now", "{n} readers online")
HEADS: Final = ("UPDATED 10:{n} GMT: ", "Update 10:{n} - ", "Aktualisiert 10:{n} Uhr: ")
TEASERS: Final = (
    "Harbour plan wins council backing after a long night", "Two more ferries to be built at the northern yard",
    "Bakers strike over flour prices enters a second week", "Museum opens its doors to the night shift",
    "Rail link delayed again as tunnel floods", "Choir of dock workers sings for the king",
)  # fmt: skip


def in_text(html: str, change: Callable[[str], str]) -> str:
    """The page with all its long paragraphs changed."""
    return _PARAGRAPH.sub(lambda match: change(match[0]), html)


def put(html: str, extra: str, random: Random) -> str:
    """The page with something put in after one of its paragraphs, not the last."""
    ends = [match.end() for match in re.finditer(r"[^<]{40,}(?:<[^>]*>[^<]*)*?</p>", html)]
    place = random.choice(ends[:-1] or ends)
    return html[:place] + extra + html[place:]


def _counting(html: str, lines: tuple[str, ...], random: Random, shape: str = "<p>{}</p>") -> Pair:
    """A line that tells one number before and another after, at the same place; or is not there at first."""
    line = random.choice(lines)
    first, second = random.sample(range(10, 59), 2)
    seed = random.random()
    after = put(html, shape.format(line.format(n=second)), type(random)(seed))
    if random.choice([True, False]):
        return html, after
    return put(html, shape.format(line.format(n=first)), type(random)(seed)), after


def no_break_spaces(html: str, random: Random) -> Pair:
    return html, in_text(html, lambda text: re.sub(" ", lambda _: random.choice([" ", "\u00a0", "\u202f"]), text))


def white_space(html: str, random: Random) -> Pair:
    return html, in_text(html, lambda text: "\n\t" + text.replace(" ", random.choice(["  ", "\n      "])) + "\n ")


def straight_quotes(html: str, random: Random) -> Pair:
    del random
    return html, in_text(html, lambda text: re.sub("[“”„«»]", '"', re.sub("[‘’]", "'", text)))


def curly_quotes(html: str, random: Random) -> Pair:
    del random
    plain = in_text(html, lambda text: re.sub("[“”„«»]", '"', re.sub("[‘’]", "'", text)))
    return plain, in_text(plain, lambda text: re.sub(r'"(?=\w)', "“", text).replace('"', "”").replace("'", "’"))


def guillemets(html: str, random: Random) -> Pair:
    del random
    return html, in_text(html, lambda text: text.replace("“", "«\u00a0").replace("”", "\u00a0»"))


def dashes(html: str, random: Random) -> Pair:
    first, second = random.sample([" – ", " — ", "—", " - ", " -- "], 2)
    dashed = in_text(html, lambda text: text.replace(", ", first, 1))
    return dashed, in_text(html, lambda text: text.replace(", ", second, 1))


def ellipses(html: str, random: Random) -> Pair:
    del random
    return in_text(html, lambda text: text + " So it goes …"), in_text(html, lambda text: text + " So it goes...")


def decomposed(html: str, random: Random) -> Pair:
    del random
    return html, in_text(html, lambda text: unicodedata.normalize("NFD", text))


def soft_hyphens(html: str, random: Random) -> Pair:
    del random
    return html, in_text(html, lambda text: re.sub(r"(?<=[^\W\d_]{4})(?=[^\W\d_]{4})", "\u00ad", text))


def invisible(html: str, random: Random) -> Pair:
    return html, in_text(
        html, lambda text: re.sub(" ", lambda _: random.choice([" ", " \u200b", "\u2060 ", " \ufeff"]), text)
    )


def entities(html: str, random: Random) -> Pair:
    del random
    return html, in_text(html, lambda text: "".join(c if c.isascii() else f"&#{ord(c)};" for c in text))


def updated_line(html: str, random: Random) -> Pair:
    return _counting(html, UPDATED, random)


def updated_element(html: str, random: Random) -> Pair:
    return _counting(html, UPDATED, random, '<div class="update-info"><span>{}</span></div>')


def updated_head(html: str, random: Random) -> Pair:
    head = random.choice(HEADS).format(n=random.randint(10, 59))
    return html, _PARAGRAPH.sub(lambda match: head + match[0], html, count=1)


def updated_end(html: str, random: Random) -> Pair:
    end = f" (updated {random.randint(2, 50)} minutes ago)"
    return html, _PARAGRAPH.sub(lambda match: match[0] + end, html, count=1)


def time_ago(html: str, random: Random) -> Pair:
    return _counting(html, AGO, random)


def counter(html: str, random: Random) -> Pair:
    return _counting(html, COUNTS, random)


def reading_time(html: str, random: Random) -> Pair:
    return _counting(html, READING, random)


def readers_now(html: str, random: Random) -> Pair:
    return _counting(html, WATCHING, random)


def _links(random: Random, count: int) -> str:
    return "".join(
        f'<li><a href="/t/{random.randint(1, 999)}">{text}</a></li>' for text in random.sample(TEASERS, count)
    )


def related_list(html: str, random: Random) -> Pair:
    boxes = [f'<aside class="related"><h3>Related</h3><ul>{_links(random, 3)}</ul></aside>' for _ in range(2)]
    seed = random.random()
    return put(html, boxes[0], type(random)(seed)), put(html, boxes[1], type(random)(seed))


def list_of_links(html: str, random: Random) -> Pair:
    return html, put(html, f"<ul>{_links(random, 3)}</ul>", random)


def teaser(html: str, random: Random) -> Pair:
    title = random.choice(TEASERS)
    extra = f'<div class="teaser"><h4><a href="/t/7">{title}</a></h4><p>The council sat for nine hours.</p></div>'
    return html, put(html, extra, random)


def read_more(html: str, random: Random) -> Pair:
    label = random.choice(["Read more", "Lesen Sie auch", "Lire aussi", "Lea también", "Xem thêm", "関連記事"])
    return html, put(html, f'<p>{label}: <a href="/t/8">{random.choice(TEASERS)}</a></p>', random)


def linked_headline(html: str, random: Random) -> Pair:
    return html, put(html, f'<p><a href="/t/9">{random.choice(TEASERS)}</a></p>', random)


def advert_slot(html: str, random: Random) -> Pair:
    slot = f'<div class="ad-slot" id="ad-{random.randint(1, 99)}"><span>Advertisement</span></div>'
    return html, put(html, slot, random)


def advert_line(html: str, random: Random) -> Pair:
    word = random.choice(["Advertisement", "ADVERTISEMENT", "Anzeige", "Publicité", "Publicidad", "Quảng cáo", "広告"])
    return html, put(html, f"<p>{word}</p>", random)


def sponsored(html: str, random: Random) -> Pair:
    name = random.choice(["Better shoes for less", "This watch never stops", "Cruises from the old port"])
    return html, put(html, f"<p>Sponsored: {name}</p>", random)


def inline_markup(html: str, random: Random) -> Pair:
    tag = random.choice(["b", "em", "strong", 'a href="/topic/x"', 'span class="hl"'])
    close = tag.split(" ", maxsplit=1)[0]

    def mark(text: str) -> str:
        words = text.split(" ")
        place = random.randrange(len(words))
        words[place] = f"<{tag}>{words[place]}</{close}>"
        return " ".join(words)

    return html, in_text(html, mark)


def attributes(html: str, random: Random) -> Pair:
    return html, _PARAGRAPH.sub(lambda match: match[0], html).replace(
        "<p>", f'<p class="p-{random.randint(100, 999)}">'
    )


def comments_and_scripts(html: str, random: Random) -> Pair:
    nonce = random.randint(10**6, 10**7)
    extra = f"<!-- cached {nonce} --><script>window.nonce={nonce};</script>"
    return html, put(html, extra, random)


def joined_paragraphs(html: str, random: Random) -> Pair:
    del random
    return html, re.sub(r"(?<=[^<]{40})</p>\n<p>(?=[^<]{40})", " ", html, count=1)


def newsletter(html: str, random: Random) -> Pair:
    box = '<div class="newsletter"><h3>Newsletter</h3><p>Sign up for our newsletter.</p><input type="email"></div>'
    return html, put(html, box, random)


def picture(html: str, random: Random) -> Pair:
    number = random.randint(1, 999)
    figure = f'<figure><img src="/m/{number}.jpg" alt=""><figcaption>Photo: Agency {number}</figcaption></figure>'
    return html, put(html, figure, random)


def consent(html: str, random: Random) -> Pair:
    box = f'<div class="consent" role="dialog"><p>We and our {random.randint(100, 900)} partners use cookies.</p></div>'
    return html, html.replace("</body>", f"{box}</body>")


NOISE: Final = (
    no_break_spaces, white_space, straight_quotes, curly_quotes, guillemets, dashes, ellipses, decomposed, soft_hyphens,
    invisible, entities, updated_line, updated_element, updated_head, updated_end, time_ago, counter, reading_time,
    readers_now, related_list, list_of_links, teaser, read_more, linked_headline, advert_slot, advert_line, sponsored,
    inline_markup, attributes, comments_and_scripts, joined_paragraphs, newsletter, picture, consent,
)  # fmt: skip

MIXED: Final = tuple(one for one in NOISE if one not in {curly_quotes, dashes, ellipses})
"""Noise that leaves the page before as it is, so that it can be mixed with an edit."""
