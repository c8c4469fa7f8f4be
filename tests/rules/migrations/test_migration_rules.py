"""What the rules on migrations do together: base, dialect, runs, and real reports."""

import pytest

from backend_engineer.contract import Severity, Verdict
from backend_engineer.outputs import Change, FileChange
from backend_engineer.rules import built_in_rules, check
from backend_engineer.rules.examples import bundle
from backend_engineer.rules.migrations.built import read_built, same_type
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, SQLITE, papers, ran, scripts, spec
from backend_engineer.verification import verify_migrations
from backend_engineer.workspace import SourceTree

RULES = [rule for rule in built_in_rules() if rule.code.startswith("MIG")]


def change_of(files: dict[str, str]) -> Change:
    return Change(tuple(FileChange(path, text) for path, text in files.items()))


def judged(files: dict[str, str], inputs=POSTGRESQL, base=BASE, verified=()):
    tree = SourceTree.from_mapping(base) if base is not None else None
    return check(
        change_of(files), inputs=bundle(inputs) if inputs else None, base=tree, rules=RULES, verified=verified
    )


def codes(report) -> set[str | None]:
    return {finding.code for finding in report.findings}


def sqlite_scripts(up: str, down: str) -> dict[str, str]:
    verify = "SELECT count(*) FROM pragma_table_info('users') WHERE name = 'age';"
    return scripts(up, down, verify=verify, guard="PRAGMA busy_timeout = 2000;")


def test_a_table_made_in_the_same_change_is_nobodys_to_lock() -> None:
    files = scripts(
        "CREATE TABLE kinds (id integer PRIMARY KEY);\nCREATE INDEX kinds_id ON kinds (id);\nALTER TABLE kinds ADD COLUMN age integer NOT NULL;",
        "DROP TABLE kinds;\n",
        verify="SELECT age FROM kinds;",
    )
    assert codes(judged(files)) == set()


def test_a_table_made_by_an_earlier_migration_of_the_change_counts_as_new() -> None:
    files = scripts(
        "CREATE TABLE kinds (id integer PRIMARY KEY);", "DROP TABLE kinds;\n", verify="SELECT id FROM kinds;"
    )
    files |= scripts(
        "CREATE INDEX kinds_id ON kinds (id);",
        "DROP INDEX kinds_id;\n",
        verify="SELECT count(*) = 1 FROM pg_indexes WHERE indexname = 'kinds_id';",
        number="0003",
    )
    assert codes(judged(files)) == set()


def test_without_a_database_nothing_is_guessed() -> None:
    report = judged(scripts("ALTER TABLE users ADD COLUMN age integer;", "SELEC;\n"), inputs=None)
    assert report.clauses["MIGR-02"] is Verdict.NOT_CHECKED
    assert codes(report) <= {"MIG001", "MIG002"}


def test_mysql_is_not_read() -> None:
    spec = {"tech_spec": {"database": {"dialect": "mysql"}}}
    report = judged(scripts("ALTER TABLE users ADD COLUMN age integer;", "DROP x;\n"), inputs=spec)
    assert report.clauses["MIGR-02"] is Verdict.NOT_CHECKED


def test_without_a_base_an_unknown_object_is_no_error() -> None:
    files = scripts("ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN age;\n")
    assert "MIG004" not in codes(judged(files, base=None))


def test_a_run_settles_what_the_rules_would_guess() -> None:
    files = sqlite_scripts(
        "ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN age;\n"
    )
    verified = verify_migrations(change_of(files), "sqlite", base=BASE)
    assert [pair.verdict for pair in verified.pairs] == ["restored"]
    assert codes(judged(files, inputs=SQLITE, verified=(verified,))) == set()


def test_a_report_of_other_texts_settles_nothing() -> None:
    good = sqlite_scripts("ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN age;\n")
    verified = verify_migrations(change_of(good), "sqlite", base=BASE)
    bad = {**good, "db/migrations/0002_age.down.sql": "SELECT 1;\n"}
    assert "MIG002" in codes(judged(bad, inputs=SQLITE, verified=(verified,)))


def test_an_annotated_rollback_that_runs_and_restores_nothing_is_found_by_the_run() -> None:
    files = sqlite_scripts(
        "-- IRREVERSIBLE: names go; restore the backup\nALTER TABLE users DROP COLUMN name;\nALTER TABLE users ADD COLUMN age integer;",
        "ALTER TABLE users DROP COLUMN age;\n",
    )
    verified = verify_migrations(change_of(files), "sqlite", base=BASE)
    assert "MIG067" in codes(judged(files, inputs=SQLITE, verified=(verified,)))


def test_what_a_script_tried_is_critical() -> None:
    files = sqlite_scripts("ATTACH 'x.db' AS x;", "SELECT 1;\n")
    verified = verify_migrations(change_of(files), "sqlite", base=BASE)
    found = [
        item for item in judged(files, inputs=SQLITE, verified=(verified,)).findings if item.code == "MIG068"
    ]
    assert [item.severity for item in found] == [Severity.CRITICAL]


def test_an_empty_rollback_of_rows_alone_is_minor() -> None:
    files = scripts(
        "UPDATE users SET name = 'x' WHERE id = 1;", "", verify="SELECT name = 'x' FROM users WHERE id = 1;"
    )
    found = [item for item in judged(files).findings if item.code == "MIG002"]
    assert [item.severity for item in found] == [Severity.MINOR]


def test_dynamic_statements_are_given_the_benefit_of_the_doubt() -> None:
    up = "DO $$ BEGIN EXECUTE 'CREATE TABLE made (id int)'; END $$;\nCREATE INDEX made_id ON made (id);"
    report = judged(scripts(up, "DROP TABLE made;\n", verify="SELECT id FROM made;"))
    assert "MIG004" not in codes(report)


def test_single_files_get_lines_of_the_file() -> None:
    text = (
        "-- +goose Up\n"
        + papers("SELECT age FROM users;", "ALTER TABLE users ADD COLUMN age integer;")
        + "-- +goose Down\n\nALTER TABLE users DROP COLUMN agee;\n"
    )
    report = judged({"db/migrations/0002_age.sql": text})
    found = next(item for item in report.findings if item.code == "MIG004")
    assert found.where.lines == str(text[: text.index("agee")].count("\n") + 1)


