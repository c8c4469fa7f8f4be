"""A run proves something about a change on its own database system and its own base, and about nothing else."""

from collections.abc import Mapping

import pytest

from backend_engineer.contract import Verdict
from backend_engineer.outputs import Change, FileChange, MigrationReport, PairOutcome, Report, text_hash
from backend_engineer.rules import check
from backend_engineer.rules.examples import bundle
from backend_engineer.verification import verify_migrations
from backend_engineer.workspace import SourceTree

UP, DOWN = "db/migrations/0002_b.up.sql", "db/migrations/0002_b.down.sql"
FILES = {UP: "CREATE TABLE b (id integer PRIMARY KEY);\n", DOWN: "DROP TABLE b;\n"}
FIRST = "db/migrations/0001_a.up.sql"
BELOW = {
    FIRST: "CREATE TABLE a (id integer PRIMARY KEY);\n",
    "db/migrations/0001_a.down.sql": "DROP TABLE a;\n",
}
CHANGE = Change(tuple(FileChange(path, text) for path, text in FILES.items()))
EXECUTED = ["EXE002", "MIG001", "MIG020", "MIG070"]


def judged(
    *verified: MigrationReport,
    dialect: str | None = "sqlite",
    base: Mapping[str, str] = BELOW,
    change: Change = CHANGE,
) -> Report:
    spec = None if dialect is None else bundle({"tech_spec": {"database": {"dialect": dialect}}})
    return check(change, inputs=spec, base=SourceTree.from_mapping(base), verified=verified, rules=EXECUTED)


def words(report: Report) -> str:
    return next(row.reason for row in report.verdicts if row.clause == "MIGR-02")


def run(base: Mapping[str, str] | None = BELOW, change: Change = CHANGE) -> MigrationReport:
    return verify_migrations(change, "sqlite", base=base, seed=None)


def shown(dialect: str, verdict: str) -> MigrationReport:
    pair = PairOutcome.model_validate(
        {"migration": "0002_b", "forward": UP, "rollback": DOWN, "verdict": verdict, "message": "the server's words"}
    )  # fmt: skip
    return MigrationReport(
        dialect=dialect, pairs=(pair,), files={path: text_hash(text) for path, text in FILES.items()}
    )


def test_a_run_on_the_changes_database_and_base_is_proof() -> None:
    assert judged(run()).clauses["MIGR-02"] is Verdict.HELD


def test_a_run_on_another_database_system_leaves_the_clauses_unchecked() -> None:
    report = judged(run(), dialect="postgresql")
    assert report.clauses["MIGR-02"] is Verdict.NOT_CHECKED
    assert "run on SQLite, and TechSpec says PostgreSQL" in words(report)


def test_what_a_run_on_another_database_system_found_counts_all_the_same() -> None:
    report = judged(shown("sqlite", "rollback-failed"), dialect="postgresql")
    assert [item.evidence for item in report.findings] == ["the server's words"]
    assert report.clauses["MIGR-02"] is Verdict.VIOLATED


def test_a_run_on_another_database_system_silences_no_rule_that_reads() -> None:
    files = {UP: FILES[UP], DOWN: "SELECT 1;\n"}
    change = Change(tuple(FileChange(path, text) for path, text in files.items()))
    restored = shown("sqlite", "restored").model_copy(
        update={"files": {path: text_hash(text) for path, text in files.items()}}
    )
    assert "MIG020" in {item.code for item in judged(restored, dialect="postgresql", change=change).findings}


@pytest.mark.parametrize("turned", [False, True])
def test_the_right_run_beside_the_wrong_one_is_enough(turned: bool) -> None:
    both = [run(), shown("postgresql", "restored")]
    report = judged(*(reversed(both) if turned else both), dialect="postgresql")
    assert report.clauses["MIGR-02"] is Verdict.HELD


def test_a_database_that_nobody_stated_is_the_one_that_was_run() -> None:
    assert judged(run(), dialect=None).clauses["MIGR-02"] is not Verdict.VIOLATED
    assert "was run on" not in words(judged(run(), dialect=None))


def test_a_run_on_a_base_with_another_text_is_no_proof() -> None:
    other = {**BELOW, FIRST: "CREATE TABLE a (id integer PRIMARY KEY, n text);\n"}
    report = judged(run(other))
    assert report.clauses["MIGR-02"] is Verdict.NOT_CHECKED
    assert f"`{FIRST}` has another text here" in words(report)


def test_a_run_on_a_base_with_more_scripts_is_no_proof() -> None:
    report = judged(run(), base={"README.md": "# a\n"})
    assert report.clauses["MIGR-02"] is Verdict.NOT_CHECKED
    assert f"`{FIRST}` is not in this one" in words(report)


def test_a_run_without_the_scripts_of_the_base_is_no_proof() -> None:
    report = judged(run(None))
    assert report.clauses["MIGR-02"] is Verdict.NOT_CHECKED
    assert f"`{FIRST}`, which stands in this one, was not run" in words(report)


def test_a_script_of_the_base_that_the_change_edits_is_a_part_of_the_change() -> None:
    edited = FileChange(FIRST, "CREATE TABLE a (id integer PRIMARY KEY, n text);\n", action="modify")
    change = Change((*CHANGE.files, edited))
    assert judged(run(change=change), change=change).clauses["MIGR-02"] is not Verdict.NOT_CHECKED


def test_a_report_that_does_not_say_what_it_began_with_is_believed() -> None:
    assert judged(shown("sqlite", "restored")).clauses["MIGR-02"] is Verdict.HELD


def test_another_folder_of_migrations_is_no_part_of_the_base_of_a_run() -> None:
    base = {**BELOW, "other/migrations/0001_z.up.sql": "CREATE TABLE z (id integer);\n"}
    assert judged(run(), base=base).clauses["MIGR-02"] is Verdict.HELD


def test_a_report_reads_back_with_what_it_began_with() -> None:
    report = run()
    assert report.earlier == {FIRST: text_hash(BELOW[FIRST])}
    assert MigrationReport.model_validate_json(report.model_dump_json()) == report
