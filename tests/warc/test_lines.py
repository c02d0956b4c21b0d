"""Lines come back, in the order of their bytes or of their coming, however few of them are held in memory."""

from __future__ import annotations

from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from newsarchive.warc.lines import PackedLines, SortedLines


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


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n")) | st.integers(0, 12), max_size=40
    )
)
def test_lines_that_wait_packed_are_those_that_were_taken(steps: list[str | int]) -> None:
    lines = PackedLines()
    wanted: list[str] = []
    with mock.patch("newsarchive.warc.lines._BLOCK", 3):
        for step in steps:
            if isinstance(step, int):
                lines.cut(step)
                del wanted[step:]
            else:
                lines.append(f"{step}\n")
                wanted.append(f"{step}\n")
            assert len(lines) == len(wanted)
        assert list(lines) == wanted