def model(*fields: tuple[str, str, bool], indexes=None):
    none = {"not_applicable": "none in this test"}
    columns = [
        {"name": name, "type": kind, "nullable": nullable, "primary_key": name == "id"}
        for name, kind, nullable in fields
    ]
    entity = {
        "name": "User",
        "table": "users",
        "fields": columns,
        "relations": none,
        "indexes": indexes or none,
        "constraints": none,
        "retention": none,
    }
    return {**SQLITE, "data_model": {"entities": [entity]}}


@pytest.mark.parametrize(
    ("fields", "indexes", "titles"),
    [
        ([("id", "integer", False), ("email", "text", False), ("name", "varchar(20)", True), ("age", "integer", True)], None, []),
        ([("id", "integer", False), ("email", "text", False), ("name", "varchar(20)", True)], None, ["A column is undeclared"]),
        ([("id", "integer", False), ("email", "text", True), ("name", "varchar(20)", True), ("age", "integer", True)], None, ["A column's nullability differs"]),
        ([("id", "integer", False), ("email", "text", False), ("name", "varchar(30)", True), ("age", "integer", True)], None, ["A column has another type"]),
        ([("id", "integer", False), ("email", "text", False), ("name", "varchar(20)", True), ("age", "integer", True)], [{"columns": ["age"]}], ["An index is missing"]),
    ],
)  # fmt: skip
def test_drift_between_a_run_and_the_model_is_named(fields, indexes, titles: list[str]) -> None:
    files = sqlite_scripts(
        "ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN age;\n"
    )
    verified = verify_migrations(change_of(files), "sqlite", base=BASE)
    report = judged(files, inputs=model(*fields, indexes=indexes), verified=(verified,))
    assert [item.title for item in report.findings if item.code == "MIG070"] == titles
    assert (report.clauses["CONS-05"] is Verdict.HELD) == (not titles)


def test_without_a_run_drift_is_not_checked() -> None:
    files = sqlite_scripts(
        "ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN age;\n"
    )
    fields = (
        ("id", "integer", False),
        ("email", "text", False),
        ("name", "varchar(20)", True),
        ("age", "int", True),
    )
    assert judged(files, inputs=model(*fields)).clauses["CONS-05"] is Verdict.NOT_CHECKED


@pytest.mark.parametrize(
    ("one", "other", "dialect", "same"),
    [
        ("int", "integer", "postgresql", True),
        ("varchar(20)", "character varying(20)", "postgresql", True),
        ("timestamptz", "timestamp with time zone", "postgresql", True),
        ("timestamp(3) with time zone", "timestamptz(3)", "postgresql", True),
        ("varchar(20)", "varchar(21)", "postgresql", False),
        ("bigint", "integer", "postgresql", False),
        ("bigint", "integer", "sqlite", True),
        ("text", "blob", "sqlite", False),
        ("uuid", "text", "postgresql", False),
    ],
)
def test_types_are_compared_by_what_they_mean(one: str, other: str, dialect: str, same: bool) -> None:
    assert same_type(one, other, dialect) is same


def test_the_schema_of_postgresql_reads_back() -> None:
    lines = (
        "table public.users: table",
        "column public.users.id: integer not null default nextval('public.users_id_seq'::regclass)",
        "column public.users.name: character varying(20)",
        "constraint public.users.users_pkey: PRIMARY KEY (id)",
        "constraint public.users.users_team_fkey: FOREIGN KEY (team_id) REFERENCES public.teams(id)",
        "index public.users_name: CREATE UNIQUE INDEX users_name ON public.users USING btree (name, id)",
    )
    built = read_built(lines)
    assert set(built.tables) == {"users"}
    users = built.tables["users"]
    assert users.columns["id"][:2] == ("integer", True)
    assert users.columns["name"] == ("character varying(20)", False, None)
    assert [(key.parts, key.unique) for key in users.keys] == [((("col", "name"), ("col", "id")), True)]
    assert users.primary is not None
    assert [(key.columns, key.table, key.references) for key in users.foreign] == [
        (("team_id",), "teams", ("id",))
    ]


LOCKS = {"MIG030", "MIG031", "MIG032", "MIG033", "MIG034", "MIG035"}


def found(up: str, down: str, base: str = "", inputs=POSTGRESQL) -> set[tuple[str | None, Severity]]:
    files = {"db/migrations/0001_users.up.sql": BASE["db/migrations/0001_users.up.sql"] + base}
    report = judged(scripts(up, down, guard=""), inputs=inputs, base={**BASE, **files})
    papers_only = {"MIG035", "MIG050", "MIG051", "MIG053", "MIG054", "MIG055"}
    return {(item.code, item.severity) for item in report.findings if item.code not in papers_only}


@pytest.mark.parametrize("there", ["", "IF NOT EXISTS "])
def test_a_table_that_takes_the_place_of_another_is_nobodys_to_lock(there: str) -> None:
    up = (
        f"ALTER TABLE users RENAME TO users_old;\nCREATE TABLE {there}users (id integer, name text, email text NOT NULL);\n"
        "INSERT INTO users SELECT id, name, email FROM users_old;\nDROP TABLE users_old;\nCREATE INDEX users_name ON users (name);"
    )
    assert not {code for code, _ in found(up, "DROP INDEX users_name;\n")} & LOCKS


def test_a_table_that_is_only_renamed_is_locked_under_its_new_name() -> None:
    up = "ALTER TABLE users RENAME TO people;\nCREATE INDEX people_name ON people (name);"
    down = "DROP INDEX people_name;\nALTER TABLE people RENAME TO users;\n"
    assert "MIG030" in {code for code, _ in found(up, down)}


