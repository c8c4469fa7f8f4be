"""What a SQLite script may not do, and that nothing of it happens."""

import time
from pathlib import Path

import pytest

from backend_engineer.verification import Limits, verify_migrations


def run(up: str, down: str = "SELECT 1;", **options):
    return verify_migrations({"db/1_a.up.sql": up, "db/1_a.down.sql": down}, "sqlite", **options).pairs[0]


@pytest.mark.parametrize(
    ("script", "refused"),
    [
        ("ATTACH '{path}' AS x; CREATE TABLE x.a (id integer);", "ATTACH"),
        ("ATTACH '{path}' || '' AS x;", "ATTACH"),
        ("SELECT load_extension('{path}');", "load_extension"),
        ("-- NO_TRANSACTION\nVACUUM INTO '{path}';", "ATTACH"),
        ("PRAGMA writable_schema = ON;", "writable_schema"),
        ("PRAGMA max_page_count = 99999999;", "max_page_count"),
        ("PRAGMA temp_store_directory = '{path}';", "temp_store_directory"),
        ("CREATE VIRTUAL TABLE a USING csv(filename='{path}');", "csv"),
    ],
)
def test_what_reaches_out_is_refused_and_reported(tmp_path: Path, script: str, refused: str) -> None:
    target = tmp_path / "other.sqlite"
    found = run(script.format(path=target))
    assert any(refused in item for item in found.refused), found
    assert found.verdict == "not-run"
    assert not target.exists()


def test_vacuum_alone_is_allowed() -> None:
    found = run("-- NO_TRANSACTION\nVACUUM;")
    assert found.refused == ()
    assert found.verdict == "restored"


def test_a_database_that_grows_without_end_is_stopped() -> None:
    script = "CREATE TABLE a AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 900000) SELECT randomblob(500) AS b FROM n;"
    found = run(script, limits=Limits(database_bytes=4_000_000), seed=None)
    assert found.verdict == "forward-failed"
    assert "pages" in found.message


def test_a_value_that_fills_the_memory_is_stopped() -> None:
    found = run("CREATE TABLE a AS SELECT zeroblob(2000000000) AS b;", seed=None)
    assert found.verdict == "forward-failed"


def test_what_one_script_sets_does_not_reach_the_next() -> None:
    files = {
        "db/1_a.up.sql": "-- NO_TRANSACTION\nPRAGMA foreign_keys = ON; CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE c (p integer REFERENCES p (id)); INSERT INTO c VALUES (NULL);",
        "db/1_a.down.sql": "DROP TABLE c; DROP TABLE p;",
        "db/2_b.up.sql": "INSERT INTO c VALUES (99);",
        "db/2_b.down.sql": "DELETE FROM c WHERE p = 99;",
    }
    assert [pair.verdict for pair in verify_migrations(files, "sqlite").pairs] == ["restored", "restored"]


LOOP = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
HOSTILE = {
    "endless recursion": f"{LOOP} SELECT count(*) FROM n;",
    "endless rows": f"CREATE TABLE a AS {LOOP} SELECT x FROM n;",
    "endless wide rows": f"CREATE TABLE a AS {LOOP} SELECT randomblob(100000) AS b FROM n;",
    "endless sorting": f"{LOOP} SELECT x FROM n ORDER BY random();",
    "endless group": f"{LOOP} SELECT group_concat(hex(randomblob(1000))) FROM n;",
    "search in zeros": "SELECT instr(zeroblob(40000000), zeroblob(20000000) || x'01');",
    "search in zeros, rows": "CREATE TABLE a (b); INSERT INTO a VALUES (instr(zeroblob(40000000), zeroblob(20000000) || x'01'));",
    "pattern": "SELECT printf('%.*c', 40000000, 'a') LIKE '%" + "a_" * 200 + "b';",
    "long pattern": "SELECT 'a' LIKE '" + "%a" * 20000 + "b';",
    "glob": "SELECT printf('%.*c', 40000000, 'a') GLOB '*" + "a?" * 200 + "b';",
    "large number of bytes": "SELECT zeroblob(2000000000);",
    "large text": "SELECT printf('%.*c', 2000000000, 'x');",
    "doubling": "SELECT replace(replace(hex(zeroblob(20000000)), '0', 'xxxxxxxxxx'), 'x', 'yyyyyyyyyy');",
    "deep expression": "SELECT " + "(" * 5000 + "1" + ")" * 5000 + ";",
    "long expression": "SELECT " + "1+" * 20000 + "1;",
    "many unions": "SELECT 1" + " UNION ALL SELECT 1" * 5000 + ";",
    "deep JSON": "SELECT json_extract('" + "[" * 100000 + "]" * 100000 + "', '$');",
    "trigger on itself": "CREATE TABLE a (b); CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO a VALUES (NEW.b + 1); END; PRAGMA recursive_triggers = ON; INSERT INTO a VALUES (1);",
    "crossed joins": "CREATE TABLE a AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 999) SELECT x FROM n; SELECT count(*) FROM a, a b, a c, a d;",
    "many views": "CREATE VIEW v0 AS SELECT 1 AS x;" + "".join(f"CREATE VIEW v{n} AS SELECT a.x FROM v{n - 1} a, v{n - 1} b;" for n in range(1, 30)) + "SELECT count(*) FROM v29;",
}  # fmt: skip
# Nothing of these is larger than the limits: the engine may well answer them.
HARMLESS = {"deep JSON", "long expression", "many unions"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_script_that_would_never_end_or_fill_the_memory_ends_as_a_named_failure(name: str) -> None:
    limits = Limits(seconds=0.7, database_bytes=8_000_000)
    began = time.monotonic()
    found = run(f"-- NO_TRANSACTION\n{HOSTILE[name]}", limits=limits, seed=None)
    assert time.monotonic() - began < 15
    if name not in HARMLESS or found.verdict != "restored":
        assert found.verdict == "forward-failed", found
        assert "1_a.up.sql" in found.message


def test_a_rollback_that_would_never_end_is_named_and_its_forward_script_stands() -> None:
    files = {
        "db/1_a.up.sql": "CREATE TABLE a (id integer PRIMARY KEY);",
        "db/1_a.down.sql": "DROP TABLE a;\nSELECT instr(zeroblob(40000000), zeroblob(20000000) || x'01');",
        "db/2_b.up.sql": "ALTER TABLE a ADD COLUMN b text;",
        "db/2_b.down.sql": "ALTER TABLE a DROP COLUMN b;",
    }
    first, second = verify_migrations(files, "sqlite", limits=Limits(seconds=0.5), seed=None).pairs
    assert first.verdict == "rollback-failed"
    assert "1_a.down.sql:2: stopped at the limit of 0.5 s" in first.message
    assert second.verdict == "restored"


def test_a_check_that_is_evaluated_while_rows_are_made_up_ends_too() -> None:
    column = "b integer CHECK (instr(zeroblob(40000000), zeroblob(20000000) || x'01') = 0)"
    files = {
        "db/1_a.up.sql": f"CREATE TABLE a (id integer PRIMARY KEY, {column});",
        "db/1_a.down.sql": "DROP TABLE a;",
        "db/2_b.up.sql": "ALTER TABLE a ADD COLUMN c text;",
        "db/2_b.down.sql": "ALTER TABLE a DROP COLUMN c;",
    }
    began = time.monotonic()
    pairs = verify_migrations(files, "sqlite", limits=Limits(seconds=0.5)).pairs
    assert time.monotonic() - began < 20
    assert [bool(pair.message) for pair in pairs] == [False, True], pairs
