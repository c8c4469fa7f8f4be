"""Writing a change into a folder: looked at first, then all or nothing.

Owns: `write_change` and what it returns.
Must never know: rules, prompts, replies.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from backend_engineer.diffs import make_diff
from backend_engineer.errors import UsageError, WriteRefused
from backend_engineer.outputs import Change, Plan
from backend_engineer.workspace.tree import SourceTree, as_text
from backend_engineer.workspace.writing.intent import STAGING, Intent, Step, intend
from backend_engineer.workspace.writing.transaction import Disk, carry_out, interrupted, locked, recover

__all__ = ["Written", "recover_write", "write_change"]


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did, or with `dry_run` would do.

    written: paths that were made or altered, in the change's order. removed: paths that are gone.
    unchanged: paths that already had the content. diff: the unified diff of all of it. dry_run: whether
    nothing was written. recovered: paths that an earlier, interrupted write had left and that were set back.
    """

    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    diff: str
    dry_run: bool
    recovered: tuple[str, ...] = ()


def write_change(
    change: Change,
    folder: str | os.PathLike[str],
    *,
    planned: Plan | Iterable[str] | None = None,
    dry_run: bool = False,
    base: SourceTree | None = None,
) -> Written:
    """Write a change into a folder, all of it or nothing.

    folder: the root of the source tree; it is made when it does not exist.
    planned: the plan, or the paths that may be overwritten; existing files that it does not name are refused.
        Without it the change's own actions count: `add` never overwrites.
    dry_run: only look, and show the unified diff.
    base: the tree that the change was made from; touched files must still be as they are there.

    A path never leaves the folder: absolute paths, `..` and symbolic links at any level are refused. A write
    that was interrupted, even by a kill, is undone by the next call. Raises `WriteRefused` with every problem
    when something stands against the write, and its subclass `StaleBase` when a file is not what the change
    was made from; in both cases nothing was touched.
    """
    UsageError.unless(change, Change, "The change")
    UsageError.unless(base, (SourceTree, type(None)), "base")
    root = _root(folder)
    if dry_run:
        return _look(change, root, planned, base)
    made = _make_root(root)
    try:
        root = root.resolve()
        disk = Disk()
        with locked(root):
            recovered = _recover(root, disk)
            intent = intend(change, root, planned, base)
            intent.refuse()
            steps = [step for step in intent.steps if step.old != step.new]
            if steps:
                carry_out(root, steps, disk)
    except BaseException:
        for path in reversed(made):
            with suppress(OSError):
                path.rmdir()
        raise
    return _told(intent, dry_run=False, recovered=recovered)


def recover_write(folder: str | os.PathLike[str]) -> tuple[str, ...]:
    """Undo a write that was interrupted in this folder; returns the paths that were set back.

    Raises `WriteRefused` when one of them was altered since; then nothing is overwritten.
    """
    root = _root(folder).resolve()
    with locked(root):
        return _recover(root, Disk())


def _root(folder: str | os.PathLike[str]) -> Path:
    """The folder as a path; `UsageError` for what no system could take as one."""
    UsageError.unless(folder, (str, os.PathLike), "The folder")
    try:
        named = b"\0" not in os.fsencode(folder)
    except UnicodeEncodeError:
        named = False
    if not named:
        raise UsageError(f"{os.fspath(folder)!r} is no name of a folder.", hint="Pass the path of a folder.")
    return Path(folder)


def _look(
    change: Change, root: Path, planned: Plan | Iterable[str] | None, base: SourceTree | None
) -> Written:
    if root.exists() and not root.is_dir():
        raise WriteRefused([(str(root), "is not a folder")])
    if interrupted(root):
        raise WriteRefused(
            [(STAGING, "an earlier write was interrupted here")],
            hint="Call recover_write, or write without dry_run: both put the old files back first.",
        )
    intent = intend(change, root.resolve(), planned, base)
    intent.refuse()
    return _told(intent, dry_run=True)


def _make_root(root: Path) -> list[Path]:
    missing = [path for path in (root, *root.parents) if not path.exists()]
    missing.reverse()
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteRefused([(str(root), error.strerror or "cannot be made")]) from error
    return missing


def _recover(root: Path, disk: Disk) -> tuple[str, ...]:
    try:
        return recover(root, disk)
    except OSError as error:
        raise WriteRefused(
            [(".", f"an interrupted write could not be undone: {error.strerror or error}")]
        ) from error


def _told(intent: Intent, *, dry_run: bool, recovered: tuple[str, ...] = ()) -> Written:
    altered = [step for step in intent.steps if step.old != step.new]
    return Written(
        written=tuple(step.path for step in altered if step.new is not None),
        removed=tuple(step.path for step in altered if step.new is None),
        unchanged=tuple(step.path for step in intent.steps if step.old == step.new),
        diff="".join(_diff(step) for step in altered),
        dry_run=dry_run,
        recovered=recovered,
    )


def _diff(step: Step) -> str:
    old = None if step.old is None else as_text(step.old)
    new = None if step.new is None else as_text(step.new)
    if (step.old is not None and old is None) or (step.new is not None and new is None):
        return f"Binary file {step.path} differs\n"
    return make_diff(old, new, step.path)