def test_a_materialized_view_of_the_change_is_nobodys_to_lock() -> None:
    up = "CREATE MATERIALIZED VIEW v AS SELECT id FROM users;\nCREATE UNIQUE INDEX v_id ON v (id);"
    assert not {code for code, _ in found(up, "DROP MATERIALIZED VIEW v;\n")} & LOCKS


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("text", "citext"),
        ("varchar(20)", "citext"),
        ("numeric(5,2)", "numeric(8,2)"),
        ("timestamp(3)", "timestamp(6)"),
        ("cidr", "inet"),
    ],
)
def test_a_type_that_takes_the_rows_as_they_stand_rewrites_nothing(before: str, after: str) -> None:
    up = f"ALTER TABLE users ALTER COLUMN x TYPE {after};"
    codes_found = found(
        up, f"ALTER TABLE users ALTER COLUMN x TYPE {before};\n", f"ALTER TABLE users ADD x {before};"
    )
    assert "MIG033" not in {code for code, _ in codes_found}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("citext", "varchar(20)"),
        ("numeric(5,2)", "numeric(5,3)"),
        ("timestamp(6)", "timestamp(3)"),
        ("integer", "bigint"),
    ],
)
def test_a_type_that_stores_the_rows_anew_is_found(before: str, after: str) -> None:
    up = f"ALTER TABLE users ALTER COLUMN x TYPE {after};"
    codes_found = found(
        up, f"ALTER TABLE users ALTER COLUMN x TYPE {before};\n", f"ALTER TABLE users ADD x {before};"
    )
    assert ("MIG033", Severity.MINOR) in codes_found


@pytest.mark.parametrize("using", ["", " USING x"])
def test_a_time_zone_that_is_added_is_a_question_for_the_server(using: str) -> None:
    up = f"ALTER TABLE users ALTER COLUMN x TYPE timestamptz{using};"
    codes_found = found(
        up, "ALTER TABLE users ALTER COLUMN x TYPE timestamp;\n", "ALTER TABLE users ADD x timestamp;"
    )
    assert {severity for code, severity in codes_found if code == "MIG033"} == {Severity.INFO}


def test_a_column_that_is_required_already_is_not_looked_through_again() -> None:
    up = "ALTER TABLE users ALTER COLUMN email SET NOT NULL;\nALTER TABLE users ADD COLUMN age integer;"
    assert "MIG034" not in {code for code, _ in found(up, "ALTER TABLE users DROP COLUMN age;\n")}


def test_a_type_that_is_changed_and_changed_back_rewrites_at_each_step() -> None:
    base = "CREATE TYPE mood AS ENUM ('a');\nALTER TABLE users ADD COLUMN mood mood;\n"
    up = (
        "ALTER TABLE users ALTER COLUMN mood TYPE text;\nDROP TYPE mood;\nCREATE TYPE mood AS ENUM ('a', 'b');\n"
        "ALTER TABLE users ALTER COLUMN mood TYPE mood USING (mood::mood);"
    )
    report = judged(
        scripts(up, "SELECT 1;\n", guard=""),
        base={**BASE, "db/migrations/0001_users.up.sql": BASE["db/migrations/0001_users.up.sql"] + base},
    )
    assert [item.where.lines for item in report.findings if item.code == "MIG033"] == ["3", "6"]


CHECKED = (
    "ALTER TABLE users ADD CONSTRAINT named CHECK (name IS NOT NULL) NOT VALID;\n"
    "ALTER TABLE users VALIDATE CONSTRAINT named;\nALTER TABLE users ALTER COLUMN name SET NOT NULL;"
)


def test_a_check_that_the_script_validates_first_spares_the_second_look() -> None:
    down = "ALTER TABLE users ALTER COLUMN name DROP NOT NULL;\nALTER TABLE users DROP CONSTRAINT named;\n"
    assert "MIG034" not in {code for code, _ in found(CHECKED, down)}
    assert "MIG034" in {
        code
        for code, _ in found(
            CHECKED.replace("VALIDATE CONSTRAINT named", "RENAME CONSTRAINT named TO n"), down
        )
    }
    assert "MIG034" in {code for code, _ in found(CHECKED.replace("(name IS", "(email IS"), down)}


def test_a_constraint_is_validated_under_the_lock_of_the_transaction_that_adds_it() -> None:
    down = "ALTER TABLE users ALTER COLUMN name DROP NOT NULL;\nALTER TABLE users DROP CONSTRAINT named;\n"
    assert "MIG031" in {code for code, _ in found(CHECKED, down)}
    outside = "-- NO_TRANSACTION\n" + CHECKED
    assert "MIG031" not in {code for code, _ in found(outside, down)}
    added = "ALTER TABLE users ADD CONSTRAINT named CHECK (name IS NOT NULL) NOT VALID;\n"
    assert "MIG031" not in {code for code, _ in found(CHECKED.partition("\n")[2], down, base=added)}


@pytest.mark.parametrize("action", ["SET STATISTICS 100", "SET (n_distinct = 5)", "RESET (n_distinct)"])
def test_statistics_wait_for_nobody_who_reads_or_writes(action: str) -> None:
    report = judged(scripts(f"ALTER TABLE users ALTER COLUMN name {action};", "SELECT 1;\n", guard=""))
    assert "MIG035" not in codes(report)


@pytest.mark.parametrize(
    "again",
    [
        "CREATE OR REPLACE PROCEDURE fill() LANGUAGE sql AS $$ SELECT 1 $$;\nCALL fill();\nDROP PROCEDURE fill();",
        "ALTER TABLE users ALTER COLUMN name SET DEFAULT 'x';\nALTER TABLE users ALTER COLUMN name TYPE text;",
        "ALTER TABLE users ALTER COLUMN name DROP NOT NULL;\nALTER TABLE users VALIDATE CONSTRAINT named;",
        "ALTER TABLE users DROP CONSTRAINT named, ADD CONSTRAINT named CHECK (name <> '');\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON users (name);",
        "ALTER FUNCTION f() OWNER TO CURRENT_USER;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON users (name);",
    ],
)
def test_what_may_as_well_be_run_twice_is_not_half_done(again: str) -> None:
    assert "MIG013" not in {code for code, _ in found(f"-- NO_TRANSACTION\n{again}", "SELECT 1;\n")}


@pytest.mark.parametrize(
    "once",
    [
        "CREATE PROCEDURE fill() LANGUAGE sql AS $$ SELECT 1 $$;\nCALL fill();\nDROP PROCEDURE fill();",
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON users (name);\nALTER TABLE users DROP CONSTRAINT named, ADD CONSTRAINT other CHECK (name <> '');",
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON users (name);\nALTER TABLE users ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;",
    ],
)
def test_what_fails_the_second_time_is_half_done(once: str) -> None:
    assert "MIG013" in {code for code, _ in found(f"-- NO_TRANSACTION\n{once}", "SELECT 1;\n")}


