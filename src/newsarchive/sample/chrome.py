"""What stands around an article on every page of an outlet: styles, menus, share bars, teasers, boxes, footers.

It is as heavy and as chatty as on real news pages, since telling it from the article is what extraction is for.
HTML as in https://html.spec.whatwg.org/.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from newsarchive.sample.articles import SampleArticle
    from newsarchive.sample.outlets import Outlet

LOCALES: Final = {"en": "en-US", "vi": "vi-VN", "es": "es-ES", "ja": "ja-JP"}
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_ENGLISH: Final = {
    "home": "Home", "share": "Share", "tweet": "Tweet", "mail": "Email", "print": "Print this page",
    "related": "You may also like", "popular": "Most read", "menu": "Menu", "follow": "Connect with us",
    "newsletter": "Sign up for our newsletter and get the morning’s headlines before breakfast.",
    "address": "Your email address", "subscribe": "Subscribe", "by": "By", "and": "and", "published": "Published",
    "updated": "Updated", "older": "Older stories", "newer": "Newer stories", "latest": "Latest news",
    "about": "About us", "contact": "Contact", "privacy": "Privacy policy", "jobs": "Jobs",
    "rights": "All rights reserved. No part of this page may be reproduced without permission.",
    "cookies": "We and our partners use cookies to keep you signed in, to measure how our pages are read and to show "
    "advertisements. You can accept all of them or choose for yourself.",
    "accept": "Accept all", "choose": "Choose for myself", "comments": "Comments are closed for this article.",
    "advertisement": "Advertisement", "missing": "We could not find that page.",
}  # fmt: skip
_VIETNAMESE: Final = {
    "home": "Trang chủ", "share": "Chia sẻ", "tweet": "Đăng lại", "mail": "Gửi thư", "print": "Bản in",
    "related": "Tin liên quan", "popular": "Đọc nhiều", "menu": "Danh mục", "follow": "Theo dõi chúng tôi",
    "newsletter": "Đăng ký nhận bản tin sáng để không bỏ lỡ tin quan trọng.",
    "address": "Địa chỉ thư của bạn", "subscribe": "Đăng ký", "by": "", "and": "và", "published": "Đăng lúc",
    "updated": "Cập nhật", "older": "Tin cũ hơn", "newer": "Tin mới hơn", "latest": "Tin mới nhất",
    "about": "Giới thiệu", "contact": "Liên hệ", "privacy": "Quyền riêng tư", "jobs": "Tuyển dụng",
    "rights": "Giữ bản quyền nội dung. Ghi rõ nguồn khi phát hành lại thông tin từ trang này.",
    "cookies": "Chúng tôi và đối tác dùng cookie để giữ phiên đăng nhập, đo lượt đọc và hiển thị quảng cáo.",
    "accept": "Đồng ý", "choose": "Tùy chọn", "comments": "Bài viết này đã đóng bình luận.",
    "advertisement": "Quảng cáo", "missing": "Không tìm thấy trang này.",
}  # fmt: skip
_PARTNERS: Final = 24
"""Advertising partners in the consent dialog; real ones list hundreds."""
_BREAKPOINTS: Final = (480, 768, 1024, 1280)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a page stands: the outlet, the port it is served on, and what its boxes link to."""

    outlet: Outlet
    port: int
    related: tuple[SampleArticle, ...] = ()
    popular: tuple[SampleArticle, ...] = ()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://{self.outlet.host}:{self.port}"

    def say(self, key: str) -> str:
        """A word of the page furniture in the outlet's language."""
        return (_VIETNAMESE if self.outlet.language == "vi" else _ENGLISH)[key]


def style(prefix: str, *, hue: int) -> str:
    """Style rules under the theme's own class prefix: a grid at four widths, and a few colors."""
    grid = [
        f"@media(min-width:{width}px){{"
        + "".join(f".{prefix}-w{width}-{n}{{flex:0 0 {n / 12:.4%};max-width:{n / 12:.4%}}}" for n in range(1, 13))
        + "}"
        for width in _BREAKPOINTS
    ]
    names = ("head", "nav", "body", "side", "box", "foot", "share", "teaser", "consent", "ad")
    looks = [
        f".{prefix}-{name}{{background:hsl({hue + 9 * place},{12 + place}%,{97 - 2 * place}%);padding:{4 + place}px}}"
        for place, name in enumerate(names)
    ]
    return f"<style>body{{font:17px/1.5 Georgia,serif;margin:0}}{''.join(looks)}{''.join(grid)}</style>"


def script(frame: Frame, page_type: str) -> str:
    """A data layer of the kind that counts readers, with nothing in it that an article says."""
    slots = ",".join(f'{{"slot":"ad-{n}","sizes":[[300,250],[728,90]],"lazy":{str(n > 1).lower()}}}' for n in range(12))
    return (
        f'<script>window.dataLayer=[{{"site":"{frame.outlet.name}","pageType":"{page_type}","ads":[{slots}]}}];'
        "(function(w){w.queue=w.queue||[];w.queue.push(['view',location.pathname]);})(window);</script>"
    )


def feed_link(frame: Frame) -> str:
    """The feed, advertised as https://www.rssboard.org/rss-autodiscovery describes."""
    kind = "atom" if frame.outlet.atom else "rss"
    return (
        f'<link rel="alternate" type="application/{kind}+xml" title="{escape(frame.outlet.title)}" '
        f'href="{frame.origin}{frame.outlet.feed_path}">'
    )


