"""Layouts that are told by more than one path, and files that no layout takes."""

import pytest

from backend_engineer.migrations import discover

UP, DOWN = "CREATE TABLE a (id integer);\n", "DROP TABLE a;\n"
SECOND = "CREATE TABLE b (id integer);\n"


def paths_of(files: dict[str, str], **options: str) -> list[tuple[str, str | None]]:
    return [
        (item.forward.path, item.rollback.path if item.rollback is not None else None)
        for item in discover(files, **options)
    ]


@pytest.mark.parametrize(
    ("forth", "back"),
    [
        ("migrations/up/001_a.sql", "migrations/down/001_a.sql"),
        ("migrations/up/001_a.up.sql", "migrations/down/001_a.down.sql"),
        ("migrations/upgrade/a.sql", "migrations/downgrade/a.sql"),
        ("migrations/001_a.sql", "migrations/rollback/001_a.sql"),
        ("migrations/001_a.sql", "migrations/rollbacks/001_a_rollback.sql"),
        ("db/migrations/up/001_a.sql", "db/migrations/rollback/001_a.sql"),
        ("migrations/001_a.sql", "migrations/down/001_a.down.sql"),
    ],
)
def test_a_folder_of_rollbacks_is_paired_by_the_names_of_its_files(forth: str, back: str) -> None:
    assert paths_of({forth: UP, back: DOWN}) == [(forth, back)]


def test_a_rollback_in_a_folder_of_rollbacks_runs_for_nobody_else() -> None:
    files = {
        "migrations/up/001_a.sql": UP,
        "migrations/down/001_a.sql": DOWN,
        "migrations/down/002_b.sql": DOWN,
        "migrations/up/003_c.sql": SECOND,
    }
    found = discover(files)
    assert paths_of(files) == [
        ("migrations/up/001_a.sql", "migrations/down/001_a.sql"),
        ("migrations/up/003_c.sql", None),
    ]
    assert [(item.code, item.path) for item in found.problems] == [("unpaired", "migrations/down/002_b.sql")]


def test_sqitch_keeps_its_own_folders() -> None:
    files = {"sqitch.plan": "a 2024 me\n", "deploy/a.sql": UP, "revert/a.sql": DOWN}
    (found,) = discover(files)
    assert (found.tool, found.forward.path) == ("sqitch", "deploy/a.sql")


def test_postgrator_pairs_do_and_undo_by_their_number() -> None:
    files = {
        "migrations/001.do.first-table.sql": UP,
        "migrations/001.undo.sql": DOWN,
        "migrations/010.do.sql": SECOND,
        "migrations/2.do.b.sql": SECOND,
        "migrations/2.undo.b.sql": DOWN,
    }
    found = discover(files)
    assert [item.tool for item in found] == ["postgrator"] * 3
    assert paths_of(files) == [
        ("migrations/001.do.first-table.sql", "migrations/001.undo.sql"),
        ("migrations/2.do.b.sql", "migrations/2.undo.b.sql"),
        ("migrations/010.do.sql", None),
    ]


def test_diesel_takes_whatever_stands_before_the_first_underscore_for_the_version() -> None:
    names = ["2023-05-23-1715-assign", "2021-07-05T10-00_setup", "2022-01-01_views"]
    files = {}
    for name in names:
        files |= {f"migrations/{name}/up.sql": UP, f"migrations/{name}/down.sql": DOWN}
    found = discover(files)
    assert [item.key for item in found] == [names[1], names[2], names[0]]
    assert {item.tool for item in found} == {"diesel"}


def test_hasura_counts_its_versions_as_numbers_and_wraps_them() -> None:
    files = {}
    for version, name in (("1550925483858", "a"), ("1650925483858", "b")):
        stem = f"migrations/default/{version}_{name}"
        files |= {f"{stem}/up.sql": UP, f"{stem}/down.sql": DOWN}
    found = discover(files)
    assert [(item.tool, item.key, item.transactional) for item in found] == [
        ("hasura", "1550925483858_a", True),
        ("hasura", "1650925483858_b", True),
    ]


def test_db_migrates_sql_files_are_pairs_and_its_program_beside_them_is_no_migration_of_its_own() -> None:
    files = {
        "migrations/20240101000000-a.js": "exports.up = function(db) { return run('up'); };\n",
        "migrations/sqls/20240101000000-a-up.sql": UP,
        "migrations/sqls/20240101000000-a-down.sql": DOWN,
    }
    assert paths_of(files) == [
        ("migrations/sqls/20240101000000-a-up.sql", "migrations/sqls/20240101000000-a-down.sql")
    ]
    assert discover(files).foreign == ()


