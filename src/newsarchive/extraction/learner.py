"""Learns which lines are a site's template: those that stand on many of its articles. One article at a time.

A line enters the template once it was seen on enough articles: on three while the site has shown no more than five, and
on three tenths of those that follow, until thirty are enough; and always on 15 % at least of the articles between its
first and its last. So a box that stood for half a year of ten is found and stays found, while the standing lines of a
series, on 5 articles of 2,000, are not taken for the site's. A line leaves when it has fallen to half of that, so that
one near the threshold does not come and go.

Measured: of 2,183 clean articles of two newspapers, whole and in 800 samples of 5 to 500, the rule took no line but a
newsletter box that their cleaning had left there. Of pages with known bodies, few sites have three; there it took none,
while a rule of any two articles takes almost as many of the articles' own lines as of the site's. In made-up news whose
sentences recur on a tenth of the articles, it took none in 2,000 orders newest first.
"""

from __future__ import annotations

import hashlib
import heapq
import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from newsarchive.extraction.template import line_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FEWEST: Final = 3
"""Articles that a line must stand on before anything else is asked."""
ENOUGH: Final = 30
"""Articles that are always enough, of however many."""
YOUNG: Final = 5
"""Articles of a site up to which `FEWEST` are enough."""
SHARE_OF_MORE: Final = 3
"""Tenths of the articles beyond `YOUNG` that a line must stand on as well, until they are `ENOUGH`."""
SHARE_BETWEEN: Final = 15
"""Percent of the articles between a line's first and last that it must stand on."""
MEMORY: Final = 2000
"""Lines remembered of a site, beside its template: those of about 80 articles, of which nearly all are seen once."""
SLACK: Final = 500
"""Lines beyond `MEMORY` that may gather before some are forgotten."""
LIFE: Final = 50
"""Articles that each sighting adds to how long a line is remembered, against others."""
MOST_LINES: Final = 500
"""Lines of one template, which goes to the reading process with every page."""

_ENTRY: Final = 20  # bytes: a hash of 64 bits, three numbers of 32


class Seen(NamedTuple):
    """How often a line was seen: on how many articles, and the numbers of the first and the last of them."""

    articles: int
    first: int
    last: int


class Learner:
    """What is remembered of one site, and the template that follows from it.

    Counts are never too high. They are exact as long as the site has shown no more than `MEMORY` different lines;
    beyond that, a line that has not come back for long is forgotten and counted anew. A line that stands on 15 % of
    the articles comes back every seven on average, while one that was seen once is remembered over 80.

    The template does not depend on the order of articles where a line stands on so many or so few that every order
    gives the same: on `needed` articles and 15 % of all, or on fewer than three.

    Args:
        articles: how many articles were counted before.
        memory: what `memory` gave then.
        template: the lines of the template then, by hash.
    """

    def __init__(self, articles: int = 0, memory: bytes = b"", template: Mapping[int, str] | None = None) -> None:
        self.articles = articles
        self._seen = _unpacked(memory)
        self._template = dict(template or {})

    @property
    def template(self) -> dict[int, str]:
        """The template's lines, each as it was last seen when it entered, by hash."""
        return dict(self._template)

    @property
    def name(self) -> str:
        """Names the lines of the template, so that equal templates have one name; empty where there are none."""
        if not self._template:
            return ""
        hashes = b"".join(value.to_bytes(8, "big", signed=True) for value in sorted(self._template))
        return hashlib.blake2b(hashes, digest_size=4).hexdigest()

    @property
    def memory(self) -> bytes:
        """What must be kept to go on learning, column by column: 20 bytes a line."""
        hashes = sorted(self._seen)
        columns = zip(*(self._seen[value] for value in hashes), strict=True)
        numbers = (number for column in columns for number in column)
        return struct.pack(_layout(len(hashes)), *hashes, *numbers)

    def count(self, text: str) -> int:
        """On how many articles a line was seen, as far as it is remembered."""
        found = self._seen.get(line_hash(text) or 0)
        return found.articles if found else 0

    def learn(self, lines: Iterable[str]) -> bool:
        """Count the lines of one more article, those that the template took off included; False for a copy.

        An article most of whose own text was seen before is a copy of one that was counted: articles that stand
        under several addresses must not make their text a template.
        """
        shown = {value: text for text in lines if (value := line_hash(text)) is not None}
        if not shown or self._is_copy(shown):
            return False
        self.articles += 1
        for value in shown:
            before = self._seen.get(value, Seen(0, self.articles, self.articles))
            self._seen[value] = Seen(before.articles + 1, before.first, self.articles)
        self._revise(shown)
        self._forget()
        return True

    def _is_copy(self, shown: Mapping[int, str]) -> bool:
        own = {value: len(text) for value, text in shown.items() if value not in self._template}
        return 2 * sum(size for value, size in own.items() if value in self._seen) > sum(own.values())

    def _revise(self, shown: Mapping[int, str]) -> None:
        """Lines of this article may enter; any may leave, as the site grows."""
        for value in [value for value in self._template if not self._holds(value, halves=1)]:
            del self._template[value]
        for value, text in shown.items():
            if value not in self._template and len(self._template) < MOST_LINES and self._holds(value, halves=2):
                self._template[value] = text

    def _holds(self, value: int, *, halves: int) -> bool:
        count, first, last = self._seen[value]
        enough = 2 * count >= halves * needed(self.articles)
        return enough and 200 * count >= halves * SHARE_BETWEEN * (last - first + 1)

    def _forget(self) -> None:
        """Back to the bound: what was seen seldom and long ago goes first, the template's lines never."""
        excess = len(self._seen) - len(self._template) - MEMORY
        if excess <= SLACK:
            return
        others = (value for value in self._seen if value not in self._template)
        for value in heapq.nsmallest(excess, others, key=self._remembered_until):
            del self._seen[value]

    def _remembered_until(self, value: int) -> tuple[int, int]:
        seen = self._seen[value]
        return seen.last + LIFE * seen.articles, value


def _layout(lines: int) -> str:
    return f"<{lines}q{3 * lines}I"


def _unpacked(memory: bytes) -> dict[int, Seen]:
    lines = len(memory) // _ENTRY
    found = struct.unpack(_layout(lines), memory)
    hashes, *columns = (found[lines * column : lines * (column + 1)] for column in range(4))
    return dict(zip(hashes, map(Seen, *columns), strict=True))


def needed(articles: int) -> int:
    """On how many of a site's articles a line must stand to enter the template.

    >>> [needed(articles) for articles in (2, 5, 6, 12, 50, 95, 100_000)]
    [3, 3, 4, 6, 17, 30, 30]
    """
    return min(ENOUGH, FEWEST + max(0, -(-SHARE_OF_MORE * (articles - YOUNG) // 10)))
