"""A patch that does not fit says where: the file, the hunk and the line of the base."""

from __future__ import annotations

import pytest

from backend_engineer.diffs import apply_patch, make_diff, parse_patch
from backend_engineer.errors import BadPatch

_HEAD = "--- a/x\n+++ b/x\n"


def refusal(patch: str, base: str) -> BadPatch:
    (read,) = parse_patch(patch)
    with pytest.raises(BadPatch) as error:
        apply_patch(read, base)
    return error.value


@pytest.mark.parametrize(
    ("patch", "base", "where"),
    [
        ("diff --git a/x b/x\nBinary files a/x and b/x differ\n", "", ("x", None, None)),
        (make_diff(None, "a\n", "x"), "b\n", ("x", None, 1)),
        (f"{_HEAD}@@ -3 +3 @@\n-c\n+C\n@@ -1 +1 @@\n-a\n+A\n", "a\nb\nc\n", ("x", 2, 1)),
        (f"{_HEAD}@@ -1,2 +1,2 @@\n-a\n+A\n b\n@@ -2 +2 @@\n-b\n+B\n", "a\nb\n", ("x", 2, 2)),
        (f"{_HEAD}@@ -1 +1 @@\n-a\n+A\n@@ -9 +9 @@\n-i\n+I\n", "a\nb\n", ("x", 2, 9)),
        (f"{_HEAD}@@ -1 +1 @@\n-a\n+A\n@@ -3,3 +3,2 @@\n c\n d\n-E\n", "a\nb\nc\nd\ne\nf\n", ("x", 2, 5)),
        (f"{_HEAD}@@ -1 +1 @@\n-a\n+A\n@@ -3,2 +3 @@\n c\n-d\n", "a\nb\nc\n", ("x", 2, 4)),
        (f"{_HEAD}@@ -1 +1 @@\n-a\n+A\n\\ No newline at end of file\n", "a\nb\n", ("x", 1, None)),
        ("--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", "a\nb\n", ("x", 1, None)),
    ],
    ids=[
        "a binary difference",
        "a new file over one that stands",
        "hunks out of order",
        "hunks that overlap",
        "a hunk that begins behind the end",
        "a line in a later hunk",
        "a hunk that goes on behind the end",
        "a line end lost in the middle",
        "a deletion that leaves lines",
    ],
)
def test_a_refusal_names_file_hunk_and_line(
    patch: str, base: str, where: tuple[str, int | None, int | None]
) -> None:
    error = refusal(patch, base)
    assert (error.path, error.hunk, error.line) == where


def test_a_hunk_may_follow_the_one_before_it_at_once() -> None:
    (patch,) = parse_patch(f"{_HEAD}@@ -1 +1 @@\n-a\n+A\n@@ -2 +2 @@\n-b\n+B\n")
    assert apply_patch(patch, "a\nb\n") == "A\nB\n"


def test_lines_may_be_put_behind_the_last_one() -> None:
    (patch,) = parse_patch(f"{_HEAD}@@ -2,0 +3 @@\n+c\n")
    assert apply_patch(patch, "a\nb\n") == "a\nb\nc\n"


def test_a_refusal_shows_the_line_that_stands_there_instead() -> None:
    patch = f"{_HEAD}@@ -1,2 +1 @@\n a\n-b\n"
    assert str(refusal(patch, "a\nother\n")).startswith(
        "x, hunk 1, line 2: the base does not hold the hunk's line 'b\\n' here but 'other\\n'."
    )


def test_a_refusal_says_that_the_base_ends_there() -> None:
    assert "'b\\n' here but the end of the file." in str(refusal(f"{_HEAD}@@ -1,2 +1 @@\n a\n-b\n", "a\n"))


def test_a_refusal_says_where_all_the_lines_of_the_hunk_stand() -> None:
    error = refusal(f"{_HEAD}@@ -1,2 +1 @@\n a\n-b\n", "c\na\nc\na\nb\n")
    assert "; the same lines stand at line 4." in str(error)


def test_a_refusal_tells_no_other_place_when_there_are_two() -> None:
    error = refusal(f"{_HEAD}@@ -1 +0,0 @@\n-a\n", "c\na\na\n")
    assert "the same lines" not in str(error)


def test_a_refusal_counts_the_lines_of_a_base_that_is_too_short() -> None:
    error = refusal(f"{_HEAD}@@ -9 +9 @@\n-i\n+I\n", "a\nb\n")
    assert "it begins at line 9, but the base has 2 lines." in str(error)


def test_a_refusal_quotes_the_line_that_loses_its_end() -> None:
    error = refusal(f"{_HEAD}@@ -1 +1 @@\n-a\n+A\n\\ No newline at end of file\n", "a\nb\n")
    assert "the line 'A' loses its line end" in str(error)


def test_a_deletion_without_hunks_leaves_nothing() -> None:
    (patch,) = parse_patch("diff --git a/x b/x\ndeleted file mode 100644\n")
    assert apply_patch(patch, "a\n") == ""
