"""What it means that a field is right: the definitions behind every figure of the extraction bench.

Body: 4-gram shingles as bags, precision and recall averaged over pages and F1 of the two averages, and the share of
pages whose words are all the same, as https://github.com/scrapinghub/article-extraction-benchmark defines them.
Paragraphs: ROUGE-LSum, the union of longest common subsequences (Lin 2004, https://aclanthology.org/W04-1013/).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHINGLE: Final = 4
"""Words in a shingle."""
INSTANT: Final = timedelta(seconds=60)
"""How far a right instant may be off; pages round to the minute."""

_WORD = re.compile(r"\w+")
_QUOTES = str.maketrans({**dict.fromkeys("“”„‟«»″", '"'), **dict.fromkeys("‘’‚‛‹›`´′", "'")})
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_BETWEEN_NAMES = re.compile(r"\s*[,;|/&、・]\s*|\s+(?:and|und|et|y|e|og|och)\s+", re.IGNORECASE)
_CREDENTIAL = re.compile(r"(?:[A-Z][A-Za-z]?\.?){1,2}D\.?|[A-Z][A-Z.\-]{1,7}(?: \d+)?")


class Overlap(NamedTuple):
    """How far one text covers another, both shares from 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def words(text: str) -> list[str]:
    """The words of a text as the benchmark cuts them: runs of letters, digits and underscores, in their case."""
    return _WORD.findall(text)


def shingles(text: str, size: int = SHINGLE) -> Counter[tuple[str, ...]]:
    """All runs of `size` words with their counts; a text that is shorter is one shingle, an empty one too.

    >>> sorted(shingles("a b c d e"))
    [('a', 'b', 'c', 'd'), ('b', 'c', 'd', 'e')]
    """
    cut = words(text)
    return Counter(tuple(cut[start : start + size]) for start in range(max(1, len(cut) - size + 1)))


def body_overlap(gold: str, found: str) -> Overlap:
    """How the shingles of a found body cover those of the gold body.

    >>> body_overlap("a b c d e", "a b c d")
    Overlap(precision=1.0, recall=0.5)
    """
    wanted, given = shingles(gold), shingles(found)
    common = sum((wanted & given).values())
    return Overlap(common / given.total(), common / wanted.total())


def mean_overlap(pages: Sequence[Overlap]) -> Overlap:
    """The average over pages; its `f1` is that of the averages, as the benchmark reports it."""
    return Overlap(sum(page.precision for page in pages) / len(pages), sum(page.recall for page in pages) / len(pages))


def rouge_lsum(gold: Sequence[str], found: Sequence[str]) -> Overlap:
    """ROUGE-LSum over paragraphs: words of each gold paragraph that lie on a longest common subsequence with any found
    one, each word counted no oftener than both texts hold it.

    >>> rouge_lsum(["one two three", "four five"], ["one two", "five four", "three"])
    Overlap(precision=0.8, recall=0.8)
    """  # noqa: D205 - the definition does not fit one line
    wanted = [words(text.casefold()) for text in gold]
    given = [words(text.casefold()) for text in found]
    left_gold, left_found = Counter(chain(*wanted)), Counter(chain(*given))
    sizes = left_gold.total(), left_found.total()
    if not all(sizes):
        return Overlap(0.0, 0.0)
    hits = 0
    for paragraph in wanted:
        for word in _covered(paragraph, given):
            if left_gold[word] > 0 and left_found[word] > 0:
                left_gold[word] -= 1
                left_found[word] -= 1
                hits += 1
    return Overlap(hits / sizes[1], hits / sizes[0])


def _covered(paragraph: list[str], candidates: Iterable[list[str]]) -> list[str]:
    if paragraph in candidates:  # most are found as they are, and the comparison of all with all is dear
        return paragraph
    places: set[int] = set()
    for candidate in candidates:
        places |= common_subsequence(paragraph, candidate)
    return [paragraph[place] for place in sorted(places)]


