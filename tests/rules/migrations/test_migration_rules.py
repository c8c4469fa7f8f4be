"""What the rules on migrations do together: base, dialect, runs, and real reports."""

import pytest

from backend_engineer.contract import Severity, Verdict
from backend_engineer.outputs import Change, FileChange
from backend_engineer.rules import built_in_rules, check
from backend_engineer.rules.examples import bundle
from backend_engineer.rules.migrations.built import read_built, same_type
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, SQLITE, papers, scripts
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
    assert judged(files, inputs=model(("id", "integer", False))).clauses["CONS-05"] is Verdict.NOT_CHECKED


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
    assert built.tables == {"users"}
    assert built.columns["users"]["id"] == ("integer", True)
    assert built.columns["users"]["name"] == ("character varying(20)", False)
    assert (("name", "id"), True) in built.indexes["users"]
    assert built.foreign["users"] == {("team_id",)}