@pytest.mark.parametrize(
    ("write", "told"),
    [
        ("WITH few AS (SELECT id FROM users WHERE name = 'x') INSERT INTO users (id) SELECT id FROM few;", False),
        ("WITH RECURSIVE a (n) AS (SELECT 1), few AS MATERIALIZED (SELECT id FROM users LIMIT 5) INSERT INTO users (id) SELECT id FROM few;", False),
        ("WITH a AS (SELECT 1), few AS MATERIALIZED (SELECT id FROM users LIMIT 5) INSERT INTO users (id) SELECT id FROM few;", False),
        ("WITH few AS (SELECT id FROM users WHERE name = 'x') INSERT INTO users (id) SELECT id FROM users;", True),
        ("WITH few AS (SELECT id FROM users) INSERT INTO users (id) SELECT id FROM few;", True),
    ],
)  # fmt: skip
def test_an_insert_is_as_bounded_as_the_rows_that_it_takes(write: str, told: bool) -> None:
    assert ("MIG040" in {code for code, _ in found(write, "SELECT 1;\n")}) == told


def test_a_folder_that_has_versions_twice_already_is_told_so_by_the_way() -> None:
    def pair(name: str) -> dict[str, str]:
        word = name.replace("_", "")
        return {
            f"db/migrations/{name}.up.sql": f"CREATE TABLE t{word} (id int);\n",
            f"db/migrations/{name}.down.sql": f"DROP TABLE t{word};\n",
        }

    one, new, third = {**pair("0002_a"), **pair("0002_b")}, pair("0003_a"), pair("0003_b")
    with_custom = judged(third, base={**BASE, **one, **new})
    assert {item.severity for item in with_custom.findings if item.code == "MIG003"} == {Severity.INFO}
    without = judged(third, base={**BASE, **new})
    assert {item.severity for item in without.findings if item.code == "MIG003"} == {Severity.MAJOR}


def test_rows_that_were_copied_first_are_not_lost_with_their_table() -> None:
    up = "CREATE TABLE people (id integer, name text);\nINSERT INTO people SELECT id, name FROM users;\nDROP TABLE users;"
    assert "MIG024" not in {code for code, _ in found(up, "DROP TABLE people;\n")}


def test_values_that_were_copied_first_are_not_lost_with_their_column() -> None:
    up = "ALTER TABLE users ADD COLUMN title text;\nUPDATE users SET title = name;\nALTER TABLE users DROP COLUMN name;"
    down = "ALTER TABLE users DROP COLUMN title;\nALTER TABLE users ADD COLUMN name varchar(20);\n"
    assert "MIG024" not in {code for code, _ in found(up, down)}


@pytest.mark.parametrize(
    ("kind", "lost"),
    [
        ("text GENERATED ALWAYS AS (coalesce(name, '')) STORED", False),
        ("integer GENERATED ALWAYS AS IDENTITY", True),
        ("text", True),
    ],
)
def test_only_values_that_are_computed_come_back_with_their_column(kind: str, lost: bool) -> None:
    base = {
        **BASE,
        "db/migrations/0001_users.up.sql": f"CREATE TABLE users (id integer PRIMARY KEY, name text, full_name {kind});\n",
    }
    files = scripts(
        "ALTER TABLE users DROP COLUMN full_name;", f"ALTER TABLE users ADD COLUMN full_name {kind};\n"
    )
    assert ("MIG024" in codes(judged(files, base=base))) is lost


def test_values_that_are_written_after_the_column_is_gone_save_nothing() -> None:
    up = "ALTER TABLE users DROP COLUMN name;\nUPDATE users SET email = 'name' WHERE id = 1;"
    assert "MIG024" in {code for code, _ in found(up, "ALTER TABLE users ADD COLUMN name varchar(20);\n")}


def test_dropping_with_if_exists_what_nobody_made_loses_nothing() -> None:
    up = "DROP TABLE IF EXISTS users_backup;\nALTER TABLE users ADD COLUMN age integer;"
    assert "MIG024" not in {code for code, _ in found(up, "ALTER TABLE users DROP COLUMN age;\n")}


def test_a_rollback_that_stops_with_an_error_is_not_asked_for_what_it_leaves() -> None:
    up = "ALTER TABLE users DROP COLUMN name;\nCREATE TABLE kind (id integer);"
    down = "DO $$ BEGIN RAISE EXCEPTION 'there is no way back'; END $$;\n"
    assert not {code for code, _ in found(up, down)} & {"MIG020", "MIG021", "MIG022", "MIG023"}


def test_a_rollback_that_only_warns_is_asked() -> None:
    down = "DO $$ BEGIN RAISE NOTICE 'there is no way back'; END $$;\n"
    assert "MIG020" in {code for code, _ in found("CREATE TABLE kind (id integer);", down)}


def test_names_that_a_rollback_puts_together_may_be_any() -> None:
    down = (
        "DO $$ DECLARE n text; BEGIN FOR n IN SELECT tablename FROM pg_tables LOOP EXECUTE 'DROP TABLE ' || n;"
        " END LOOP; END $$;\n"
    )
    assert "MIG020" not in {code for code, _ in found("CREATE TABLE kind (id integer);", down)}


def test_indexes_without_a_name_get_one_each() -> None:
    up = "CREATE INDEX ON users (lower(name));\nCREATE INDEX ON users (lower(email));\nCREATE INDEX ON users USING gin (name);"
    down = "DROP INDEX users_lower_idx1;\nDROP INDEX users_lower_idx;\nDROP INDEX users_name_idx;\n"
    assert not {code for code, _ in found(up, down)} & {"MIG004", "MIG020", "MIG021"}


def test_a_second_key_on_columns_of_one_name_gets_a_name_of_its_own() -> None:
    up = (
        "ALTER TABLE users RENAME COLUMN boss TO boss_old;\n"
        "ALTER TABLE users ADD COLUMN boss bigint REFERENCES users (id);"
    )
    down = "ALTER TABLE users DROP COLUMN boss;\nALTER TABLE users RENAME COLUMN boss_old TO boss;\n"
    base = "ALTER TABLE users ADD COLUMN boss integer REFERENCES users (id);\n"
    assert not {code for code, _ in found(up, down, base)} & {"MIG004", "MIG020", "MIG021", "MIG022"}


