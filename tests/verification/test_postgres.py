"""Pairs really run on PostgreSQL: both modes, what is forbidden, DSNs, and clearing up after a crash."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend_engineer.errors import DatabaseNotEmpty, ServerUnavailable
from backend_engineer.outputs import Change, MigrationReport
from backend_engineer.verification import Limits, verify_migrations
from backend_engineer.verification.postgres.server import _PREFIX, remove_leftovers, throw_away_server

pytestmark = pytest.mark.postgres
psycopg = pytest.importorskip("psycopg", reason="the extra pg is not installed")

BASE_UP = """
CREATE TYPE mood AS ENUM ('calm');
CREATE TABLE users (id serial PRIMARY KEY, name varchar(20) DEFAULT 'x', mood mood);
"""
CASES = {
    "column": ("ALTER TABLE users ADD COLUMN age int;", "ALTER TABLE users DROP COLUMN age;", "restored", "transaction"),
    "empty": ("ALTER TABLE users ADD COLUMN age int;", "", "different", "transaction"),
    "order": ("ALTER TABLE users DROP COLUMN name;", "ALTER TABLE users ADD COLUMN name varchar(20) DEFAULT 'x';", "column-order", "transaction"),
    "length": ("ALTER TABLE users ALTER name TYPE text;", "ALTER TABLE users ALTER name TYPE varchar(19);", "different", "transaction"),
    "check": ("ALTER TABLE users ADD CONSTRAINT c CHECK (id > 0);", "ALTER TABLE users DROP CONSTRAINT c;", "restored", "transaction"),
    "concurrently": ("CREATE INDEX CONCURRENTLY i ON users (name);", "DROP INDEX CONCURRENTLY i;", "restored", "clone"),
    "enum value": ("ALTER TYPE mood ADD VALUE 'wild';", "SELECT 1;", "different", "transaction"),
    "new value used": ("ALTER TYPE mood ADD VALUE 'glad'; ", "UPDATE users SET mood = 'calm' WHERE mood = 'glad';", "different", "clone"),
    "own transaction": ("BEGIN; CREATE TABLE a (id int); COMMIT;", "BEGIN; DROP TABLE a; COMMIT;", "restored", "clone"),
    "syntax": ("CREATE TABLE a (id int);", "DROP TABL a;", "rollback-failed", "clone"),
    "missing": ("CREATE TABLE a (id int);", "DROP TABLE b;", "rollback-failed", "clone"),
    "forward": ("CREATE TABLE users (id int);", "DROP TABLE users;", "forward-failed", "clone"),
    "again": ("CREATE SEQUENCE s; CREATE TABLE IF NOT EXISTS a (id int);", "DROP SEQUENCE s; DROP TABLE a;", "restored", "transaction"),
    "program": ("COPY users FROM PROGRAM 'id';", "SELECT 1;", "not-run", "clone"),
    "file": ("SELECT pg_read_file('/etc/passwd');", "SELECT 1;", "not-run", "clone"),
    "dblink": ("CREATE EXTENSION dblink;", "SELECT 1;", "not-run", "clone"),
    "role": ("CREATE ROLE boss SUPERUSER;", "SELECT 1;", "not-run", "clone"),
    "view": ("CREATE VIEW v AS SELECT id FROM users WHERE ((id > 1));", "DROP VIEW v;", "restored", "transaction"),
    "lost rows": ("DELETE FROM users;", "SELECT 1;", "restored", "transaction"),
    "filled": ("ALTER TABLE users ALTER name SET NOT NULL;", "ALTER TABLE users ALTER name DROP NOT NULL;", "restored", "clone"),
}  # fmt: skip


@pytest.fixture(scope="module")
def report(postgres: None) -> MigrationReport:
    """All cases in one run, each on a base of its own."""
    base: dict[str, str] = {}
    files: dict[str, str] = {}
    for name, (up, down, _, _) in CASES.items():
        folder = f"{name.replace(' ', '_')}/migrations"
        base |= {f"{folder}/1_base.up.sql": BASE_UP, f"{folder}/1_base.down.sql": ""}
        files |= {
            f"{folder}/2_step.up.sql": f"{up}\n-- VERIFY\n-- SELECT 1\n",
            f"{folder}/2_step.down.sql": down,
        }
    return verify_migrations({**base, **files}, "postgresql", base=base)


def of_case(report: MigrationReport, name: str):
    folder = f"{name.replace(' ', '_')}/"
    return next(pair for pair in report.pairs if pair.forward.startswith(folder))


@pytest.mark.parametrize("name", CASES)
def test_each_case_has_its_verdict_and_its_mode(report: MigrationReport, name: str) -> None:
    found = of_case(report, name)
    assert (found.verdict, found.mode) == CASES[name][2:], found


@pytest.mark.parametrize("name", ["program", "file", "dblink", "role"])
def test_what_only_a_superuser_may_do_is_refused_and_reported(report: MigrationReport, name: str) -> None:
    assert of_case(report, name).refused


def test_lost_rows_and_required_columns_are_found_with_rows_only(report: MigrationReport) -> None:
    assert of_case(report, "lost rows").rows == "lost"
    assert of_case(report, "filled").populated == "forward-failed"


def test_a_failure_names_file_and_line(report: MigrationReport) -> None:
    assert "2_step.down.sql:1: syntax error" in of_case(report, "syntax").message


@pytest.mark.parametrize("up", ["CREATE TABLE a (id int);\n\nDROP TABLE b;", "\nDROP TABLE b;"])
def test_a_failure_that_the_server_gives_no_place_for_names_its_line_on_copies_too(
    postgres: None, pair_change: Callable[..., Change], up: str
) -> None:
    (found,) = verify_migrations(pair_change(up, "DROP TABLE a;"), "postgresql").pairs
    assert (found.verdict, found.mode) == ("forward-failed", "clone")
    line = len(up.split("\n"))
    assert found.message.startswith(f'db/migrations/0002_step.up.sql:{line}: table "b" does not exist')


def test_the_server_says_its_version(report: MigrationReport) -> None:
    assert report.server_version[:2].isdigit()


def test_a_script_cannot_lift_its_time_limit(postgres: None, pair_change: Callable[..., Change]) -> None:
    change = pair_change("SET statement_timeout = 0; SELECT pg_sleep(60);", "SELECT 1;")
    began = time.monotonic()
    found = verify_migrations(change, "postgresql", limits=Limits(seconds=0.5), seed=None).pairs[0]
    assert found.verdict == "forward-failed"
    assert time.monotonic() - began < 20


def servers() -> list[Path]:
    return [path for path in Path("/dev/shm").glob(f"{_PREFIX}*") if path.is_dir()]


@pytest.fixture
def server(postgres: None) -> Iterator[str]:
    """The DSN of a server's superuser."""
    with throw_away_server() as address:
        yield f"host={address.folder} port={address.port} user={address.user} dbname=postgres"


