"""Pairs really run on SQLite: verdicts, rows, checks, and what each pair starts from."""

from collections.abc import Callable

import pytest

from backend_engineer.errors import UsageError
from backend_engineer.migrations import discover
from backend_engineer.outputs import Change, FileChange, PairOutcome, text_hash
from backend_engineer.verification import Limits, verify_migrations
from backend_engineer.verification.outcomes import MADE_BY_ROLLBACK
from backend_engineer.workspace import SourceTree

BASE = {
    "db/migrations/0001_users.up.sql": "CREATE TABLE users (id integer PRIMARY KEY, email text NOT NULL UNIQUE, name varchar(20));\n",
    "db/migrations/0001_users.down.sql": "DROP TABLE users;\n",
}
UP = "ALTER TABLE users ADD COLUMN age integer;\nCREATE INDEX users_age ON users (age);\n-- VERIFY\n-- SELECT count(*) FROM pragma_table_info('users') WHERE name = 'age';\n"
DOWN = "DROP INDEX users_age;\nALTER TABLE users DROP COLUMN age;\n"
REBUILD = (
    "CREATE TABLE users_new ({columns});\nINSERT INTO users_new SELECT id, email, name FROM users;\n"
    "DROP TABLE users;\nALTER TABLE users_new RENAME TO users;\n"
)
MakeChange = Callable[..., Change]


@pytest.fixture
def outcome(pair_change: MakeChange) -> Callable[..., PairOutcome]:
    """The outcome of one pair on the base."""

    def run(up: str = UP, down: str | None = DOWN, **options: object) -> PairOutcome:
        report = verify_migrations(pair_change(up, down), "sqlite", base=BASE, **options)
        assert len(report.pairs) == 1, report
        return report.pairs[0]

    return run


def test_a_pair_that_undoes_itself_is_restored(outcome) -> None:
    found = outcome()
    assert found.verdict == "restored"
    assert (found.rows, found.populated) == ("kept", "passed")
    assert (found.verify_before, found.verify_after, found.verify_after_rollback) == ("fail", "pass", "fail")


@pytest.mark.parametrize(
    ("down", "verdict", "words"),
    [
        ("ALTER TABLE users DROP COLUMN age;", "rollback-failed", "users_age"),
        ("DROP INDEX users_age;", "different", "+ column users.age"),
        ("", "different", "+ index users_age"),
        ("-- nothing\n", "different", "+ index users_age"),
        ("DROP INDEX users_age; ALTER TABLE users DROP COLUM age;", "rollback-failed", "0002_step.down.sql:1: near"),
        ("DROP INDEX users_age;\nALTER TABLE users DROP COLUMN agee;", "rollback-failed", "0002_step.down.sql:2: no such column"),
    ],
)  # fmt: skip
def test_a_rollback_that_does_not_undo_is_found_with_place_and_words(
    outcome, down: str, verdict: str, words: str
) -> None:
    found = outcome(down=down)
    assert found.verdict == verdict
    assert words in f"{found.differences} {found.message}"


@pytest.mark.parametrize(
    ("columns", "verdict"),
    [
        ("id integer PRIMARY KEY, email text NOT NULL UNIQUE, name varchar(20)", "restored"),
        ('"id" INTEGER primary key,\n  "email" TEXT not null unique, name VARCHAR( 20 )', "restored"),
        ("id integer PRIMARY KEY, email text UNIQUE NOT NULL, name varchar(20)", "representation"),
        ("id integer PRIMARY KEY, email text NOT NULL, name varchar(20), UNIQUE (email)", "representation"),
        ("id integer PRIMARY KEY, email text NOT NULL UNIQUE, name varchar(19)", "different"),
        ("id integer PRIMARY KEY, email text UNIQUE, name varchar(20)", "different"),
        ("id integer PRIMARY KEY, email text NOT NULL, name varchar(20)", "different"),
        ("id integer PRIMARY KEY, email text NOT NULL UNIQUE, name varchar(20) DEFAULT 'x'", "different"),
        (
            "id integer PRIMARY KEY, email text NOT NULL UNIQUE, name varchar(20), CHECK (name <> '')",
            "different",
        ),
        ("id integer PRIMARY KEY, email text NOT NULL UNIQUE COLLATE NOCASE, name varchar(20)", "different"),
        ("id integer PRIMARY KEY AUTOINCREMENT, email text NOT NULL UNIQUE, name varchar(20)", "different"),
        ("id integer PRIMARY KEY, email text NOT NULL UNIQUE, name varchar(20)) STRICT --", "forward-failed"),
    ],
)
def test_a_rebuilt_table_is_compared_by_what_it_is(outcome, columns: str, verdict: str) -> None:
    script = REBUILD.format(columns=columns)
    if verdict == "forward-failed":
        assert outcome(up=script, down="SELECT 1;").verdict == verdict
    else:
        assert (
            outcome(up="CREATE TABLE other (id integer);", down=f"DROP TABLE other;\n{script}").verdict
            == verdict
        )


