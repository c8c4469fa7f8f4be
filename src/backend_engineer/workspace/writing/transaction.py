"""Getting bytes onto the disk, all or nothing, also when the process is killed in between.

Owns: the staging folder, its journal, the lock, the undoing of a write that failed or was interrupted.
Must never know: changes, plans, why a path is written.

The order of things is the whole proof. (1) New contents and copies of the old ones are put into the staging
folder. (2) The journal is put there in one rename: from here on a write can be undone. (3) The paths are
replaced one by one. (4) The journal is removed in one unlink: from here on the write is done. Whoever finds a
journal undoes the write; whoever finds a staging folder without one only sweeps it away.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

from backend_engineer.errors import CallerError, WriteRefused
from backend_engineer.workspace.writing.intent import STAGING, Step

__all__ = ["Disk", "carry_out", "interrupted", "locked", "recover"]

_JOURNAL = "journal.json"
_FORMAT = 1
_OURS = re.compile(r"journal\.json(\.draft)?|(new|old)-[0-9]+")


class Disk:
    """The few operations that alter a disk; every alteration of a write goes through here."""

    def make_folder(self, path: Path) -> None:
        """Make one folder."""
        path.mkdir()

    def write(self, path: Path, data: bytes, mode: int | None) -> None:
        """Write a new file and wait until it is on the disk."""
        with open(path, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            path.chmod(mode)

    def replace(self, source: Path, target: Path) -> None:
        """Put a file in the place of another in one move."""
        os.replace(source, target)

    def remove(self, path: Path) -> None:
        """Remove one file."""
        path.unlink()

    def remove_folder(self, path: Path) -> None:
        """Remove one empty folder."""
        path.rmdir()

    def settle(self, folder: Path) -> None:
        """Wait until the names in a folder are on the disk (where the system can)."""
        if os.name == "posix":
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def sweep(self, folder: Path) -> None:
        """Remove a folder with all that it holds."""
        shutil.rmtree(folder)


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the folder for one writer; where the system has no such lock, callers must take turns."""
    if sys.platform == "win32":
        yield
        return
    handle = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise WriteRefused(
                [(".", "another process is writing into this folder")], hint="Wait until it has ended."
            ) from error
        yield
    finally:
        os.close(handle)


def carry_out(root: Path, steps: Sequence[Step], disk: Disk) -> None:
    """Bring every step onto the disk, or none: a failure undoes what was done and raises `WriteRefused`."""
    staging = root / STAGING
    at = "."
    try:
        disk.make_folder(staging)
        folders = _missing_folders(root, steps)
        for number, step in enumerate(steps):
            at = step.path
            if step.new is not None:
                disk.write(staging / f"new-{number}", step.new, step.mode)
            if step.old is not None:
                disk.write(staging / f"old-{number}", step.old, step.mode)
        _write_journal(staging, steps, folders, disk)
        for folder in folders:
            at = folder
            if not (root / folder).is_dir():
                _no_link_on_the_way(root, folder)
                _clear_of_removed(root, folder, steps, disk)
                disk.make_folder(root / folder)
        for number, step in enumerate(steps):
            at = step.path
            _apply(root, number, step, disk)
        for parent in sorted({(root / step.path).parent for step in steps}):
            if parent.is_dir():
                disk.settle(parent)
        at = "."
        disk.remove(staging / _JOURNAL)
    except OSError as error:
        _set_back(root, disk, at, error)
        raise WriteRefused([(at, error.strerror or str(error))]) from error
    except BaseException as error:
        # An interruption by the user: leave the folder as it was, then let it through.
        _set_back(root, disk, at, error)
        raise
    with suppress(OSError):
        # The write is done; what remains in the staging folder is swept by the next call.
        disk.settle(staging)
        disk.sweep(staging)


def _set_back(root: Path, disk: Disk, at: str, cause: BaseException) -> None:
    try:
        recover(root, disk)
    except OSError as error:
        raise CallerError(
            f"Writing failed at {at} ({cause}) and could not be undone yet ({error}).",
            hint=f"Free the disk and write again: the copies in {STAGING} are then put back first.",
        ) from error


def _clear_of_removed(root: Path, folder: str, steps: Sequence[Step], disk: Disk) -> None:
    """Make room where a removed file's name becomes a folder's."""
    if any(step.path == folder and step.new is None for step in steps) and (root / folder).is_file():
        disk.remove(root / folder)


def _apply(root: Path, number: int, step: Step, disk: Disk) -> None:
    target = root / step.path
    _no_link_on_the_way(root, step.path)
    if step.new is not None:
        disk.replace(root / STAGING / f"new-{number}", target)
    elif target.is_file():
        disk.remove(target)


