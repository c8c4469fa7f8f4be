"""Which migrations are judged, and which only build what those start from.

Owns: reading a change, a folder, a tree, a mapping or a set; laying the base beneath it.
Must never know: databases, how a migration is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend_engineer.errors import UsageError
from backend_engineer.migrations import Migration, MigrationSet, discover
from backend_engineer.migrations.gathering import is_candidate, migration_files, overlaid
from backend_engineer.outputs import Change

__all__ = ["Selection", "files_of", "select"]


@dataclass(frozen=True, slots=True)
class Selection:
    """All migrations in their order, the forward paths of those to judge, and the text of every file read."""

    migrations: MigrationSet
    checked: frozenset[str]
    files: Mapping[str, str]


def select(
    migrations: Any, base: Any, *, dialect: str, folder: str | None, transactional: bool | None
) -> Selection:
    """The migrations of `migrations` laid over those of `base`.

    A migration is judged when one of its files is not in the base, or not with the same text; the
    others run forward only. Raises UsageError for a value that holds no files.
    """
    if isinstance(migrations, MigrationSet):
        return _select_set(migrations, base, dialect, folder, transactional)
    below = {} if base is None else _base_files(base)
    if isinstance(migrations, Change):
        files = overlaid(below, migrations)
    else:
        files = {**below, **files_of(migrations)}
    found = discover(files, folder=_present(folder, files), dialect=dialect, transactional=transactional)
    if not found.migrations and folder is None and isinstance(migrations, str | Path):
        # Whoever names a folder means what stands in it, whatever the folder is called.
        found = discover(files, folder="", dialect=dialect, transactional=transactional)
    fresh = {path for path, text in files.items() if below.get(path) != text}
    checked = frozenset(item.forward.path for item in found if fresh.intersection(item.paths))
    return Selection(found, checked, files)


def _present(folder: str | None, files: Mapping[str, str]) -> str | None:
    if folder is None:
        return None
    prefix = folder.strip("/") + "/"
    return folder if any(path.startswith(prefix) for path in files) else None


def _select_set(
    found: MigrationSet, base: Any, dialect: str, folder: str | None, transactional: bool | None
) -> Selection:
    earlier: tuple[Migration, ...] = ()
    if isinstance(base, MigrationSet):
        earlier = base.migrations
    elif base is not None:
        below = _base_files(base)
        earlier = discover(
            below, folder=_present(folder, below), dialect=dialect, transactional=transactional
        ).migrations
    own = {item.forward.path for item in found}
    known = {item.forward.path: item for item in earlier}
    merged = [*(item for item in earlier if item.forward.path not in own), *found]
    merged.sort(key=lambda item: (item.series, item.order, item.key))
    checked = frozenset(item.forward.path for item in found if known.get(item.forward.path) != item)
    files: dict[str, str] = {}
    for item in merged:
        for script in (item.forward, item.rollback):
            for part in (script.parts or (script,)) if script is not None else ():
                files[part.path] = part.sql
    return Selection(found.with_migrations(tuple(merged)), checked, files)


def _base_files(base: Any) -> dict[str, str]:
    if isinstance(base, MigrationSet):
        raise UsageError(
            "A change or a folder cannot be laid over a MigrationSet.",
            hint="Pass the base as a tree or a mapping.",
        )
    return files_of(base)


def files_of(source: Any) -> dict[str, str]:
    """The migration files of a mapping, a folder, or a tree with `paths` and `get`; the rest is left out."""
    if isinstance(source, str | Path):
        return _folder_files(Path(source))
    return migration_files(source)


def _folder_files(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder.", hint="Pass the folder that the migrations stand in.")
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if is_candidate(name) and path.is_file() and not path.is_symlink():
            try:
                found[name] = path.read_bytes().decode("utf-8")
            except (UnicodeDecodeError, OSError) as error:
                raise UsageError(f"{path} cannot be read: {error}.", hint="Save it as UTF-8.") from error
    return found
