"""What several rules read off a change."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.rules.reading import lines_holding

_WORDS = ("...", "as before", "ab", "b")


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "b", ".", "..", "as before", "\n", "\r", " "]), max_size=30).map("".join)
)
def test_lines_that_hold_a_word_are_those_that_hold_it_one_by_one(text: str) -> None:
    one_by_one = [
        number
        for number, line in enumerate(text.split("\n"), start=1)
        if any(word in line for word in _WORDS)
    ]
    assert lines_holding(text, _WORDS) == one_by_one