def test_a_comma_at_the_end_is_found_though_sqlite_looks_for_the_table_first() -> None:
    files = sqlite_scripts(
        "ALTER TABLE users ADD COLUMN age integer,;", "ALTER TABLE users DROP COLUMN age;\n"
    )
    assert "MIG010" in codes(judged(files, inputs=SQLITE))


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("pg_stat_statements", Severity.INFO),
        ("postgres_fdw", Severity.CRITICAL),
        ("plpython3u", Severity.CRITICAL),
    ],
)
def test_an_extension_weighs_what_it_can_reach(name: str, severity: Severity) -> None:
    files = scripts(f"CREATE EXTENSION {name};", f"DROP EXTENSION {name};\n")
    words = f'permission denied to create extension "{name}"'
    report = judged(files, verified=ran(files, verdict="not-run", refused=(words,)))
    assert [item.severity for item in report.findings if item.code == "MIG068"] == [severity]


def test_what_does_not_parse_says_nothing_of_transactions() -> None:
    down = "begin\n  raise 'there is no way back';\nend\n$$;\n"
    codes_found = {code for code, _ in found("ALTER TABLE users ADD COLUMN age integer;", down)}
    assert "MIG010" in codes_found
    assert "MIG012" not in codes_found


@pytest.mark.parametrize(
    "emptied", ["TRUNCATE users;", "DELETE FROM users;", "TRUNCATE TABLE other, users CASCADE;"]
)
def test_an_emptied_table_takes_a_required_column(emptied: str) -> None:
    up = f"{emptied}\nALTER TABLE users ADD COLUMN age integer NOT NULL;"
    base = "CREATE TABLE other (id integer);\n"
    assert "MIG032" not in {code for code, _ in found(up, "ALTER TABLE users DROP COLUMN age;\n", base)}


@pytest.mark.parametrize("emptied", ["DELETE FROM users WHERE id > 9;", "TRUNCATE other;"])
def test_a_table_that_keeps_rows_takes_no_required_column(emptied: str) -> None:
    up = f"{emptied}\nALTER TABLE users ADD COLUMN age integer NOT NULL;"
    base = "CREATE TABLE other (id integer);\n"
    assert "MIG032" in {code for code, _ in found(up, "ALTER TABLE users DROP COLUMN age;\n", base)}


def test_a_loop_that_waits_is_no_batch() -> None:
    up = (
        "ALTER TABLE users ADD COLUMN age integer;\nDO $$ BEGIN DELETE FROM users WHERE id < 3;"
        " LOOP EXIT WHEN NOT EXISTS (SELECT 1 FROM users WHERE age > 3); PERFORM pg_sleep(1); END LOOP; END $$;"
    )
    assert not {code for code, _ in found(up, "ALTER TABLE users DROP COLUMN age;\n")} & {"MIG041", "MIG043"}


def test_loops_in_a_commit_are_a_question() -> None:
    up = "CREATE TABLE done (id integer);\nDO $$ BEGIN LOOP UPDATE users SET name = 'x' WHERE name IS NULL; EXIT WHEN NOT FOUND; END LOOP; END $$;"
    files = scripts(up, "DROP TABLE done;\n", verify="SELECT id FROM done;")
    change = Change(tuple(FileChange(path, text) for path, text in files.items()), origin="git")
    report = check(change, inputs=bundle(POSTGRESQL), base=SourceTree.from_mapping(BASE), rules=RULES)
    weights = {item.code: item.severity for item in report.findings if item.code in ("MIG041", "MIG043")}
    assert weights == {"MIG041": Severity.INFO, "MIG043": Severity.INFO}


def test_what_is_cleared_first_can_be_made_again_outside_a_transaction() -> None:
    again = "-- no-transaction\nDROP INDEX IF EXISTS users_name;\nCREATE INDEX CONCURRENTLY users_name ON users (name);"
    once = "-- no-transaction\nDROP INDEX IF EXISTS users_email;\nCREATE INDEX CONCURRENTLY users_name ON users (name);"
    inputs = spec("postgresql", transactional=False)
    down = "-- no-transaction\nDROP INDEX CONCURRENTLY users_name;\n"
    assert "MIG013" not in {code for code, _ in found(again, down, inputs=inputs)}
    assert "MIG013" in {code for code, _ in found(once, down, inputs=inputs)}


def test_a_drop_that_may_find_nothing_waits_for_nobody() -> None:
    up = "DROP TABLE IF EXISTS leftovers;\nCREATE TABLE kind (id integer);"
    report = judged(scripts(up, "DROP TABLE kind;\n", guard=""))
    assert "MIG035" not in codes(report)


def test_tools_that_go_by_the_whole_name_take_a_version_twice() -> None:
    body = "-- +migrate Up\nCREATE TABLE {name} (id integer);\n-- +migrate Down\nDROP TABLE {name};\n"
    base = {"db/migrations/20240101-a.sql": body.format(name="a")}
    assert "MIG003" not in codes(judged({"db/migrations/20240101-b.sql": body.format(name="b")}, base=base))


def test_new_comments_in_an_old_script_are_a_remark() -> None:
    path = "db/migrations/0001_users.up.sql"
    report = judged({path: "-- The first table.\n" + BASE[path].replace("(id", "( id")})
    assert [item.severity for item in report.findings if item.code == "MIG005"] == [Severity.INFO]


@pytest.mark.parametrize(
    "rule", ["transaction-nesting", "changing-column-type", "require-concurrent-index-creation"]
)
def test_what_the_own_rules_know_better_is_not_repeated_after_the_linter(rule: str) -> None:
    files = scripts("ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN age;\n")
    assert "MIG080" not in codes(judged(files, verified=ran(files, lint=(rule, 4))))
    assert "MIG080" in codes(judged(files, verified=ran(files, lint=("ban-drop-column", 4))))


def test_a_script_that_brings_its_own_transaction_is_whole_or_nothing() -> None:
    up = "BEGIN;\nCREATE TABLE kind (id integer);\nCREATE TABLE kin (id integer);\nCOMMIT;"
    inputs = spec("postgresql", transactional=False)
    assert "MIG013" not in {
        code for code, _ in found(up, "DROP TABLE kin;\nDROP TABLE kind;\n", inputs=inputs)
    }


