"""Rankings of the peers, any word of the query (OR), over the same stems. A ranker takes a query's stems, gives ids.

Stems are handed over as they are, one space between; each peer splits at spaces and does nothing else to them, so they
are written as numbers (`w17`), which no tokenizer takes apart.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from relevance_bench.measures import DEPTH

if TYPE_CHECKING:
    from relevance_bench.analysed import Analysed

Ranker = Callable[[Sequence[str]], list[str]]


class _Numbers(dict[str, str]):
    def __missing__(self, stem: str) -> str:
        self[stem] = f"w{len(self)}"
        return self[stem]

    def text(self, stems: Sequence[str]) -> str:
        return " ".join(self[stem] for stem in stems)


def whoosh(analysed: Analysed) -> Ranker:
    """Stock Whoosh: its BM25F as it ships (k1 1.2, b 0.75, a sum over fields), headline and body, OrGroup."""
    from whoosh import analysis, fields, query  # noqa: PLC0415 - a peer may be missing
    from whoosh.filedb.filestore import RamStorage  # noqa: PLC0415

    numbers = _Numbers()
    text = fields.TEXT(analyzer=analysis.SpaceSeparatedTokenizer(), phrase=False)
    index = RamStorage().create_index(fields.Schema(id=fields.STORED, headline=text, body=text))
    writer = index.writer()
    for id_, headline, body in zip(analysed.ids, analysed.headlines, analysed.bodies, strict=True):
        writer.add_document(id=id_, headline=numbers.text(headline), body=numbers.text(body))
    writer.commit()
    searcher = index.searcher()

    def rank(stems: Sequence[str]) -> list[str]:
        terms = [query.Term(field, numbers[stem]) for stem in stems for field in ("headline", "body")]
        return [hit["id"] for hit in searcher.search(query.Or(terms).normalize(), limit=DEPTH)]

    return rank


def fts5(analysed: Analysed) -> Ranker:
    """SQLite FTS5, two columns, its bm25() as it ships (k1 1.2, b 0.75; idf never below 1e-6)."""
    numbers = _Numbers()
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE texts USING fts5(headline, body, tokenize='ascii')")
    database.executemany(
        "INSERT INTO texts(headline, body) VALUES (?, ?)",
        ((numbers.text(a), numbers.text(b)) for a, b in zip(analysed.headlines, analysed.bodies, strict=True)),
    )

    def rank(stems: Sequence[str]) -> list[str]:
        asked = " OR ".join(numbers[stem] for stem in stems)
        rows = database.execute(
            "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY bm25(texts) LIMIT ?", (asked, DEPTH)
        )
        return [analysed.ids[number - 1] for (number,) in rows]

    return rank


def tantivy(analysed: Analysed) -> Ranker:
    """Tantivy, two fields, its BM25 as it ships (k1 1.2, b 0.75), each word of the query in both fields."""
    import tantivy as engine  # noqa: PLC0415 - a peer may be missing

    numbers = _Numbers()
    builder = engine.SchemaBuilder()
    builder.add_unsigned_field("number", stored=True)
    for name in ("headline", "body"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    schema = builder.build()
    index = engine.Index(schema)
    writer = index.writer(num_threads=1)
    for number, (headline, body) in enumerate(zip(analysed.headlines, analysed.bodies, strict=True)):
        writer.add_document(engine.Document(number=number, headline=numbers.text(headline), body=numbers.text(body)))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def rank(stems: Sequence[str]) -> list[str]:
        terms = [
            (engine.Occur.Should, engine.Query.term_query(schema, field, numbers[stem], "freq"))
            for stem in stems
            for field in ("headline", "body")
        ]
        hits = searcher.search(engine.Query.boolean_query(terms), DEPTH).hits
        return [analysed.ids[searcher.doc(address)["number"][0]] for _, address in hits]

    return rank


def bm25s(method: str) -> Callable[[Analysed], Ranker]:
    """bm25s with one of its formulas, constants as it ships (k1 1.5, b 0.75), headline and body as one text."""

    def make(analysed: Analysed) -> Ranker:
        import bm25s as engine  # noqa: PLC0415 - a peer may be missing

        numbers = _Numbers()
        texts = zip(analysed.headlines, analysed.bodies, strict=True)
        ranker = engine.BM25(method=method)
        ranker.index([[numbers[stem] for stem in (*a, *b)] for a, b in texts], show_progress=False)

        def rank(stems: Sequence[str]) -> list[str]:
            known = [numbers[stem] for stem in stems if numbers[stem] in ranker.vocab_dict]
            if not known:
                return []
            scores = ranker.get_scores(known)
            best: Any = (-scores).argsort(kind="stable")[:DEPTH]
            return [analysed.ids[number] for number in best if scores[number] > 0]

        return rank

    return make


@dataclass(frozen=True)
class Peer:
    """A system that ours is compared with."""

    name: str
    make: Callable[[Analysed], Ranker]
    module: str

    @property
    def installed(self) -> bool:
        """Whether it can be imported."""
        return find_spec(self.module) is not None


STOCK = "whoosh"
"""What the mean is compared with."""
PEERS = (
    Peer(STOCK, whoosh, "whoosh"),
    Peer("fts5", fts5, "sqlite3"),
    Peer("tantivy", tantivy, "tantivy"),
    Peer("bm25s", bm25s("lucene"), "bm25s"),
    Peer("bm25s+", bm25s("bm25+"), "bm25s"),
)
