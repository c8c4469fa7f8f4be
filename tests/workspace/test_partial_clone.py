"""A repository that lacks the content of a file can be judged all the same; what is lacking is said when it is needed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from backend_engineer.errors import UsageError
from backend_engineer.workspace import SourceTree, change_from_git


def git(folder: Path, *arguments: str) -> str:
    identity = [
        "-c",
        "user.name=Someone",
        "-c",
        "user.email=someone@example.com",
        "-c",
        "commit.gpgsign=false",
    ]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def partial_clone(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "large.bin").write_text("x" * 5000)
    (tmp_path / "a.py").write_text("A = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    (tmp_path / "a.py").write_text("A = 2\n")
    git(tmp_path, "commit", "-qam", "two")
    blob = git(tmp_path, "rev-parse", "HEAD:large.bin")
    (tmp_path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    return tmp_path


def test_a_change_beside_a_lacking_file_is_read(partial_clone: Path) -> None:
    change = change_from_git(partial_clone, "HEAD^", "HEAD")
    assert [(file.path, file.content, file.changed_lines) for file in change] == [
        ("a.py", "A = 2\n", ((1, 1),))
    ]


def test_a_lacking_file_has_no_text(partial_clone: Path) -> None:
    tree = SourceTree.from_git(partial_clone)
    assert tree.get("large.bin") is None
    assert tree.get("a.py") == "A = 2\n"


def test_what_needs_every_file_says_which_is_lacking(partial_clone: Path) -> None:
    with pytest.raises(UsageError, match="lacks the object"):
        _ = SourceTree.from_git(partial_clone).fingerprint


def test_neighbours_are_read_in_one_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "more").mkdir()
    for number in range(50):
        (tmp_path / "more" / f"{number}.txt").write_text(f"{number}\n")
    git(tmp_path, "add", "more")
    git(tmp_path, "commit", "-qm", "one")
    tree = SourceTree.from_git(tmp_path)
    started: list[object] = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: (started.append(a), run(*a, **k))[1])
    assert [tree.get(f"more/{number}.txt") for number in range(50)] == [f"{number}\n" for number in range(50)]
    assert len(started) <= 2


@pytest.mark.parametrize("lacking", ["a.py", "b.py"])
def test_a_file_of_the_change_that_is_lacking_is_no_file_without_text(tmp_path: Path, lacking: str) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("A = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    (tmp_path / "a.py").write_text("A = 2\n")
    (tmp_path / "b.py").write_text("TOKEN = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "two")
    blob = git(tmp_path, "rev-parse", f"HEAD:{lacking}")
    (tmp_path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(UsageError, match="lacks the object"):
        change_from_git(tmp_path, "HEAD^", "HEAD")
