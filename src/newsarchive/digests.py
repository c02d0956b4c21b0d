"""Digests, in the spellings that their readers expect."""

from __future__ import annotations

import base64
import hashlib

ARTICLE_ID_LENGTH = 12
"""Characters of an article id: 60 bits, so that a million articles collide with a chance under 1 in 2 million."""


def warc_sha1(data: bytes) -> str:
    """The labelled base32 SHA-1 that CDX tools expect of WARC digests (WARC/1.1, section 5.8).

    >>> warc_sha1(b"")
    'sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ'
    """
    # The digest is an identifier of the field's tools, not a protection.
    return labelled_sha1(hashlib.sha1(data, usedforsecurity=False).digest())


def labelled_sha1(digest: bytes) -> str:
    """A SHA-1 that was taken elsewhere, spelled as `warc_sha1` does."""
    return "sha1:" + base64.b32encode(digest).decode("ascii")


def article_id(key: str) -> str:
    """The id of the article with a key (see `newsarchive.folding.article_key`): the same in every archive, always.

    >>> article_id("harbor.example/politics/summit")
    'lk5oawldfg4h'
    """
    return _short(key.encode("utf-8"))[:ARTICLE_ID_LENGTH]


def text_digest(*parts: str) -> str:
    """One digest over several texts; where one ends and the next begins makes a difference.

    >>> text_digest("ab", "c") == text_digest("a", "bc")
    False
    """
    framed = b"".join(len(part := text.encode("utf-8")).to_bytes(8, "big") + part for text in parts)
    return "sha256:" + hashlib.sha256(framed).hexdigest()


def _short(data: bytes) -> str:
    return base64.b32encode(hashlib.sha256(data).digest()).decode("ascii").rstrip("=").lower()
