"""A change for two databases brings two reports, and each rule reads both."""

from backend_engineer.contract import Verdict
from backend_engineer.outputs import (
    Change,
    CommandReport,
    FileChange,
    MigrationReport,
    PairOutcome,
    text_hash,
)
from backend_engineer.outputs.migration_report import LintNote
from backend_engineer.rules import check
from backend_engineer.rules.examples import bundle
from backend_engineer.workspace import SourceTree

TEXTS = {
    "db/sqlite/migrations/0001_a.up.sql": "CREATE TABLE a (id integer PRIMARY KEY);\n",
    "db/sqlite/migrations/0001_a.down.sql": "DROP TABLE a;\n",
    "db/postgres/migrations/0002_b.up.sql": "ALTER TABLE b ADD COLUMN c text;\n",
    "db/postgres/migrations/0002_b.down.sql": "SELECT 1;\n",
}


def ran(stem: str, verdict: str, dialect: str, **facts: object) -> MigrationReport:
    up, down = f"{stem}.up.sql", f"{stem}.down.sql"
    pair = PairOutcome.model_validate(
        {"migration": stem, "forward": up, "rollback": down, "verdict": verdict}
    )
    files = {path: text_hash(TEXTS[path]) for path in (up, down)}
    return MigrationReport.model_validate({"dialect": dialect, "pairs": (pair,), "files": files, **facts})


def findings(rule: str, *reports: MigrationReport) -> list[str]:
    change = Change(tuple(FileChange(path, text) for path, text in TEXTS.items()))
    report = check(change, base=SourceTree.from_mapping({}), verified=reports, rules=[rule])
    return [finding.where.path for finding in report.findings]


SQLITE = ran("db/sqlite/migrations/0001_a", "restored", "sqlite")
UP = "db/postgres/migrations/0002_b.up.sql"
POSTGRES = ran(
    "db/postgres/migrations/0002_b",
    "different",
    "postgresql",
    lint=(LintNote(path=UP, line=1, rule="adding-field", message="look"),),
)


def test_a_run_settles_the_pairs_of_every_report() -> None:
    unread = findings("MIG020", SQLITE)
    assert unread == ["db/postgres/migrations/0002_b.down.sql"]
    assert findings("MIG020", SQLITE, POSTGRES) == []
    assert findings("MIG020", POSTGRES, SQLITE) == []


def test_the_linters_words_are_read_from_every_report() -> None:
    assert findings("MIG080", SQLITE, POSTGRES) == [UP]


def entity(table: str) -> dict[str, object]:
    none = {"not_applicable": "none in this test"}
    fields = [{"name": "id", "type": "integer", "nullable": False, "primary_key": True}]
    return {
        "name": table.title(),
        "table": table,
        "fields": fields,
        "relations": none,
        "indexes": none,
        "constraints": none,
        "retention": none,
    }


MODEL = bundle({"data_model": {"entities": [entity("a"), entity("b")]}})


def built(dialect: str, *tables: str, not_checked: str = "") -> MigrationReport:
    lines = [
        line
        for table in tables
        for line in (f"table {table}: table", f"column {table}.id: integer not null primary key")
    ]
    return MigrationReport(dialect=dialect, schema_after=tuple(lines), not_checked=not_checked)


def drift(*reports: MigrationReport) -> tuple[list[str], str]:
    change = Change(tuple(FileChange(path, text) for path, text in TEXTS.items()))
    report = check(change, inputs=MODEL, base=SourceTree.from_mapping({}), verified=reports, rules=["MIG070"])
    return [finding.evidence for finding in report.findings], str(report.clauses["CONS-05"])


def test_two_runs_on_one_database_system_build_one_schema() -> None:
    assert drift(built("sqlite", "a"), built("sqlite", "b")) == ([], Verdict.HELD)


def test_each_database_system_has_to_build_the_whole_model() -> None:
    words, verdict = drift(built("sqlite", "a", "b"), built("postgresql", "a"))
    assert verdict == Verdict.VIOLATED
    assert words == ["DataModel has `b`, and no migration builds it."]


def test_drift_is_placed_at_the_last_migration_of_its_own_database() -> None:
    change = Change(tuple(FileChange(path, text) for path, text in TEXTS.items()))
    reports = (built("sqlite", "a"), built("postgresql", "b"))
    found = check(change, inputs=MODEL, base=SourceTree.from_mapping({}), verified=reports, rules=["MIG070"])
    places = {finding.evidence: finding.where.path for finding in found.findings}
    assert places == {
        "DataModel has `b`, and no migration builds it.": "db/sqlite/migrations/0001_a.up.sql",
        "DataModel has `a`, and no migration builds it.": "db/postgres/migrations/0002_b.up.sql",
    }


def test_one_run_that_was_not_done_leaves_the_clause_unchecked_though_the_other_agrees() -> None:
    reports = (built("sqlite", "a", "b"), built("postgresql", not_checked="no server"))
    assert drift(*reports) == ([], Verdict.NOT_CHECKED)


def test_a_report_of_commands_beside_them_changes_nothing() -> None:
    change = Change(tuple(FileChange(path, text) for path, text in TEXTS.items()))
    reports = (CommandReport(), built("sqlite", "a", "b"))
    found = check(change, inputs=MODEL, base=SourceTree.from_mapping({}), verified=reports, rules=["MIG070"])
    assert found.findings == ()
