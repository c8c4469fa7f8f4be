"""`migrations check`: each pair forward, back and forward again, and how that is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from backend_engineer.errors import ServerUnavailable

GOOD = {
    "0001_a.up.sql": "CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT);\n",
    "0001_a.down.sql": "DROP TABLE a;\n",
}
BAD = {
    "0002_b.up.sql": "ALTER TABLE a ADD COLUMN b TEXT;\n",
    "0002_b.down.sql": "-- nothing\n",
    "0003_c.up.sql": "CREATE TABLE c (id INTEGER);\n",
    "0003_c.down.sql": "DROP TABLE d;\n",
}


def folder_of(tmp_path: Path, files: dict[str, str]) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def test_a_good_pair_ends_with_0_a_progress_line_and_a_summary(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    shown = cli("migrations", "check", folder_of(tmp_path, GOOD), "--database", "sqlite")
    assert shown.code == 0
    assert shown.out.startswith("Pair: 0001_a: restored, rows ")
    assert shown.out.endswith("Pairs: 1 (1 restored)\n")


def test_broken_pairs_end_with_1_and_say_why(cli: Callable[..., Any], tmp_path: Path) -> None:
    shown = cli("migrations", "check", folder_of(tmp_path, GOOD | BAD), "--database", "sqlite")
    assert shown.code == 1
    assert "Details of 0003_c\n  Server: 0003_c.down.sql:1: no such table: d\n" in shown.out
    assert "Pairs: 3 (1 restored, 1 different, 1 rollback-failed)\n" in shown.out


def test_json_holds_one_object_a_pair_and_nothing_else_on_standard_output(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    shown = cli("migrations", "check", folder_of(tmp_path, GOOD | BAD), "--database", "sqlite", "--json")
    rows = json.loads(shown.out)["pairs"]
    assert [(row["migration"], row["verdict"]) for row in rows] == [
        ("0001_a", "restored"),
        ("0002_b", "different"),
        ("0003_c", "rollback-failed"),
    ]
    assert shown.err.startswith("Pair: 0001_a: restored")


def test_junit_has_a_case_for_each_pair_so_that_what_passed_is_seen(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    shown = cli(
        "migrations", "check", folder_of(tmp_path, GOOD | BAD), "--database", "sqlite", "--format", "junit"
    )
    (suite,) = ElementTree.fromstring(shown.out)
    assert {case.get("name"): case.find("failure") is not None for case in suite} == {
        "0001_a": False,
        "0002_b": True,
        "0003_c": True,
    }


@pytest.mark.parametrize("name", ["sarif", "github", "markdown"])
def test_the_other_formats_name_the_broken_pairs(cli: Callable[..., Any], tmp_path: Path, name: str) -> None:
    shown = cli(
        "migrations", "check", folder_of(tmp_path, GOOD | BAD), "--database", "sqlite", "--format", name
    )
    assert shown.code == 1
    assert "EXE002" in shown.out
    assert "0003_c.down.sql" in shown.out.replace("\\", "").replace("%2E", ".")


def test_a_report_can_go_to_a_file(cli: Callable[..., Any], tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    shown = cli(
        "migrations", "check", folder_of(tmp_path, GOOD), "--database", "sqlite", "--json", "--output", target
    )
    assert shown.code == 0
    assert json.loads(target.read_text())["pairs"][0]["verdict"] == "restored"
    assert "Pairs: 1 (1 restored)" in shown.out


def test_lost_rows_are_told_although_the_schema_is_restored(cli: Callable[..., Any], tmp_path: Path) -> None:
    files = GOOD | {
        "0002_b.up.sql": "ALTER TABLE a DROP COLUMN name;\n",
        "0002_b.down.sql": "ALTER TABLE a ADD COLUMN name TEXT;\n",
    }
    folder = folder_of(tmp_path, files)
    shown = cli("migrations", "check", folder, "--database", "sqlite", "--json")
    row = json.loads(shown.out)["pairs"][1]
    assert row["verdict"] == "restored"
    assert row["rows"] in ("lost", "changed")
    assert (
        "Rows are changed on the way there and back"
        in cli("migrations", "check", folder, "--database", "sqlite", "--format", "github").out
    )
    assert "  Difference: " in cli("migrations", "check", folder, "--database", "sqlite").out


def test_a_database_that_is_not_run_is_not_checked(cli: Callable[..., Any], tmp_path: Path) -> None:
    shown = cli("migrations", "check", folder_of(tmp_path, GOOD), "--database", "mysql")
    assert shown.code == 5
    assert "Not checked: " in shown.out


def test_without_the_extra_nothing_was_checked_and_nothing_was_used_badly(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    shown = cli("migrations", "check", folder_of(tmp_path, GOOD), "--database", "postgres", "--json")
    assert shown.code == 5
    data = json.loads(shown.out)
    assert data["pairs"] == []
    assert "backend-engineer[pg]" in data["not_checked"]


def test_without_a_server_to_start_nothing_was_checked(
    cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("psycopg")

    def absent() -> None:
        raise ServerUnavailable("No initdb was found.", hint="Install it.")

    monkeypatch.setattr("backend_engineer.verification.postgres.server.find_programs", absent)
    folder = folder_of(tmp_path, GOOD)
    assert cli("migrations", "check", folder, "--database", "postgres").code == 5
    # A DSN is what the caller wrote: one that leads nowhere is bad input.
    assert cli("migrations", "check", folder, "--database", "postgresql://127.0.0.1:1/x").code == 2


def test_a_folder_without_migrations_is_not_checked(cli: Callable[..., Any], tmp_path: Path) -> None:
    assert cli("migrations", "check", tmp_path, "--database", "sqlite").code == 5


def test_a_folder_that_is_not_there_and_a_missing_database_end_with_2(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    assert cli("migrations", "check", tmp_path / "nothing", "--database", "sqlite").code == 2
    assert cli("migrations", "check", tmp_path).code == 2
    assert cli("migrations").code == 2


def test_a_file_that_was_not_read_is_named_and_the_rest_counts_as_not_checked(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    folder = folder_of(tmp_path, GOOD | {"notes.sql": "SELECT 1;\n", "0009_x.down.sql": "DROP TABLE x;\n"})
    shown = cli("migrations", "check", folder, "--database", "sqlite")
    assert shown.code == 5
    assert "File: notes.sql is not read as a migration" in shown.out
    assert "File: 0009_x.down.sql undoes a migration of which there is no forward script." in shown.out
    data = json.loads(cli("migrations", "check", folder, "--database", "sqlite", "--json").out)
    assert [item["code"] for item in data["problems"]] == ["unpaired", "unread"]
    assert "notes.sql" in cli("migrations", "check", folder, "--database", "sqlite", "--format", "sarif").out
    shown = cli("migrations", "check", folder, "--database", "sqlite", "--format", "junit")
    (suite,) = ElementTree.fromstring(shown.out)
    assert [case.get("name") for case in suite if case.find("skipped") is not None] == [
        "0009_x.down.sql",
        "notes.sql",
    ]


def test_a_single_file_beside_pairs_in_a_folder_of_another_name_is_run(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    folder = tmp_path / "sql"
    folder.mkdir()
    for name, text in (
        GOOD | {"0002_b.sql": "-- migrate:up\nCREATE TABLE b (id);\n-- migrate:down\n"}
    ).items():
        (folder / name).write_text(text)
    shown = cli("migrations", "check", folder, "--database", "sqlite", "--json")
    assert [row["verdict"] for row in json.loads(shown.out)["pairs"]] == ["restored", "different"]


def test_a_setting_that_stays_is_told(cli: Callable[..., Any], tmp_path: Path) -> None:
    files = GOOD | {"0002_b.up.sql": "PRAGMA user_version = 7;\n", "0002_b.down.sql": "SELECT 1;\n"}
    shown = cli("migrations", "check", folder_of(tmp_path, files), "--database", "sqlite")
    assert shown.code == 1
    assert "  Difference: setting ~ user_version: 7, was 0" in shown.out


@pytest.mark.parametrize(
    "options",
    [
        ("--database", "sqlite", "--seed", "seed.sql", "--no-rows"),
        ("--database", "sqlite", "--scratch-copy"),
        ("--database", "postgresql://127.0.0.1:1/x", "--scratch-copy", "--tool", "alembic"),
    ],
)
def test_options_that_would_have_no_effect_are_refused(
    cli: Callable[..., Any], tmp_path: Path, options: tuple[str, ...]
) -> None:
    assert cli("migrations", "check", folder_of(tmp_path, GOOD), *options).code == 2