def common_subsequence(text: Sequence[str], other: Sequence[str]) -> set[int]:
    """Places in `text` of one longest common subsequence with `other`, by bit vectors (Hyyrö 2004).

    >>> sorted(common_subsequence("a b c d".split(), "b x d".split()))
    [1, 3]
    """
    rows = _rows(text, other)
    places: set[int] = set()
    row, column = len(other), len(text)
    while row and column:
        bit = 1 << (column - 1)
        if rows[row] & bit:
            column -= 1
        elif rows[row - 1] & bit:
            places.add(column - 1)
            row, column = row - 1, column - 1
        else:
            row -= 1
    return places


def _rows(text: Sequence[str], other: Sequence[str]) -> list[int]:
    """For each length of `other`, a bit per place of `text`: zero where the longest subsequence grows by one."""
    every = (1 << len(text)) - 1
    where: dict[str, int] = {}
    for place, word in enumerate(text):
        where[word] = where.get(word, 0) | 1 << place
    rows = [every]
    for word in other:
        here = rows[-1] & where.get(word, 0)
        rows.append(((rows[-1] + here) | (rows[-1] - here)) & every)
    return rows


def folded(text: str | None) -> str:
    """A text with case, width, kinds of quotes and spaces folded.

    >>> folded("„No  DEAL“, says Kims envoy")
    '"no deal", says kims envoy'
    """
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text or "")).translate(_QUOTES)
    return " ".join(plain.casefold().split())


def same_day(gold: str, found: datetime | date | None) -> bool:
    """Whether the found day is the gold one as it is written; a time with a zone may be told in the gold's zone.

    >>> same_day("2019-02-27T23:30:00+00:00", datetime.fromisoformat("2019-02-28T06:30:00+07:00"))
    True
    """
    if found is None:
        return False
    if found.isoformat()[:10] == gold[:10]:
        return True
    wanted = _moment(gold)
    if not isinstance(found, datetime) or found.tzinfo is None or wanted is None:
        return False
    return found.astimezone(wanted.tzinfo).date() == wanted.date()


def same_instant(gold: str, found: datetime | date | None) -> bool | None:
    """Whether a found time lies within a minute of the gold one; None where the gold has no zone or no time.

    >>> same_instant("2019-02-27T18:30:00+07:00", datetime.fromisoformat("2019-02-27T11:30:20+00:00"))
    True
    >>> same_instant("2019-02-27T18:30:00+07:00", date(2019, 2, 27)), same_instant("2019-02-27", None)
    (False, None)
    """
    wanted = _moment(gold)
    if wanted is None:
        return None
    if not isinstance(found, datetime) or found.tzinfo is None:
        return False
    return abs(found - wanted) <= INSTANT


def _moment(gold: str) -> datetime | None:
    moment = datetime.fromisoformat(gold)
    return moment if moment.tzinfo else None


def names(gold: str | Iterable[str]) -> frozenset[str]:
    """Authors as a set of names, case and punctuation folded; a string is cut at commas and the like, without degrees.

    >>> sorted(names("Ana Costa, MD, Ben Okoro and Lan Tran, Ph.D."))
    ['ana costa', 'ben okoro', 'lan tran']
    """
    if not isinstance(gold, str):
        return frozenset(filter(None, map(_name, gold)))
    parts = [part.strip() for part in _BETWEEN_NAMES.split(gold)]
    people = (part for place, part in enumerate(parts) if not (place and _CREDENTIAL.fullmatch(part)))
    return frozenset(filter(None, map(_name, people)))


def _name(text: str) -> str:
    return " ".join(words(folded(text)))


def set_f1(gold: frozenset[str], found: frozenset[str]) -> float:
    """F1 of two sets, 0 where nothing is common.

    >>> round(set_f1(frozenset({"a", "b"}), frozenset({"b"})), 3)
    0.667
    """
    return 2 * len(gold & found) / (len(gold) + len(found)) if gold or found else 1.0
