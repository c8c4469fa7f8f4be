"""Scripts on PostgreSQL that reach out, deceive the comparison or break what it stands on: each ends as an outcome."""

from __future__ import annotations

import pytest

from backend_engineer.outputs import MigrationReport, PairOutcome
from backend_engineer.verification import Limits, verify_migrations
from backend_engineer.verification.postgres.server import SUPERUSER

pytestmark = pytest.mark.postgres
pytest.importorskip("psycopg", reason="the extra pg is not installed")

A = "CREATE TABLE a (id int);"
DROP = "DROP TABLE a;"


def on_own(words: str) -> str:
    """An ALTER DATABASE or its like on the database that the script runs in."""
    head, _, tail = words.partition("@")
    return f"DO $$ BEGIN EXECUTE '{head}' || quote_ident(current_database()) || '{tail}'; END $$;"


# Forward, rollback, what the verdict is.
CASES = {
    "program inside EXECUTE": ("DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''id'''; END $$;", "SELECT 1;", "not-run"),
    "file into a table": ("CREATE TABLE a AS SELECT pg_read_file('/etc/passwd');", DROP, "not-run"),
    "folder": ("SELECT pg_ls_dir('/');", "SELECT 1;", "not-run"),
    "event trigger": ("CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION e();", "DROP EVENT TRIGGER e; DROP FUNCTION e();", "not-run"),
    "foreign data wrapper": ("CREATE EXTENSION postgres_fdw;", "DROP EXTENSION postgres_fdw;", "not-run"),
    "role of the superuser": (f"SET ROLE {SUPERUSER};", "SELECT 1;", "not-run"),
    "no way in again": (f"{A} {on_own('ALTER DATABASE @ CONNECTION LIMIT 0')}", DROP, "restored"),
    "nobody may connect": (f"{A} {on_own('REVOKE ALL ON DATABASE @ FROM PUBLIC, CURRENT_USER')}", DROP, "restored"),
    "another password": (f"{A} ALTER ROLE CURRENT_USER PASSWORD 'other';", DROP, "restored"),
    "read only from now on": (f"{A} {on_own('ALTER DATABASE @ SET default_transaction_read_only = on')}", "SELECT 1;", "different"),
    "advisory lock kept": (f"SELECT pg_advisory_lock(1); {A}", DROP, "restored"),
    "statements thrown away": (f"{A} DO $$ BEGIN EXECUTE 'DEALLOC' || 'ATE ALL'; END $$;", DROP, "restored"),
    "plans thrown away": (f"DISCARD PLANS; {A}", DROP, "restored"),
    "a name that the comparison takes": (f"PREPARE backend_engineer_catalog AS SELECT 1; {A}", DROP, "restored"),
    "own savepoints": (f"SAVEPOINT mine; {A} RELEASE SAVEPOINT mine;", DROP, "restored"),
    "savepoints of the comparison": (A, "ROLLBACK TO SAVEPOINT backend_engineer_populated;", "rollback-failed"),
    "its own connection ended": (A, "SELECT pg_terminate_backend(pg_backend_pid());", "rollback-failed"),
    "a search path that hides": ("CREATE SCHEMA hidden; SET search_path = hidden; CREATE TABLE pg_class (oid int);", "SET search_path = hidden; DROP TABLE hidden.pg_class;", "different"),
    "functions that hide": ("CREATE FUNCTION public.format(text, text) RETURNS text LANGUAGE sql AS 'SELECT ''x''';", "SELECT 1;", "different"),
    "operators that hide": ("CREATE FUNCTION public.j(text, text) RETURNS text LANGUAGE sql AS 'SELECT ''x'''; CREATE OPERATOR public.|| (leftarg = text, rightarg = text, function = public.j);", "SELECT 1;", "different"),
    "no schema public": ("DROP SCHEMA public CASCADE;", "CREATE SCHEMA public;", "different"),
    "dates written another way": ("SET DateStyle = 'German'; CREATE TABLE a (d date DEFAULT '2020-01-02');", DROP, "restored"),
    "row security forced": (f"{A} ALTER TABLE a ENABLE ROW LEVEL SECURITY; ALTER TABLE a FORCE ROW LEVEL SECURITY;", DROP, "restored"),
    "row security kept": ("ALTER TABLE base ENABLE ROW LEVEL SECURITY;", "SELECT 1;", "different"),
    "default rights kept": ("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;", "SELECT 1;", "different"),
    "comment kept": ("COMMENT ON TABLE base IS 'x';", "SELECT 1;", "different"),
    "grant kept": ("GRANT SELECT ON base TO PUBLIC;", "SELECT 1;", "different"),
    "statistics kept": ("CREATE STATISTICS st ON id, name FROM base;", "SELECT 1;", "different"),
    "unlogged kept": ("ALTER TABLE base SET UNLOGGED;", "SELECT 1;", "different"),
    "conversion kept": ("CREATE CONVERSION cv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;", "SELECT 1;", "different"),
    "announced type": ("CREATE TYPE soon;", "DROP TYPE soon;", "not-run"),
    "rights of a type kept": ("CREATE TYPE pair AS (a int); REVOKE USAGE ON TYPE pair FROM PUBLIC; GRANT USAGE ON TYPE pair TO PUBLIC;", "DROP TYPE pair;", "restored"),
    "a check that lets go of its savepoint": (f"{A}\n-- VERIFY\n-- RELEASE SAVEPOINT backend_engineer_verify;\n-- SELECT count(*) FROM a;\n", DROP, "restored"),
    "a check that copies": (f"{A}\n-- VERIFY\n-- /* x */ COPY a TO STDOUT;\n", DROP, "restored"),
}  # fmt: skip


@pytest.fixture(scope="module")
def report(postgres: None) -> MigrationReport:
    base: dict[str, str] = {}
    files: dict[str, str] = {}
    for number, (up, down, _) in enumerate(CASES.values()):
        folder = f"c{number:02}/migrations"
        base[f"{folder}/1_base.up.sql"] = "CREATE TABLE base (id int, name text);"
        base[f"{folder}/1_base.down.sql"] = "DROP TABLE base;"
        files[f"{folder}/2_step.up.sql"], files[f"{folder}/2_step.down.sql"] = up, down
    # An installed server that does not start is a failure.
    return verify_migrations({**base, **files}, "postgresql", base=base, limits=Limits(seconds=5))


def outcome(report: MigrationReport, name: str) -> PairOutcome:
    folder = f"c{list(CASES).index(name):02}/"
    return next(pair for pair in report.pairs if pair.forward.startswith(folder))


@pytest.mark.parametrize("name", CASES)
def test_each_attempt_is_refused_seen_or_without_effect(report: MigrationReport, name: str) -> None:
    found = outcome(report, name)
    assert found.verdict == CASES[name][2], found
    assert bool(found.refused) == (found.verdict == "not-run")
    assert not report.not_checked
