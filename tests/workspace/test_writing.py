"""Facts about `write_change`: all or nothing, never outside, never over what nobody named."""

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer import Change, FileChange, SourceTree, write_change
from backend_engineer.contract import Section
from backend_engineer.diffs import make_diff
from backend_engineer.errors import BackendEngineerError, CallerError, StaleBase, WriteRefused
from backend_engineer.outputs import Plan, PlannedFile, SchemaChange, text_hash
from backend_engineer.workspace import recover_write
from backend_engineer.workspace.writing import intent
from backend_engineer.workspace.writing.transaction import Disk

STAGING = intent.STAGING


def fill(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())


def shown(root: Path) -> dict[str, bytes]:
    """Everything below a folder, links and folders included."""
    found: dict[str, bytes] = {}
    for folder, names, files in os.walk(root):
        for name in names + files:
            full = Path(folder) / name
            path = full.relative_to(root).as_posix()
            found[path] = b"->" if full.is_symlink() else b"/" if full.is_dir() else full.read_bytes()
    return found


def add(path: str, content: str) -> FileChange:
    return FileChange(path, content)


def edit(path: str, content: str, before: str | None = None) -> FileChange:
    return FileChange(path, content, action="modify", base_hash=None if before is None else text_hash(before))


def delete(path: str) -> FileChange:
    return FileChange(path, None, action="delete")


def move(old: str, new: str, content: str | None = None) -> FileChange:
    return FileChange(new, content, action="rename", previous_path=old)


def write(root: Path, *files: FileChange, **options: Any) -> Any:
    return write_change(Change(files), root, **options)


def test_every_action_is_written(tmp_path: Path) -> None:
    fill(tmp_path, {"edit": "1", "gone": "g", "old/name": "n", "old/other": "o"})
    done = write(
        tmp_path, add("new/a", "a\r\n"), edit("edit", "2"), delete("gone"), move("old/name", "to/name")
    )
    assert SourceTree.from_directory(tmp_path).texts() == {
        "edit": "2",
        "new/a": "a\r\n",
        "old/other": "o",
        "to/name": "n",
    }
    assert (done.written, done.removed) == (("new/a", "edit", "to/name"), ("gone", "old/name"))
    assert STAGING not in os.listdir(tmp_path)


def test_a_folder_that_does_not_exist_is_made(tmp_path: Path) -> None:
    write(tmp_path / "deep" / "er", add("a", "x"))
    assert (tmp_path / "deep" / "er" / "a").read_text() == "x"


def test_a_refused_write_leaves_no_new_folder_behind(tmp_path: Path) -> None:
    with pytest.raises(WriteRefused):
        write(tmp_path / "deep" / "er", edit("a", "x"))
    assert shown(tmp_path) == {}


def test_the_mode_of_a_modified_and_of_a_renamed_file_is_kept(tmp_path: Path) -> None:
    fill(tmp_path, {"run.sh": "1", "old.sh": "1"})
    for name in ("run.sh", "old.sh"):
        (tmp_path / name).chmod(0o750)
    write(tmp_path, edit("run.sh", "2"), move("old.sh", "new.sh", "2"))
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in ("run.sh", "new.sh")} == {0o750}


def test_a_dry_run_shows_the_diff_and_writes_nothing(tmp_path: Path) -> None:
    fill(tmp_path, {"edit": "1\n"})
    before = shown(tmp_path)
    done = write(tmp_path, edit("edit", "2\n"), add("new", "n\n"), dry_run=True)
    assert done.dry_run
    assert done.diff == make_diff("1\n", "2\n", "edit") + make_diff(None, "n\n", "new")
    assert shown(tmp_path) == before


def test_writing_what_stands_there_already_touches_nothing(tmp_path: Path) -> None:
    fill(tmp_path, {"edit": "1"})
    stamp = (tmp_path / "edit").stat().st_mtime_ns
    done = write(tmp_path, edit("edit", "1"))
    assert (done.unchanged, done.diff, (tmp_path / "edit").stat().st_mtime_ns) == (("edit",), "", stamp)


def test_an_added_file_never_overwrites(tmp_path: Path) -> None:
    fill(tmp_path, {"a": "1"})
    with pytest.raises(WriteRefused, match="exists already"):
        write(tmp_path, add("a", "2"))


