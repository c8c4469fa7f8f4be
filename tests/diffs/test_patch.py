"""What a patch may look like, and where a wrong one is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.diffs import apply_patch, make_diff, parse_patch
from backend_engineer.errors import BadPatch

_PATCH = "--- a/x.txt\n+++ b/x.txt\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"


def test_context_and_removed_lines_are_replaced() -> None:
    (patch,) = parse_patch(_PATCH)
    assert apply_patch(patch, "a\nb\nc\n") == "a\nB\nc\n"


def test_prose_and_fences_around_a_patch_are_passed_over() -> None:
    (patch,) = parse_patch(f"Here it is:\n\n```diff\n{_PATCH}```\nDone.\n")
    assert patch.path == "x.txt"


def test_too_few_lines_are_refused_with_hunk_and_line() -> None:
    with pytest.raises(BadPatch) as error:
        parse_patch(_PATCH.replace("-1,3 +1,3", "-1,4 +1,4"))
    assert (error.value.path, error.value.hunk, error.value.line) == ("x.txt", 1, 8)


def test_too_many_lines_are_refused() -> None:
    with pytest.raises(BadPatch, match="more lines"):
        parse_patch(_PATCH.replace("-1,3 +1,3", "-1,2 +1,2"))


def test_a_malformed_hunk_line_is_refused() -> None:
    with pytest.raises(BadPatch, match="form"):
        parse_patch("--- a/x\n+++ b/x\n@@ -a,b +c @@\n a\n")


def test_a_context_that_differs_is_refused_with_the_base_line() -> None:
    (patch,) = parse_patch(_PATCH)
    with pytest.raises(BadPatch) as error:
        apply_patch(patch, "a\nbb\nc\n")
    assert (error.value.hunk, error.value.line) == (1, 2)


def test_a_hunk_that_fits_elsewhere_is_refused_and_told_where() -> None:
    (patch,) = parse_patch(_PATCH)
    with pytest.raises(BadPatch, match="stand at line 2"):
        apply_patch(patch, "new\na\nb\nc\n")


def test_hunks_out_of_order_are_refused() -> None:
    (patch,) = parse_patch("--- a/x\n+++ b/x\n@@ -3 +3 @@\n-c\n+C\n@@ -1 +1 @@\n-a\n+A\n")
    with pytest.raises(BadPatch, match="order"):
        apply_patch(patch, "a\nb\nc\n")


def test_a_new_file_over_an_existing_one_is_refused() -> None:
    (patch,) = parse_patch(make_diff(None, "a\n", "x"))
    with pytest.raises(BadPatch, match="already"):
        apply_patch(patch, "other\n")


def test_a_missing_final_newline_must_be_said() -> None:
    (patch,) = parse_patch("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n")
    with pytest.raises(BadPatch):
        apply_patch(patch, "a")
    (patch,) = parse_patch("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n")
    assert apply_patch(patch, "a") == "b\n"


def test_carriage_returns_stay_in_the_lines() -> None:
    crlf = "--- a/x\r\n+++ b/x\r\n@@ -1,2 +1,2 @@\r\n a\r\n-b\r\n+B\r\n"
    (patch,) = parse_patch(crlf)
    assert patch.path == "x"
    assert apply_patch(patch, "a\r\nb\r\n") == "a\r\nB\r\n"


def test_a_pure_rename_has_no_hunks_and_keeps_the_text() -> None:
    (patch,) = parse_patch("diff --git a/o b/n\nsimilarity index 100%\nrename from o\nrename to n\n")
    assert (patch.action, patch.previous_path, patch.path) == ("rename", "o", "n")
    assert apply_patch(patch, "text\n") == "text\n"


def test_mode_lines_are_kept() -> None:
    (patch,) = parse_patch("diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n")
    assert (patch.action, patch.old_mode, patch.new_mode) == ("modify", "100644", "100755")


def test_a_quoted_path_is_read_as_its_bytes() -> None:
    (patch,) = parse_patch(
        '--- "a/\\303\\274 \\"q\\".txt"\n+++ "b/\\303\\274 \\"q\\".txt"\n@@ -1 +1 @@\n-a\n+b\n'
    )
    assert patch.path == 'ü "q".txt'


def test_a_stripped_blank_context_line_is_read_as_one() -> None:
    (patch,) = parse_patch("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n\n-b\n+B\n")
    assert apply_patch(patch, "a\n\nb\n") == "a\n\nB\n"


def test_several_files_come_in_order() -> None:
    text = make_diff("a\n", "b\n", "one") + make_diff(None, "c\n", "two") + make_diff("d\n", None, "three")
    assert [(p.path, p.action) for p in parse_patch(text)] == [
        ("one", "modify"),
        ("two", "add"),
        ("three", "delete"),
    ]


def test_a_binary_difference_is_refused_on_applying() -> None:
    (patch,) = parse_patch("diff --git a/i.png b/i.png\nBinary files a/i.png and b/i.png differ\n")
    with pytest.raises(BadPatch, match="binary"):
        apply_patch(patch, "")


def test_hunks_without_file_headers_take_the_given_path() -> None:
    (patch,) = parse_patch("@@ -1 +1 @@\n-a\n+b\n", path="x.py")
    assert (patch.path, patch.action) == ("x.py", "modify")


_PIECES = [
    *_PATCH.splitlines(keepends=True),
    "diff --git a/x b/y\n",
    "@@",
    "\\ No\n",
    "\r\n",
    "rename from x\n",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=14))
def test_any_shuffle_of_patch_lines_parses_or_is_refused_by_name(lines: list[str]) -> None:
    with suppress(BadPatch):
        for patch in parse_patch("".join(lines)):
            assert isinstance(apply_patch(patch, "a\nb\nc\n"), str)


def test_long_files_of_equal_lines_are_compared_quickly_and_exactly() -> None:
    old = "".join(f"{i % 3}\n" for i in range(6_000))
    new = "".join(f"{i % 4}\n" for i in range(6_000))
    (patch,) = parse_patch(make_diff(old, new, "x"))
    assert apply_patch(patch, old) == new
