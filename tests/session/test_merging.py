"""Facts about joining a file whose answer was cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.session.merging import join

LINE = st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=12).map(
    lambda text: f"{text}\n"
)


@pytest.mark.parametrize(
    ("head", "more", "whole"),
    [
        ("a = 1\nb = ", "b = 2\n", "a = 1\nb = 2\n"),
        ("a = 1\n", "b = 2\n", "a = 1\nb = 2\n"),
        ("", "b = 2\n", "b = 2\n"),
        ("a = ", "a = 1\n", "a = 1\n"),
        (
            "first line here\nsecond\nthi",
            "first line here\nsecond\nthird\n",
            "first line here\nsecond\nthird\n",
        ),
        (
            "x\nfirst line here\nsecond\n",
            "first line here\nsecond\nthird\n",
            "x\nfirst line here\nsecond\nthird\n",
        ),
        ("x\na whole longer line\n", "a whole longer line\nend\n", "x\na whole longer line\nend\n"),
        ("if x:\n}\n", "}\n", "if x:\n}\n}\n"),
        ("a\r\nb", "b\r\nc\r\n", "a\r\nb\r\nc\r\n"),
    ],
)
def test_a_repeated_tail_stands_once_and_a_cut_line_is_taken_anew(head: str, more: str, whole: str) -> None:
    assert join(head, more) == whole


@given(st.lists(LINE.filter(str.strip), min_size=1, max_size=12, unique=True), st.data())
def test_a_file_cut_anywhere_is_whole_again(lines: list[str], data: st.DataObject) -> None:
    text = "".join(lines)
    at = data.draw(st.integers(0, len(text)))
    whole = text[:at].count("\n")
    assert join(text[:at], "".join(lines[whole:])) == text


@given(st.lists(LINE, min_size=2, max_size=12, unique=True), st.data())
def test_a_tail_of_two_lines_or_more_may_be_repeated(lines: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(2, len(lines)))
    back = data.draw(st.integers(2, cut))
    assert join("".join(lines[:cut]), "".join(lines[cut - back :])) == "".join(lines)
