"""Finding and ordering migrations in every layout that is known."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.migrations import discover

UP, DOWN = "CREATE TABLE a (id integer);\n", "DROP TABLE a;\n"
LAYOUTS = [
    ("golang-migrate", {"db/0001_a.up.sql": UP, "db/0001_a.down.sql": DOWN}, "0001_a"),
    ("diesel", {"migrations/2024-01-02-030405_a/up.sql": UP, "migrations/2024-01-02-030405_a/down.sql": DOWN}, "2024-01-02-030405_a"),
    ("authelia", {"sqlite/V0001.First.up.sql": UP, "sqlite/V0001.First.down.sql": DOWN}, "V0001.First"),
    ("flyway", {"sql/V1_2__a.sql": UP, "sql/U1_2__a.sql": DOWN}, "V1_2__a.sql"),
    ("sqitch", {"sqitch.plan": "%project=x\n\na 2024-01-01T00:00:00Z me <m@example.test>\n", "deploy/a.sql": UP, "revert/a.sql": DOWN, "verify/a.sql": "SELECT id FROM a;\n"}, "a.sql"),
    ("prisma", {"prisma/migrations/20240101_a/migration.sql": UP, "prisma/migrations/20240101_a/down.sql": DOWN}, "20240101_a"),
    ("yoyo", {"migrations/0001.a.sql": UP, "migrations/0001.a.rollback.sql": DOWN}, "0001.a.sql"),
    ("suffix pair", {"migrations/0001_a_up.sql": UP, "migrations/0001_a_down.sql": DOWN}, "0001_a"),
    ("dbmate", {"db/migrations/1_a.sql": f"-- migrate:up\n{UP}\n-- migrate:down\n{DOWN}"}, "1_a.sql"),
    ("goose", {"db/migrations/1_a.sql": f"-- +goose Up\n{UP}\n-- +goose Down\n{DOWN}"}, "1_a.sql"),
    ("sql-migrate", {"db/migrations/1-a.sql": f"-- +migrate Up\n{UP}\n-- +migrate Down\n{DOWN}"}, "1-a.sql"),
    ("liquibase", {"db/changelog/1_a.sql": f"--liquibase formatted sql\n--changeset me:1\n{UP}--rollback {DOWN}"}, "1_a.sql"),
    ("liquibase", {"db/changelog-users.sql": f"-- liquibase formatted sql\n-- changeset me:1\n{UP}-- rollback {DOWN}"}, "changelog-users.sql"),
    ("goose", {"db/migrations/users.sql": f"-- +goose Up\n{UP}\n-- +goose Down\n{DOWN}"}, "users.sql"),
    ("tern", {"db/migrations/1_a.sql": f"{UP}---- create above / drop below ----\n{DOWN}"}, "1_a.sql"),
]  # fmt: skip


@pytest.mark.parametrize(("tool", "files", "key"), LAYOUTS, ids=[f"{row[0]}, {row[2]}" for row in LAYOUTS])
def test_each_layout_gives_a_pair_with_its_key(tool: str, files: dict[str, str], key: str) -> None:
    (found,) = discover(files)
    assert (found.tool, found.key) == (tool, key)
    assert found.forward.sql.strip() == UP.strip()
    assert found.rollback is not None
    assert found.rollback.sql.strip() == DOWN.strip()


def test_sqitch_brings_its_own_verify_script() -> None:
    (found,) = discover(LAYOUTS[4][1])
    assert found.verify == "SELECT id FROM a;\n"
    assert found.verify_path == "verify/a.sql"


def test_sqitch_follows_its_plan_and_not_the_names() -> None:
    files = {"sqitch.plan": "%project=x\nz 2024 me\na 2024 me\n"}
    for name in "az":
        files |= {f"deploy/{name}.sql": UP, f"revert/{name}.sql": DOWN}
    assert [item.key for item in discover(files)] == ["z.sql", "a.sql"]


def test_a_reworked_change_stands_under_its_tag_where_it_was_made_first() -> None:
    plan = "%project=x\n\na 2024-01-01 A <a@b.c> # one\n@v0 2024-01-01 A <a@b.c>\n@v1 2024-01-02 A <a@b.c> # out\nb 2024-01-03 A <a@b.c>\na [a@v1] 2024-01-04 A <a@b.c>\n@v2 2024-01-05\nb [b@v2] 2024-01-06\n"
    names = ("a", "a@v1", "b", "b@v2")
    files = {f"{folder}/{name}.sql": UP for name in names for folder in ("deploy", "revert")}
    found = discover({**files, "sqitch.plan": plan})
    assert [item.forward.path for item in found] == [
        f"deploy/{name}.sql" for name in ("a@v1", "b@v2", "a", "b")
    ]


def test_a_reworked_change_stands_under_the_tag_that_the_plan_names() -> None:
    plan = "a 2024-01-01 A <a@b.c>\n@v1 2024-01-02\n@v2 2024-01-03\na [b a@v1] 2024-01-04 A <a@b.c>\n"
    files = {f"{folder}/{name}.sql": UP for name in ("a", "a@v1") for folder in ("deploy", "revert")}
    found = discover({**files, "sqitch.plan": plan})
    assert [item.forward.path for item in found] == ["deploy/a@v1.sql", "deploy/a.sql"]


def test_numbers_are_compared_as_numbers() -> None:
    files = {f"db/{number}_x.up.sql": UP for number in (2, 10, 9, 100)}
    assert [item.version for item in discover(files)] == ["2", "9", "10", "100"]


def test_diesel_takes_the_hyphens_out_before_it_sorts() -> None:
    names = ["20150320174400_b", "2014-11-20-010203_a", "2016-01-01-000000_c"]
    files = {f"migrations/{name}/up.sql": UP for name in names}
    assert [item.name for item in discover(files)] == ["a", "b", "c"]


def test_flyway_compares_versions_part_by_part() -> None:
    files = {f"sql/V{version}__x.sql": UP for version in ("1.10", "1.2", "2", "1")} | {"sql/R__views.sql": UP}
    assert [item.version for item in discover(files)] == ["1", "1.2", "1.10", "2", ""]


@given(st.lists(st.integers(0, 10**14), unique=True, min_size=1, max_size=8), st.randoms())
def test_the_order_does_not_depend_on_the_order_of_the_files(
    versions: list[int], chance: random.Random
) -> None:
    paths = [f"db/{version}_m.up.sql" for version in versions]
    chance.shuffle(paths)
    assert [int(item.version) for item in discover(dict.fromkeys(paths, UP))] == sorted(versions)


@pytest.mark.parametrize(
    ("files", "switched"),
    [
        ({"db/1_a.up.sql": "-- NO_TRANSACTION\n" + UP}, False),
        ({"db/1_a.up.sql": "-- no-transaction\n" + UP}, False),
        ({"db/1_a.up.sql": UP}, None),
        ({"migrations/1_a/up.sql": UP}, True),
        (
            {"migrations/1_a/up.sql": UP, "migrations/1_a/metadata.toml": "run_in_transaction = false\n"},
            False,
        ),
        ({"sql/V1__a.sql": UP, "sql/V1__a.sql.conf": "executeInTransaction=false\n"}, False),
        ({"db/migrations/1_a.sql": f"-- migrate:up transaction:false\n{UP}"}, False),
        ({"db/migrations/1_a.sql": f"-- +goose NO TRANSACTION\n-- +goose Up\n{UP}"}, False),
        ({"db/migrations/1_a.sql": f"-- +migrate Up notransaction\n{UP}"}, False),
        (
            {
                "db/migrations/1_a.sql": f"--liquibase formatted sql\n--changeset a:1 runInTransaction:false\n{UP}"
            },
            False,
        ),
        ({"db/20240101000000_a.postgres.autocommit.up.sql": UP}, False),
    ],
)
def test_transaction_switches_are_read(files: dict[str, str], switched: bool | None) -> None:
    (found,) = discover(files)
    assert found.transactional is switched


def test_many_numbered_files_of_one_moment_are_one_migration() -> None:
    files = {}
    for number, name in ((1, "a"), (2, "b")):
        stem = f"db/20200101000000{number:06}_{name}"
        files |= {f"{stem}.postgres.up.sql": f"-- {name}\n", f"{stem}.postgres.down.sql": f"-- un{name}\n"}
    (found,) = discover(files, dialect="postgresql")
    assert [part.sql for part in found.forward.parts] == ["-- a\n", "-- b\n"]
    assert found.rollback is not None
    assert [part.sql for part in found.rollback.parts] == ["-- unb\n", "-- una\n"]


def test_an_engines_own_script_beats_the_general_one_by_either_name_of_the_engine() -> None:
    for engine in ("sqlite", "sqlite3"):
        stem = "db/20240101000000000000_a"
        files = {f"{stem}.up.sql": UP, f"{stem}.{engine}.up.sql": "-- own\n", f"{stem}.down.sql": DOWN}
        (found,) = discover(files, dialect="sqlite")
        assert found.forward.sql == "-- own\n"


def test_an_engines_own_script_beats_the_one_for_all() -> None:
    files = {f"db/V0009.Fix.{engine}.up.sql": f"-- {engine}\n" for engine in ("all", "postgres", "mysql")}
    assert [item.forward.sql for item in discover(files, dialect="postgresql")] == ["-- postgres\n"]
    assert [item.forward.sql for item in discover(files, dialect="sqlite")] == ["-- all\n"]


def test_another_engines_folder_is_left_out() -> None:
    files = {f"db/{engine}/1_a.up.sql": UP for engine in ("postgres", "sqlite", "mysql")}
    assert [item.forward.path for item in discover(files, dialect="sqlite")] == ["db/sqlite/1_a.up.sql"]


def test_a_rollback_without_a_forward_script_is_a_problem() -> None:
    found = discover({"db/1_a.down.sql": DOWN})
    assert [(item.code, item.path) for item in found.problems] == [("unpaired", "db/1_a.down.sql")]


def test_a_version_that_two_migrations_have_is_a_problem() -> None:
    found = discover({"db/1_a.up.sql": UP, "db/01_b.up.sql": UP})
    assert [item.code for item in found.problems] == ["duplicate"]


def test_liquibases_explicitly_empty_rollback_is_a_note_and_not_a_script() -> None:
    text = f"--liquibase formatted sql\n--changeset me:1\n{UP}--rollback not required\n"
    (found,) = discover({"db/changelog/1_a.sql": text})
    assert found.irreversible == "not required"
    assert found.rollback is not None
    assert found.rollback.sql == ""


def test_two_changesets_of_a_file_are_two_migrations_in_order() -> None:
    text = f"--liquibase formatted sql\n--changeset me:2\n{UP}\n--changeset me:1\n{UP}"
    assert [item.key for item in discover({"db/changelog/1_a.sql": text})] == [
        "1_a.sql::me:2",
        "1_a.sql::me:1",
    ]


def test_a_section_knows_the_line_it_begins_on() -> None:
    (found,) = discover({"db/migrations/1_a.sql": f"-- +goose Up\n{UP}-- +goose Down\n{DOWN}"})
    assert found.rollback is not None
    assert (found.forward.line, found.rollback.line) == (2, 4)


@pytest.mark.parametrize("path", ["docs/goose.sql", "node_modules/x/migrations/users.sql"])
def test_markers_make_no_migration_where_no_runner_looks(path: str) -> None:
    assert len(discover({path: f"-- +goose Up\n{UP}\n-- +goose Down\n{DOWN}"})) == 0


def test_a_plain_script_without_a_number_is_no_migration() -> None:
    assert len(discover({"db/migrations/seed.sql": UP})) == 0


def test_programs_are_named_with_their_tool() -> None:
    files = {
        "alembic/versions/1_a.py": "revision = 'a'\ndown_revision = None\n",
        "shop/migrations/0001_initial.py": "class Migration(migrations.Migration):\n    pass\n",
        "migrations/1_a.js": "exports.up = (knex) => knex;\n",
    }
    assert discover(files).foreign == (
        ("alembic/versions/1_a.py", "alembic"),
        ("migrations/1_a.js", "knex"),
        ("shop/migrations/0001_initial.py", "django"),
    )


@given(st.dictionaries(st.text(max_size=30), st.text(max_size=60), max_size=6))
def test_any_files_can_be_looked_through(files: dict[str, str]) -> None:
    discover(files)
