"""The comparison of lines tells the same edit as difflib does, and large texts do not stop it."""

from __future__ import annotations

import time
from difflib import SequenceMatcher

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.diffs.lines import EXACT, Block, differences

_LINES = st.one_of(
    st.lists(st.sampled_from("ab}"), max_size=30),
    st.lists(st.sampled_from([str(number) for number in range(12)]), max_size=30),
    st.lists(st.text(max_size=3), max_size=12),
)
_EDITS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 3), st.lists(st.sampled_from("ab}x"), max_size=3))
)


def applied(old: list[str], new: list[str], blocks: list[Block]) -> list[str]:
    """The old lines with the differing ranges taken from the new ones."""
    out: list[str] = []
    at = 0
    for a1, a2, b1, b2 in blocks:
        out += [*old[at:a1], *new[b1:b2]]
        at = a2
    return out + old[at:]


def plain(old: list[str], new: list[str]) -> list[Block]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [(a1, a2, b1, b2) for tag, a1, a2, b1, b2 in matcher.get_opcodes() if tag != "equal"]


def edited(lines: list[str], edits: list[tuple[int, int, list[str]]]) -> list[str]:
    new = list(lines)
    for at, gone, put in edits:
        new[at : at + gone] = put
    return new


@settings(max_examples=300, deadline=None)
@given(_LINES, _LINES, st.sampled_from([0, 6, 60, EXACT]))
def test_the_new_text_comes_out_as_it_does_with_difflib(old: list[str], new: list[str], exact: int) -> None:
    ours = differences(old, new, exact=exact)
    assert applied(old, new, ours) == new == applied(old, new, plain(old, new))


@settings(max_examples=300, deadline=None)
@given(_LINES, _EDITS, st.sampled_from([0, 6, 60, EXACT]))
def test_an_edited_text_is_told_by_ranges_in_order_that_do_not_touch(
    old: list[str], edits: list[tuple[int, int, list[str]]], exact: int
) -> None:
    new = edited(old, edits)
    blocks = differences(old, new, exact=exact)
    assert applied(old, new, blocks) == new
    # Between two blocks stand equal lines, as many on one side as on the other, and at least one.
    ends = [(0, 0), *((a2, b2) for _, a2, _, b2 in blocks)]
    starts = [*((a1, b1) for a1, _, b1, _ in blocks), (len(old), len(new))]
    gaps = [(a - x, b - y) for (x, y), (a, b) in zip(ends, starts, strict=True)]
    assert all(left == right >= 0 for left, right in gaps)
    assert all(left > 0 for left, _ in gaps[1:-1])
    assert all(a2 > a1 or b2 > b1 for a1, a2, b1, b2 in blocks)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(), unique=True, max_size=40),
    st.sets(st.integers(0, 39)),
    st.sampled_from([0, EXACT]),
)
def test_lines_that_stand_once_give_the_shortest_edit(kept: list[int], altered: set[int], exact: int) -> None:
    old = [str(number) for number in kept]
    new = [f"new {at}" if at in altered else line for at, line in enumerate(old)]
    blocks = differences(old, new, exact=exact)
    assert sum(b2 - b1 for _, _, b1, b2 in blocks) == len([at for at in altered if at < len(old)])


@pytest.mark.parametrize(
    ("old", "new", "blocks"),
    [
        ("abcde", "aXcYe", [(1, 2, 1, 2), (3, 4, 3, 4)]),
        ("a}b}c}d", "a}X}c}Y", [(2, 3, 2, 3), (6, 7, 6, 7)]),
        ("abcabcX", "Yabcabc", [(0, 0, 0, 1), (6, 7, 7, 7)]),
        ("xyxyx", "zxyxyz", [(0, 0, 0, 1), (4, 5, 5, 6)]),
    ],
)
def test_without_room_for_an_exact_comparison_the_texts_are_cut_at_equal_lines(
    old: str, new: str, blocks: list[Block]
) -> None:
    assert differences(list(old), list(new), exact=0) == blocks


_LARGE = 40_000


def _generated(lines: int) -> list[str]:
    """A generated file: blocks alike but for their name."""
    made: list[str] = []
    for number in range(lines // 8):
        made += [
            f"func (q *Queries) Read{number}(",
            "ctx",
            ") error {",
            "if err != nil {",
            "return err",
            "}",
            "}",
            "",
        ]
    return made


@pytest.mark.parametrize(
    ("old", "new", "most"),
    [
        (
            _generated(_LARGE),
            [f"{line} _" if at % 97 == 0 else line for at, line in enumerate(_generated(_LARGE))],
            500,
        ),
        (["}"] * _LARGE, ["}"] * (_LARGE // 2) + ["x"] + ["}"] * (_LARGE // 2) + ["y"] * 3, 5),
        (["a", "b"] * _LARGE, ["b", "a"] * _LARGE, _LARGE * 2),
        ([str(at % 110) for at in range(_LARGE)], [str(-at % 110) for at in range(_LARGE)], _LARGE),
        ([str(at) for at in range(_LARGE)], [str(-at) for at in range(_LARGE)], _LARGE),
    ],
    ids=["generated", "one line", "two lines", "periods", "backwards"],
)
def test_a_large_text_is_compared_in_a_few_seconds_at_most(old: list[str], new: list[str], most: int) -> None:
    start = time.process_time()
    blocks = differences(old, new)
    assert time.process_time() - start < 5  # an exact comparison of the same texts takes minutes
    assert applied(old, new, blocks) == new
    assert sum(b2 - b1 for _, _, b1, b2 in blocks) <= most