def test_lines_for_psql_are_no_fault_of_a_script_that_psql_runs() -> None:
    body = "begin;\n{meta}create table kind (id integer);\ncommit;\n"
    for says in (False, True):
        name = "kind" if not says else "migrations/0001_kind"
        deploy = f"deploy/{name}.sql" if not says else f"db/{name}.up.sql"
        revert = f"revert/{name}.sql" if not says else f"db/{name}.down.sql"
        files = {deploy: body.format(meta="\\set ON_ERROR_STOP 1\n"), revert: "drop table kind;\n"}
        if not says:
            files["sqitch.plan"] = "%project=x\nkind 2024-01-01 A <a@b.c>\n"
        spec_only = {"tech_spec": {"database": {"dialect": "postgresql"}}}
        assert ("MIG010" in codes(judged(files, inputs=spec_only, base={}))) is says


@pytest.mark.parametrize(
    ("base", "late", "severity"),
    [
        ("migrations/2024-02-02-000000_b/up.sql", "migrations/2024-01-01-000000_a/up.sql", Severity.MINOR),
        ("migrations/0002_b.up.sql", "migrations/0001_a.up.sql", Severity.MAJOR),
    ],
)
def test_a_late_version_weighs_what_its_runner_makes_of_it(base: str, late: str, severity: Severity) -> None:
    def pair(path: str, name: str) -> dict[str, str]:
        return {
            path: f"CREATE TABLE {name} (id integer);",
            path.replace("up.sql", "down.sql"): f"DROP TABLE {name};",
        }

    spec_only = {"tech_spec": {"database": {"dialect": "postgresql"}}}
    report = judged(pair(late, "a"), inputs=spec_only, base=pair(base, "b"))
    assert [item.severity for item in report.findings if item.code == "MIG003"] == [severity]


def test_a_view_that_the_model_has_as_an_entity_is_built() -> None:
    lines = (
        "view public.recent: SELECT 1",
        "materialized view public.kept: SELECT 1",
        "table public.users: table",
    )
    built = read_built(lines)
    assert (built.views, set(built.tables)) == ({"recent", "kept"}, {"users"})


REVERSAL = {"MIG002", "MIG004", "MIG020", "MIG021", "MIG022", "MIG023"}


@pytest.mark.parametrize(
    ("base", "up", "down"),
    [
        pytest.param(
            "",
            "ALTER TABLE users ADD CONSTRAINT users_name_not_null NOT NULL name;",
            "ALTER TABLE users ALTER COLUMN name DROP NOT NULL;",
            id="a name for NOT NULL",
        ),
        pytest.param(
            "ALTER TABLE users ALTER COLUMN name SET NOT NULL;",
            "ALTER TABLE users ALTER COLUMN name DROP NOT NULL;",
            "ALTER TABLE users ADD CONSTRAINT users_name_not_null NOT NULL name;",
            id="NOT NULL comes back under a name",
        ),
        pytest.param(
            "",
            "CREATE TABLE kind (a integer, b integer);\nCREATE STATISTICS together ON a, b FROM kind;",
            "DROP TABLE kind;",
            id="statistics go with their table",
        ),
        pytest.param(
            "",
            "CREATE TABLE kind (n integer);\nCREATE SEQUENCE kind_n OWNED BY kind.n;",
            "DROP TABLE kind;",
            id="an owned sequence goes with its table",
        ),
        pytest.param(
            "",
            f"CREATE TABLE {'k' * 40} (id integer, {'c' * 40} integer UNIQUE);\nALTER TABLE {'k' * 40} DROP CONSTRAINT {'k' * 29}_{'c' * 29}_key;",
            f"DROP TABLE {'k' * 40};",
            id="an automatic name that was cut",
        ),
        pytest.param(
            "CREATE SCHEMA s;\nCREATE TABLE s.kind (id integer, n integer);",
            "ALTER TABLE s.kind ADD UNIQUE (n);",
            "ALTER TABLE s.kind DROP CONSTRAINT kind_n_key;",
            id="an automatic name has no schema",
        ),
        pytest.param(
            "",
            "CREATE TEMPORARY TABLE seen (id integer);\nCREATE INDEX seen_id ON seen (id);\nALTER TABLE users ADD COLUMN age integer;",
            "ALTER TABLE users DROP COLUMN age;",
            id="an index of a temporary table",
        ),
        pytest.param(
            "",
            "ALTER TABLE users DROP CONSTRAINT users_pkey;\nCREATE UNIQUE INDEX other ON users (name);\nALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX other;",
            "DROP INDEX IF EXISTS nothing;\nALTER TABLE users DROP CONSTRAINT users_pkey;\n"
            "DO $$ BEGIN CREATE UNIQUE INDEX again ON users (id); END $$;\nALTER TABLE users ADD CONSTRAINT users_pkey PRIMARY KEY USING INDEX again;\n"
            "ALTER TABLE users ALTER COLUMN name DROP NOT NULL;",
            id="a key on an index that a block makes",
        ),
        pytest.param(
            "",
            "CREATE INDEX ON users (lower(name), lower(email), lower(name));",
            "DROP INDEX users_lower_lower1_lower2_idx;",
            id="parts of an index that are alike",
        ),
        pytest.param(
            "",
            "CREATE TABLE kind (id integer PRIMARY KEY);\nCREATE TABLE kin (id integer REFERENCES kind (id));",
            "DROP TABLE kind, kin;",
            id="tables that need each other go in one statement",
        ),
        pytest.param(
            "",
            "ALTER TABLE users RENAME CONSTRAINT users_email_not_null TO mail_not_null;",
            "ALTER TABLE users RENAME CONSTRAINT mail_not_null TO users_email_not_null;",
            id="a name of NOT NULL is given another",
        ),
        pytest.param(
            "CREATE VIEW v AS SELECT id FROM users;\nCREATE MATERIALIZED VIEW m AS SELECT id FROM v;\nCREATE INDEX m_id ON m (id);\n",
            "DROP VIEW v CASCADE;\nCREATE VIEW v AS SELECT id FROM users;\nCREATE MATERIALIZED VIEW m AS SELECT id FROM v;\nCREATE INDEX m_id ON m (id);",
            "ALTER TABLE users DROP COLUMN IF EXISTS nothing;",
            id="a view takes along what stands on it",
        ),
        pytest.param(
            "CREATE TABLE kind AS SELECT * FROM users;\nALTER TABLE kind ADD COLUMN age integer;\n",
            "ALTER TABLE kind RENAME COLUMN name TO title;",
            "ALTER TABLE kind RENAME COLUMN title TO name;",
            id="a table made by a query has columns that nobody named",
        ),
        pytest.param(
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\n"
            "CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f();\nALTER FUNCTION f() RENAME TO g;\n",
            "DROP FUNCTION g CASCADE;",
            "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\n"
            "CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION g();",
            id="a function that was renamed goes with its trigger",
        ),
        pytest.param(
            "",
            "CREATE TABLE kind (id integer CHECK (id > 0), n integer CHECK (id > 1));\nALTER TABLE kind DROP CONSTRAINT kind_id_check1;",
            "DROP TABLE kind;",
            id="a check is named after the column that it reads",
        ),
        pytest.param(
            "CREATE TABLE kind (id integer, n integer CHECK (id > 1));\n",
            "ALTER TABLE kind DROP COLUMN n;",
            "ALTER TABLE kind ADD COLUMN n integer;",
            id="a check of another column stays",
        ),
        pytest.param(
            "CREATE FUNCTION f(n integer) RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$;",
            "DROP FUNCTION IF EXISTS f();\nALTER TABLE users ADD COLUMN age integer;",
            "ALTER TABLE users DROP COLUMN age;",
            id="another function of that name",
        ),
        pytest.param(
            "CREATE INDEX i ON users (id) WHERE name IN ('a', 'b');\nCREATE INDEX j ON users (id) WHERE name NOT IN ('a', 'b');",
            "DROP INDEX i;\nDROP INDEX j;",
            "CREATE INDEX i ON users (id) WHERE ((name)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]));\n"
            "CREATE INDEX j ON users (id) WHERE (name <> ALL (ARRAY['a'::text, 'b'::text]));",
            id="a list as the server writes it",
        ),
    ],
)
def test_what_postgresql_restores_is_not_missed(base: str, up: str, down: str) -> None:
    assert not {code for code, _ in found(up, f"{down}\n", base)} & REVERSAL


