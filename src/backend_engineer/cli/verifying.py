"""Running migrations for a command: what this machine lacks makes them not checked, and ends nothing.

Owns: which errors of a run are a report that says why nothing was run.
Must never know: commands, exit codes, how a pair is run.
"""

from __future__ import annotations

from typing import Any

from backend_engineer.errors import MissingExtra, ServerUnavailable
from backend_engineer.outputs import MigrationReport
from backend_engineer.verification import verify_migrations

__all__ = ["is_dsn", "migrations_report"]


def is_dsn(database: str) -> bool:
    """Whether a database is named by its address, and not by its kind alone."""
    return "://" in database or "=" in database


def migrations_report(migrations: Any, database: Any, **options: Any) -> MigrationReport:
    """The report of `verify_migrations`, or one that is not checked where the extra or a local server is missing.

    A DSN that leads nowhere is what the caller wrote, and stays the error `ServerUnavailable`.
    """
    try:
        return verify_migrations(migrations, database, **options)
    except MissingExtra as error:
        return MigrationReport(dialect="postgresql", not_checked=str(error))
    except ServerUnavailable as error:
        if isinstance(database, str) and is_dsn(database):
            raise
        return MigrationReport(dialect="postgresql", not_checked=str(error))
