"""What a real PostgreSQL server does at each statement of a folder's migrations: locks, rewrites, scans, refusals.

    python benchmarks/migration_facts.py FOLDER

Prints one JSON object for each statement of a forward script: the file, the line, the strong locks that are held
on tables which stood before that migration, and what the server said while it worked. `accuracy_migrations.py`
holds the rules about locks against it. The server is thrown away afterwards.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from backend_engineer.migrations import Migration, discover, read_script
from backend_engineer.migrations.gathering import migration_files
from backend_engineer.verification.postgres.server import throw_away_server
from backend_engineer.workspace import SourceTree

STRONG = ("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")
TELLING = (
    "rewriting table",
    "verifying table",
    "validating foreign key",
    "building index",
    "are sufficient to prove",
)


class Fact(NamedTuple):
    """One statement: locks on tables that stood before the migration, the server's remarks, its refusal if any."""

    path: str
    line: int
    locks: tuple[str, ...]
    said: tuple[str, ...]
    refused: str
    transactional: bool


def facts_of(files: dict[str, str], *, transactional: bool | None = None) -> Iterator[Fact]:
    """The facts of every forward script, each on the schema that the earlier ones made."""
    psycopg: Any = importlib.import_module("psycopg")
    with throw_away_server() as address:
        for number, chain in enumerate(
            discover(files, dialect="postgresql", transactional=transactional).chains.values()
        ):
            where = f"host={address.folder} port={address.port} user={address.user}"
            with psycopg.connect(f"{where} dbname=postgres", autocommit=True) as link:
                link.execute(f"CREATE DATABASE facts{number} TEMPLATE template0")
            for item in chain:
                if item.forward.runnable:
                    # A script may leave settings behind: each gets a connection of its own.
                    with psycopg.connect(f"{where} dbname=facts{number}", autocommit=True) as link:
                        yield from _facts(link, item)


def _facts(link: Any, item: Migration) -> Iterator[Fact]:
    said: list[str] = []
    link.add_notice_handler(lambda note: said.append(str(note.message_primary)))
    link.execute("SET client_min_messages = debug1")
    link.execute("SET statement_timeout = '20s'")
    before = {row[0] for row in link.execute("SELECT oid FROM pg_class WHERE relkind IN ('r', 'p', 'm')")}
    for script in item.forward.parts or (item.forward,):
        link.execute("BEGIN")
        for statement in read_script(script.sql, "postgresql").statements:
            if statement.head in ("begin", "commit", "end", "rollback", "start", "savepoint", "release"):
                continue
            said.clear()
            refused, inside = _run(link, statement.text)
            rows = link.execute(
                "SELECT DISTINCT relation, relation::regclass::text, mode FROM pg_locks"
                " WHERE pid = pg_backend_pid() AND locktype = 'relation'"
            ).fetchall()
            locks = sorted(f"{name} {mode}" for oid, name, mode in rows if oid in before and mode in STRONG)
            kept = tuple(line for line in said if any(sign in line for sign in TELLING))
            line = statement.line + script.line - 1
            yield Fact(script.path, line, tuple(locks), kept, refused, inside)
        link.execute("COMMIT")


def _run(link: Any, text: str) -> tuple[str, bool]:
    """The server's refusal, and whether the statement ran inside the transaction."""
    psycopg: Any = importlib.import_module("psycopg")
    link.execute("SAVEPOINT step")
    try:
        link.execute(text.encode(), prepare=False)
        link.execute("RELEASE step")
    except psycopg.Error as error:
        code = getattr(error, "sqlstate", None) or "?"
        link.execute("ROLLBACK TO step")
        if code not in ("25001", "55P04", "55006"):
            return f"[{code}] {str(error).splitlines()[0]}", True
        link.execute("COMMIT")
        try:
            link.execute(text.encode(), prepare=False)
            return f"[{code}] inside a transaction only", False
        except psycopg.Error as second:
            return f"[{getattr(second, 'sqlstate', '?')}] {str(second).splitlines()[0]}", False
        finally:
            link.execute("BEGIN")
    return "", True


def main() -> int:
    """Print the facts of a folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    files = migration_files(SourceTree.from_directory(arguments.folder))
    for fact in facts_of(files):
        print(json.dumps(fact._asdict()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