def menu(frame: Frame, prefix: str) -> str:
    """The sections, and where to follow the outlet."""
    sections = "".join(
        f'<li class="{prefix}-item"><a href="{frame.outlet.section_url_path(section)}">{escape(section.title)}</a></li>'
        for section in frame.outlet.sections
    )
    social = "".join(
        f'<li><a class="{prefix}-soc" href="https://social.example/{n}" aria-label="{n}">{_icon(n)}</a></li>'
        for n in "fxiy"
    )
    return (
        f'<nav class="{prefix}-nav" aria-label="{frame.say("menu")}"><ul><li><a href="/">{frame.say("home")}</a></li>'
        f'{sections}</ul></nav><div class="{prefix}-follow"><span>{frame.say("follow")}</span><ul>{social}</ul></div>'
    )


def _icon(name: str) -> str:
    turns = "".join(f"l{(ord(name) * n) % 7 - 3} {(ord(name) + 3 * n) % 9 - 4}" for n in range(1, 18))
    return f'<svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 12{turns}z"/></svg>'


def share(frame: Frame, prefix: str, url: str) -> str:
    """Buttons to pass an article on."""
    places = ("share", "tweet", "mail")
    buttons = "".join(
        f'<li><a href="https://social.example/{place}?u={escape(url)}">{_icon(place[0])}{frame.say(place)}</a></li>'
        for place in places
    )
    return f'<div class="{prefix}-share"><ul>{buttons}</ul></div>'


def teasers(articles: Iterable[SampleArticle], prefix: str) -> str:
    """Links to other articles, each with a picture and the time."""
    return "".join(
        f'<li class="{prefix}-teaser"><a href="{one.path}">{picture(one, prefix)}<h4>{escape(one.headline)}</h4></a>'
        f'<span class="{prefix}-when">{short_day(one.published)}</span></li>'
        for one in articles
    )


def picture(article: SampleArticle, prefix: str) -> str:
    """A responsive picture that is not there."""
    stem = f"/media/{article.path.strip('/').replace('/', '-')[:40]}"
    sizes = ", ".join(f"{stem}-{width}.jpg {width}w" for width in _BREAKPOINTS)
    return (
        f'<img class="{prefix}-img" src="{stem}-480.jpg" srcset="{sizes}" '
        f'sizes="(min-width:768px) 33vw, 100vw" alt="" loading="lazy">'
    )


def boxes(frame: Frame, prefix: str) -> str:
    """Related articles and the letter by mail, below an article."""
    return (
        f'<section class="{prefix}-related {prefix}-box"><h3>{frame.say("related")}</h3>'
        f"<ul>{teasers(frame.related, prefix)}</ul></section>"
        f'<form class="{prefix}-newsletter {prefix}-box" action="/newsletter" method="post">'
        f'<p>{frame.say("newsletter")}</p><input type="email" name="address" placeholder="{frame.say("address")}">'
        f"<button>{frame.say('subscribe')}</button></form>"
    )


def sidebar(frame: Frame, prefix: str) -> str:
    """What is read most, and a place for an advertisement."""
    return (
        f'<aside class="{prefix}-side {prefix}-w768-4"><h3>{frame.say("popular")}</h3>'
        f"<ol>{teasers(frame.popular, prefix)}</ol>"
        f'<div class="{prefix}-ad" data-slot="ad-7"><span>{frame.say("advertisement")}</span></div></aside>'
    )


def footer(frame: Frame, prefix: str) -> str:
    """The foot of the page, and the question about cookies."""
    links = "".join(f'<li><a href="/{key}">{frame.say(key)}</a></li>' for key in ("contact", "privacy", "jobs"))
    partners = "".join(
        f'<li><label><input type="checkbox" name="partner-{n}"> Partner {n:02d}</label></li>'
        for n in range(1, _PARTNERS + 1)
    )
    return (
        f'<footer class="{prefix}-foot"><ul>{links}</ul>'
        f"<p>© {escape(frame.outlet.title)}. {frame.say('rights')}</p></footer>"
        f'<div class="{prefix}-consent" id="cookie-consent" role="dialog" aria-modal="true" hidden>'
        f"<p>{frame.say('cookies')}</p><ul>{partners}</ul>"
        f"<button>{frame.say('accept')}</button><button>{frame.say('choose')}</button></div>"
    )


def names(frame: Frame, authors: tuple[str, ...]) -> str:
    """Authors as the outlet joins them."""
    return f" {frame.say('and')} ".join(authors)


def long_day(moment: datetime | None) -> str:
    """A day for English readers; empty without a date.

    >>> from datetime import datetime, UTC
    >>> long_day(datetime(2019, 2, 7, tzinfo=UTC)), short_day(datetime(2019, 2, 7, tzinfo=UTC))
    ('February 7, 2019', '7.2.')
    """
    return f"{_MONTHS[moment.month - 1]} {moment.day}, {moment.year}" if moment else ""


def short_day(moment: datetime | None) -> str:
    """Day and month, as beside a teaser; empty without a date."""
    return f"{moment.day}.{moment.month}." if moment else ""
