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


@pytest.mark.parametrize(
    ("patch", "where"),
    [
        (f"{_PATCH}@@ nonsense\n", ("x.txt", 1, 8)),
        ("@@ nonsense\n", ("", None, 1)),
        (_PATCH.replace("-1,3 +1,3", "-1,2 +1,2"), ("x.txt", 1, 7)),
        (_PATCH.replace("-1,3 +1,3", "-1,4 +1,4"), ("x.txt", 1, 8)),
        (f"{_PATCH}@@ -9,2 +9,2 @@\n i\nprose\n", ("x.txt", 2, 10)),
        (f"{_PATCH}@@ -9,2 +9,2 @@\n i", ("x.txt", 2, 10)),
        (f"{_PATCH}@@ -9,1 +9,2 @@\n-i\n-j\n", ("x.txt", 2, 10)),
        ("--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n+a\n", ("/dev/null", 1, 4)),
        ("\n--- a/x\n+++ \n@@ -1 +1 @@\n-a\n+b\n", ("", None, 3)),
        ("\n--- \n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", ("", None, 2)),
        ("\n@@ -1 +1 @@\n-a\n+b\n", ("", None, 2)),
        ("\n--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n", ("", None, 2)),
    ],
    ids=[
        "a malformed head after a hunk",
        "a malformed head before any file",
        "lines behind the counted ones",
        "a hunk cut short",
        "a hunk cut short by prose",
        "a hunk cut short by the end",
        "more old lines than counted",
        "more new lines than counted",
        "no new name",
        "no old name",
        "no headers",
        "no file on either side",
    ],
)
def test_a_malformed_patch_is_refused_with_file_hunk_and_line(
    patch: str, where: tuple[str, int | None, int | None]
) -> None:
    with pytest.raises(BadPatch) as error:
        parse_patch(patch)
    assert (error.value.path, error.value.hunk, error.value.line) == where


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        (
            f"{_PATCH}@@ -9,3 +9,4 @@\n i\n",
            "says 3 old and 4 new lines, but ends 2 old and 3 new lines short",
        ),
        (f"{_PATCH}@@ -9,1 +9,2 @@\n-i\n-j\n", "has more old lines than its '@@' line says"),
        (f"{_PATCH}@@ -9,2 +9,1 @@\n+i\n+j\n", "has more new lines than its '@@' line says"),
    ],
)
def test_a_wrong_count_is_told_by_side(patch: str, words: str) -> None:
    with pytest.raises(BadPatch) as error:
        parse_patch(patch)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("--- a/x\n+++ b/x\n", ("modify", None, "x")),
        ("--- /dev/null\n+++ b/x\n", ("add", None, "x")),
        ("--- a/x\n+++ /dev/null\n", ("delete", None, "x")),
        ("--- a/o\n+++ b/n\n", ("rename", "o", "n")),
        ("--- x\n+++ x\n", ("modify", None, "x")),
        ("--- a/x\t2026-01-02 03:04:05\n+++ b/x\t2026-01-02 03:04:06\n", ("modify", None, "x")),
        ("--- a/x y  \n+++ b/x y \n", ("modify", None, "x y")),
        ("diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n", ("modify", None, "x")),
        ("diff --git a/o b/n\nrename from o\nrename to n\n--- a/o\n+++ b/n\n", ("rename", "o", "n")),
        ("diff --git a/o b/n\ncopy from o\ncopy to n\n--- a/o\n+++ b/n\n", ("add", "o", "n")),
        ("diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n", ("add", None, "x")),
        ("--- a/a/x\n+++ b/a/x\n", ("modify", None, "a/x")),
        ("--- a/b/x\n+++ b/b/x\n", ("modify", None, "b/x")),
    ],
)
def test_the_headers_say_what_becomes_of_the_file(header: str, read: tuple[str, str | None, str]) -> None:
    (patch,) = parse_patch(f"{header}@@ -1 +1 @@\n-a\n+b\n")
    assert (patch.action, patch.previous_path, patch.path) == read


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("diff --git a/x y b/x y\nnew file mode 100755\n", ("add", None, "x y", "", "100755")),
        ("diff --git a/x y b/x y\ndeleted file mode 100755\n", ("delete", None, "x y", "100755", "")),
        (
            "diff --git a/x b/x\r\nold mode 100644\r\nnew mode 100755\r\n",
            ("modify", None, "x", "100644", "100755"),
        ),
        ("diff --git a/o b/n\nsimilarity index 100%\n", ("rename", "o", "n", "", "")),
        ('diff --git "a/\\"o" "b/\\"n"\nsimilarity index 100%\n', ("rename", '"o', '"n', "", "")),
        ("diff --git a/o p b/n m\nrename from o p\nrename to n m\n", ("rename", "o p", "n m", "", "")),
        ("diff --git a/o p b/n m\ncopy from o p\ncopy to n m\n", ("add", "o p", "n m", "", "")),
        ('diff --git a/o b/n\nrename from "o\\t"\nrename to "n\\t"\n', ("rename", "o\t", "n\t", "", "")),
    ],
)
def test_a_file_without_hunks_is_told_by_gits_own_headers(
    header: str, read: tuple[str, str | None, str, str, str]
) -> None:
    (patch,) = parse_patch(header)
    assert (patch.action, patch.previous_path, patch.path, patch.old_mode, patch.new_mode) == read
    assert (patch.hunks, patch.binary) == ((), False)


