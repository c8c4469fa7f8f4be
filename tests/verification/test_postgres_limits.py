"""Scripts on PostgreSQL that outgrow or outlast their limits, and runs that are killed at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_engineer.outputs import PairOutcome
from backend_engineer.verification import Limits, verify_migrations
from backend_engineer.verification.postgres.server import SUPERUSER, remove_leftovers, throw_away_server

pytestmark = pytest.mark.postgres
psycopg = pytest.importorskip("psycopg", reason="the extra pg is not installed")

LIFT = "SET statement_timeout = 0; SET lock_timeout = 0;"
ROWS = "INSERT INTO big SELECT repeat(md5(g::text), 100) FROM generate_series(1, 20000) g;"
FILL = f"CREATE TABLE big (t text); ALTER TABLE big ALTER t SET STORAGE PLAIN; DO $$ BEGIN LOOP {ROWS} END LOOP; END $$;"
LIMITS = Limits(seconds=20, database_bytes=30_000_000, process_bytes=600_000_000)


@pytest.fixture(scope="module")
def server(postgres: None) -> Iterator[str]:
    """The DSN of a server's superuser; one that is installed and does not start is a failure."""
    with throw_away_server() as address:
        yield f"host={address.folder} port={address.port} user={address.user} dbname=postgres"


def ran(server: str, up: str, down: str, limits: Limits = LIMITS, seed: int | None = None) -> PairOutcome:
    """The pair's outcome; a sound pair of another series behind it has to come out sound."""
    files = {
        "a/migrations/1_a.up.sql": up,
        "a/migrations/1_a.down.sql": down,
        "b/migrations/1_b.up.sql": "CREATE TABLE b (id int);",
        "b/migrations/1_b.down.sql": "DROP TABLE b;",
    }
    first, second = verify_migrations(files, server, limits=limits, seed=seed).pairs
    assert second.verdict == "restored", second
    return first


def used(server: str) -> int:
    with psycopg.connect(server, autocommit=True) as link:
        return int(link.execute("SELECT sum(pg_database_size(oid)) FROM pg_database").fetchone()[0])


def test_the_limit_holds_for_a_whole_script_that_is_sent_statement_by_statement(server: str) -> None:
    script = "-- no-transaction\n" + "SELECT pg_sleep(0.6);\n" * 8
    found = ran(server, script, "SELECT 1;", Limits(seconds=1))
    assert found.verdict == "forward-failed"
    assert found.message.endswith("stopped at the limit of 1 s")


