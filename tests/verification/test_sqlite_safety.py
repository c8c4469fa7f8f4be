"""What a SQLite script may not do, and that nothing of it happens."""

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
