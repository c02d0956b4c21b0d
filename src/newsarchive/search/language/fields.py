"""The fields of the query language, and what to write for the fields of other systems."""

from __future__ import annotations

from typing import Final

from newsarchive.models.query import DateField, ExactField, NumberField, Property, State, TextField

Field = TextField | ExactField | DateField | NumberField | type[State] | type[Property]

FIELDS: Final[dict[str, Field]] = {
    **{name.value: name for name in TextField},
    **{name.value: name for name in ExactField},
    **{name.value: name for name in DateField},
    **{name.value: name for name in NumberField},
    "lang": ExactField.LANGUAGE,
    "is": State,
    "has": Property,
}
"""Every field by the name that a query uses."""


def is_whole(field: Field) -> bool:
    """Whether a field's value is taken as it stands, up to the next space: dates, numbers, states, properties."""
    return not isinstance(field, TextField | ExactField)


_ELSEWHERE: Final[tuple[tuple[str, str], ...]] = (
    ("headline", "title ti hd hl head heading intitle allintitle titles ttl hlead"),
    ("body", "text fulltext ft tx content story article intext allintext leadparagraph"),
    ("lead", "lp intro summary abstract ab td standfirst"),
    ("author", "by byline au writer creator authors reporter"),
    ("category", "section sec sect desk rubric page"),
    ("source", "site domain host sn rst pub publication publisher media outlet newspaper jn media_name inurl"),
    ("language", "la lng"),
    ("tag", "tags keyword keywords kw topic topics subject su ns"),
    ("words", "wc length wordcount word_count"),
    ("published", "date dates dt pd publication_date publish_date pubdate year month day"),
    ("seen", "indexed_date collected captured crawled"),
    ("changed", "updated modified edited"),
)
FOREIGN_FIELDS: Final[dict[str, str]] = {name: ours for ours, names in _ELSEWHERE for name in names.split()}
"""The names of fields in other systems, each with ours."""

OTHER_TIPS: Final[dict[str, str]] = {
    "since": "write published:>=2019-02-20",
    "from": "write published:>=2019-02-20, or source:harbor-post",
    "until": "write published:<=2019-03-05",
    "before": "write published:<2019-03-05",
    "after": "write published:>2019-02-20",
    "near": "write kim NEAR/5 summit",
    "hlp": "write (headline:summit OR lead:summit)",
    "not": "write NOT word or -word",
    "http": "a URL begins with http://",
    "https": "a URL begins with https://",
}


def near_names(name: str, names: list[str]) -> str:
    """The one of the names that a misspelt one was probably meant to be, or an empty string."""
    import difflib  # noqa: PLC0415 - only on the way to an error

    return next(iter(difflib.get_close_matches(name.casefold(), names, n=1)), "")


def tip_for(name: str) -> str:
    """What to write for a field that there is not."""
    folded = name.casefold()
    if folded in OTHER_TIPS:
        return OTHER_TIPS[folded]
    near = FOREIGN_FIELDS.get(folded) or near_names(folded, list(FIELDS))
    hint = f"did you mean {near}: ?" if near else f"fields: {', '.join(FIELDS)}."
    return f"{hint} To search the text as it is, put it in quotation marks"


_LANGUAGES: Final = (
    "arabic ar, bulgarian bg, burmese my, catalan ca, chinese zh, croatian hr, czech cs, danish da, dutch nl, "
    "english en, estonian et, farsi fa, finnish fi, french fr, german de, greek el, hebrew he, hindi hi, hungarian hu, "
    "indonesian id, italian it, japanese ja, khmer km, korean ko, lao lo, latvian lv, lithuanian lt, malay ms, "
    "norwegian no, persian fa, polish pl, portuguese pt, romanian ro, russian ru, serbian sr, slovak sk, slovenian sl, "
    "spanish es, swedish sv, thai th, turkish tr, ukrainian uk, urdu ur, vietnamese vi, "
    # Countries and three-letter codes that are taken for codes of a language.
    "cn zh, cz cs, dk da, gb en, gr el, jp ja, kr ko, us en, vn vi, ara ar, deu de, eng en, fra fr, fre fr, ger de, "
    "ita it, jpn ja, kor ko, por pt, rus ru, spa es, tha th, vie vi, zho zh"
)
LANGUAGE_CODES: Final = dict(pair.split() for pair in _LANGUAGES.split(", "))
"""What is written for a language although it is no code of one, with the code."""
