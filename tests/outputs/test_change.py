"""A change is named by what it does, not by the order in which its files stand."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.outputs import Change, FileChange

_FILES = st.lists(
    st.builds(
        FileChange,
        st.sampled_from(["a.py", "b.py", "c/d.sql", "é.md"]),
        st.none() | st.sampled_from(["", "x\n", "y\n", "\ud800"]),
        action=st.sampled_from(["add", "modify", "delete"]),
        patch=st.none() | st.sampled_from(["@@ -1 +1 @@\n-a\n+b\n"]),
    ),
    unique_by=lambda file: file.path,
    max_size=4,
)


@settings(max_examples=200, deadline=None)
@given(_FILES, st.integers(0, 999))
def test_the_order_of_files_and_where_they_came_from_do_not_count(files: list[FileChange], seed: int) -> None:
    shuffled = random.Random(seed).sample(files, len(files))
    assert Change(tuple(files)).hash == Change(tuple(shuffled), base="0" * 64, origin="git").hash


@settings(max_examples=200, deadline=None)
@given(_FILES, _FILES)
def test_changes_that_do_something_else_have_another_hash(
    one: list[FileChange], other: list[FileChange]
) -> None:
    def does(files: list[FileChange]) -> set[tuple[object, ...]]:
        return {
            (item.path, item.action, item.content, item.patch if item.content is None else None)
            for item in files
        }

    assert (Change(tuple(one)).hash == Change(tuple(other)).hash) is (does(one) == does(other))


def test_the_path_that_a_file_was_renamed_from_counts() -> None:
    moved = FileChange("b.py", "x\n", action="rename", previous_path="a.py")
    assert Change((moved,)).hash != Change((replace(moved, previous_path="c.py"),)).hash