def test_two_flyway_scripts_of_one_version_are_a_duplicate_and_not_one_script() -> None:
    found = discover({"sql/V1__a.sql": UP, "sql/V1.0__b.sql": SECOND, "sql/U1__a.sql": DOWN})
    assert [item.code for item in found.problems] == ["duplicate"]
    assert {item.forward.sql: item.rollback is not None for item in found} == {UP: True, SECOND: False}


def test_pops_versions_are_compared_as_text_whatever_their_length() -> None:
    files = {}
    for version in ("20191100000001000000", "20200101000000", "20190601000000", "20200101000000000001"):
        files |= {f"db/{version}_a.up.sql": UP, f"db/{version}_a.down.sql": DOWN}
    assert [item.version for item in discover(files)] == [
        "20190601000000",
        "20191100000001000000",
        "20200101000000",
        "20200101000000000001",
    ]


def test_pops_general_scripts_keep_their_place_among_those_for_one_engine() -> None:
    files = {
        "db/20200101000000_a.postgres.up.sql": UP,
        "db/20190101000000_b.up.sql": UP,
        "db/20210101000000_c.up.fizz": "create_table('c')",
    }
    found = discover(files, dialect="postgresql")
    assert [(item.tool, item.name) for item in found] == [("pop", "b"), ("pop", "a"), ("pop", "c")]


def test_pops_script_for_an_engine_beats_the_general_one_of_its_version_under_another_name() -> None:
    files = {"db/20200101000000_a.postgres.up.sql": "-- own\n", "db/20200101000000_b.up.sql": UP}
    (found,) = discover(files, dialect="postgresql")
    assert found.forward.sql == "-- own\n"


NOT_READ = [
    ("db/migrations/B3__baseline.sql", "baseline"),
    ("db/migrations/afterMigrate.sql", "callback"),
    ("db/migrations/v2__lower.sql", "Flyway"),
    ("db/migrations/add_users.sql", "no version"),
    ("db/migrations/0003_x.up.SQL", "ending"),
    ("db/migrations/undo/0009_x.sql", "no version"),
]


@pytest.mark.parametrize(("path", "words"), NOT_READ, ids=[row[0] for row in NOT_READ])
def test_a_script_in_a_migrations_folder_that_no_layout_takes_is_named(path: str, words: str) -> None:
    files = {"db/migrations/V1__a.sql": UP, path: SECOND}
    if "undo" in path:
        words = "forward"
    problems = [item for item in discover(files).problems if item.path == path]
    assert [item.code in ("unread", "unpaired") for item in problems] == [True]
    assert words in problems[0].message


def test_a_script_elsewhere_is_nobodys_migration() -> None:
    files = {
        "db/migrations/V1__a.sql": UP,
        "queries/users.sql": "SELECT 1;\n",
        "db/schema.sql": UP,
        "db/migrations/fixtures/users.sql": "SELECT 1;\n",
    }
    assert discover(files).problems == ()


def test_in_a_named_folder_every_script_counts() -> None:
    found = discover({"sql/V1__a.sql": UP, "sql/seed.sql": "SELECT 1;\n"}, folder="sql")
    assert [(item.code, item.path) for item in found.problems] == [("unread", "sql/seed.sql")]


@pytest.mark.parametrize(
    ("path", "text", "tool"),
    [
        ("db/migration/V2__a.java", "public class V2__a extends BaseJavaMigration {", "flyway"),
        ("src/migration/1700000000000-A.ts", "export class A implements MigrationInterface {", "typeorm"),
        ("migrations/1_a.js", "exports.up = (pgm) => { pgm.createTable('a') }", "node-pg-migrate"),
        (
            "migrations/1_a.js",
            "module.exports = { up: async (queryInterface, Sequelize) => {} }",
            "sequelize",
        ),
        ("db/changelog/master.yaml", "databaseChangeLog:\n  - changeSet:\n", "liquibase"),
        ("db/changelog/master.xml", "<databaseChangeLog xmlns='x'>", "liquibase"),
        ("database/migrations/2024_01_01_a.php", "return new class extends Migration {", "laravel"),
        ("Migrations/20240101_A.cs", "public partial class A : Migration {", "entity framework"),
    ],
)
def test_a_migration_in_a_language_that_is_not_run_is_named_with_its_tool(
    path: str, text: str, tool: str
) -> None:
    assert discover({path: text}).foreign == ((path, tool),)


def test_a_rollback_that_is_a_program_belongs_to_its_forward_script() -> None:
    (found,) = discover({"migrations/1_a.up.sql": UP, "migrations/1_a.down.go": "package a\n"})
    assert found.rollback is not None
    assert not found.rollback.runnable