def test_the_plan_says_which_files_may_be_overwritten(tmp_path: Path) -> None:
    fill(tmp_path, {"a": "1", "b": "1"})
    planned = PlannedFile(path="a", action="modify", section=Section.SERVICES, purpose="p")
    plan = Plan(summary="s", files=(planned,), schema_change=SchemaChange(kind="none", reason="r"))
    with pytest.raises(WriteRefused, match="b: the file exists and the plan does not name it"):
        write(tmp_path, edit("a", "2"), edit("b", "2"), planned=plan)
    write(tmp_path, add("a", "2"), add("c", "2"), planned=plan)
    assert SourceTree.from_directory(tmp_path).texts() == {"a": "2", "b": "1", "c": "2"}


@pytest.mark.parametrize(
    "path",
    ["/etc/x", "../x", "a/../../x", "C:\\x", "~/x", ".git/hooks/x", "a\0b", "", f"{STAGING}/journal.json"],
)
def test_a_path_that_leaves_the_folder_or_reaches_into_its_inside_is_refused(
    tmp_path: Path, path: str
) -> None:
    with pytest.raises(WriteRefused):
        write(tmp_path, add("fine", "x"), add(path, "x"))
    assert shown(tmp_path) == {}


@pytest.mark.parametrize("path", ["link", "link/x", "deep/link/x"])
@pytest.mark.parametrize("inside", [True, False])
def test_symbolic_links_are_refused_at_every_level(tmp_path: Path, path: str, inside: bool) -> None:
    root, target = tmp_path / "root", tmp_path / ("root/real" if inside else "outside")
    (root / "deep").mkdir(parents=True)
    target.mkdir()
    os.symlink(target, root / "link")
    os.symlink(target, root / "deep" / "link")
    with pytest.raises(WriteRefused, match="symbolic link"):
        write(root, add(path, "x"), planned=[path])
    assert list(target.iterdir()) == []


def test_a_link_in_place_of_the_staging_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "root").mkdir()
    os.symlink(tmp_path / "elsewhere", tmp_path / "root" / STAGING)
    with pytest.raises(WriteRefused):
        write(tmp_path / "root", add("a", "x"))


def test_a_staging_folder_with_foreign_files_is_left_alone(tmp_path: Path) -> None:
    fill(tmp_path, {f"{STAGING}/mine": "precious"})
    with pytest.raises(WriteRefused, match="not put there"):
        write(tmp_path, add("a", "x"))
    assert shown(tmp_path)[f"{STAGING}/mine"] == b"precious"


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([edit("absent", "x")], "not there"),
        ([delete("absent")], "not there"),
        ([move("absent", "b")], "not there"),
        ([edit("a", "x", "other")], "not what the change was made from"),
    ],
)
def test_a_base_that_moved_is_stale(tmp_path: Path, files: list[FileChange], why: str) -> None:
    fill(tmp_path, {"a": "1"})
    with pytest.raises(StaleBase, match=why):
        write(tmp_path, *files)


def test_a_passed_base_is_held_against_every_touched_file(tmp_path: Path) -> None:
    fill(tmp_path, {"a": "1", "other": "o"})
    base = SourceTree.from_mapping({"a": "1", "other": "moved, but not touched"})
    write(tmp_path, edit("a", "2"), base=base)
    with pytest.raises(StaleBase):
        write(tmp_path, edit("a", "3"), base=base)


def test_a_file_that_appeared_since_the_base_was_read_is_stale(tmp_path: Path) -> None:
    fill(tmp_path, {"new": "someone else's"})
    with pytest.raises(StaleBase, match="appeared"):
        write(tmp_path, add("new", "x"), base=SourceTree.from_mapping({}), planned=["new"])


def test_a_change_made_from_another_tree_than_the_base_is_stale(tmp_path: Path) -> None:
    with pytest.raises(StaleBase, match="another tree"):
        write_change(Change((add("a", "x"),), base="0" * 64), tmp_path, base=SourceTree.from_mapping({}))


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([FileChange("a", "x", status="truncated")], "cut off"),
        ([FileChange("a", None)], "no content"),
        ([add("a", "\ud800")], "surrogate"),
        ([add("a", "x"), add("a", "y")], "twice"),
        ([add("a", "x"), add("A", "y")], "case"),
        ([add("a", "x"), add("a/b", "y")], "file of the same change"),
        ([FileChange("b", "x", action="rename")], "without the path"),
        ([FileChange("f", None, action="modify", patch=make_diff("other\n", "x\n", "f"))], "does not apply"),
        ([add("folder", "x")], "not a regular file"),
        ([add("f/x", "x")], "no folder"),
        ([add("./g", "x")], "normal form"),
    ],
)
def test_what_cannot_be_written_whole_is_refused(tmp_path: Path, files: list[FileChange], why: str) -> None:
    fill(tmp_path, {"f": "1\n", "folder/x": "y"})
    before = shown(tmp_path)
    with pytest.raises(WriteRefused, match=why):
        write(tmp_path, add("fine", "x"), *files)
    assert shown(tmp_path) == before


