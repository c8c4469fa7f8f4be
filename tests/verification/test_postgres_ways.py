"""What a pair's runner would meet on PostgreSQL: its transaction, its settings, its roles, words it fills in."""

import pytest

from backend_engineer.outputs import MigrationReport, PairOutcome
from backend_engineer.verification import verify_migrations
from backend_engineer.verification.postgres.roles import roles_named

pytestmark = pytest.mark.postgres
pytest.importorskip("psycopg", reason="the extra pg is not installed")

BASE = "CREATE TABLE users (id serial PRIMARY KEY, name text);\n"
INDEX, DROP = "CREATE INDEX CONCURRENTLY i ON users (name);\n", "DROP INDEX CONCURRENTLY i;\n"
MORE = "CREATE TABLE more (id int);\n"
HERE = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {}', current_database()); END $$;\n"
SET = HERE.format("SET search_path = app, public")
RESET = HERE.format("RESET search_path")


def diesel(up: str, down: str, settings: str = "") -> dict[str, str]:
    files = {"2_step/up.sql": up, "2_step/down.sql": down}
    return files | ({"2_step/metadata.toml": settings} if settings else {})


def pair(up: str, down: str) -> dict[str, str]:
    return {"2_step.up.sql": up, "2_step.down.sql": down}


# name -> (the base's file, the migration's files)
CASES: dict[str, tuple[str, dict[str, str]]] = {
    "diesel": ("1_base/up.sql", diesel(INDEX, DROP)),
    "diesel off": ("1_base/up.sql", diesel(INDEX, DROP, "run_in_transaction = false\n")),
    "rollback only": ("1_base/up.sql", diesel("CREATE INDEX i ON users (name);\n", DROP)),
    "many": ("1_base.up.sql", pair(MORE + INDEX, DROP + "DROP TABLE more;\n")),
    "alone": ("1_base.up.sql", pair(INDEX, DROP)),
    "vacuum": ("1_base.up.sql", pair(MORE + "VACUUM users;\n", "DROP TABLE more;\n")),
    "goose": ("1_base.up.sql", {"2_step.sql": f"-- +goose Up\n{INDEX}-- +goose Down\n{DROP}"}),
    "goose off": ("1_base.up.sql", {"2_step.sql": f"-- +goose NO TRANSACTION\n-- +goose Up\n{INDEX}-- +goose Down\n{DROP}"}),
    "set": ("1_base.up.sql", pair(SET, "SELECT 1;\n")),
    "set and reset": ("1_base.up.sql", pair(SET, RESET)),
    "set outside": ("1_base.up.sql", pair(f"BEGIN; {SET} COMMIT;", "SELECT 1;\n")),
    "set and reset outside": ("1_base.up.sql", pair(f"BEGIN; {SET} COMMIT;", f"BEGIN; {RESET} COMMIT;")),
    "role": ("1_base.up.sql", pair("ALTER ROLE CURRENT_USER SET work_mem = '8MB';\n", "SELECT 1;\n")),
    "role outside": ("1_base.up.sql", pair("BEGIN; ALTER ROLE CURRENT_USER SET work_mem = '8MB'; COMMIT;", "SELECT 1;\n")),
    "role and reset outside": ("1_base.up.sql", pair("BEGIN; ALTER ROLE CURRENT_USER SET work_mem = '8MB'; COMMIT;", "BEGIN; ALTER ROLE CURRENT_USER RESET work_mem; COMMIT;")),
    "other database": ("1_base.up.sql", pair(f"{MORE}ALTER DATABASE shop SET timezone = 'UTC';\n", "DROP TABLE more;\n")),
    "other role": ("1_base.up.sql", pair(f"{MORE}GRANT SELECT ON more TO reporting;\n", "DROP TABLE more;\n")),
    "own": ("1_base.up.sql", pair(f"{MORE}ALTER TABLE more OWNER TO postgres;\n", "DROP TABLE more;\n")),
    "policy": ("1_base.up.sql", pair("CREATE POLICY p ON users TO web, \"The App\" USING (true);\n", "DROP POLICY p ON users;\n")),
    "looked up": ("1_base.up.sql", pair(f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'anon') THEN CREATE ROLE anon; END IF; END $$;\n{MORE}", "DROP TABLE more;\n")),
    "set role": ("1_base.up.sql", pair(f"SET ROLE web; {MORE} RESET ROLE;\n", "DROP TABLE more;\n")),
    "rights left": ("1_base.up.sql", pair("GRANT SELECT ON users TO reporting;\n", "SELECT 1;\n")),
    "made role": ("1_base.up.sql", pair(f"CREATE ROLE maker; {MORE}", "DROP TABLE more;\n")),
    "given away": ("1_base.up.sql", pair("CREATE SCHEMA app; CREATE TABLE app.t (id int); ALTER TABLE app.t OWNER TO web;\n", "DROP SCHEMA app CASCADE;\n")),
    "flyway": ("V1__base.sql", {"V2__step.sql": "CREATE TABLE ${schema}.more (id int);\n", "U2__step.sql": "DROP TABLE ${schema}.more;\n"}),
    "cut": ("1_base.up.sql", pair(f"{MORE}\0 CREATE TABLE unseen (id int);\n", "DROP TABLE more;\n")),
    "program back": ("1_base.up.sql", {"2_step.up.sql": MORE, "2_step.down.go": "package main\n"}),
}  # fmt: skip


def folder(name: str) -> str:
    return f"{name.replace(' ', '_')}/migrations/"


@pytest.fixture(scope="module")
def report(postgres: None) -> MigrationReport:
    """All cases in one run, each on a base of its own, and after each a step that sees what it left."""
    base: dict[str, str] = {}
    files: dict[str, str] = {}
    for name, (first, step) in CASES.items():
        base[folder(name) + first] = BASE
        files |= {folder(name) + path: text for path, text in step.items()}
        files |= {f"{folder(name)}3_after.up.sql": "CREATE TABLE z (id int);\n"}
        files |= {f"{folder(name)}3_after.down.sql": "DROP TABLE z;\n"}
    return verify_migrations({**base, **files}, "postgresql", base=base)


def step(report: MigrationReport, name: str, part: str = "step") -> PairOutcome:
    return next(
        item for item in report.pairs if item.forward.startswith(folder(name)) and part in item.forward
    )


@pytest.mark.parametrize(
    ("name", "runner", "words"),
    [
        ("diesel", "fails", "2_step/up.sql:1: CREATE INDEX CONCURRENTLY cannot run inside a transaction block"),
        ("diesel off", "as-sent", ""),
        ("rollback only", "fails", "2_step/down.sql:1: DROP INDEX CONCURRENTLY cannot run inside a transaction block"),
        ("many", "may-fail", "2_step.up.sql"),
        ("alone", "as-sent", ""),
        ("vacuum", "may-fail", "VACUUM cannot run inside a transaction block"),
        ("goose", "fails", "2_step.sql:2"),
        ("goose off", "as-sent", ""),
    ],
)  # fmt: skip
def test_a_script_that_ran_in_another_way_than_its_runner_sends_it_says_so(
    report: MigrationReport, name: str, runner: str, words: str
) -> None:
    found = step(report, name)
    assert (found.verdict, found.runner) == ("restored", runner), found
    assert words in found.runner_message
    assert bool(words) == bool(found.runner_message)


@pytest.mark.parametrize("name", ["set", "set outside", "role", "role outside"])
def test_a_setting_that_the_rollback_leaves_behind_is_seen_in_both_modes(
    report: MigrationReport, name: str
) -> None:
    found = step(report, name)
    (line,) = found.settings
    assert found.verdict == "restored"
    assert found.mode == ("clone" if "outside" in name else "transaction")
    if name.startswith("set"):
        assert line == "+ search_path of the database: app, public"
    else:
        assert line == "+ work_mem of the role: 8MB"


@pytest.mark.parametrize("name", ["set and reset", "set and reset outside", "role and reset outside", "many"])
def test_a_setting_that_is_taken_back_leaves_nothing_to_say(report: MigrationReport, name: str) -> None:
    assert step(report, name).settings == ()


@pytest.mark.parametrize("name", CASES)
def test_what_one_step_set_is_not_held_against_the_next(report: MigrationReport, name: str) -> None:
    after = step(report, name, "3_after")
    assert (after.verdict, after.settings) == ("restored", ())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("other database", 'database "shop" does not exist'),
        ("made role", "permission denied to create role"),
        ("given away", "permission denied for schema app"),
        ("flyway", "${schema}"),
    ],
)
def test_what_only_the_real_server_or_tool_knows_is_no_fault_of_the_script(
    report: MigrationReport, name: str, words: str
) -> None:
    found = step(report, name)
    assert found.verdict == "not-run"
    assert words in found.message


