"""What a change would do to a folder, worked out and refused before anything is touched.

Owns: the checks of `write_change`: paths, links, what may be overwritten, stale bases, and the new bytes.
Must never know: how bytes get onto the disk, rules, prompts.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from backend_engineer.diffs import apply_patch, parse_patch
from backend_engineer.errors import BadPatch, StaleBase, UnsafePath, UsageError, WriteRefused
from backend_engineer.outputs import Change, FileChange, Plan
from backend_engineer.paths import check_path
from backend_engineer.workspace.tree import SourceTree, as_text

__all__ = ["STAGING", "Intent", "Step", "intend"]

STAGING = ".backend-engineer-write"
"""The folder, inside the target, in which a write is prepared; no change may name it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One path's way from its old bytes to its new ones; None means that there is no file."""

    path: str
    old: bytes | None
    new: bytes | None
    mode: int | None = None


@dataclass(slots=True)
class Intent:
    """All steps of a write, removals first, and what stands against them."""

    steps: list[Step] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    stale: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self) -> None:
        """Raise what stands against the write, if anything does."""
        if self.problems:
            raise WriteRefused(self.problems)
        if self.stale:
            raise StaleBase(self.stale)


@dataclass(frozen=True, slots=True)
class _Found:
    """What stands at a path now."""

    data: bytes | None = None
    mode: int | None = None
    problem: str = ""


def intend(
    change: Change, root: Path, planned: Plan | Iterable[str] | None, base: SourceTree | None
) -> Intent:
    """Work out what writing `change` into `root` means; nothing is written."""
    return _Reading(root, _names(planned), base).read(change)


def _names(planned: Plan | Iterable[str] | None) -> frozenset[str] | None:
    if planned is None:
        return None
    if isinstance(planned, Plan):
        named = {file.path for file in planned.files}
        return frozenset(named | {file.previous_path for file in planned.files if file.previous_path})
    return frozenset(UsageError.each(planned, str, "planned"))


