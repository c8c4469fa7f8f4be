"""How a diff is written: its headers, its quoting, which lines stand in one hunk."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.diffs import changed_ranges, make_diff, parse_patch

_PATHS = st.text(
    st.sampled_from(
        ["a", "B", "/", " ", '"', "\\", "\t", "\n", "\r", "\x01", "\x7f", "é", "\u2028", "n", "0"]
    ),
    min_size=1,
    max_size=12,
).filter(lambda path: path.strip(" ") == path)  # a blank at an end is taken for a slip


@pytest.mark.parametrize(
    ("old", "new", "ranges"),
    [
        ("a\nb\nc\n", "a\nX\nY\nc\n", ((2, 3),)),
        ("a\nb\nc\n", "a\nc\n", ()),
        ("", "a\n", ((1, 1),)),
        ("a\nb\nc\nd\n", "A\nb\nc\nD\n", ((1, 1), (4, 4))),
        ("a\n", "a", ((1, 1),)),
    ],
)
def test_the_changed_lines_are_told_by_their_numbers(
    old: str, new: str, ranges: tuple[tuple[int, int], ...]
) -> None:
    assert changed_ranges(old, new) == ranges


def numbered(*changed: int) -> str:
    return "".join(f"{'new' if line in changed else 'old'} {line}\n" for line in range(1, 21))


@pytest.mark.parametrize(
    ("context", "second", "hunks"),
    [(3, 11, ["-1,14 +1,14"]), (3, 12, ["-1,7 +1,7", "-9,7 +9,7"]), (0, 5, ["-4,2 +4,2"])],
)
def test_changes_whose_context_touches_stand_in_one_hunk(context: int, second: int, hunks: list[str]) -> None:
    text = make_diff(numbered(), numbered(4, second), "x", context=context)
    heads = [line[3:-3] for line in text.splitlines() if line.startswith("@@")]
    assert heads == hunks


def test_a_hunk_holds_only_the_context_that_stands_in_the_file() -> None:
    text = make_diff("a\nb\nc\n", "a\nB\nc\n", "x")
    assert text.partition("+++ b/x\n")[2] == "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"


def test_a_missing_newline_is_noted_behind_the_line_that_lacks_it() -> None:
    text = make_diff("a\nb", "a\nb\n", "x")
    assert text.endswith("@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n")


@pytest.mark.parametrize(
    ("made", "head"),
    [
        (
            make_diff(None, "a\n", "x", new_mode="100755"),
            "diff --git a/x b/x\nnew file mode 100755\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n",
        ),
        (
            make_diff("a\n", None, "x", old_mode="100755"),
            "diff --git a/x b/x\ndeleted file mode 100755\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
        ),
        (
            make_diff("a\n", "a\n", "x", new_mode="100755"),
            "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n",
        ),
        (
            make_diff("a\n", "a\n", "n", previous_path="o"),
            "diff --git a/o b/n\nrename from o\nrename to n\n",
        ),
        (
            make_diff("a\n", "b\n", "n m", previous_path="o p"),
            "diff --git a/o p b/n m\nrename from o p\nrename to n m\n--- a/o p\t\n+++ b/n m\t\n"
            "@@ -1 +1 @@\n-a\n+b\n",
        ),
        (make_diff(None, "", "x"), "diff --git a/x b/x\nnew file mode 100644\n"),
        (make_diff("a\n", "a\n", "x"), ""),
        (make_diff("a\n", "a\n", "x", previous_path="x"), ""),
    ],
    ids=[
        "a new file",
        "a deletion",
        "a mode",
        "a rename",
        "a rename with blanks and a change",
        "an empty new file",
        "nothing",
        "a rename to the same name",
    ],
)
def test_the_headers_are_those_of_git(made: str, head: str) -> None:
    assert made == head


@given(_PATHS)
def test_any_path_is_read_as_it_was_written(path: str) -> None:
    (patch,) = parse_patch(make_diff("a\n", "b\n", path))
    assert patch.path == path


@given(_PATHS, _PATHS)
def test_any_rename_is_read_as_it_was_written(old: str, new: str) -> None:
    patches = parse_patch(make_diff("a\n", "a\n", new, previous_path=old))
    assert [(patch.previous_path, patch.path) for patch in patches] == ([(old, new)] if old != new else [])


@given(_PATHS, st.sampled_from(["100644", "100755"]))
def test_the_path_of_an_empty_file_is_read_from_the_first_line(path: str, mode: str) -> None:
    (added,) = parse_patch(make_diff(None, "", path, new_mode=mode))
    assert (added.action, added.path, added.new_mode) == ("add", path, mode)
    (deleted,) = parse_patch(make_diff("", None, path, old_mode=mode))
    assert (deleted.action, deleted.path, deleted.old_mode) == ("delete", path, mode)


def test_git_reads_a_quoted_path_as_we_wrote_it(tmp_path: Path) -> None:
    path = 'd/a "b"\\c\t\x01\x7fé.txt'
    told = subprocess.run(
        ["git", "apply", "--numstat", "-z", "-"],
        input=make_diff("a\n", "b\n", path).encode(),
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    assert told.stdout.decode() == f"1\t1\t{path}\0"
