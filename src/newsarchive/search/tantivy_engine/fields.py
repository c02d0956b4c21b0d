"""The fields of the index, and how words stand in them.

Words of a text stand at even positions, two apart. What stands beside a word (`email` at the first word of e-mail) has
the position behind it and the mark `EXTRA` before it, so that a phrase can tell both; a `GAP` holds the place where
nothing stands beside. A filter drops the gaps and leaves their positions free. So a text is one string, which is
three times as fast as with a token object for each word (measured: 17,000 to 5,500 documents of 130 words a second).

`forms` leads from a key or a stem to the surfaces that have it: one term `=key|surface` or `en:stem|surface` for each
distinct surface of a document, unless the two are equal. Forms of a word are so a stretch of tantivy's own dictionary;
they come and go with documents in the same commit. Times are seconds, not tantivy's dates, which end in 1678 and 2262.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from newsarchive.models.query import TextField
from newsarchive.search.tantivy_engine.library import library

if TYPE_CHECKING:
    from pathlib import Path

FOLDER: Final = "tantivy"
"""Where the library's files stand within the index folder."""
EXTRA: Final = "~"
GAP: Final = "_"
STEP: Final = 2
"""Positions from one word to the next."""
KEY: Final = "="
"""What a term of `forms` begins with that leads from a key; else it begins with the code of a language."""
WORDS: Final = "words"
"""The name of the analyzer that tells words and gaps apart."""

PLACES: Final[dict[TextField | None, tuple[str, ...]]] = {
    None: ("headline", "body"),
    TextField.HEADLINE: ("headline",),
    TextField.BODY: ("body",),
    TextField.LEAD: ("lead",),
    TextField.AUTHOR: ("author",),
}
"""Which fields are searched for words."""
WORD_FIELDS: Final = ("headline", "body", "lead", "author")
FORM_FIELDS: Final = ("forms", "author_forms")
VALUE_FIELDS: Final = ("id", "speech", "category", "tag", "source", "language", "url", "state", "has", "band")
"""Whole values, several for each document. `speech` is the language whose stemmer read it; `band` see `clusters`."""
SHOWN_FIELDS: Final = ("shown_category", "shown_source", "shown_language", "shown_author")
"""Values as they are shown, for facets."""
NUMBER_FIELDS: Final = ("published", "seen", "changed", "words", "versions", "month")
SKETCH_FIELDS: Final = ("sketch_0", "sketch_1", "sketch_2")
"""What near-duplicates are found by: twelve numbers of 16 bits, four in each."""
UNSIGNED_FIELDS: Final = ("id_high", "id_low", "cluster", *SKETCH_FIELDS)
"""The id as two numbers, whose order is that of the ids; the cluster of near-duplicates; the sketch."""
RECORD: Final = "record"
"""What the document was made from, to check positions and to write it anew; see `entries`."""


def schema() -> Any:  # noqa: ANN401 - a tantivy.Schema
    """The schema of format `newsarchive.search.stamps.FORMAT`."""
    builder = library().SchemaBuilder()
    for name in WORD_FIELDS:
        builder.add_text_field(name, tokenizer_name=WORDS, index_option="position")
    for name in FORM_FIELDS:
        builder.add_text_field(name, tokenizer_name=WORDS, index_option="basic")
    for name in VALUE_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in SHOWN_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in NUMBER_FIELDS:
        builder.add_integer_field(name, fast=True)
    for name in UNSIGNED_FIELDS:
        builder.add_unsigned_field(name, fast=True, indexed=name == "cluster")
    builder.add_bytes_field(RECORD, stored=True)
    return builder.build()


def open_index(folder: Path) -> Any:  # noqa: ANN401 - a tantivy.Index
    """The library's index in an index folder, ready to read and write."""
    index = library().Index.open(str(folder / FOLDER))
    return _with_analyzer(index)


def create_index(folder: Path) -> Any:  # noqa: ANN401 - a tantivy.Index
    """An empty index in an index folder; the library's own folder must exist and be empty."""
    return _with_analyzer(library().Index(schema(), str(folder / FOLDER), reuse=False))


def _with_analyzer(index: Any) -> Any:  # noqa: ANN401 - a tantivy.Index
    tantivy = library()
    analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    index.register_tokenizer(WORDS, analyzer.filter(tantivy.Filter.custom_stopword([GAP])).build())
    return index