def test_a_script_that_hides_its_database_from_a_plain_role_is_stopped_all_the_same(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as link:
        link.execute("CREATE ROLE plain LOGIN CREATEDB CREATEROLE")
    hide = "EXECUTE 'REVOKE ALL ON DATABASE ' || current_database() || ' FROM PUBLIC, ' || current_user;"
    script = f"DO $$ BEGIN {hide} END $$; COMMIT; {LIFT} SELECT pg_sleep(30);"
    dsn = server.replace(f"user={SUPERUSER}", "user=plain")
    began = time.monotonic()
    found = ran(dsn, script, "SELECT 1;", Limits(seconds=3))
    assert found.message.endswith("may grow, and the script hides how large it is")
    assert time.monotonic() - began < 15


def test_the_limit_holds_for_a_whole_check(server: str) -> None:
    check = "-- VERIFY\n" + "-- SELECT pg_sleep(0.6) IS NULL OR to_regclass('z') IS NOT NULL;\n" * 8
    began = time.monotonic()
    found = ran(server, f"CREATE TABLE z (id int);\n{check}", "DROP TABLE z;", Limits(seconds=1))
    assert found.verify_message.endswith("stopped at the limit of 1 s")
    assert time.monotonic() - began < 20


def test_a_script_that_writes_without_end_is_stopped_and_the_disk_is_as_before(server: str) -> None:
    before = used(server)
    found = ran(server, f"{LIFT} {FILL}", "DROP TABLE big;")
    assert found.verdict == "forward-failed"
    assert (
        "1_a.up.sql: stopped at the limit of 30000000 bytes that a scratch database may grow" in found.message
    )
    assert abs(used(server) - before) < 1_000_000


def test_a_rollback_that_writes_without_end_is_the_rollbacks_failure(server: str) -> None:
    found = ran(server, "CREATE TABLE a (id int);", f"DROP TABLE a; {LIFT} {FILL}")
    assert found.verdict == "rollback-failed"
    assert "1_a.down.sql: stopped at the limit of 30000000 bytes" in found.message


def test_a_rollback_that_never_ends_is_the_rollbacks_failure(server: str) -> None:
    found = ran(server, "CREATE TABLE a (id int);", f"{LIFT} SELECT pg_sleep(600);", Limits(seconds=0.5))
    assert found.verdict == "rollback-failed"
    assert "1_a.down.sql: stopped at the limit of 0.5 s" in found.message


def test_a_check_that_never_ends_fails_and_its_script_stands(server: str) -> None:
    up = "CREATE TABLE a (id int);\n-- VERIFY\n-- SET statement_timeout = 0;\n-- SELECT pg_sleep(600);\n"
    found = ran(server, up, "DROP TABLE a;", Limits(seconds=0.5))
    assert (found.verdict, found.verify_after) == ("restored", "fail")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
def test_a_script_that_sends_back_without_end_is_stopped(server: str) -> None:
    script = f"{LIFT} SELECT repeat('x', 1000000) FROM generate_series(1, 1000000);"
    found = ran(server, script, "SELECT 1;")
    assert found.verdict == "forward-failed"
    assert "that a script may send back" in found.message


def test_a_trigger_that_never_ends_does_not_hold_up_the_made_up_rows(server: str) -> None:
    body = "BEGIN PERFORM pg_sleep(600); RETURN NEW; END"
    up = (
        f"CREATE TABLE a (id int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS '{body}';"
        "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f(); "
        "ALTER DATABASE {name} SET statement_timeout = 0;"
    ).replace(
        "ALTER DATABASE {name} SET statement_timeout = 0;",
        "ALTER ROLE CURRENT_USER SET statement_timeout = 0;",
    )
    files = {
        "a/migrations/1_a.up.sql": up,
        "a/migrations/1_a.down.sql": "DROP TABLE a; DROP FUNCTION f;",
        "a/migrations/2_b.up.sql": "ALTER TABLE a ADD COLUMN b int;",
        "a/migrations/2_b.down.sql": "ALTER TABLE a DROP COLUMN b;",
    }
    began = time.monotonic()
    pairs = verify_migrations(files, server, limits=Limits(seconds=0.3)).pairs
    assert [pair.verdict.value for pair in pairs] == ["restored", "restored"], pairs
    assert time.monotonic() - began < 60


RUN = """
import sys
from pathlib import Path
from backend_engineer.verification import verify_migrations
from backend_engineer.verification.postgres import server

server._places = lambda: (Path(sys.argv[1]), Path(sys.argv[1]))
files = {}
for n in range(2):
    files[f"m/migrations/{n}_a.up.sql"] = f"CREATE TABLE t{n} (id int); CREATE INDEX CONCURRENTLY i{n} ON t{n} (id);"
    files[f"m/migrations/{n}_a.down.sql"] = f"DROP TABLE t{n};"
print(len(verify_migrations(files, "postgresql").pairs))
"""


def running_from(folder: Path) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(folder).encode() in place.read_bytes() and int(place.parent.name) != os.getpid():
                found.append(int(place.parent.name))
        except OSError:
            continue
    return found


def shared_memory() -> set[str]:
    """The names of servers' shared memory."""
    return {path.name for path in Path("/dev/shm").glob("PostgreSQL.*")}


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_a_run_that_is_killed_at_any_moment_leaves_nothing_after_the_next_ones_clean_up(
    postgres: None,
) -> None:
    with tempfile.TemporaryDirectory(prefix="be-kill-", dir="/tmp") as scratch:
        folder = Path(scratch)
        folder.chmod(0o711)
        before = shared_memory()
        began = time.monotonic()
        whole = subprocess.run(
            [sys.executable, "-c", RUN, scratch], capture_output=True, text=True, check=True
        )
        length = time.monotonic() - began
        assert whole.stdout == "2\n"
        assert list(folder.iterdir()) == []
        for point in range(10):
            killed = subprocess.Popen(
                [sys.executable, "-c", RUN, scratch], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            time.sleep(length * (point + 0.5) / 10)
            os.kill(killed.pid, signal.SIGKILL)
            killed.wait()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            # What the next run does first; a program that was just being started may still be on its way.
            remove_leftovers(folder)
            if not list(folder.iterdir()) and not running_from(folder):
                break
            time.sleep(0.2)
        assert [path.name for path in folder.iterdir()] == []
        assert running_from(folder) == []
        # Other runs make and remove such memory meanwhile; what was lost stays.
        left = shared_memory() - before
        while left and time.monotonic() < deadline:
            time.sleep(0.2)
            left &= shared_memory()
        assert left == set()
