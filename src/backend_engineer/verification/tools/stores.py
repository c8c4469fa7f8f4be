"""Scratch databases for another tool's commands: a file for SQLite, a copy on a server for PostgreSQL.

Owns: copying, dropping, addressing, reading the schema and the rows, seeding.
Must never know: commands, runners, verdicts.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from backend_engineer.migrations import BOOKKEEPING
from backend_engineer.verification.limits import Limits
from backend_engineer.verification.postgres.catalog import read_catalog
from backend_engineer.verification.postgres.rows import Seeder, read_rows
from backend_engineer.verification.postgres.scratch import Scratch, open_scratch
from backend_engineer.verification.postgres.settings import read_settings
from backend_engineer.verification.snapshots import Snapshot
from backend_engineer.verification.sqlite.database import facts, head_of, rows
from backend_engineer.verification.sqlite.schema import snapshot_of
from backend_engineer.verification.sqlite.seeding import seed_rows

__all__ = ["PostgresStore", "SqliteStore", "Store", "open_store"]


class Store(Protocol):
    """Scratch databases by name."""

    version: str

    def create(self, source: str | None = None) -> str:
        """A new database, empty or a copy."""
        ...

    def drop(self, name: str) -> None:
        """Remove a database."""
        ...

    def environment(self, name: str) -> dict[str, str]:
        """What a command is told: `DATABASE_URL` and, on SQLite, `DATABASE_PATH`."""
        ...

    def schema(self, name: str) -> Snapshot:
        """The schema without the tool's own tables."""
        ...

    def settings(self, name: str) -> dict[str, str]:
        """What is set for the database, and no schema holds."""
        ...

    def rows(self, name: str) -> dict[str, Any]:
        """All rows but those of the tool's own tables."""
        ...

    def seed(self, name: str, number: int) -> None:
        """Put made-up rows into every table."""
        ...


@dataclass(slots=True)
class SqliteStore:
    """Files in a scratch folder."""

    folder: Path
    version: str = sqlite3.sqlite_version
    _count: int = 0

    def create(self, source: str | None = None) -> str:
        """A new file; the tool makes the database in it."""
        self._count += 1
        path = self.folder / f"scratch-{self._count}.sqlite3"
        if source is None:
            path.touch()
        else:
            shutil.copyfile(source, path)
        return str(path)

    def drop(self, name: str) -> None:
        """Remove the file and what SQLite put beside it."""
        for suffix in ("", "-journal", "-wal", "-shm"):
            Path(name + suffix).unlink(missing_ok=True)

    def environment(self, name: str) -> dict[str, str]:
        """`DATABASE_URL` as SQLAlchemy writes it, and the plain path."""
        return {"DATABASE_URL": f"sqlite:///{name}", "DATABASE_PATH": name}

    @contextlib.contextmanager
    def _open(self, name: str) -> Iterator[sqlite3.Connection]:
        link = sqlite3.connect(name, isolation_level=None)
        try:
            yield link
        finally:
            link.close()

    def schema(self, name: str) -> Snapshot:
        """The schema of a file."""
        with self._open(name) as link:
            return snapshot_of(facts(link), BOOKKEEPING)

    def settings(self, name: str) -> dict[str, str]:
        """What stands in the head of a file."""
        with self._open(name) as link:
            return head_of(link)

    def rows(self, name: str) -> dict[str, Any]:
        """The rows of a file."""
        with self._open(name) as link:
            return {
                table: content for table, content in rows(link).items() if table.lower() not in BOOKKEEPING
            }

    def seed(self, name: str, number: int) -> None:
        """Made-up rows in every table but the tool's own."""
        with self._open(name) as link:
            seed_rows(link, number, BOOKKEEPING, plain=True)


@dataclass(slots=True)
class PostgresStore:
    """Databases on a scratch server."""

    scratch: Scratch
    version: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.version = self.scratch.version

    def create(self, source: str | None = None) -> str:
        """A new database, or a copy of one to which nobody is connected."""
        return self.scratch.create(source)

    def drop(self, name: str) -> None:
        """Drop the database."""
        self.scratch.drop(name)

    def environment(self, name: str) -> dict[str, str]:
        """`DATABASE_URL`, and libpq's own variables."""
        given = self.scratch.parameters
        host, port = str(given.get("host", "localhost")), str(given.get("port", 5432))
        role, password = self.scratch.role, self.scratch.password
        found = {"PGHOST": host, "PGPORT": port, "PGUSER": role, "PGDATABASE": name}
        login = quote(role) + (f":{quote(password)}" if password else "")
        if password:
            found["PGPASSWORD"] = password
        # A socket's folder cannot stand where a URL has its host.
        if host.startswith("/"):
            found["DATABASE_URL"] = f"postgresql://{login}@/{name}?{urlencode({'host': host, 'port': port})}"
        else:
            found["DATABASE_URL"] = f"postgresql://{login}@{host}:{port}/{name}"
        return found

    @contextlib.contextmanager
    def _open(self, name: str) -> Iterator[Any]:
        link = self.scratch.connect(name)
        try:
            yield link
        finally:
            link.close()

    def schema(self, name: str) -> Snapshot:
        """The schema of a database."""
        with self._open(name) as link:
            return read_catalog(link, BOOKKEEPING)

    def settings(self, name: str) -> dict[str, str]:
        """What is set for a database; what is set for the role belongs to no database."""
        with self._open(name) as link:
            return {key: value for key, value in read_settings(link).items() if "database" in key}

    def rows(self, name: str) -> dict[str, Any]:
        """The rows of a database."""
        with self._open(name) as link:
            return read_rows(link, BOOKKEEPING)

    def seed(self, name: str, number: int) -> None:
        """Made-up rows in every table but the tool's own."""
        with self._open(name) as link:
            link.execute("BEGIN")
            Seeder(number, BOOKKEEPING).seed(link, plain=True)
            link.execute("COMMIT")


@contextlib.contextmanager
def open_store(dialect: str, dsn: str | None, folder: Path, limits: Limits) -> Iterator[Store]:
    """The store of a dialect; everything in it is gone at the end."""
    if dialect == "sqlite":
        yield SqliteStore(folder)
        return
    with open_scratch(dsn, scratch_copy=False, limits=limits) as scratch:
        try:
            yield PostgresStore(scratch)
        finally:
            scratch.drop_all()
