"""Changes that others made: read from a folder, a unified diff or a range of git commits.

Owns: how a difference of two trees becomes a `Change`: actions, renames, changed lines, order.
Must never know: replies, rules, how a change is written.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from backend_engineer.diffs import FilePatch, apply_patch, changed_ranges, parse_patch
from backend_engineer.errors import BadPatch, UsageError
from backend_engineer.outputs import Action, Change, FileChange
from backend_engineer.paths import check_path, classify
from backend_engineer.workspace.git import (
    GitRevision,
    RawEntry,
    has_head,
    index_of_hook,
    raw_differences,
    raw_staged,
    repository_folder,
    resolve,
)
from backend_engineer.workspace.tree import SourceTree

__all__ = ["change_from_diff", "change_from_directory", "change_from_git"]

_ALIKE = 0.5
"""The share of equal lines from which a vanished and a new file count as one that was renamed."""
_PAIRS = 40_000
"""The most pairs of files that are compared for renames; beyond it only equal contents are matched."""

Base = SourceTree | Mapping[str, str] | str | os.PathLike[str]


def change_from_directory(
    folder: str | os.PathLike[str], base: Base | None = None, *, whole: bool = True
) -> Change:
    """The change that a folder shows against a base.

    base: a `SourceTree`, a folder, or a mapping of path to text; without one every file counts as added.
    whole: the folder holds the whole tree, so that what it lacks was deleted; False when it holds the
    altered files only. Files without text (binary ones) are named with their action and hold no content.
    """
    after = SourceTree.from_directory(folder)
    before = _tree(base)
    if before is None:
        files = [_added(path, after) for path in after.paths]
        return Change(_ordered(files), None, "directory")
    return Change(_ordered(_between(before, after, whole=whole)), before.fingerprint, "directory")


def change_from_git(
    repo: str | os.PathLike[str], base: str, head: str = "HEAD", paths: Sequence[str] | None = None
) -> Change:
    """The change between two git revisions, renames found; `paths` limits it to files or folders.

    Symbolic links and submodules are named without content. Raises `UsageError` for an unknown revision.
    """
    root = repository_folder(repo)
    wanted = None if paths is None else UsageError.each(paths, str, "paths")
    first, last = resolve(root, base), resolve(root, head)
    before, after = SourceTree.from_git(root, first), SourceTree.from_git(root, last)
    files = _files(raw_differences(root, first, last, wanted), before, after)
    # Each file carries the hash it starts from; a fingerprint of the whole tree would read all of it.
    return Change(_ordered(files), None, "git")


def change_from_index(repo: str | os.PathLike[str]) -> tuple[Change, SourceTree]:
    """The change that is staged for the next commit, and the tree of HEAD that it starts from.

    Within a hook the index is the one that git made for the commit. Before the first commit every file counts as
    added. Raises `UsageError` for what is no repository and for a merge that is not done.
    """
    root = repository_folder(repo)
    index = index_of_hook(root)
    before = SourceTree.from_git(root, "HEAD") if has_head(root) else SourceTree.from_mapping({})
    after = SourceTree(GitRevision.open_index(root, index))
    return Change(_ordered(_files(raw_staged(root, index), before, after)), None, "git"), before


def _files(entries: Iterable[RawEntry], before: SourceTree, after: SourceTree) -> list[FileChange]:
    files: list[FileChange] = []
    for entry in entries:
        old, new = entry.previous_path or entry.path, entry.path
        if not entry.regular:
            action: Action = "add" if entry.status == "A" else "delete" if entry.status == "D" else "modify"
            files.append(FileChange(new, None, language="link", action=action, stated=True))
        elif entry.status in ("A", "C"):
            files.append(_added(new, after))
        elif entry.status == "D":
            files.append(_deleted(new, before))
        elif entry.status == "R":
            files.append(_renamed(old, new, before, after))
        else:
            files.append(_modified(new, before, after))
    return files


def change_from_diff(text: str, base: Base | None = None) -> Change:
    """The change that a unified diff (also git's form) describes, applied to the base exactly.

    base: a `SourceTree`, a folder, or a mapping of path to text. Without one, files that the diff does not
    give whole have no content and keep their `patch`. Raises `BadPatch` when the diff is malformed or does
    not apply, and `UnsafePath` for a path that may not be used.
    """
    UsageError.unless(text, str, "The diff")
    before = _tree(base)
    files: dict[str, FileChange] = {}
    for patch in parse_patch(text):
        file = _from_patch(patch, before)
        earlier = files.get(file.path)
        if earlier is not None and not _is_new_kind(earlier, file):
            raise BadPatch("the diff names the file twice.", path=file.path)
        files[file.path] = file if earlier is None else replace(file, action="modify")
    return Change(tuple(files.values()), None if before is None else before.fingerprint, "diff")


def _is_new_kind(earlier: FileChange, file: FileChange) -> bool:
    """Whether a file became a link or a link a file, which git writes as a deletion and an addition."""
    return (earlier.action, file.action) == ("delete", "add") and "link" in (earlier.language, file.language)


def _tree(base: Base | None) -> SourceTree | None:
    if base is None or isinstance(base, SourceTree):
        return base
    if isinstance(base, Mapping):
        return SourceTree.from_mapping(base)
    return SourceTree.from_directory(base)


def _ordered(files: Iterable[FileChange]) -> tuple[FileChange, ...]:
    """Migrations first, then section by section, so that the order of writing is a safe one."""
    return tuple(sorted(files, key=lambda file: (classify(file.path, file.content).position, file.path)))


def _text(path: str, tree: SourceTree) -> str | None:
    """The text of a file that the change holds, None when it is no text; one that is not at hand is an error."""
    text = tree.get(path)
    if text is None:
        tree.hash(path)
    return text


def _added(path: str, after: SourceTree) -> FileChange:
    text = _text(path, after)
    return FileChange(path, text, language="" if text is not None else "binary", action="add", stated=True)


def _deleted(path: str, before: SourceTree) -> FileChange:
    return FileChange(path, None, action="delete", stated=True, base_hash=before.hash(path))


def _modified(path: str, before: SourceTree, after: SourceTree) -> FileChange:
    old, new = before.get(path), _text(path, after)
    return FileChange(
        path,
        new,
        language="" if new is not None else "binary",
        action="modify",
        stated=True,
        base_hash=before.hash(path),
        changed_lines=None if old is None or new is None else changed_ranges(old, new),
    )


def _renamed(old: str, new: str, before: SourceTree, after: SourceTree) -> FileChange:
    file = _modified_pair(before.get(old), _text(new, after), new)
    same = before.hash(old) == after.hash(new)
    return replace(
        file,
        action="rename",
        previous_path=old,
        base_hash=before.hash(old),
        changed_lines=() if same else file.changed_lines,
    )


def _modified_pair(old: str | None, new: str | None, path: str) -> FileChange:
    lines = None if old is None or new is None else changed_ranges(old, new)
    return FileChange(
        path, new, language="" if new is not None else "binary", stated=True, changed_lines=lines
    )


def _between(before: SourceTree, after: SourceTree, *, whole: bool) -> list[FileChange]:
    new = [path for path in after.paths if path not in before]
    gone = [path for path in before.paths if path not in after] if whole else []
    files = [
        _modified(path, before, after)
        for path in after.paths
        if path in before and before.hash(path) != after.hash(path)
    ]
    renamed = _renames(gone, new, before, after)
    files += [_renamed(old, path, before, after) for path, old in renamed.items()]
    files += [_added(path, after) for path in new if path not in renamed]
    moved = set(renamed.values())
    return files + [_deleted(path, before) for path in gone if path not in moved]


def _renames(gone: list[str], new: list[str], before: SourceTree, after: SourceTree) -> dict[str, str]:
    """New path -> the vanished path it came from: equal contents first, then the most alike ones."""
    found: dict[str, str] = {}
    by_hash: dict[str | None, list[str]] = {}
    for path in gone:
        by_hash.setdefault(before.hash(path), []).append(path)
    for path in new:
        same = by_hash.get(after.hash(path))
        if same and after.get(path) != "":
            found[path] = same.pop(0)
    left = [path for path in gone if path not in set(found.values())]
    open_ = [path for path in new if path not in found]
    if len(left) * len(open_) > _PAIRS:
        return found
    old_lines = {path: _counted(before.get(path)) for path in left}
    new_lines = {path: _counted(after.get(path)) for path in open_}
    pairs = [
        _Pair(share, old, path)
        for path in open_
        for old in left
        if (share := _share(old_lines[old], new_lines[path])) >= _ALIKE
    ]
    taken: set[str] = set()
    for pair in sorted(pairs, key=lambda pair: (-pair.share, pair.new, pair.old)):
        if pair.new not in found and pair.old not in taken:
            found[pair.new] = pair.old
            taken.add(pair.old)
    return found


@dataclass(frozen=True, slots=True)
class _Pair:
    share: float
    old: str
    new: str


def _counted(text: str | None) -> Counter[str]:
    return Counter(line for line in (text or "").split("\n") if line.strip())


def _share(old: Counter[str], new: Counter[str]) -> float:
    larger = max(old.total(), new.total())
    return (old & new).total() / larger if larger else 0.0


def _from_patch(patch: FilePatch, before: SourceTree | None) -> FileChange:
    path = check_path(patch.path)
    previous = None if patch.previous_path is None else check_path(patch.previous_path)
    source = previous or path
    special = bool({patch.old_mode, patch.new_mode} & {"120000", "160000"})
    copied = patch.action == "add" and previous is not None
    file = FileChange(
        path,
        None,
        language="link" if special else "binary" if patch.binary else "",
        action=cast(Action, patch.action),
        stated=True,
        previous_path=None if copied else previous,
        base_hash=None if before is None or patch.action == "add" else before.hash(source),
    )
    if special:
        return file
    if patch.action == "add":
        if before is not None and path in before:
            raise BadPatch("the diff adds a file that the base holds already.", path=path)
        if not copied:
            return file if patch.binary else replace(file, content=apply_patch(patch, ""))
        if before is None:
            raise BadPatch(f"it is a copy of {source}, which only a base can tell; pass `base=`.", path=path)
        return replace(file, content=_applied(patch, source, before))
    if before is None:
        return replace(file, patch=_written(patch)) if patch.hunks and patch.action != "delete" else file
    if patch.action == "delete" or patch.binary:
        if source not in before:
            raise BadPatch("the base holds no such file.", path=source)
        return file
    new = _applied(patch, source, before)
    if new is None:
        return file
    return replace(file, content=new, changed_lines=changed_ranges(before.get(source) or "", new))


def _applied(patch: FilePatch, source: str, before: SourceTree) -> str | None:
    """The text that a patch makes of a file of the base; None where that is no text and stays as it is."""
    if source not in before:
        raise BadPatch("the base holds no such file.", path=source)
    old = before.get(source)
    if old is None and patch.hunks:
        raise BadPatch("the file in the base is no text.", path=source)
    return None if old is None else apply_patch(patch, old)


def _written(patch: FilePatch) -> str:
    """One file's part of a diff, written out again."""
    lines = [f"--- a/{patch.previous_path or patch.path}\n+++ b/{patch.path}\n"]
    for hunk in patch.hunks:
        old, new = len(hunk.old_lines), len(hunk.new_lines)
        lines.append(f"@@ -{hunk.old_start},{old} +{hunk.new_start},{new} @@\n")
        for mark, text in hunk.lines:
            lines.append(
                f"{mark}{text}" if text.endswith("\n") else f"{mark}{text}\n\\ No newline at end of file\n"
            )
    return "".join(lines)
