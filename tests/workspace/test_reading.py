"""Facts about changes read from a folder, a diff and a git range."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer import SourceTree, change_from_diff, change_from_directory, change_from_git
from backend_engineer.diffs import make_diff
from backend_engineer.errors import BadPatch, UnsafePath, UsageError
from backend_engineer.outputs import text_hash

LONG = "".join(f"line {number}\n" for number in range(40))


def fill(root: Path, files: dict[str, bytes | str]) -> None:
    for path, data in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data.encode() if isinstance(data, str) else data)


def git(repo: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(repo), *arguments],
        check=True,
        capture_output=True,
    )


def commit(repo: Path) -> None:
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "--allow-empty", "-m", "step")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    fill(
        tmp_path,
        {"keep": "k\n", "edit.py": "1\n2\n3\n4\n", "gone": "g\n", "old/name.py": LONG, "bin": b"\xff\1"},
    )
    commit(tmp_path)
    fill(tmp_path, {"edit.py": "1\nzwei\n3\n4\n5\n", "new.sql": "select 1;\n", "bin": b"\xff\2"})
    (tmp_path / "gone").unlink()
    (tmp_path / "old" / "name.py").unlink()
    fill(tmp_path, {"fresh/name.py": LONG.replace("line 7\n", "line seven\n")})
    commit(tmp_path)
    return tmp_path


def test_a_git_range_gives_every_action_with_its_base_hash(repo: Path) -> None:
    change = change_from_git(repo, "HEAD~1", "HEAD")
    assert {file.path: file.action for file in change} == {
        "bin": "modify",
        "edit.py": "modify",
        "gone": "delete",
        "new.sql": "add",
        "fresh/name.py": "rename",
    }
    edited, moved = change.get("edit.py"), change.get("fresh/name.py")
    assert edited is not None
    assert moved is not None
    assert edited.base_hash == text_hash("1\n2\n3\n4\n")
    assert (moved.previous_path, moved.base_hash) == ("old/name.py", text_hash(LONG))


def test_a_git_range_keeps_the_changed_lines(repo: Path) -> None:
    change = change_from_git(repo, "HEAD~1")
    assert [file.changed_lines for file in change if file.path in ("edit.py", "fresh/name.py")] in (
        [((2, 2), (5, 5)), ((8, 8),)],
        [((8, 8),), ((2, 2), (5, 5))],
    )


def test_a_binary_file_is_named_without_content(repo: Path) -> None:
    file = change_from_git(repo, "HEAD~1").get("bin")
    assert file is not None
    assert (file.content, file.language, file.changed_lines) == (None, "binary", None)


def test_paths_limit_a_git_range_and_are_taken_literally(repo: Path) -> None:
    assert change_from_git(repo, "HEAD~1", paths=["fresh"]).paths == ("fresh/name.py",)
    assert change_from_git(repo, "HEAD~1", paths=["fresh/"]).paths == ("fresh/name.py",)
    with pytest.raises(UsageError, match="Neither revision holds"):
        change_from_git(repo, "HEAD~1", paths=["*.py"])


def test_a_path_that_names_nothing_is_an_error_and_no_empty_change(repo: Path) -> None:
    with pytest.raises(UsageError, match="Neither revision holds 'frsh'"):
        change_from_git(repo, "HEAD~1", paths=["fresh", "frsh"])


def test_a_link_in_a_git_range_is_named_without_content(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    os.symlink("/etc/passwd", tmp_path / "link")
    commit(tmp_path)
    [file] = change_from_git(tmp_path, "HEAD~1")
    assert (file.path, file.content, file.language, file.action) == ("link", None, "link", "add")


def test_paths_with_blanks_quotes_and_umlauts_survive_git(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    names = ["with blank.py", 'quo"te.py', "grün/täb\tx.py"]
    fill(tmp_path, dict.fromkeys(names, "x\n"))
    commit(tmp_path)
    assert sorted(change_from_git(tmp_path, "HEAD~1").paths) == sorted(names)


def test_the_environment_cannot_point_git_elsewhere(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    assert len(change_from_git(repo, "HEAD~1")) == 5


def test_an_unknown_base_revision_is_a_named_error(repo: Path) -> None:
    with pytest.raises(UsageError, match="no git revision 'nope'"):
        change_from_git(repo, "nope")


def test_a_folder_without_a_base_is_a_change_that_adds_every_file(tmp_path: Path) -> None:
    fill(tmp_path, {"a.py": "x", "db/migrations/0001_a.up.sql": "y"})
    change = change_from_directory(tmp_path)
    assert [(file.path, file.action) for file in change] == [
        ("db/migrations/0001_a.up.sql", "add"),
        ("a.py", "add"),
    ]


def test_a_folder_against_a_base_shows_edits_deletions_and_renames(tmp_path: Path) -> None:
    base = {"same": "s", "edit": "1\n2\n", "gone": "g", "old.py": LONG, "twin": "t\n"}
    fill(tmp_path, {"same": "s", "edit": "1\n2\n3\n", "new.py": LONG + "more\n", "moved": "t\n"})
    change = change_from_directory(tmp_path, base)
    shown = {file.path: (file.action, file.previous_path, file.changed_lines) for file in change}
    assert shown == {
        "edit": ("modify", None, ((3, 3),)),
        "gone": ("delete", None, None),
        "moved": ("rename", "twin", ()),
        "new.py": ("rename", "old.py", ((41, 41),)),
    }
    assert change.base == SourceTree.from_mapping(base).fingerprint


def test_a_folder_of_altered_files_only_deletes_nothing(tmp_path: Path) -> None:
    fill(tmp_path, {"edit": "2"})
    change = change_from_directory(tmp_path, {"edit": "1", "other": "o"}, whole=False)
    assert [(file.path, file.action) for file in change] == [("edit", "modify")]


def test_a_diff_is_applied_to_the_base() -> None:
    base = {"a.py": "1\n2\n3\n", "b.py": "x\n"}
    text = make_diff(base["a.py"], "1\nzwei\n3\n", "a.py") + make_diff(base["b.py"], None, "b.py")
    text += make_diff(None, "new\n", "c.py")
    change = change_from_diff(text, base)
    assert [(file.path, file.action, file.content) for file in change] == [
        ("a.py", "modify", "1\nzwei\n3\n"),
        ("b.py", "delete", None),
        ("c.py", "add", "new\n"),
    ]
    assert change.files[0].changed_lines == ((2, 2),)


def test_without_a_base_a_diff_keeps_its_patch_and_gives_new_files_whole() -> None:
    text = make_diff("1\n2", "1\nzwei", "a.py") + make_diff(None, "new\n", "c.py")
    change = change_from_diff(text)
    edited, added = change.files
    assert (edited.content, added.content) == (None, "new\n")
    assert edited.patch is not None
    assert change_from_diff(edited.patch, {"a.py": "1\n2"}).files[0].content == "1\nzwei"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (make_diff("1\n", "2\n", "a.py"), "base holds no such file"),
        (make_diff("other\n", "2\n", "b.py"), "b.py"),
        (make_diff(None, "2\n", "b.py"), "holds already"),
        (make_diff("x\n", "2\n", "b.py") * 2, "twice"),
    ],
)
def test_a_diff_that_does_not_fit_the_base_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadPatch, match=why):
        change_from_diff(text, {"b.py": "x\n"})


def test_a_diff_may_not_name_a_path_outside() -> None:
    with pytest.raises(UnsafePath):
        change_from_diff("--- a/../x\n+++ b/../x\n@@ -0,0 +1 @@\n+x\n")


TREES = st.dictionaries(
    st.sampled_from(["a.py", "b.py", "db/migrations/1.up.sql", "docs/d.md", "src/e.ts"]),
    st.lists(st.sampled_from(["x", "y", "z", ""]), max_size=6).map(lambda lines: "\n".join(lines)),
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(before=TREES, after=TREES)
def test_the_diff_of_two_trees_leads_from_one_to_the_other(
    before: dict[str, str], after: dict[str, str]
) -> None:
    pairs = [(path, before.get(path), after.get(path)) for path in sorted({*before, *after})]
    text = "".join(make_diff(old, new, path) for path, old, new in pairs if old != new)
    result = dict(before)
    for file in change_from_diff(text, before):
        if file.action == "delete":
            del result[file.path]
        else:
            assert file.content is not None
            result[file.path] = file.content
    assert result == after


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("a = 1\nb = 2\n" * 10)
    (tmp_path / "b.py").write_text("b = 1\n")
    (tmp_path / "link").symlink_to("a.py")
    (tmp_path / "other").symlink_to("a.py")
    commit(tmp_path)
    return tmp_path


def _diffed(folder: Path, *options: str) -> str:
    command = ["git", "diff", "--no-color", *options, "HEAD~1", "HEAD"]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def test_a_diff_with_links_and_a_changed_kind_is_the_change_that_git_has(linked: Path) -> None:
    for name in ("link", "b.py", "other"):
        (linked / name).unlink()
    (linked / "link").symlink_to("b.py")
    (linked / "b.py").symlink_to("a.py")
    (linked / "other").write_text("o = 1\n")
    (linked / "new").symlink_to("b.py")
    commit(linked)
    shown = change_from_diff(_diffed(linked), SourceTree.from_git(linked, "HEAD~1"))
    assert {(file.path, file.action, file.language, file.content) for file in shown} == {
        ("b.py", "modify", "link", None),
        ("link", "modify", "link", None),
        ("new", "add", "link", None),
        ("other", "modify", "", "o = 1\n"),
    }


def test_a_copy_in_a_diff_has_the_text_of_what_was_copied(linked: Path) -> None:
    (linked / "same.py").write_text((linked / "a.py").read_text())
    (linked / "more.py").write_text((linked / "a.py").read_text() + "c = 3\n")
    commit(linked)
    text = _diffed(linked, "-C", "-C")
    assert text.count("copy to") == 2
    shown = change_from_diff(text, SourceTree.from_git(linked, "HEAD~1"))
    old = (linked / "a.py").read_text()
    assert {file.path: (file.action, file.content, file.previous_path) for file in shown} == {
        "more.py": ("add", old + "c = 3\n", None),
        "same.py": ("add", old, None),
    }
    with pytest.raises(BadPatch, match="only a base can tell"):
        change_from_diff(text)
