"""What becomes of memory that is free."""

from __future__ import annotations

from contextlib import suppress


def give_back() -> None:
    """Have the C library return the memory that is free, where it can.

    glibc keeps what large arrays took, for threads to come: of a merge up to 30 MB, of several in turn over 100.
    Other libraries have no such call, and return memory by themselves.
    """
    import ctypes  # noqa: PLC0415 - 3 ms, for long work alone

    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