def test_another_order_of_columns_is_told_as_such(outcome) -> None:
    script = "CREATE TABLE n (id integer PRIMARY KEY, name varchar(20), email text NOT NULL UNIQUE);\nDROP TABLE users;\nALTER TABLE n RENAME TO users;\n"
    assert (
        outcome(up="CREATE TABLE o (id integer);", down=f"DROP TABLE o;\n{script}").verdict == "column-order"
    )


def test_rows_that_a_round_trip_deletes_are_found_though_the_schema_is_restored(outcome) -> None:
    found = outcome(up=f"DELETE FROM users;\n{UP}")
    assert (found.verdict, found.rows) == ("restored", "lost")
    assert found.row_differences == ("- users: 3 of 3 rows",)


def test_values_that_a_round_trip_changes_are_found(outcome) -> None:
    found = outcome(up=f"UPDATE users SET name = 'x';\n{UP}")
    assert (found.verdict, found.rows) == ("restored", "changed")
    assert "users.name" in found.row_differences[0] or "name" in found.row_differences[0]


def test_a_forward_script_that_fails_with_rows_only_is_told_apart(outcome) -> None:
    found = outcome(up="CREATE UNIQUE INDEX u ON users (length(email) > 0);", down="DROP INDEX u;")
    assert (found.verdict, found.populated) == ("restored", "forward-failed")
    assert "UNIQUE" in found.populated_message


def test_an_own_seed_script_is_used(outcome) -> None:
    found = outcome(
        up=f"DELETE FROM users WHERE id = 5;\n{UP}", seed="INSERT INTO users VALUES (5, 'e', 'n');"
    )
    assert found.row_differences == ("- users: 1 of 1 rows",)


def test_without_a_seed_no_rows_are_compared(outcome) -> None:
    assert outcome(seed=None).rows == "not-run"


def test_a_check_that_passes_before_the_migration_is_seen(outcome) -> None:
    found = outcome(
        up=UP.replace("SELECT count(*) FROM pragma_table_info('users') WHERE name = 'age'", "SELECT 1")
    )
    assert (found.verify_before, found.verify_after, found.verify_after_rollback) == ("pass", "pass", "pass")


@pytest.mark.parametrize("value", ["0", "NULL", "'0'", "(SELECT 1 WHERE 0)"])
def test_a_check_fails_on_zero_false_and_null(outcome, value: str) -> None:
    up = f"CREATE TABLE a (id integer);\n-- VERIFY\n-- SELECT {value};\n"
    found = outcome(up=up, down="DROP TABLE a;")
    assert found.verify_after == "fail"
    assert found.verify_message


def test_a_check_without_rows_passes(outcome) -> None:
    up = "CREATE TABLE a (id integer);\n-- VERIFY\n-- SELECT id FROM a;\n"
    assert outcome(up=up, down="DROP TABLE a;").verify_after == "pass"


def test_a_check_that_writes_leaves_nothing_behind(outcome) -> None:
    up = "CREATE TABLE a (id integer);\n-- VERIFY\n-- DROP TABLE a;\n"
    assert outcome(up=up, down="DROP TABLE a;").verdict == "restored"


def test_a_missing_rollback_is_not_run_and_the_forward_script_counts() -> None:
    files = {
        "db/1_a.up.sql": "CREATE TABLE a (id integer);",
        "db/2_b.up.sql": "ALTER TABLE a ADD COLUMN b;",
        "db/2_b.down.sql": "ALTER TABLE a DROP COLUMN b;",
    }
    report = verify_migrations(files, "sqlite")
    assert [pair.verdict for pair in report.pairs] == ["not-run", "restored"]