def test_a_rollback_that_misnames_a_column_is_its_own_fault_whatever_failed_before(postgres: None) -> None:
    files = {
        "db/1_a.up.sql": f"{MORE}CREATE TABL a (id);",
        "db/1_a.down.sql": "",
        "db/2_b.up.sql": BASE,
        "db/2_b.down.sql": "ALTER TABLE users DROP COLUMN town; DROP TABLE users;",
    }
    found = verify_migrations(files, "postgresql")
    assert [item.verdict for item in found.pairs] == ["forward-failed", "rollback-failed"]


def test_a_rollback_that_is_a_program_is_not_sent_to_the_server(report: MigrationReport) -> None:
    found = step(report, "program back")
    assert found.verdict == "not-run"
    assert "a program" in found.message
    assert found.rollback is not None


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("other role", "restored"),
        ("own", "restored"),
        ("policy", "restored"),
        ("looked up", "restored"),
        ("set role", "restored"),
        ("rights left", "different"),
    ],
)
def test_roles_that_scripts_take_for_granted_are_there_on_a_server_of_our_own(
    report: MigrationReport, name: str, verdict: str
) -> None:
    assert step(report, name).verdict == verdict, step(report, name)


def test_rights_over_own_objects_that_are_lacking_are_no_attempt_to_reach_out(
    report: MigrationReport,
) -> None:
    assert step(report, "given away").refused == ()
    assert step(report, "made role").refused != ()


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("GRANT SELECT, INSERT ON a, b TO web, \"The \"\"App\" WITH GRANT OPTION;", ["web", 'The "App']),
        ("REVOKE ALL ON SCHEMA public FROM PUBLIC, Anon;", ["anon"]),
        ("CREATE USER MAPPING FOR CURRENT_USER SERVER s; CREATE USER IF NOT EXISTS u;", ["u"]),
        ("ALTER DEFAULT PRIVILEGES FOR ROLE a, b GRANT SELECT ON TABLES TO GROUP c;", ["a", "b", "c"]),
        ("-- GRANT x TO nobody\nSELECT 'OWNER';", []),
        ("INSERT INTO grants VALUES ('x'); UPDATE t SET role = 'y' WHERE owner = 1;", []),
        ("SET LOCAL ROLE web; SET SESSION AUTHORIZATION pg_monitor;", ["web"]),
    ],
)  # fmt: skip
def test_roles_are_found_where_a_script_names_them(sql: str, names: list[str]) -> None:
    assert sorted(roles_named([sql])) == sorted(names)


def test_a_script_that_the_protocol_would_cut_short_fails_with_its_line(report: MigrationReport) -> None:
    found = step(report, "cut")
    assert found.verdict == "forward-failed"
    assert "2_step.up.sql:2: a NUL character" in found.message
