"""A change for two databases brings two reports, and each rule reads both."""

from backend_engineer.outputs import Change, FileChange, MigrationReport, PairOutcome, text_hash
from backend_engineer.outputs.migration_report import LintNote
from backend_engineer.rules import check
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