def test_a_diff_that_was_not_applied_yet_is_applied_to_the_file_or_refused(tmp_path: Path) -> None:
    fill(tmp_path, {"f": "1\n"})
    write(tmp_path, FileChange("f", None, action="modify", patch=make_diff("1\n", "2\n", "f")))
    assert (tmp_path / "f").read_text() == "2\n"


def test_files_can_change_places(tmp_path: Path) -> None:
    fill(tmp_path, {"a": "1", "b": "2"})
    write(tmp_path, move("a", "b"), move("b", "a"))
    assert SourceTree.from_directory(tmp_path).texts() == {"a": "2", "b": "1"}


def test_a_removed_file_makes_room_for_a_folder_of_its_name(tmp_path: Path) -> None:
    fill(tmp_path, {"a": "1"})
    write(tmp_path, delete("a"), add("a/b", "2"))
    assert SourceTree.from_directory(tmp_path).texts() == {"a/b": "2"}


def test_two_writers_do_not_share_a_folder(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    handle = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        with pytest.raises(WriteRefused, match="another process"):
            write(tmp_path, add("a", "x"))
    finally:
        os.close(handle)


# Failures, injected at every step.

ALTERATIONS = ("make_folder", "write", "replace", "remove", "remove_folder", "settle", "sweep")


class Killed(BaseException):
    """The process is gone: nothing after this moment reaches the disk."""


class Faults:
    """Lets the first `count` alterations pass; then fails once, or is dead for good."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, count: int, error: Callable[[], BaseException], once: bool
    ):
        self.left, self.error, self.once, self.hit = count, error, once, False
        for name in ALTERATIONS:
            monkeypatch.setattr(Disk, name, self.wrap(getattr(Disk, name)))

    def wrap(self, real: Callable[..., None]) -> Callable[..., None]:
        def step(disk: Disk, *arguments: Any) -> None:
            if self.left == 0 and not (self.once and self.hit):
                self.hit = True
                raise self.error()
            self.left -= self.left > 0
            real(disk, *arguments)

        return step


def full_disk() -> OSError:
    return OSError(28, "No space left on device")


BEFORE = {"edit": "1", "gone": "g", "old/name": "n"}
FILES = (add("new/deep/a", "a"), edit("edit", "2"), delete("gone"), move("old/name", "to/name"))
AFTER = {"edit": "2", "new/deep/a": "a", "to/name": "n"}


def attempt(
    root: Path, faults: Callable[[pytest.MonkeyPatch], Faults], *files: FileChange
) -> tuple[Faults, bool]:
    """Write under faults; whether the write said that it was done."""
    with pytest.MonkeyPatch.context() as patch:
        injected = faults(patch)
        try:
            write(root, *files)
        except (WriteRefused, Killed):
            return injected, False
    return injected, True


def test_a_failure_at_any_step_leaves_the_tree_untouched() -> None:
    for count in range(200):
        with TemporaryDirectory() as name:
            root = Path(name)
            fill(root, BEFORE)
            before = shown(root)
            faults, done = attempt(root, lambda patch, n=count: Faults(patch, n, full_disk, True), *FILES)
            if not faults.hit:
                assert count > 20
                return
            if done:
                assert SourceTree.from_directory(root).texts() == AFTER
            else:
                assert shown(root) == before
    pytest.fail("the write takes more steps than were tried")


def test_a_kill_at_any_step_is_undone_or_was_already_complete_at_the_next_call() -> None:
    complete = 0
    for count in range(200):
        with TemporaryDirectory() as name:
            root = Path(name)
            fill(root, BEFORE)
            faults, _ = attempt(root, lambda patch, n=count: Faults(patch, n, Killed, False), *FILES)
            recover_write(root)
            texts = SourceTree.from_directory(root).texts()
            assert texts in (BEFORE, AFTER)
            assert STAGING not in os.listdir(root)
            complete += texts == AFTER
            if not faults.hit:
                assert 2 <= complete < count
                return
    pytest.fail("the write takes more steps than were tried")


def test_an_interruption_by_the_user_leaves_the_tree_untouched(tmp_path: Path) -> None:
    fill(tmp_path, BEFORE)
    before = shown(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        Faults(patch, 14, KeyboardInterrupt, True)
        with pytest.raises(KeyboardInterrupt):
            write(tmp_path, *FILES)
    assert shown(tmp_path) == before


def killed_halfway(root: Path) -> None:
    fill(root, BEFORE)
    for count in range(5, 60):
        attempt(root, lambda patch, n=count: Faults(patch, n, Killed, False), *FILES)
        if SourceTree.from_directory(root).texts() != BEFORE:
            return
    pytest.fail("no step was halfway")


def test_the_next_write_undoes_an_interrupted_one_and_says_so(tmp_path: Path) -> None:
    killed_halfway(tmp_path)
    done = write(tmp_path, add("later", "l"))
    assert done.recovered
    assert SourceTree.from_directory(tmp_path).texts() == {**BEFORE, "later": "l"}


def test_a_dry_run_refuses_to_look_at_a_half_written_folder(tmp_path: Path) -> None:
    killed_halfway(tmp_path)
    with pytest.raises(WriteRefused, match="interrupted"):
        write(tmp_path, add("later", "l"), dry_run=True)


def test_an_edit_made_after_an_interrupted_write_is_never_lost(tmp_path: Path) -> None:
    killed_halfway(tmp_path)
    texts = SourceTree.from_directory(tmp_path).texts()
    touched = next(path for path in (*BEFORE, *AFTER) if texts.get(path) != BEFORE.get(path))
    fill(tmp_path, {touched: "my own work"})
    with pytest.raises(WriteRefused, match="altered after an interrupted write"):
        write(tmp_path, add("later", "l"))
    assert (tmp_path / touched).read_text() == "my own work"


def test_a_disk_that_stays_broken_says_that_the_next_call_undoes(tmp_path: Path) -> None:
    fill(tmp_path, BEFORE)
    with pytest.MonkeyPatch.context() as patch:
        Faults(patch, 16, full_disk, False)
        with pytest.raises(CallerError, match="could not be undone yet"):
            write(tmp_path, *FILES)
    recover_write(tmp_path)
    assert SourceTree.from_directory(tmp_path).texts() == BEFORE


def test_a_journal_that_nobody_can_read_is_not_thrown_away(tmp_path: Path) -> None:
    fill(tmp_path, {f"{STAGING}/journal.json": "{", "a": "1"})
    with pytest.raises(WriteRefused, match="journal"):
        write(tmp_path, edit("a", "2"))
    assert (tmp_path / STAGING / "journal.json").exists()


PATHS = st.sampled_from(["a", "b", "c/d", "c/e", "f/g/h", "c", "A", "../x", "link/x"])
CHANGES = st.lists(
    st.one_of(
        st.builds(add, PATHS, st.text("xy\n", max_size=5)),
        st.builds(
            edit, PATHS, st.text("xy\n", max_size=5), st.one_of(st.none(), st.text("xy\n", max_size=2))
        ),
        st.builds(delete, PATHS),
        st.builds(move, PATHS, PATHS, st.one_of(st.none(), st.text("xy\n", max_size=5))),
    ),
    max_size=5,
)
TREES = st.dictionaries(
    st.sampled_from(["a", "b", "c/d", "c/e", "f/g/h"]), st.text("xy\n", max_size=2), max_size=4
)


def expected(before: dict[str, str], files: list[FileChange]) -> dict[str, str]:
    after = dict(before)
    for file in files:
        if file.action in ("delete", "rename"):
            after.pop(file.previous_path or file.path, None)
    for file in files:
        if file.action != "delete":
            content = file.content if file.content is not None else before[file.previous_path or ""]
            after[file.path] = content
    return after


@settings(max_examples=120, deadline=None)
@given(before=TREES, files=CHANGES, fail_at=st.integers(0, 40), kill=st.booleans())
def test_any_change_is_written_whole_or_not_at_all(
    before: dict[str, str], files: list[FileChange], fail_at: int, kill: bool
) -> None:
    with TemporaryDirectory() as name:
        root = Path(name) / "root"
        root.mkdir()
        outside = Path(name) / "outside"
        outside.mkdir()
        fill(root, before)
        os.symlink(outside, root / "link")
        everything = shown(root)
        with pytest.MonkeyPatch.context() as patch:
            Faults(patch, fail_at, Killed if kill else full_disk, not kill)
            try:
                write(root, *files)
                done = True
            except (BackendEngineerError, Killed):
                done = False
        recover_write(root)
        if done:
            assert SourceTree.from_directory(root).texts() == expected(before, files)
        elif not kill:
            assert shown(root) == everything
        else:
            texts = SourceTree.from_directory(root).texts()
            assert texts == before or texts == expected(before, files)
        assert list(outside.iterdir()) == []
