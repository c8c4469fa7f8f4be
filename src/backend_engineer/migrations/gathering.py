"""The files that may be migrations, out of a tree, a mapping or a change, and a change laid over a base.

Owns: which files are read at all, and what a change does to them.
Must never know: folders on disk, what a migration is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend_engineer.errors import UsageError
from backend_engineer.outputs import Change

__all__ = ["is_candidate", "migration_files", "overlaid"]

# Settings that discovery reads beside the scripts themselves.
_SUFFIXES = (".sql", ".fizz", "metadata.toml", "sqitch.plan", ".sql.conf")
# Migrations in other languages are named, not run; only folders that say so are looked into.
_PROGRAMS = (".go", ".py", ".js", ".ts", ".rb", ".exs", ".java", ".kt", ".php", ".cs")
_DESCRIPTIONS = (".xml", ".yaml", ".yml", ".json")


def is_candidate(path: str) -> bool:
    """Whether a path may hold a migration or a setting of one."""
    if path.endswith(_SUFFIXES):
        return True
    low = path.lower()
    if low.endswith(".sql"):
        return True
    if path.endswith(_PROGRAMS):
        return "migrat" in low or "/versions/" in f"/{path}"
    return path.endswith(_DESCRIPTIONS) and ("changelog" in low or "liquibase" in low)


def migration_files(source: Any) -> dict[str, str]:
    """Path -> text of what may be migrations in a mapping, or in a tree with `paths` and `get`."""
    if isinstance(source, Mapping):
        UsageError.each(source, str, "the files' paths")
        UsageError.each(source.values(), (str, type(None)), "the files' texts")
        return {path: text for path, text in source.items() if text is not None and is_candidate(path)}
    paths = getattr(source, "paths", None)
    if paths is None or not hasattr(source, "get"):
        raise UsageError(
            f"{type(source).__name__} holds no files.",
            hint="Pass a Change, a MigrationSet, a SourceTree, a mapping of path to text, or a folder.",
        )
    found = {path: source.get(path) for path in paths if is_candidate(path)}
    return {path: text for path, text in found.items() if text is not None}


def overlaid(below: Mapping[str, str], change: Change) -> dict[str, str]:
    """The files of a base with a change laid over them."""
    files = dict(below)
    for file in change:
        if file.previous_path is not None:
            moved = files.pop(file.previous_path, None)
            if file.content is None and moved is not None:
                files[file.path] = moved
        if file.action == "delete":
            files.pop(file.path, None)
        elif file.content is not None and is_candidate(file.path):
            files[file.path] = file.content
    return files
