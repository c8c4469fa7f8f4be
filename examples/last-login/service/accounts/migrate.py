"""The migration runner: `NNNN_name.up.sql` forward, `.down.sql` back, each in one transaction."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "db" / "migrations"
_NAME = re.compile(r"(\d{4})_(\w+)\.up\.sql")


def migrations(folder: Path = FOLDER) -> list[tuple[int, Path, Path]]:
    """Version, forward and rollback script of every migration, in order."""
    found = []
    for path in sorted(folder.glob("*.up.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise ValueError(f"{path.name} is not named NNNN_name.up.sql")
        found.append((int(match[1]), path, path.with_name(path.name.replace(".up.sql", ".down.sql"))))
    return found


def statements(script: str) -> list[str]:
    """The script's statements; SQLite itself says where one ends."""
    found, current = [], ""
    for line in script.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            found.append(current)
            current = ""
    return found


def applied(connection: sqlite3.Connection) -> int:
    """The version that the database stands at; 0 for a new one."""
    connection.execute("CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY) STRICT")
    return int(connection.execute("SELECT coalesce(max(version), 0) FROM schema_migrations").fetchone()[0])


def forward(database: str, folder: Path = FOLDER, to: int | None = None) -> list[int]:
    """Apply every migration after the present version, up to `to`; returns what was applied."""
    done = []
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        at = applied(connection)
        for version, up, _ in migrations(folder):
            if version > at and (to is None or version <= to):
                _run(connection, up.read_text("utf-8"), "INSERT INTO schema_migrations (version) VALUES (?)", version)
                done.append(version)
    finally:
        connection.close()
    return done


def back(database: str, folder: Path = FOLDER, to: int = 0) -> list[int]:
    """Roll back every migration above `to`, the newest first; returns what was rolled back."""
    done = []
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        at = applied(connection)
        for version, _, down in reversed(migrations(folder)):
            if to < version <= at:
                _run(connection, down.read_text("utf-8"), "DELETE FROM schema_migrations WHERE version = ?", version)
                done.append(version)
    finally:
        connection.close()
    return done


def _run(connection: sqlite3.Connection, script: str, note: str, version: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements(script):
            connection.execute(statement)
        connection.execute(note, (version,))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
