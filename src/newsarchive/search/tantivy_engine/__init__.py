"""The second engine: the library tantivy (https://github.com/quickwit-oss/tantivy-py), behind the same protocols.

Its words, forms and answers are those of the first engine; the query tree is put together from tantivy's query objects
and never goes through its query parser, which reads other habits. What tantivy has no query for (chains of near words,
counts of occurrences) is narrowed down by a query that finds at least all that answer, and then checked against the
words that each document has stored; `explain` says how many were.

The module imports nothing of tantivy; the library is loaded when an index is opened.
"""