class _Reading:
    """One pass over a change against the folder as it is now."""

    def __init__(self, root: Path, planned: frozenset[str] | None, base: SourceTree | None) -> None:
        self._root, self._planned, self._base = root, planned, base
        self._intent = Intent()
        self._now: dict[str, _Found] = {}
        self._leaving: set[str] = set()

    def read(self, change: Change) -> Intent:
        if self._base is not None and change.base not in (None, self._base.fingerprint):
            self._intent.stale.append(
                (".", "the change was made from another tree than the base that was passed")
            )
        files = [file for file in change.files if self._sound(file)]
        self._collisions(files)
        self._leaving = {
            path
            for file in files
            for path in (file.path if file.action == "delete" else None, file.previous_path)
            if path is not None
        }
        gone: dict[str, Step] = {}
        made: dict[str, Step] = {}
        for file in files:
            self._one(file, gone, made)
        # Removals come first so that a file can make room for a folder of its name.
        self._intent.steps = [step for path, step in gone.items() if path not in made] + list(made.values())
        return self._intent

    def _problem(self, path: str, reason: str) -> None:
        self._intent.problems.append((path, reason))

    def _sound(self, file: FileChange) -> bool:
        for path in (file.path, file.previous_path):
            if path is None:
                continue
            try:
                normal = check_path(path)
            except UnsafePath as error:
                self._problem(path, error.reason)
                return False
            if normal != path:
                self._problem(path, f"the path is not in its normal form, {normal!r}")
                return False
            if path.split("/", 1)[0] == STAGING:
                self._problem(path, f"{STAGING} is where writes are prepared")
                return False
        if file.status == "truncated":
            self._problem(file.path, "the file is cut off")
            return False
        if file.action == "rename" and file.previous_path is None:
            self._problem(file.path, "a rename without the path that it comes from")
            return False
        return True

    def _collisions(self, files: list[FileChange]) -> None:
        seen: dict[str, str] = {}
        written = [file.path for file in files if file.action != "delete"]
        for path in written:
            other = seen.setdefault(path.casefold(), path)
            if other != path and not self._both_known(path, other):
                self._problem(path, f"differs from {other!r} in the case of its letters only")
        names = [file.path for file in files]
        for path in {path for path in names if names.count(path) > 1}:
            self._problem(path, "the change names the path twice")
        made = set(written)
        for path in written:
            parts = path.split("/")
            for count in range(1, len(parts)):
                if "/".join(parts[:count]) in made:
                    self._problem(path, f"{'/'.join(parts[:count])!r} is a file of the same change")

    def _both_known(self, path: str, other: str) -> bool:
        return self._base is not None and path in self._base and other in self._base

    def _one(self, file: FileChange, gone: dict[str, Step], made: dict[str, Step]) -> None:
        target = self._found(file.path)
        if target.problem:
            self._problem(file.path, target.problem)
            return
        source_path = file.previous_path if file.action == "rename" and file.previous_path else file.path
        source = self._found(source_path)
        if source.problem:
            self._problem(source_path, source.problem)
            return
        if not self._may_touch(file, source_path, source, target):
            return
        if not self._is_fresh(file, source_path, source):
            return
        if file.action == "delete":
            gone[file.path] = Step(file.path, source.data, None, source.mode)
            return
        new = self._bytes_of(file, source)
        if new is None:
            return
        if source_path != file.path:
            gone[source_path] = Step(source_path, source.data, None, source.mode)
        made[file.path] = Step(file.path, target.data, new, source.mode if source.data is not None else None)

    def _may_touch(self, file: FileChange, source_path: str, source: _Found, target: _Found) -> bool:
        known = self._planned
        if file.action in ("modify", "delete", "rename"):
            if source.data is None:
                self._intent.stale.append((source_path, "the file is not there"))
                return False
            if known is not None and source_path not in known:
                self._problem(source_path, "the file exists and the plan does not name it")
                return False
        arrives = file.action in ("add", "rename") and file.path not in self._leaving
        if arrives and target.data is not None and (known is None or file.path not in known):
            self._problem(file.path, f"the file exists already and the change says {file.action}")
            return False
        return True

    def _is_fresh(self, file: FileChange, path: str, found: _Found) -> bool:
        now = None if found.data is None else hashlib.sha256(found.data).hexdigest()
        expected: list[str | None] = [file.base_hash] if file.base_hash is not None else []
        if self._base is not None:
            expected.append(self._base.hash(path))
        for hash_then in expected:
            if hash_then != now:
                reason = "is not what the change was made from"
                if hash_then is None:
                    reason = "appeared after the base was read"
                self._intent.stale.append((path, f"the file {reason}"))
                return False
        return True

    def _bytes_of(self, file: FileChange, source: _Found) -> bytes | None:
        if file.content is None:
            return self._patched(file, source)
        try:
            return file.content.encode("utf-8")
        except UnicodeEncodeError as error:
            self._problem(file.path, f"character {error.start} is a lone surrogate and cannot be written")
            return None

    def _patched(self, file: FileChange, source: _Found) -> bytes | None:
        if file.patch is not None:
            text = as_text(source.data) if source.data is not None else ""
            if text is None:
                self._problem(file.path, "a text diff cannot be applied to a file that is no text")
                return None
            try:
                [patch] = parse_patch(file.patch)
                return apply_patch(patch, text).encode("utf-8")
            except (BadPatch, ValueError) as error:
                self._problem(file.path, f"its diff does not apply: {error}")
                return None
        if file.action == "rename" and source.data is not None:
            return source.data
        self._problem(file.path, "the change holds no content for it (a binary file or a link)")
        return None

    def _found(self, path: str) -> _Found:
        if path not in self._now:
            self._now[path] = self._look(path)
        return self._now[path]

    def _look(self, path: str) -> _Found:
        parts = path.split("/")
        at = self._root
        for number, name in enumerate(parts, 1):
            at = at / name
            try:
                facts = os.lstat(at)
            except FileNotFoundError:
                return _Found()
            except OSError as error:
                return _Found(problem=f"cannot be looked at: {error.strerror}")
            here = "/".join(parts[:number])
            if stat.S_ISLNK(facts.st_mode):
                return _Found(problem=f"{here!r} is a symbolic link")
            if number < len(parts):
                if not stat.S_ISDIR(facts.st_mode):
                    return _Found() if here in self._leaving else _Found(problem=f"{here!r} is no folder")
            elif not stat.S_ISREG(facts.st_mode):
                return _Found(problem="is not a regular file")
        try:
            return _Found(at.read_bytes(), stat.S_IMODE(facts.st_mode))
        except OSError as error:
            return _Found(problem=f"cannot be read: {error.strerror}")