def test_rows_that_pass_through_a_temporary_table_are_rows_only() -> None:
    up = "CREATE TEMPORARY TABLE seen (id integer);\nUPDATE users SET name = 'x' WHERE id IN (SELECT id FROM seen);"
    assert ("MIG002", Severity.MINOR) in found(up, "-- the rows may stay\n")


def test_a_placeholder_that_does_nothing_needs_no_rollback() -> None:
    assert not {"MIG002"} & {code for code, _ in found("SELECT 'up';", "SELECT 'down';\n")}
    assert "MIG002" in {code for code, _ in found("SELECT make_partition('x');", "SELECT 'down';\n")}


def test_what_stood_there_unseen_and_comes_back_is_not_left_behind() -> None:
    base = {
        "db/migrations/0001_a.up.sql": "ALTER TABLE kind ADD COLUMN n integer;\n",
        "db/migrations/0001_a.down.sql": "-- none\n",
    }
    up = "DROP TABLE kin;\nALTER TABLE kind DROP COLUMN active;\nALTER TABLE kind ALTER COLUMN n SET DEFAULT 1;\nALTER INDEX i RENAME TO j;"
    down = (
        "CREATE TABLE IF NOT EXISTS kin (id integer PRIMARY KEY);\nALTER TABLE kind ADD COLUMN active boolean;\n"
        "ALTER TABLE kind ALTER COLUMN n DROP DEFAULT;\nALTER INDEX j RENAME TO i;\n"
    )
    assert not {item.code for item in judged(scripts(up, down), base=base).findings} & REVERSAL


def test_a_finding_in_one_of_several_files_names_that_file_and_its_line() -> None:
    name = "db/migrations/20200101000000"
    files = {
        f"{name}000000_a.up.sql": "ALTER TABLE users ADD COLUMN a integer",
        f"{name}000001_a.up.sql": "-- second\nCREATE INDEX users_a ON users (a);\nALTER TABLE kind ADD COLUMN b integer;\n",
        f"{name}000000_a.down.sql": "ALTER TABLE users DROP COLUMN a;\n",
        f"{name}000001_a.down.sql": "-- none\n\nDROP INDEX nothing;",
    }
    base = {
        "db/migrations/20190101000000000000_users.up.sql": BASE["db/migrations/0001_users.up.sql"],
        "db/migrations/20190101000000000000_users.down.sql": "DROP TABLE users;\n",
    }
    places = {(item.code, item.where.path, item.where.lines) for item in judged(files, base=base).findings}
    assert {
        ("MIG030", f"{name}000001_a.up.sql", "2"),
        ("MIG035", f"{name}000000_a.up.sql", "1"),
        ("MIG004", f"{name}000001_a.up.sql", "3"),
        ("MIG004", f"{name}000001_a.down.sql", "3"),
    } <= places


def parts(*ups: str, flag: str = "") -> set[str | None]:
    name = "db/migrations/20200101000000"
    files = {f"{name}{place:06}_a{flag}.up.sql": up for place, up in enumerate(ups)}
    files |= {f"{name}{place:06}_a{flag}.down.sql": "SELECT 1;\n" for place, _ in enumerate(ups)}
    base = {
        "db/migrations/20190101000000000000_users.up.sql": BASE["db/migrations/0001_users.up.sql"],
        "db/migrations/20190101000000000000_users.down.sql": "DROP TABLE users;\n",
    }
    return codes(judged(files, base=base))


def test_each_of_several_files_is_a_transaction_of_its_own() -> None:
    add, write = "ALTER TABLE users ADD COLUMN a integer;\n", "UPDATE users SET a = 1 WHERE id > 0;\n"
    assert "MIG042" in parts(add + write)
    assert "MIG042" not in parts(add, write)
    check = "ALTER TABLE users ADD CONSTRAINT c CHECK (name <> '') NOT VALID;\n"
    validate = "ALTER TABLE users VALIDATE CONSTRAINT c;\n"
    assert "MIG031" in parts(check + validate)
    assert "MIG031" not in parts(check, validate)
    assert "MIG012" in parts("BEGIN;\n" + add, "COMMIT;\n")
    assert "MIG011" in parts("CREATE INDEX CONCURRENTLY i ON users (name);\n")


