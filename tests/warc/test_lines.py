"""Lines come back in the order of their bytes, however few of them are held in memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsarchive.warc.lines import SortedLines


@given(
    st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=5)),
    st.integers(min_value=1, max_value=4),
)
def test_they_are_sorted_by_their_bytes_and_none_is_lost(texts: list[str], most: int) -> None:
    lines = [f"{text}\n" for text in texts]
    with SortedLines(most=most) as held:
        for line in lines:
            held.add(line)
        assert list(held) == sorted(line.encode() for line in lines)
        assert list(held) == sorted(line.encode() for line in lines)
