"""What is staged is judged as it stands in the index: links, odd names, other encodings, and the index that a hook names."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from backend_engineer.errors import UsageError
from backend_engineer.workspace import change_from_git
from backend_engineer.workspace.reading import change_from_index


def git(folder: Path, *arguments: str | bytes, env: dict[str, str] | None = None) -> str:
    identity = [
        "-c",
        "user.name=Someone",
        "-c",
        "user.email=someone@example.com",
        "-c",
        "commit.gpgsign=false",
    ]
    done = subprocess.run(
        ["git", *identity, *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        env=os.environ | (env or {}),
    )
    return done.stdout.decode("utf-8", "replace").strip()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "a.py").write_text("a = 1\n")
    (tmp_path / "b.py").write_text("".join(f"b{number} = 1\n" for number in range(20)))
    (tmp_path / "link").symlink_to("a.py")
    (tmp_path / "latin.py").write_bytes(b"# caf\xe9\n")
    (tmp_path / "image.png").write_bytes(b"\x89PNG\0\1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    return tmp_path


def test_what_is_staged_is_what_the_commit_will_hold(repo: Path) -> None:
    (repo / "a.py").write_text("a = 2\n")
    git(repo, "add", "a.py")
    (repo / "a.py").write_text("a = 3\n")
    (repo / "unstaged.py").write_text("u = 1\n")
    change, base = change_from_index(repo)
    assert [(file.path, file.action, file.content, file.changed_lines) for file in change] == [
        ("a.py", "modify", "a = 2\n", ((1, 1),))
    ]
    assert base.get("a.py") == "a = 1\n"


def test_a_link_an_image_and_another_encoding_can_be_staged(repo: Path) -> None:
    (repo / "link").unlink()
    (repo / "link").symlink_to("b.py")
    (repo / "latin.py").write_bytes(b"# caf\xe9s\n")
    (repo / "image.png").write_bytes(b"\x89PNG\0\2")
    git(repo, "add", ".")
    change, _ = change_from_index(repo)
    assert {file.path: (file.action, file.language, file.content) for file in change} == {
        "link": ("modify", "link", None),
        "latin.py": ("modify", "binary", None),
        "image.png": ("modify", "binary", None),
    }


@pytest.mark.parametrize("name", ["new\nline.py", 'ta\tb".py', "ü ß.py", os.fsdecode(b"caf\xe9.py")])
def test_a_file_of_any_name_can_be_staged(repo: Path, name: str) -> None:
    (repo / name).write_text("x = 1\n")
    git(repo, "add", os.fsencode(name))
    change, _ = change_from_index(repo)
    assert [(file.path, file.content) for file in change] == [(name, "x = 1\n")]


def test_renames_deletions_and_modes_are_seen(repo: Path) -> None:
    git(repo, "mv", "b.py", "c.py")
    (repo / "c.py").write_text((repo / "c.py").read_text() + "c = 1\n")
    (repo / "a.py").unlink()
    (repo / "latin.py").chmod(0o755)
    git(repo, "add", "-A")
    change, _ = change_from_index(repo)
    assert {(file.path, file.action, file.previous_path, file.changed_lines) for file in change} == {
        ("a.py", "delete", None, None),
        ("c.py", "rename", "b.py", ((21, 21),)),
        ("latin.py", "modify", None, None),
    }


@pytest.mark.parametrize(
    "setting",
    [
        ("diff.submodule", "log"),
        ("diff.renames", "copies"),
        ("diff.noprefix", "true"),
        ("diff.relative", "true"),
        ("diff.context", "0"),
        ("diff.suppressBlankEmpty", "true"),
        ("diff.external", "false"),
        ("core.quotePath", "true"),
        ("status.renames", "false"),
    ],
)
def test_settings_of_the_user_change_nothing(repo: Path, setting: tuple[str, str]) -> None:
    (repo / "a.py").write_text("a = 2\n\nb = 2\n")
    git(repo, "mv", "b.py", "c.py")
    git(repo, "add", "-A")
    plain = change_from_index(repo)[0]
    git(repo, "config", *setting)
    assert change_from_index(repo)[0] == plain


def test_a_folder_within_the_repository_stands_for_all_of_it(repo: Path) -> None:
    (repo / "sub").mkdir()
    (repo / "sub" / "d.py").write_text("d = 1\n")
    (repo / "a.py").write_text("a = 2\n")
    git(repo, "add", "-A")
    assert change_from_index(repo / "sub")[0].paths == change_from_index(repo)[0].paths


def test_the_first_commit_and_the_first_of_a_branch_without_history_start_from_nothing(
    repo: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    git(repo, "checkout", "-q", "--orphan", "pages")
    change, base = change_from_index(repo)
    assert {file.action for file in change} == {"add"}
    assert len(base) == 0
    fresh = tmp_path_factory.mktemp("fresh")
    git(fresh, "init", "-q")
    (fresh / "a.py").write_text("a = 1\n")
    git(fresh, "add", ".")
    assert change_from_index(fresh)[0].paths == ("a.py",)


def test_a_commit_that_no_branch_names_is_still_the_base(repo: Path) -> None:
    git(repo, "checkout", "-q", "--detach")
    git(repo, "branch", "-q", "-D", "main")
    (repo / "a.py").write_text("a = 2\n")
    git(repo, "add", "a.py")
    assert change_from_index(repo)[0].paths == ("a.py",)


def test_the_index_that_a_commit_makes_for_itself_is_the_one_judged(repo: Path) -> None:
    """`git commit -a` and `git commit PATH` call the hook with an index of their own."""
    seen = repo.parent / "seen"
    hook = repo / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f'#!/bin/sh\nprintf %s "$GIT_INDEX_FILE" > {seen}\ncp "$GIT_INDEX_FILE" {seen}.index\nexit 1\n'
    )
    hook.chmod(0o755)
    (repo / "a.py").write_text("a = 2\n")
    with pytest.raises(subprocess.CalledProcessError):
        git(repo, "commit", "-qam", "two")
    named = seen.read_text()
    own = repo / ".git" / Path(named).name
    own.write_bytes(Path(f"{seen}.index").read_bytes())
    assert change_from_index(repo)[0].paths == ()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_INDEX_FILE", str(own))
        assert change_from_index(repo)[0].paths == ("a.py",)
        patch.chdir(repo)
        patch.setenv("GIT_INDEX_FILE", f".git/{own.name}")
        assert change_from_index(Path())[0].paths == ("a.py",)


def test_an_index_of_another_repository_is_not_taken(
    repo: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path_factory.mktemp("other")
    git(other, "init", "-q")
    (other / "o.py").write_text("o = 1\n")
    git(other, "add", ".")
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert change_from_index(repo)[0].paths == ()


def test_a_merge_that_is_not_done_is_refused(repo: Path) -> None:
    git(repo, "checkout", "-qb", "side")
    (repo / "a.py").write_text("a = 2\n")
    git(repo, "commit", "-qam", "two")
    git(repo, "checkout", "-q", "main")
    (repo / "a.py").write_text("a = 3\n")
    git(repo, "commit", "-qam", "three")
    with pytest.raises(subprocess.CalledProcessError):
        git(repo, "merge", "side")
    with pytest.raises(UsageError, match="merge"):
        change_from_index(repo)


def test_staged_and_committed_are_one_change(repo: Path) -> None:
    (repo / "a.py").write_text("a = 2\r\nb = 3\n")
    git(repo, "mv", "b.py", "c.py")
    git(repo, "add", "-A")
    staged = change_from_index(repo)[0]
    git(repo, "commit", "-qm", "two")
    assert change_from_git(repo, "HEAD~1") == staged


def test_what_is_no_repository_is_a_named_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        change_from_index(tmp_path)
    with pytest.raises(UsageError):
        change_from_index(tmp_path / "absent")