def test_a_file_of_one_statement_may_be_run_again_whatever_stands_beside_it() -> None:
    first, second = (
        "ALTER TABLE users ADD COLUMN a integer;\n",
        "CREATE INDEX CONCURRENTLY i ON users (name);\n",
    )
    assert "MIG013" in parts(first + second, flag=".autocommit")
    assert "MIG013" not in parts(first, second, flag=".autocommit")


def test_what_programs_among_the_scripts_may_have_made_is_not_missing() -> None:
    up = "-- +goose Up\nUPDATE kind SET note = 'x' WHERE id = 1;\nALTER TABLE users ADD COLUMN age integer;\n-- +goose Down\n"
    base = {
        "db/migrations/0001_a.sql": "-- +goose Up\nCREATE TABLE kind (id integer);\n-- +goose Down\nDROP TABLE kind;\n"
    }
    program = {
        "db/migrations/0002_b.go": "package m\nfunc init() {\n\tgoose.AddMigrationContext(up, down)\n}\n"
    }
    late = {"db/migrations/0003_c.sql": up + "ALTER TABLE users DROP COLUMN agee;\n"}
    left = {"db/migrations/0003_c.sql": up + "UPDATE users SET age = 1 WHERE id = 1;\n"}
    assert "MIG004" in codes(judged(late, base=base))
    assert "MIG004" not in codes(judged(late, base={**base, **program}))
    assert "MIG020" in codes(judged(left, base={**base, **program}))


def test_a_comment_that_stays_is_a_warning() -> None:
    assert ("MIG022", Severity.MINOR) in found(
        "COMMENT ON COLUMN users.name IS 'the name';",
        "SELECT 1;\nUPDATE users SET name = 'x' WHERE id = 1;\n",
    )


def test_a_rollback_that_writes_a_column_before_it_is_back_cannot_work() -> None:
    down = "UPDATE users SET name = 'a' WHERE id = 1;\nALTER TABLE users RENAME COLUMN title TO name;\n"
    assert ("MIG004", Severity.MAJOR) in found("ALTER TABLE users RENAME COLUMN name TO title;", down)


def test_a_function_with_another_text_is_a_question_in_a_commit() -> None:
    up = "CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE sql AS $$ SELECT 2 $$;"
    down = "CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE sql AS $$ SELECT 3 $$;\n"
    base = "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$;\n"
    assert ("MIG023", Severity.MINOR) in found(up, down, base)
    files = scripts(up, down)
    change = Change(tuple(FileChange(path, text) for path, text in files.items()), origin="git")
    before = {**BASE, "db/migrations/0001_users.up.sql": BASE["db/migrations/0001_users.up.sql"] + base}
    report = check(change, inputs=bundle(POSTGRESQL), base=SourceTree.from_mapping(before), rules=RULES)
    assert [item.severity for item in report.findings if item.code == "MIG023"] == [Severity.INFO]


def test_a_view_with_another_text_is_a_question() -> None:
    base = "CREATE VIEW v AS SELECT id FROM users;\n"
    up = "DROP VIEW v;\nCREATE VIEW v AS SELECT id, email FROM users;"
    down = "DROP VIEW v;\nCREATE VIEW v AS SELECT users.id FROM users;\n"
    assert ("MIG023", Severity.INFO) in found(up, down, base)


def missing_in(files: dict[str, str], base: dict[str, str] | None = None) -> list[tuple[str, str]]:
    report = judged(files, base={} if base is None else base)
    return [(item.where.path, item.evidence) for item in report.findings if item.code == "MIG004"]


def test_what_nobody_made_is_named_once_however_many_scripts_use_it() -> None:
    files = scripts(
        "ALTER TABLE orders ADD COLUMN a integer;\nALTER TABLE orders ADD COLUMN b integer;", "SELECT 1;\n"
    )
    files |= scripts("ALTER TABLE orders DROP COLUMN c;", "SELECT 1;\n", number="0003")
    assert [evidence for _, evidence in missing_in(files)] == [
        "`table orders` is made by no earlier migration."
    ]


def test_a_rollback_that_names_what_is_not_there_is_told_at_each_pair() -> None:
    files = scripts("CREATE TABLE a (id integer);", "DROP TABLE a;\nDROP INDEX lost;\n")
    files |= scripts("CREATE TABLE b (id integer);", "DROP TABLE b;\nDROP INDEX lost;\n", number="0003")
    assert len(missing_in(files)) == 2


@pytest.mark.parametrize("name", ["wal_0", "wal_p12", "wal_2024_01", "wal_default"])
def test_a_partition_of_a_table_that_an_earlier_function_call_names_may_be_there(name: str) -> None:
    files = scripts(
        "CREATE TABLE wal (id integer) PARTITION BY HASH (id);\nSELECT make_partitions('wal', 4);",
        "DROP TABLE wal;\n",
    )
    files |= scripts(f"CREATE INDEX {name}_id ON {name} (id);", f"DROP INDEX {name}_id;\n", number="0003")
    assert missing_in(files) == []


def test_what_stands_on_a_table_that_an_earlier_block_drops_is_not_said_to_be_there() -> None:
    files = scripts(
        "CREATE TABLE entities (id integer);\n"
        "CREATE FUNCTION log_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;\n"
        "CREATE TRIGGER logged AFTER INSERT ON entities FOR EACH ROW EXECUTE FUNCTION log_it();",
        "DROP TABLE entities;\nDROP FUNCTION log_it();\n",
    )
    files |= scripts("DO $$ BEGIN DROP TABLE entities; END $$;", "SELECT 1;\n", number="0003")
    files |= scripts("DROP FUNCTION log_it();", "SELECT 1;\n", number="0004")
    assert missing_in(files) == []


def test_the_table_in_which_a_tool_notes_what_ran_is_there_without_a_script() -> None:
    files = scripts("ALTER TABLE __diesel_schema_migrations ADD COLUMN who text;", "SELECT 1;\n")
    assert missing_in(files) == []