def test_each_pair_starts_from_what_the_forward_scripts_made_whatever_rollbacks_did() -> None:
    files = {
        "db/1_a.up.sql": "CREATE TABLE a (id integer);",
        "db/1_a.down.sql": "",
        "db/2_b.up.sql": "CREATE TABLE b (id integer);",
        "db/2_b.down.sql": "DROP TABLE b; DROP TABLE a;",
        "db/3_c.up.sql": "ALTER TABLE a ADD COLUMN c integer;",
        "db/3_c.down.sql": "ALTER TABLE a DROP COLUMN c;",
    }
    report = verify_migrations(files, "sqlite")
    assert [pair.verdict for pair in report.pairs] == ["different", "different", "restored"]


def test_a_rollback_that_lacks_what_an_earlier_migration_did_not_make_is_said_to_follow() -> None:
    files = {
        "db/1_a.up.sql": "CREATE TABL a (id);",
        "db/1_a.down.sql": "",
        "db/2_b.up.sql": "DROP INDEX IF EXISTS a_id;",
        "db/2_b.down.sql": "CREATE INDEX a_id ON a (id);",
        "db/3_c.up.sql": "CREATE TABLE c (id integer);",
        "db/3_c.down.sql": "DROP TABLE c; DROP INDEX never_made;",
    }
    report = verify_migrations(files, "sqlite")
    assert [pair.verdict for pair in report.pairs] == ["forward-failed", "not-run", "rollback-failed"]
    assert "It follows on 1_a" in report.pairs[1].message


def test_a_script_that_lacks_what_programs_beside_it_make_is_said_to_follow_on_them() -> None:
    files = {
        "db/migrations/20200101000000_a.go": "package m\nfunc init() {\n\tgoose.AddMigrationContext(up, down)\n}\n",
        "db/migrations/20200102000000_b.sql": "-- +goose Up\nALTER TABLE a ADD COLUMN b;\n-- +goose Down\nALTER TABLE a DROP COLUMN b;\n",
        "db/migrations/20200103000000_c.sql": "-- +goose Up\nCREATE TABLE c (id);\n-- +goose Down\nSELECT 1;\n",
    }
    report = verify_migrations(files, "sqlite")
    assert [pair.verdict for pair in report.pairs] == ["not-run", "different"]
    assert report.pairs[0].message.startswith("It follows on programs of goose, which are not run")


def test_a_rollback_that_makes_what_an_earlier_migration_did_not_make_is_said_to_follow() -> None:
    files = {
        "db/1_a.up.sql": "CREATE TABLE b (id integer); CREATE TABL a (id);",
        "db/1_a.down.sql": "",
        "db/2_b.up.sql": "DROP TABLE IF EXISTS a;",
        "db/2_b.down.sql": "CREATE TABLE a (id integer);",
        "db/3_c.up.sql": "CREATE TABLE c (id integer); CREATE TABLE d (id integer);",
        "db/3_c.down.sql": "DROP TABLE c;",
        "db/4_d.up.sql": "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT 2;",
        "db/4_d.down.sql": "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT 1;",
    }
    report = verify_migrations(files, "sqlite")
    assert [pair.verdict for pair in report.pairs] == ["forward-failed", "not-run", "different", "not-run"]
    assert "It follows on 1_a" in report.pairs[1].message
    alone = verify_migrations({path: text for path, text in files.items() if "2_b" in path}, "sqlite")
    assert [(pair.verdict, pair.message) for pair in alone.pairs] == [("different", MADE_BY_ROLLBACK)]


def test_what_follows_on_a_failed_migration_is_said_to_follow() -> None:
    files = {
        "db/1_a.up.sql": "CREATE TABL a (id);",
        "db/1_a.down.sql": "",
        "db/2_b.up.sql": "ALTER TABLE a ADD COLUMN b;",
        "db/2_b.down.sql": "",
    }
    first, second = verify_migrations(files, "sqlite").pairs
    assert first.verdict == "forward-failed"
    assert second.verdict == "not-run"
    assert "1_a" in second.message