def test_half_a_rename_is_no_rename() -> None:
    (patch,) = parse_patch("diff --git a/x b/x\nrename from o\nold mode 100644\nnew mode 100755\n")
    assert (patch.action, patch.path) == ("modify", "x")


@pytest.mark.parametrize(
    ("mark", "binary"),
    [("Binary files a/x and b/x differ", True), ("GIT binary patch", True), ("index 1..2", False)],
)
def test_a_binary_difference_is_told_as_one(mark: str, binary: bool) -> None:
    (patch,) = parse_patch(f"diff --git a/x b/x\n{mark}\n")
    assert patch.binary is binary


@pytest.mark.parametrize(
    ("written", "path"),
    [
        (r'"a/\a\b\t\n\v\f\r"', "\a\b\t\n\v\f\r"),
        (r'"a/\"\\"', '"\\'),
        (r'"a/\303\274b"', "üb"),
        (r'"a/\377"', "\ufffd"),
        (r'"a/\q"', "q"),
        ('"a/ü"', "ü"),
        ('a/"', '"'),
        ('a/x"', 'x"'),
    ],
)
def test_a_name_in_quotes_is_read_as_git_reads_it(written: str, path: str) -> None:
    (patch,) = parse_patch(f"--- {written}\n+++ {written.replace('a/', 'b/', 1)}\n@@ -1 +1 @@\n-a\n+b\n")
    assert (patch.action, patch.path) == ("modify", path)


def test_every_file_and_hunk_knows_its_line_in_the_patch() -> None:
    plain = _PATCH.replace("x.txt", "y.txt")
    patches = parse_patch(
        f"Two files:\n{_PATCH}@@ -7,0 +8 @@ def f():\n+h\ndiff --git a/y.txt b/y.txt\n{plain}{_PATCH}"
    )
    assert [patch.line for patch in patches] == [2, 11, 19]
    assert [[hunk.header_line for hunk in patch.hunks] for patch in patches] == [[4, 9], [14], [21]]


def test_a_hunk_keeps_both_sides_and_where_they_begin() -> None:
    (patch,) = parse_patch("--- a/x\n+++ b/x\n@@ -3,2 +4,0 @@\n-c\n-d\n@@ -7 +6,2 @@\n-g\n+G\n+H\n")
    assert [(hunk.old_start, hunk.new_start) for hunk in patch.hunks] == [(3, 4), (7, 6)]
    assert [(hunk.old_lines, hunk.new_lines) for hunk in patch.hunks] == [
        (("c\n", "d\n"), ()),
        (("g\n",), ("G\n", "H\n")),
    ]


def test_blank_lines_behind_a_hunk_are_passed_over() -> None:
    assert len(parse_patch(f"{_PATCH}\n \n")) == 1


def test_a_rule_of_dashes_in_prose_is_no_file_header() -> None:
    (patch,) = parse_patch(f"--- a heading\nprose\n{_PATCH}")
    assert (patch.path, patch.line) == ("x.txt", 3)


def test_a_removed_line_that_looks_like_a_header_stays_a_line() -> None:
    (patch,) = parse_patch("--- a/x\n+++ b/x\n@@ -1 +1 @@\n--- a/y\n+++ b/y\n")
    assert apply_patch(patch, "-- a/y\n") == "++ b/y\n"


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
