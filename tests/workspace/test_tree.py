"""Facts about `SourceTree`."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer import SourceTree
from backend_engineer.errors import UsageError
from backend_engineer.outputs import text_hash
from backend_engineer.workspace import TreeDigest

NAMES = st.sampled_from(["a.py", "b.sql", "src/c.ts", "src/d/e.md", "öl.txt"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


def fill(root: Path, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def git(repo: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(repo), *arguments],
        check=True,
        capture_output=True,
    )


def commit(repo: Path, message: str = "step") -> None:
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "--allow-empty", "-m", message)


def test_a_folder_is_listed_with_sorted_posix_paths(tmp_path: Path) -> None:
    fill(tmp_path, {"b/c.py": b"x", "a.py": b"y"})
    assert SourceTree.from_directory(tmp_path).paths == ("a.py", "b/c.py")


def test_newlines_and_a_byte_order_mark_stay_as_they_are_in_the_file(tmp_path: Path) -> None:
    fill(tmp_path, {"a": b"\xef\xbb\xbfone\r\ntwo\rthree\n"})
    assert SourceTree.from_directory(tmp_path).get("a") == "\ufeffone\r\ntwo\rthree\n"


def test_an_absent_and_a_binary_file_have_no_text(tmp_path: Path) -> None:
    fill(tmp_path, {"b": b"\xff\xfe", "n": b"a\0b"})
    tree = SourceTree.from_directory(tmp_path)
    assert (tree.get("absent"), tree.get("b"), tree.get("n")) == (None, None, None)
    assert [tree.is_binary(path) for path in ("absent", "b", "n")] == [False, True, True]


def test_the_hash_is_the_text_hash_of_the_text(tmp_path: Path) -> None:
    fill(tmp_path, {"a": "grün\r\n".encode()})
    tree = SourceTree.from_directory(tmp_path)
    assert tree.hash("a") == text_hash("grün\r\n")
    assert tree.hash("absent") is None


def test_folders_of_version_control_and_caches_are_left_out(tmp_path: Path) -> None:
    fill(tmp_path, {".git/x": b"", "node_modules/y": b"", "src/__pycache__/z": b"", "src/a": b""})
    assert SourceTree.from_directory(tmp_path).paths == ("src/a",)


def test_symbolic_links_are_neither_followed_nor_listed(tmp_path: Path) -> None:
    fill(tmp_path, {"out/secret": b"s", "in/a": b"a"})
    os.symlink(tmp_path / "out", tmp_path / "in" / "folder")
    os.symlink(tmp_path / "out" / "secret", tmp_path / "in" / "file")
    assert SourceTree.from_directory(tmp_path / "in").paths == ("a",)


def test_texts_are_read_when_they_are_first_asked_for_and_then_kept(tmp_path: Path) -> None:
    fill(tmp_path, {"a": b"one", "b": b"one"})
    tree = SourceTree.from_directory(tmp_path)
    assert tree.get("a") == "one"
    fill(tmp_path, {"a": b"two", "b": b"two"})
    assert (tree.get("a"), tree.get("b")) == ("one", "two")


def test_a_file_that_vanished_after_the_listing_is_a_named_error(tmp_path: Path) -> None:
    fill(tmp_path, {"a": b"one"})
    tree = SourceTree.from_directory(tmp_path)
    (tmp_path / "a").unlink()
    with pytest.raises(UsageError, match="can no longer be read"):
        tree.get("a")


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a folder"):
        SourceTree.from_directory(tmp_path / "absent")


def test_equal_content_has_one_fingerprint_wherever_it_was_read_from(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    fill(tmp_path, {"a.py": b"x\n", "src/b": b"\xff"})
    commit(tmp_path)
    folder, revision = SourceTree.from_directory(tmp_path), SourceTree.from_git(tmp_path)
    assert folder.fingerprint == revision.fingerprint
    assert folder.digest() == revision.digest()


def test_a_git_revision_shows_what_was_committed_and_not_the_working_copy(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    fill(tmp_path, {"a": b"old", "leer": b""})
    commit(tmp_path)
    fill(tmp_path, {"a": b"new", "b": b""})
    tree = SourceTree.from_git(tmp_path, "HEAD")
    assert (tree.paths, tree.get("a"), tree.get("leer")) == (("a", "leer"), "old", "")


def test_links_in_a_git_revision_are_left_out(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    fill(tmp_path, {"a": b"x"})
    os.symlink("/etc/passwd", tmp_path / "link")
    commit(tmp_path)
    assert SourceTree.from_git(tmp_path).paths == ("a",)


@pytest.mark.parametrize("rev", ["", "no-such-branch", "--output=/tmp/x", "HEAD\n"])
def test_an_unknown_or_crooked_revision_is_a_named_error(tmp_path: Path, rev: str) -> None:
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    with pytest.raises(UsageError, match="revision"):
        SourceTree.from_git(tmp_path, rev)


def test_a_folder_without_a_repository_is_a_named_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no git repository|failed"):
        SourceTree.from_git(tmp_path)


def test_a_missing_git_program_is_a_named_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="git program is not installed"):
        SourceTree.from_git(tmp_path)


def test_a_digest_knows_every_path_and_only_the_texts_it_was_given() -> None:
    whole = SourceTree.from_mapping({"a": "x", "b": "y"})
    part = SourceTree.from_digest(whole.digest(), {"a": "x"})
    assert (part.paths, part.get("a"), part.get("b")) == (("a", "b"), "x", None)
    assert (part.hash("b"), part.fingerprint, "b" in part) == (whole.hash("b"), whole.fingerprint, True)


def test_a_text_that_is_not_the_one_in_the_digest_is_refused() -> None:
    digest = SourceTree.from_mapping({"a": "x"}).digest()
    with pytest.raises(UsageError, match="not the one"):
        SourceTree.from_digest(digest, {"a": "other"})


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(NAMES, TEXTS, max_size=5))
def test_any_mapping_gives_back_its_texts_and_survives_the_digest(files: dict[str, str]) -> None:
    tree = SourceTree.from_mapping(files)
    assert {path: tree.get(path) for path in tree} == files
    digest = TreeDigest.model_validate_json(tree.digest().model_dump_json())
    assert SourceTree.from_digest(digest, files).texts() == files
    assert SourceTree.from_digest(digest, {}).fingerprint == tree.fingerprint


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(NAMES, TEXTS, max_size=5), st.dictionaries(NAMES, TEXTS, max_size=5))
def test_two_trees_have_one_fingerprint_exactly_when_they_are_equal(
    one: dict[str, str], other: dict[str, str]
) -> None:
    same = SourceTree.from_mapping(one).fingerprint == SourceTree.from_mapping(other).fingerprint
    assert same == (one == other)


def test_the_bytes_of_a_file_are_given_whether_they_are_text_or_not(tmp_path: Path) -> None:
    fill(tmp_path, {"b": b"\xff\xfe", "t": "\ufeffa\r\n".encode()})
    tree = SourceTree.from_directory(tmp_path)
    assert (tree.read("b"), tree.read("t"), tree.read("absent")) == (
        b"\xff\xfe",
        "\ufeffa\r\n".encode(),
        None,
    )


def test_a_digest_gives_the_bytes_of_the_texts_it_holds_and_of_no_other_file(tmp_path: Path) -> None:
    fill(tmp_path, {"a": b"a", "b": b"b"})
    digest = SourceTree.from_directory(tmp_path).digest()
    tree = SourceTree.from_digest(digest, {"a": "a"})
    assert (tree.read("a"), tree.read("b")) == (b"a", None)
