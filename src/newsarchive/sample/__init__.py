"""A small invented news world to try everything on: five outlets, their articles, and what is true of each.

`build` makes the newsroom as a value, `serve` serves it on loopback, `python -m newsarchive.sample` does so by hand.
All people, firms and outlets are invented; the outline of the Hanoi summit is history.
"""

from newsarchive.sample.articles import Kind, SampleArticle
from newsarchive.sample.life import Life, State, Story, Trouble, live
from newsarchive.sample.newsroom import Newsroom, build
from newsarchive.sample.outlets import OUTLETS, Outlet
from newsarchive.sample.server import NewsroomServer, serve
from newsarchive.sample.site import Response

__all__ = [
    "OUTLETS",
    "Kind",
    "Life",
    "Newsroom",
    "NewsroomServer",
    "Outlet",
    "Response",
    "SampleArticle",
    "State",
    "Story",
    "Trouble",
    "build",
    "live",
    "serve",
]
