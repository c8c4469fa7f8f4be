"""What a script leaves on its connection is not there for the next one, as with a runner that connects anew."""

from __future__ import annotations

import pytest

from backend_engineer.outputs import PairOutcome
from backend_engineer.verification import verify_migrations

BASE = {
    "m/1_users.up.sql": (
        "CREATE TABLE users (id int PRIMARY KEY, email text, n int);\n"
        "CREATE VIEW seen WITH (security_barrier) AS SELECT id FROM users WHERE n > 1 WITH LOCAL CHECK OPTION;\n"
        "CREATE INDEX users_n ON users (n) WITH (deduplicate_items = off, fillfactor = 70);\n"
    ),
    "m/1_users.down.sql": "DROP VIEW seen;\nDROP TABLE users;\n",
}
ADD, DROP = "ALTER TABLE users ADD x int;\n", "ALTER TABLE users DROP x;\n"


def of(*scripts: tuple[str, str]) -> tuple[PairOutcome, ...]:
    files = dict(BASE)
    for place, (up, down) in enumerate(scripts, 2):
        files |= {f"m/{place}_step.up.sql": up, f"m/{place}_step.down.sql": down}
    return verify_migrations(files, "postgresql", base=BASE).pairs


@pytest.mark.parametrize(
    "left",
    [
        "CREATE TEMP TABLE kept AS SELECT id, lower(email) AS e FROM users;",
        "CREATE TEMP TABLE kept (id int) ON COMMIT DROP;",
        "PREPARE kept AS SELECT 1;",
        'PREPARE "Kept ""one" AS SELECT 1;',
        "DECLARE kept CURSOR FOR SELECT 1;",
        "SET search_path = '';",
    ],
)
def test_what_a_session_keeps_ends_with_its_script(postgres: None, left: str) -> None:
    add = ADD.replace("users", "public.users")
    found = of((f"{left}\n{add}", DROP), (f"{left}\n{add.replace(' x ', ' y ')}", DROP.replace(" x", " y")))
    for pair in found:
        assert (pair.verdict, pair.rows, pair.mode, pair.message) == ("restored", "kept", "transaction", "")


def test_a_rollback_that_needs_what_the_session_of_its_forward_script_kept_fails(postgres: None) -> None:
    up = "CREATE TEMP TABLE kept AS SELECT id, email FROM users;\nUPDATE users SET email = NULL;\n"
    (found,) = of((up, "UPDATE users SET email = kept.email FROM kept WHERE kept.id = users.id;\n"))
    assert found.verdict == "rollback-failed"
    assert "kept" in found.message


def test_an_extension_that_is_not_installed_is_not_held_against_the_script(postgres: None) -> None:
    first, second = of(
        ("CREATE EXTENSION no_such_thing;\n", "DROP EXTENSION no_such_thing;\n"),
        ("ALTER TABLE users ADD place no_such_type;\n", "ALTER TABLE users DROP place;\n"),
    )
    assert (first.verdict, second.verdict) == ("not-run", "not-run")
    assert "(a DSN)" in first.message
    assert "2_step" in second.message


def test_what_lacks_an_earlier_script_that_did_not_run_is_not_held_against_it(postgres: None) -> None:
    base = {**BASE, "m/2_ext.up.sql": "CREATE EXTENSION no_such_thing;\n", "m/2_ext.down.sql": ""}
    files = {
        **base,
        "m/3_step.up.sql": "ALTER TABLE users ADD place no_such_type;\n",
        "m/3_step.down.sql": "ALTER TABLE users DROP place;\n",
    }
    report = verify_migrations(files, "postgresql", base=base)
    assert [pair.verdict for pair in report.pairs] == ["not-run"]
    assert "2_ext" in report.pairs[0].message
    assert "2_ext" in report.not_checked


@pytest.mark.parametrize(
    ("up", "down", "verdict"),
    [
        ("ALTER VIEW seen RESET (security_barrier);", "ALTER VIEW seen SET (security_barrier);", "restored"),
        ("ALTER VIEW seen RESET (security_barrier);", "SELECT 1;", "different"),
        (
            "ALTER TABLE users SET (fillfactor = 70);\nALTER TABLE users SET (autovacuum_enabled = false);",
            "ALTER TABLE users RESET (fillfactor, autovacuum_enabled);",
            "restored",
        ),
        (
            "ALTER INDEX users_n RESET (deduplicate_items);",
            "ALTER INDEX users_n SET (deduplicate_items = off);",
            "representation",
        ),
        ("ALTER INDEX users_n SET (fillfactor = 80);", "SELECT 1;", "different"),
    ],
)
def test_options_are_a_set(postgres: None, up: str, down: str, verdict: str) -> None:
    (found,) = of((up + "\n", down.replace("(security_barrier)", "(security_barrier = true)") + "\n"))
    assert found.verdict == verdict, found.differences
