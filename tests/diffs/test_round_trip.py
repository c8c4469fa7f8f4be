"""Whatever two texts differ in, the diff between them leads from one to the other."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unidiff import PatchSet

from backend_engineer.diffs import apply_patch, changed_ranges, make_diff, parse_patch, split_lines

_LINE = st.sampled_from(
    ["a", "b", "", "--- a/x", "+++ b/x", "@@ -1 +1 @@", "\\ No", "é\u2028", "\x0c", "x\r"]
)
_TEXT = st.builds(
    lambda lines, final: "\n".join(lines) + ("\n" if final and lines else ""),
    st.lists(_LINE, max_size=14),
    st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(_TEXT, _TEXT, st.integers(0, 3))
def test_a_made_diff_parses_and_applies_to_the_new_text(old: str, new: str, context: int) -> None:
    text = make_diff(old, new, "dir/x y.txt", context=context)
    patches = parse_patch(text)
    assert len(patches) == (old != new)
    for patch in patches:
        assert patch.path == "dir/x y.txt"
        assert apply_patch(patch, old) == new


@settings(max_examples=100, deadline=None)
@given(_TEXT.filter(bool))
def test_additions_and_deletions_round_trip(text: str) -> None:
    (added,) = parse_patch(make_diff(None, text, "n.txt"))
    assert (added.action, apply_patch(added, "")) == ("add", text)
    (deleted,) = parse_patch(make_diff(text, None, "n.txt"))
    assert (deleted.action, apply_patch(deleted, text)) == ("delete", "")


@settings(max_examples=100, deadline=None)
@given(_TEXT, _TEXT)
def test_changed_ranges_cover_every_line_that_is_new(old: str, new: str) -> None:
    ranges = changed_ranges(old, new)
    kept = [
        line
        for number, line in enumerate(split_lines(new), 1)
        if not any(first <= number <= last for first, last in ranges)
    ]
    remaining = iter(split_lines(old))
    assert all(line in remaining for line in kept)  # a subsequence of the old lines


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "b", "c", "dd"]), max_size=12),
    st.lists(st.sampled_from(["a", "b", "c", "dd"]), max_size=12),
)
def test_another_parser_counts_the_same_lines(old: list[str], new: list[str]) -> None:
    text = make_diff("\n".join(old), "\n".join(new), "x.txt")
    if not text:
        return
    (theirs,) = PatchSet(text)
    (ours,) = parse_patch(text)
    marks = [mark for hunk in ours.hunks for mark, _ in hunk.lines]
    assert (theirs.added, theirs.removed) == (marks.count("+"), marks.count("-"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\nb\nc\n", "a\nB\nc\n"),
        ("a\nb", "a\nb\n"),
        ("a\r\nb\r\n", "a\r\nB\r\n"),
        ("a\nb\n", "a\nb"),
        ("x\n" * 30, "x\n" * 12 + "y\n" + "x\n" * 18),
    ],
)
def test_git_applies_what_we_make(tmp_path: Path, old: str, new: str) -> None:
    (tmp_path / "sub dir").mkdir()
    target = tmp_path / "sub dir" / "f.txt"
    target.write_bytes(old.encode())
    patch = make_diff(old, new, "sub dir/f.txt").encode()
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=patch, cwd=tmp_path, check=True)
    assert target.read_bytes() == new.encode()


def test_we_apply_what_git_makes(tmp_path: Path) -> None:
    old, new = "a\nb\nc\r\nd", "a\nB\nc\r\nd\ne"
    (tmp_path / "o ü").write_bytes(old.encode())
    (tmp_path / "n").write_bytes(new.encode())
    made = subprocess.run(["git", "diff", "--no-index", "o ü", "n"], cwd=tmp_path, capture_output=True)
    (patch,) = parse_patch(made.stdout.decode())
    assert (patch.previous_path, patch.path) == ("o ü", "n")
    assert apply_patch(patch, old) == new