def test_the_server_is_gone_afterwards(postgres: None) -> None:
    with throw_away_server() as address:
        assert address.folder.is_dir()
    assert not address.folder.exists()
    assert not Path(f"{address.folder}.lock").exists()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_a_maker_that_is_killed_takes_its_server_along(postgres: None) -> None:
    script = (
        "import sys, time\nfrom backend_engineer.verification.postgres.server import throw_away_server\n"
        "with throw_away_server() as address:\n    print(address.folder, flush=True)\n    time.sleep(60)\n"
    )
    maker = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert maker.stdout is not None
    folder = Path(maker.stdout.readline().strip())
    assert folder.is_dir()
    os.kill(maker.pid, signal.SIGKILL)
    maker.wait()
    maker.stdout.close()
    for _ in range(100):
        if not folder.exists():
            break
        time.sleep(0.1)
    assert not folder.exists()


def test_what_a_crash_left_is_removed_by_the_next_run(tmp_path: Path) -> None:
    left = tmp_path / f"{_PREFIX}dead"
    (left / "data").mkdir(parents=True)
    assert remove_leftovers(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


FILES = {"db/1_a.up.sql": "CREATE TABLE a (id int);", "db/1_a.down.sql": "DROP TABLE a;"}


def databases(dsn: str) -> set[str]:
    with psycopg.connect(dsn, autocommit=True) as link:
        return {
            row[0]
            for row in link.execute("SELECT datname FROM pg_database UNION SELECT rolname FROM pg_roles")
        }


def test_a_dsn_is_used_and_left_as_it_was(server: str) -> None:
    before = databases(server)
    report = verify_migrations(FILES, server)
    assert [pair.verdict for pair in report.pairs] == ["restored"]
    assert databases(server) == before


def test_a_database_that_holds_objects_is_refused(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as link:
        link.execute("CREATE TABLE mine (id int)")
    with pytest.raises(DatabaseNotEmpty, match="nothing was touched"):
        verify_migrations(FILES, server)


def test_a_declared_copy_is_copied_and_the_copy_is_used(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as link:
        link.execute("CREATE DATABASE copied")
    copied = server.replace("dbname=postgres", "dbname=copied")
    with psycopg.connect(copied, autocommit=True) as link:
        link.execute("CREATE TABLE mine (id int); INSERT INTO mine VALUES (1)")
    files = {
        "db/1_a.up.sql": "ALTER TABLE mine ADD COLUMN b int;",
        "db/1_a.down.sql": "ALTER TABLE mine DROP COLUMN b; DELETE FROM mine;",
    }
    found = verify_migrations(files, copied, scratch_copy=True).pairs[0]
    assert (found.verdict, found.rows) == ("restored", "lost")
    with psycopg.connect(copied, autocommit=True) as link:
        assert link.execute("SELECT * FROM mine").fetchall() == [(1,)]


def test_a_copy_that_the_server_refuses_is_a_named_error(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as link:
        link.execute("CREATE DATABASE busy")
    busy = server.replace("dbname=postgres", "dbname=busy")
    with psycopg.connect(busy, autocommit=True) as link:
        link.execute("CREATE TABLE mine (id int)")
        with pytest.raises(ServerUnavailable, match=r"busy cannot be copied: .* accessed by other users"):
            verify_migrations({"migrations/1_a.up.sql": "SELECT 1;"}, busy, scratch_copy=True)


def test_scratch_databases_of_a_dead_run_are_dropped(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as link:
        link.execute("CREATE DATABASE backend_engineer_scratch_0123456789ab_1")
    verify_migrations(FILES, server)
    assert "backend_engineer_scratch_0123456789ab_1" not in databases(server)


@pytest.mark.parametrize("dsn", ["host=/nowhere user=u password=hidden", "service=nosuch password = hidden"])
def test_a_dsn_without_a_databases_name_is_a_dsn(dsn: str) -> None:
    with pytest.raises(ServerUnavailable) as caught:
        verify_migrations({"migrations/1_a.up.sql": "SELECT 1;"}, dsn)
    assert "hidden" not in str(caught.value)


def test_a_dsn_that_leads_nowhere_is_a_named_error_without_the_password() -> None:
    with pytest.raises(ServerUnavailable) as caught:
        verify_migrations(FILES, "postgresql://me:hidden-word@127.0.0.1:1/none")
    assert "hidden-word" not in str(caught.value)


def test_a_role_that_cannot_make_roles_is_refused_before_any_script_runs_with_its_rights(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as link:
        link.execute("CREATE ROLE dev LOGIN CREATEDB")
        link.execute("CREATE DATABASE dev_main OWNER dev")
        link.execute("CREATE DATABASE dev_empty OWNER dev")
    dsn = " ".join(part for part in server.split() if not part.startswith(("user=", "dbname=")))
    files = {"db/1_a.up.sql": "DROP DATABASE dev_main;", "db/1_a.down.sql": "SELECT 1;"}
    with pytest.raises(ServerUnavailable, match="may not make roles"):
        verify_migrations(files, f"{dsn} user=dev dbname=dev_empty")
    assert "dev_main" in databases(server)


OUTSIDE = [
    "DROP DATABASE precious;",
    "CREATE DATABASE evil;",
    "ALTER DATABASE precious RENAME TO gone;",
    "ALTER ROLE CURRENT_USER SUPERUSER;",
    "SET ROLE {user};",
    "SET SESSION AUTHORIZATION {user};",
    "ALTER SYSTEM SET work_mem = '1MB';",
    "SELECT lo_import('/etc/passwd');",
    "COPY (SELECT 1) TO '{folder}/file';",
    "COPY (SELECT 1) TO PROGRAM 'touch {folder}/program';",
    "CREATE EXTENSION file_fdw;",
    "CREATE TABLESPACE t LOCATION '{folder}';",
    "LOAD '{folder}/x.so';",
]


def test_nothing_outside_the_scratch_databases_is_reached(server: str, tmp_path: Path) -> None:
    with psycopg.connect(server, autocommit=True) as link:
        link.execute("CREATE DATABASE precious")
    user = server.partition("user=")[2].split()[0]
    files = {}
    for number, script in enumerate(OUTSIDE):
        files[f"s{number:02}/migrations/1_a.up.sql"] = script.format(user=user, folder=tmp_path)
        files[f"s{number:02}/migrations/1_a.down.sql"] = "SELECT 1;"
    before = databases(server)
    pairs = verify_migrations(files, server, seed=None).pairs
    assert databases(server) == before
    assert list(tmp_path.iterdir()) == []
    assert {pair.verdict.value for pair in pairs} <= {"not-run", "forward-failed"}
    assert sum(bool(pair.refused) for pair in pairs) >= len(OUTSIDE) - 2


def test_a_copy_from_or_to_the_client_is_not_run_and_stops_no_other_pair(server: str) -> None:
    files = {
        "a/migrations/1_a.up.sql": "CREATE TABLE a (id int);\nCOPY a FROM STDIN;\n",
        "a/migrations/1_a.down.sql": "DROP TABLE a;",
        "b/migrations/1_b.up.sql": "CREATE TABLE b (id int);\n-- VERIFY\n-- COPY b TO STDOUT;",
        "b/migrations/1_b.down.sql": "DROP TABLE b;",
    }
    first, second = verify_migrations(files, server).pairs
    assert (first.verdict, first.refused) == ("not-run", ())
    assert "1_a.up.sql:2" in first.message
    assert (second.verdict, second.verify_after) == ("restored", "fail")


def test_what_a_script_sets_for_its_role_does_not_reach_another_series(server: str) -> None:
    files = {
        "a/migrations/1_a.up.sql": "ALTER ROLE CURRENT_USER SET search_path = nowhere;",
        "a/migrations/1_a.down.sql": "ALTER ROLE CURRENT_USER RESET search_path;",
        "b/migrations/1_b.up.sql": "CREATE TABLE b (id int);",
        "b/migrations/1_b.down.sql": "DROP TABLE b;",
    }
    assert [pair.verdict.value for pair in verify_migrations(files, server).pairs] == ["restored", "restored"]


@pytest.mark.parametrize("mode", ["transaction", "clone"])
def test_a_check_of_rows_is_asked_where_there_are_rows(postgres: None, mode: str) -> None:
    base = {
        "m/1_a.up.sql": "CREATE TABLE a (id int PRIMARY KEY, name text);\n",
        "m/1_a.down.sql": "DROP TABLE a;\n",
    }
    begin, end = ("BEGIN;\n", "COMMIT;\n") if mode == "clone" else ("", "")
    check = "-- VERIFY\n-- SELECT count(*) = 0 FROM a WHERE name IS NULL;\n"
    files = {
        **base,
        "m/2_b.up.sql": f"{begin}UPDATE a SET name = '?' WHERE name IS NULL;\n{end}{check}",
        "m/2_b.down.sql": f"{begin}UPDATE a SET name = NULL WHERE name = '?';\n{end}",
        "m/3_c.up.sql": f"{begin}UPDATE a SET name = '?' WHERE name IS NULL;\n{end}{check}",
        "m/3_c.down.sql": f"{begin}SELECT 1;\n{end}",
    }
    undone, left = verify_migrations(files, "postgresql", base=base).pairs
    assert {undone.mode, left.mode} == {mode}
    assert (undone.verify_before, undone.verify_after, undone.verify_after_rollback) == (
        "fail",
        "pass",
        "fail",
    )
    assert (left.verify_before, left.verify_after, left.verify_after_rollback) == ("fail", "pass", "pass")
    assert (undone.rows, left.rows) == ("kept", "changed")
