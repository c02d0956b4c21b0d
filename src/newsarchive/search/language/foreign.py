"""What other search systems write, and what to write here. Taken for words these would find nothing, in silence.

The habits are those of Lexis (`W/5`, `econom!`, `HEADLINE(...)`), Factiva (`adj5`, `same`, `hd=`), ProQuest (`NEAR/5`,
`TI(...)`), EBSCO (`N5`), Google (`+word`, `AROUND(5)`) and Lucene with its heirs, such as Media Cloud (`a || b`,
`[a TO b]`, `word^2`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple

from newsarchive.search.language.fields import FIELDS, FOREIGN_FIELDS, OTHER_TIPS

Tip = str | Callable[[re.Match[str]], str]
_QUOTE = "; to search it as it is, put it in quotation marks"
_SENTENCE = "write a distance: NEAR/25 is about a sentence, NEAR/75 about a paragraph"


class Habit(NamedTuple):
    """A form of a word, why it cannot be read, and what to write instead."""

    form: str
    """A regular expression for the whole word."""
    reason: str
    tip: Tip


def _near(match: re.Match[str]) -> str:
    """The operator that was meant, with its distance."""
    name, distance = match["name"].upper(), match["distance"]
    ours = {"ONEAR": "PRE", "ADJ": "PRE", "WITHIN": "NEAR", "/": "NEAR", "+": "PRE"}.get(name, name)
    ours = {"N": "NEAR", "W": "NEAR", "P": "PRE"}.get(ours, ours)
    return f"write {ours}/{distance}{_QUOTE}"


def _field(match: re.Match[str]) -> str:
    name = match["name"].casefold()
    if name in OTHER_TIPS:
        return OTHER_TIPS[name]
    ours = name if name in FIELDS else FOREIGN_FIELDS.get(name)
    sign, value = match["sign"].strip("="), match["value"] or "..."
    if ours in {"words", "versions", "published", "seen", "changed"}:
        return f"write {ours}:{match['sign'] if sign else ''}{value}"
    return f"write {ours}:{value}" if ours else f"a value belongs to a field, as in headline:summit{_QUOTE}"


HABITS: Final[tuple[Habit, ...]] = (
    # Nearness
    Habit(
        r"(?P<name>(?i:near|pre|w|n|p))/(?P<distance>\d+)",
        "is an operator, and operators are written in capitals",
        _near,
    ),
    Habit(r"(?P<name>(?i:onear|adj|within))/?(?P<distance>\d+)", "is no operator here", _near),
    Habit(r"(?P<name>(?i:near|pre))(?P<distance>\d+)", "lacks the stroke before its distance", _near),
    Habit(r"(?P<name>/|\+)(?P<distance>\d+)", "is no operator here", _near),
    Habit(
        r"(?i:(?:w|pre|near|not)?/|\+)(?i:s|p|seg|sent|sentence|par|para|paragraph)",
        "asks for one sentence or paragraph, and where they end is not kept",
        _SENTENCE,
    ),
    Habit(r"(?:(?i:near|onear|adj)/|PRE/|WITHIN/|[NWP]/(?=\d)).*", "has no number of words", "write NEAR/5 or PRE/2"),
    Habit(
        r"(?:NEAR|ONEAR|PRE|ADJ|WITHIN|AROUND)[-~,:;=.]\d.*", "is no operator here", "write NEAR/5 or PRE/2" + _QUOTE
    ),
    Habit(r"NEAR|WITHIN|AROUND", "is an operator without a distance", "write NEAR/5" + _QUOTE),
    Habit(r"PRE|ONEAR|ADJ", "is an operator without a distance", "write PRE/1, or PRE/5" + _QUOTE),
    Habit(r"SAME", "is no operator here", _SENTENCE + _QUOTE),
    Habit(r".*/(?i:[nf]\d+)/.*", "is no operator here", "write NEAR/5 between spaces" + _QUOTE),
    Habit(r"/.*", "begins with a stroke, and there are no regular expressions", "write wom?n or sum*t" + _QUOTE),
    Habit(r"(?i:atleast)[/_-]?\d*", "is an operator that is not written so", "write ATLEAST3(summit)" + _QUOTE),
    # Joining
    Habit(r"XOR", "is no operator here", "write (a OR b) NOT (a AND b)" + _QUOTE),
    Habit(r"ANDNOT|BUTNOT|NAND|EXCEPT", "is no operator here", "write NOT, as in kim NOT golf" + _QUOTE),
    Habit(r"(?:AND|OR|NOT)/.*", "is no operator here", "write AND or OR" + _QUOTE),
    Habit(r".*&&.*|&", "is no operator here", "write AND, or nothing: words are all required" + _QUOTE),
    Habit(r".*[^\W\d_]{3,}&[^\W\d_]{3,}.*", "is no operator here", "write AND, or nothing" + _QUOTE),
    Habit(r".*\|.*", "is no operator here", "write OR" + _QUOTE),
    Habit(r"!.*", "begins with !", "write NOT word or -word" + _QUOTE),
    Habit(r"\+.*", "begins with +", "leave out the plus: words are all required" + _QUOTE),
    Habit(r".*\w\+\w.*", "has a + inside", "write a space" + _QUOTE),
    Habit(
        r".*(?:[^\W\d_][,;、]\w|\w[,;、][^\W\d_]).*",
        "is a list, and commas join nothing",
        "write kim OR trump, or kim AND trump" + _QUOTE,
    ),
    Habit(r"[—―].*", "begins with a dash", "write -word to leave articles out" + _QUOTE),
    # Fields and ranges
    Habit(
        r"(?P<name>[^\W\d][\w-]*)(?P<sign><=|>=|==|=|<|>)(?P<value>.*)",
        "is not how a field is written",
        _field,
    ),
    Habit(r"[<>].*|.*[<>=].*", "compares, and nothing before it can be compared", "write words:>800" + _QUOTE),
    Habit(r".*[\[\]{}].*", "holds a bracket that is not round", "a range is written published:2019-02..2019-03"),
    Habit(
        r".*(?<!\.)\.\.(?!\.).*",
        "is a span without a field",
        "write published:2019-02..2019-03 or words:300..800, without spaces" + _QUOTE,
    ),
    Habit(r":.*", "lacks the name of a field", "write it right before the colon, as in headline:summit" + _QUOTE),
    # Forms of words
    Habit(r"(?P<bare>.*\w)!+", "ends in !, which stands for any ending elsewhere", lambda m: _starts(m["bare"])),
    Habit(r".*\w!\w.*", "has a ! inside", "one letter is ?, any letters are *, as in wom?n" + _QUOTE),
    Habit(r"(?P<bare>.*[^\W\d_])[$%]+\d*", "ends in a sign for any ending elsewhere", lambda m: _starts(m["bare"])),
    Habit(r".*[^\W\d_][$%]\w.*|.*\w#\w.*", "has a sign inside", "one letter is ?, as in wom?n" + _QUOTE),
    Habit(r".*\.[*+].*", "looks like a regular expression", "write sum* or wom?n" + _QUOTE),
    Habit(r".*\\.*", "has a \\, and there is no escape character", "put the text in quotation marks"),
    Habit(r".*\^.*", "has a weight, and all words weigh alike", "leave out the ^ and what follows" + _QUOTE),
    Habit(r".*`.*|´.*|.*´", "holds a mark that does not quote", 'write "..."'),
)
"""In the order in which they are tried."""

BETWEEN: Final[tuple[Habit, ...]] = (
    Habit(r"(?P<name>[NnWwP])(?P<distance>\d{1,3})", "lacks the stroke before its distance", _near),
    Habit(r"AFT|BEF", "is no operator here", "write published:>2019-02 or published:<2019-02" + _QUOTE),
    Habit(r"UND|ET|VÀ", "is no operator here", "write AND, or nothing" + _QUOTE),
    Habit(r"ODER|OU|HOẶC", "is no operator here", "write OR" + _QUOTE),
    Habit(r"NICHT|SAUF|SANS|NIET", "is no operator here", "write NOT" + _QUOTE),
)
"""What is taken for an operator only where it stands between two words."""


def is_foreign_field(word: str) -> bool:
    """Whether a word in capitals is the name of a field here or elsewhere, which a parenthesis may follow.

    >>> is_foreign_field("TITLE"), is_foreign_field("title"), is_foreign_field("LA")
    (True, False, False)
    """
    folded = word.casefold()
    return word.isupper() and len(word) > 2 and (folded in FIELDS or folded in FOREIGN_FIELDS)  # noqa: PLR2004 - LA, BY


_COMMANDS: Final = frozenset({"caps", "allcaps", "nocaps", "singular", "sing", "plural", "plur", "exact"})


def habit_of(word: str, habits: tuple[Habit, ...] = HABITS) -> tuple[str, str] | None:
    """Why a word cannot be read as one, and the tip; None if it can."""
    if word.isalpha() and not word.isupper() and word.casefold() != "atleast":
        return None  # as nearly every word; spares a start its compiling of the forms
    for form, (_, reason, tip) in zip(_forms(habits), habits, strict=True):
        if match := form.fullmatch(word):
            return reason, tip if isinstance(tip, str) else tip(match)
    return None


@cache
def _forms(habits: tuple[Habit, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(habit.form, re.DOTALL) for habit in habits)


def tip_for_call(name: str) -> str:
    """What to write for `name(...)`."""
    folded = name.casefold()
    if folded in _COMMANDS:
        return "write =summit for the form as it is typed"
    ours = folded if folded in FIELDS else FOREIGN_FIELDS.get(folded)
    if ours:
        return f"write {ours}:(...)" if ours not in {"published", "words"} else f"write {ours}:>..., or {ours}:A..B"
    if re.fullmatch(r"(?:o?near|pre|adj|around|within)\d*", folded):
        return "write kim NEAR/5 summit"
    return OTHER_TIPS.get(
        folded, "put a space before the parenthesis; to search it as it is, put it in quotation marks"
    )


def _starts(bare: str) -> str:
    return f"write {bare}* for words that start so, or leave the sign out{_QUOTE}"