def test_a_function_of_the_application_is_not_held_against_the_script(outcome) -> None:
    found = outcome(up="CREATE TABLE a AS SELECT slugify('x') AS y;", down="DROP TABLE a;")
    assert found.verdict == "not-run"
    assert "slugify" in found.message


def test_a_script_that_leaves_its_transaction_open_fails(outcome) -> None:
    assert "open" in outcome(up="BEGIN; CREATE TABLE a (id integer);", down="DROP TABLE a;").message


def test_a_script_with_its_own_transaction_runs_as_it_is(outcome) -> None:
    assert (
        outcome(up="BEGIN; CREATE TABLE a (id integer); COMMIT;", down="BEGIN; DROP TABLE a; COMMIT;").verdict
        == "restored"
    )


def test_virtual_tables_and_their_shadows_come_and_go_together(outcome) -> None:
    assert (
        outcome(up="CREATE VIRTUAL TABLE notes USING fts5(body);", down="DROP TABLE notes;").verdict
        == "restored"
    )


def test_only_what_the_change_brings_is_judged() -> None:
    tree = SourceTree.from_mapping(BASE)
    change = Change(
        (
            FileChange("db/migrations/0002_b.up.sql", "CREATE TABLE b (id integer);"),
            FileChange("db/migrations/0002_b.down.sql", "DROP TABLE b;"),
        )
    )
    report = verify_migrations(change, "sqlite", base=tree)
    assert [pair.migration for pair in report.pairs] == ["0002_b"]
    assert report.files == {file.path: text_hash(file.content or "") for file in change}
    assert any(line.startswith("column b.id: integer") for line in report.schema_after)


def test_a_changed_rollback_alone_has_its_pair_judged() -> None:
    change = Change((FileChange("db/migrations/0001_users.down.sql", "DROP TABLE user;"),))
    report = verify_migrations(change, "sqlite", base=BASE)
    assert [pair.verdict for pair in report.pairs] == ["rollback-failed"]


def test_a_set_can_be_passed_as_it_was_discovered() -> None:
    assert [pair.verdict for pair in verify_migrations(discover(BASE), "sqlite").pairs] == ["restored"]


def test_progress_is_told_pair_by_pair() -> None:
    seen: list[str] = []
    verify_migrations(BASE, "sqlite", progress=lambda pair: seen.append(pair.migration))
    assert seen == ["0001_users"]


@pytest.mark.parametrize(
    ("database", "words"), [("mysql", "mysql"), (None, "No database was named"), ("oracle", "oracle")]
)
def test_what_cannot_be_run_is_said_before_anything_runs(database, words: str) -> None:
    report = verify_migrations(BASE, database)
    assert report.pairs == ()
    assert words in report.not_checked


@pytest.mark.parametrize("migrations", [object(), 3, "no/such/folder"])
def test_what_holds_no_files_is_refused(migrations) -> None:
    with pytest.raises(UsageError):
        verify_migrations(migrations, "sqlite")


@pytest.mark.parametrize(
    ("database", "engine"),
    [("mysql://root:hidden@h/x", "mysql"), ("jdbc:mysql://h/?password=hidden", "jdbc:mysql")],
)
def test_a_database_that_is_not_run_is_named_without_its_password(
    pair_change: MakeChange, database: str, engine: str
) -> None:
    report = verify_migrations(pair_change(UP, DOWN), database, base=BASE)
    assert report.dialect == engine
    assert "hidden" not in report.model_dump_json()


def test_no_migrations_is_not_checked() -> None:
    assert "No migration was found" in verify_migrations({"a.sql": "SELECT 1;"}, "sqlite").not_checked


def test_limits_are_kept(outcome) -> None:
    endless = "CREATE TABLE a AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) AS c FROM n;"
    found = outcome(up=endless, down="DROP TABLE a;", seed=None, limits=Limits(seconds=0.3))
    assert (found.verdict, "limit of 0.3 s" in found.message) == ("forward-failed", True)


def test_a_named_folder_is_taken_whatever_it_is_called(tmp_path) -> None:
    (tmp_path / "0001_a.sql").write_text(
        "-- +goose Up\nCREATE TABLE a (id integer);\n-- +goose Down\nDROP TABLE a;\n"
    )
    report = verify_migrations(tmp_path, "sqlite")
    assert [(pair.migration, pair.verdict) for pair in report.pairs] == [("0001_a.sql", "restored")]