def _no_link_on_the_way(root: Path, path: str) -> None:
    """Look again right before the move: a link may have been put there since the checks."""
    at = root
    for name in path.split("/"):
        at = at / name
        if at.is_symlink():
            raise OSError(0, f"{at.relative_to(root).as_posix()} became a symbolic link")


def _missing_folders(root: Path, steps: Sequence[Step]) -> list[str]:
    missing: list[str] = []
    for step in steps:
        if step.new is None:
            continue
        parts = step.path.split("/")[:-1]
        for count in range(1, len(parts) + 1):
            folder = "/".join(parts[:count])
            if folder not in missing and not (root / folder).is_dir():
                missing.append(folder)
    return missing


def _write_journal(staging: Path, steps: Sequence[Step], folders: Sequence[str], disk: Disk) -> None:
    document = {
        "format": _FORMAT,
        "folders": list(folders),
        "steps": [{"path": step.path, "old": _hash(step.old), "new": _hash(step.new)} for step in steps],
    }
    disk.settle(staging)
    draft = staging / f"{_JOURNAL}.draft"
    disk.write(draft, json.dumps(document, ensure_ascii=True).encode("ascii"), None)
    disk.replace(draft, staging / _JOURNAL)
    disk.settle(staging)


def _hash(data: bytes | None) -> str | None:
    return None if data is None else hashlib.sha256(data).hexdigest()


def interrupted(root: Path) -> bool:
    """Whether a write that can still be undone was left in this folder."""
    return (root / STAGING / _JOURNAL).is_file()


def recover(root: Path, disk: Disk) -> tuple[str, ...]:
    """Undo a write that was interrupted; returns the paths that were set back.

    Raises `WriteRefused` when a path was altered by someone else since: then nothing is overwritten, and the
    copies stay in the staging folder.
    """
    staging = root / STAGING
    try:
        facts = os.lstat(staging)
    except FileNotFoundError:
        return ()
    if not stat.S_ISDIR(facts.st_mode):
        raise WriteRefused([(STAGING, "is not a folder, and writes are prepared there")])
    strange = sorted(name for name in os.listdir(staging) if not _OURS.fullmatch(name))
    if strange:
        raise WriteRefused([(f"{STAGING}/{strange[0]}", "was not put there by this library")])
    journal = staging / _JOURNAL
    undone: list[str] = []
    if journal.is_file() and not journal.is_symlink():
        undone = _undo(root, _read_journal(journal), disk)
        disk.remove(journal)
    disk.sweep(staging)
    return tuple(undone)


def _read_journal(journal: Path) -> dict[str, list[dict[str, str | None]]]:
    try:
        document = json.loads(journal.read_bytes())
        if document["format"] != _FORMAT:
            raise ValueError("format")
    except (ValueError, KeyError, TypeError) as error:
        raise WriteRefused(
            [(f"{STAGING}/{_JOURNAL}", "is not a journal that this version can read")],
            hint="Look at the folder, take the copies that are needed, and remove it.",
        ) from error
    else:
        found: dict[str, list[dict[str, str | None]]] = document
        return found


def _undo(root: Path, document: dict[str, list[dict[str, str | None]]], disk: Disk) -> list[str]:
    staging = root / STAGING
    todo: list[tuple[int, str, str | None]] = []
    foreign: list[tuple[str, str]] = []
    for number, step in enumerate(document["steps"]):
        path, old, new = str(step["path"]), step["old"], step["new"]
        now = _hash_at(root, path)
        if now == old:
            continue
        # A removed file may have left no trace or, between two steps, a folder of its name.
        if now != new:
            foreign.append(
                (
                    path,
                    "was altered after an interrupted write; a copy of the old text is kept in "
                    f"{STAGING}/old-{number}",
                )
            )
            continue
        todo.append((number, path, old))
    if foreign:
        raise WriteRefused(foreign, hint=f"Settle these files by hand and remove {STAGING}.")
    for _, path, old in todo:
        _no_link_on_the_way(root, path)
        if old is None:
            disk.remove(root / path)
    for folder in reversed(document["folders"]):
        with suppress(OSError):
            disk.remove_folder(root / str(folder))
    for number, path, old in todo:
        if old is not None:
            _no_link_on_the_way(root, path)
            disk.replace(staging / f"old-{number}", root / path)
    return [path for _, path, _ in todo]


def _hash_at(root: Path, path: str) -> str | None:
    target = root / path
    with suppress(OSError):
        _no_link_on_the_way(root, path)
        if target.is_file():
            return _hash(target.read_bytes())
    return None
