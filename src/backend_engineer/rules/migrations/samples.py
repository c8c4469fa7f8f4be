"""Scripts that the examples of this family are made of.

Owns: a migration that keeps every rule of the family, and builders that change one part of it.
Must never know: rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend_engineer.outputs import MigrationReport, PairOutcome, PairVerdict, text_hash
from backend_engineer.outputs.migration_report import LintNote

__all__ = ["BASE", "BASE_WITH_CODE", "DOWN", "POSTGRESQL", "SQLITE", "UP", "papers", "ran", "scripts", "spec"]


def spec(dialect: str, *, transactional: bool = True) -> Mapping[str, Any]:
    """Inputs that state a database and how migrations run."""
    return {
        "tech_spec": {
            "database": {"dialect": dialect},
            "migrations": {"folder": "db/migrations", "tool": "own runner", "transactional": transactional},
        }
    }


POSTGRESQL = spec("postgresql")
SQLITE = spec("sqlite")

BASE: Mapping[str, str] = {
    "db/migrations/0001_users.up.sql": "CREATE TABLE users (id integer PRIMARY KEY, email text NOT NULL, name varchar(20));\n",
    "db/migrations/0001_users.down.sql": "DROP TABLE users;\n",
}


BASE_WITH_CODE: Mapping[str, str] = {
    "db/migrations/0001_users.up.sql": (
        "CREATE TABLE users (id integer PRIMARY KEY, email text NOT NULL, name varchar(20));\n"
        "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$;\n"
        "CREATE VIEW v AS SELECT id FROM users;\n"
    ),
    "db/migrations/0001_users.down.sql": "DROP VIEW v;\nDROP FUNCTION f();\nDROP TABLE users;\n",
}


def papers(verify: str, sql: str = "", guard: str = "SET lock_timeout = '2s';") -> str:
    """A forward script with its guard and sections; `verify` is the check's SQL."""
    return (
        "-- Dry run: the script was run forward and back on a copy of the database.\n"
        f"{guard}\n"
        f"{sql}\n"
        "-- VERIFY\n"
        f"-- {verify}\n"
        "-- OPERATIONS\n"
        "-- duration: under 1 s\n"
        "-- impact: a short lock on the table\n"
        "-- throttling: none needed, no rows are written\n"
    )


_VERIFY = (
    "SELECT count(*) = 1 FROM information_schema.columns WHERE table_name = 'users' AND column_name = 'age';"
)


def scripts(
    up: str | None,
    down: str | None,
    *,
    verify: str = _VERIFY,
    number: str = "0002",
    guard: str = "SET lock_timeout = '2s';",
) -> dict[str, str]:
    """The two files of a migration; the forward script gets its papers."""
    files: dict[str, str] = {}
    if up is not None:
        files[f"db/migrations/{number}_age.up.sql"] = papers(verify, up, guard)
    if down is not None:
        files[f"db/migrations/{number}_age.down.sql"] = down
    return files


UP = "-- IRREVERSIBLE: names are lost; restore them from the backup\nALTER TABLE users DROP COLUMN name;"
"""A forward script that says what it loses."""

DOWN = "ALTER TABLE users ADD COLUMN name varchar(20);\n"
"""Its rollback, which brings the column back."""


def ran(
    files: Mapping[str, str], *, verdict: str = "restored", lint: tuple[str, int] | None = None, **facts: Any
) -> tuple[MigrationReport]:
    """The report of a run of a migration's two files."""
    forward, rollback = files
    note = LintNote(path=forward, line=lint[1], rule=lint[0], message="see the rule") if lint else None
    outcome = PairOutcome(
        migration="0002_age",
        forward=forward,
        rollback=rollback,
        verdict=PairVerdict(verdict),
        rows="kept",
        verify_before="fail",
        verify_after="pass",
        verify_after_rollback="fail",
        irreversible="names are lost",
        **facts,
    )
    return (
        MigrationReport(
            dialect="postgresql",
            pairs=(outcome,),
            lint=(note,) if note is not None else (),
            files={path: text_hash(text) for path, text in files.items()},
        ),
    )
