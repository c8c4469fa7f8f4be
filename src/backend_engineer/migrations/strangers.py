"""What stands among migrations and is not run here: programs, and scripts that no layout takes.

Owns: how other tools' programs are told apart, and why a script is not read.
Must never know: pairing, versions, databases.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from backend_engineer.migrations.conventions import dialect_of_path, is_ignored, is_migration_folder
from backend_engineer.migrations.migration import Problem

__all__ = ["foreign", "unread"]

_ALEMBIC = re.compile(r"^down_revision\b", re.MULTILINE)
# (how the name ends, what stands in the text, whose it is); the first that fits counts.
_PROGRAMS: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    ((".py",), _ALEMBIC, "alembic"),
    ((".py",), re.compile(r"class\s+Migration\(\s*(?:migrations\.)?Migration\s*\)"), "django"),
    ((".ts", ".js"), re.compile(r"\bimplements\s+MigrationInterface\b"), "typeorm"),
    ((".ts", ".js"), re.compile(r"\bqueryInterface\b"), "sequelize"),
    ((".ts", ".js"), re.compile(r"\bpgm\b"), "node-pg-migrate"),
    ((".ts", ".js"), re.compile(r"\bexports\.(?:up|down)\b|export\s+(?:async\s+)?(?:function|const)\s+(?:up|down)\b"), "knex"),
    ((".go",), re.compile(r"\bgoose\.AddMigration\w*\("), "goose"),
    ((".rb",), re.compile(r"\bActiveRecord::Migration\b"), "rails"),
    ((".exs",), re.compile(r"\bEcto\.Migration\b"), "ecto"),
    ((".java", ".kt"), re.compile(r"\bBaseJavaMigration\b"), "flyway"),
    ((".xml",), re.compile(r"<databaseChangeLog\b"), "liquibase"),
    ((".yaml", ".yml"), re.compile(r"^databaseChangeLog:", re.MULTILINE), "liquibase"),
    ((".json",), re.compile(r'\A\s*\{\s*"databaseChangeLog"'), "liquibase"),
    ((".php",), re.compile(r"\bAbstractMigration\b"), "phinx or doctrine"),
    ((".php",), re.compile(r"\bextends\s+Migration\b"), "laravel"),
    ((".cs",), re.compile(r":\s*Migration\b"), "entity framework"),
)  # fmt: skip
_ENDINGS = tuple({ending for endings, _, _ in _PROGRAMS for ending in endings})


def foreign(paths: Iterable[str], files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(path, tool) of each migration that is a program."""
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name == "__init__.py" or not path.endswith(_ENDINGS):
            continue
        if "versions" not in folder.split("/") and not is_migration_folder(folder):
            continue
        # db-migrate writes a program for each pair of scripts; the scripts are what it runs.
        if f"{folder}/sqls/{name.rpartition('.')[0]}-up.sql".lstrip("/") in files:
            continue
        text = files[path] or ""
        tool = next(
            (tool for ends, sign, tool in _PROGRAMS if path.endswith(ends) and sign.search(text)), None
        )
        if tool is not None:
            yield path, tool


# (the name, why it is not read); the first that fits counts.
_CALLBACK = (
    r"(?:before|after)(?:Each)?(?:Migrate|Undo|Validate|Clean|Info|Repair|Baseline|Repeat|Version|Connect)"
)
_REASONS = (
    (re.compile(r"B\d[\d._]*__"), "it is a baseline of Flyway, which runs in place of earlier scripts"),
    (re.compile(_CALLBACK), "it is a callback of Flyway, which runs at each start"),
    (re.compile(r"[vur]\d*[\d._]*__"), "Flyway reads V, U and R in capitals only"),
    (re.compile(r".*\.(?!sql\Z)[A-Za-z]+\Z"), "its ending is not written `.sql`, and runners take no other"),
)
_SAMPLES = re.compile(
    r"(?:^|/)(?:[^/]*fixtures?|seeds?|tests?|test[_-][^/]+|[^/]*tests|queries|snapshots)/", re.IGNORECASE
)


def unread(
    paths: Iterable[str], read: Collection[str], *, dialect: str | None, everywhere: bool
) -> Iterator[Problem]:
    """A problem for each script among migrations that is part of none, with the reason."""
    for path in paths:
        folder, _, name = path.rpartition("/")
        if path in read or not path.lower().endswith(".sql") or is_ignored(path):
            continue
        if dialect is not None and dialect_of_path(path) not in (None, dialect):
            continue
        if everywhere or (is_migration_folder(folder) and _SAMPLES.search(path) is None):
            reason = next((words for sign, words in _REASONS if sign.match(name)), None)
            words = (
                reason
                or "it has no version in its name and no markers in its text, so that no order is known"
            )
            yield Problem("unread", path, f"{path} is not read as a migration: {words}.")