CHANGELOG = (
    "--liquibase formatted sql\n--changeset me:1\nCREATE TABLE a (id integer);\n--rollback DROP TABLE a;\n"
)
MORE = "--changeset me:2\nALTER TABLE a ADD COLUMN b text;\n--rollback ALTER TABLE a DROP COLUMN b;\n"
BAD = "--changeset me:3\nCREATE TABLE c (id integer);\n--rollback SELECT 1;\n"


def test_each_changeset_of_a_file_has_an_outcome_of_its_own() -> None:
    report = verify_migrations({"db/changelog/a.sql": CHANGELOG + BAD + MORE}, "sqlite")
    assert [(pair.migration.rpartition(":")[2], pair.verdict) for pair in report.pairs] == [
        ("1", "restored"),
        ("3", "different"),
        ("2", "restored"),
    ]


def test_only_the_changesets_that_are_new_in_a_file_are_judged() -> None:
    path = "db/changelog/a.sql"
    change = Change((FileChange(path, CHANGELOG + BAD + MORE),))
    report = verify_migrations(change, "sqlite", base={path: CHANGELOG + BAD})
    assert [(pair.migration, pair.verdict) for pair in report.pairs] == [("a.sql::me:2", "restored")]
    again = Change((FileChange(path, CHANGELOG.replace("DROP TABLE a", "SELECT 1") + BAD + MORE),))
    report = verify_migrations(again, "sqlite", base={path: CHANGELOG + BAD + MORE})
    assert [(pair.migration, pair.verdict) for pair in report.pairs] == [("a.sql::me:1", "different")]


def test_a_setting_in_the_files_head_that_stays_is_seen(outcome) -> None:
    assert outcome("PRAGMA user_version = 3;", "SELECT 1;").settings == ("~ user_version: 3, was 0",)
    assert outcome("PRAGMA user_version = 3;", "PRAGMA user_version = 0;").settings == ()


def test_sqitchs_plan_is_kept_when_its_set_is_passed_on() -> None:
    files = {"sqitch.plan": "z 2024 me\na 2024 me\n"}
    files |= {"deploy/z.sql": "CREATE TABLE z (id);", "revert/z.sql": "DROP TABLE z;"}
    files |= {"deploy/a.sql": "CREATE INDEX i ON z (id);", "revert/a.sql": "DROP INDEX i;"}
    assert [pair.verdict for pair in verify_migrations(discover(files), "sqlite").pairs] == ["restored"] * 2


NAMED = "UPDATE users SET name = coalesce(name, 'nobody');\n-- VERIFY\n-- SELECT count(*) = 0 FROM users WHERE name IS NULL;\n"


def test_a_check_of_rows_is_asked_where_there_are_rows(outcome) -> None:
    marked = NAMED.replace("coalesce(name, 'nobody')", "'?' WHERE name IS NULL")
    found = outcome(marked, "UPDATE users SET name = NULL WHERE name = '?';\n")
    assert (found.verify_before, found.verify_after, found.verify_after_rollback) == ("fail", "pass", "fail")
    assert found.rows == "kept"


def test_a_check_of_rows_that_still_passes_after_the_rollback_is_told(outcome) -> None:
    found = outcome(NAMED, "SELECT 1;\n")
    assert (found.verify_before, found.verify_after, found.verify_after_rollback) == ("fail", "pass", "pass")
    assert found.rows == "changed"


def test_a_check_that_made_up_rows_alone_make_fail_cannot_tell(outcome) -> None:
    found = outcome(UP.partition("-- VERIFY")[0] + "-- VERIFY\n-- SELECT count(*) = 0 FROM users;\n")
    assert (found.verify_before, found.verify_after, found.verify_after_rollback) == ("pass", "pass", "pass")


def test_names_that_differ_in_case_only_are_one_name(outcome) -> None:
    back = REBUILD.format(columns="ID integer PRIMARY KEY, EMAIL text NOT NULL UNIQUE, Name varchar(20)")
    back = back.replace("RENAME TO users", "RENAME TO USERS")
    found = outcome("ALTER TABLE users ADD COLUMN age integer;\n", back)
    assert (found.rows, found.row_differences) == ("kept", ())
