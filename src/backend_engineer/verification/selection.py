"""Which migrations are judged, and which only build what those start from.

Owns: reading a change, a folder, a tree, a mapping or a set; laying the base beneath it.
Must never know: databases, how a migration is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend_engineer.errors import UsageError
from backend_engineer.migrations import Migration, MigrationSet, discover
from backend_engineer.migrations.conventions import is_migration_folder
from backend_engineer.migrations.gathering import is_candidate, migration_files, overlaid
from backend_engineer.migrations.growing import stayed
from backend_engineer.outputs import Change
from backend_engineer.outputs.migration_report import FileProblem

__all__ = ["Selection", "files_of", "select"]


@dataclass(frozen=True, slots=True)
class Selection:
    """All migrations in their order, the places of those to judge, and the text of every file read.

    problems: what is wrong with files that are new or changed, before anything runs.
    """

    migrations: MigrationSet
    checked: frozenset[str]
    files: Mapping[str, str]
    problems: tuple[FileProblem, ...] = ()


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
    if folder is None and isinstance(migrations, str | Path) and _is_meant(Path(migrations), found):
        found = discover(files, folder="", dialect=dialect, transactional=transactional)
    fresh = {path for path, text in files.items() if below.get(path) != text}
    old = stayed(found, below, dialect, transactional)
    checked = frozenset(
        item.place for item in found if fresh.intersection(item.paths) and item.place not in old
    )
    return Selection(found, checked, files, tuple(_problems(found, fresh)))


def _is_meant(folder: Path, found: MigrationSet) -> bool:
    """Whether a named folder is that of the migrations itself, and not one of a project that has them somewhere."""
    if not found.migrations or is_migration_folder(folder.resolve().name):
        return True
    return any(not item.series for item in found)


def _problems(found: MigrationSet, fresh: set[str]) -> Iterator[FileProblem]:
    """What discovery could not settle of files that are new or changed."""
    unsure = {item.forward.path for item in found if item.tool in _ORDERED_BY_NAME}
    for item in found.problems:
        if item.path in fresh:
            code = "same-version" if item.code == "duplicate" and item.path in unsure else item.code
            yield FileProblem(code=code, path=item.path, message=item.message)
    for path, tool in found.foreign:
        if path in fresh:
            words = f"{path} is a program of {tool}: its own tool has to run it (`commands`, or `--tool`)."
            yield FileProblem(code="program", path=path, message=words)


# Nobody knows whose these are: a runner that goes by the whole name takes two of one version.
_ORDERED_BY_NAME = frozenset({"single file", "folders", "suffix pair"})


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
    known = {(item.forward.path, item.key): item for item in earlier}
    merged = [*(item for item in earlier if item.forward.path not in own), *found]
    if earlier:
        merged.sort(key=lambda item: (item.series, item.order, item.key))
    checked = frozenset(item.place for item in found if known.get((item.forward.path, item.key)) != item)
    files: dict[str, str] = {}
    for item in merged:
        for script in (item.forward, item.rollback):
            for part in (script.parts or (script,)) if script is not None else ():
                files[part.path] = part.sql
    named = {item.path for item in found.problems} | {path for path, _ in found.foreign}
    problems = tuple(_problems(found, named))
    return Selection(found.with_migrations(tuple(merged)), checked, files, problems)


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
