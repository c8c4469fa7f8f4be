"""What inputs and reports of runs show: a whole set holds its clauses, an absent or foreign one checks nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from backend_engineer.contract import Verdict
from backend_engineer.inputs import gather, partial
from backend_engineer.outputs import (
    Change,
    CommandOutcome,
    CommandReport,
    FileChange,
    MigrationReport,
    PairOutcome,
    PairVerdict,
    text_hash,
)
from backend_engineer.rules import check
from backend_engineer.testing.builders import build_inputs

MakeChange = Callable[..., Change]
INPUT_CLAUSES = [
    "INPT-02",
    "INPT-03",
    "INPT-04",
    "INPT-05",
    "INPT-06",
    "INPT-07",
    "FLOW-01",
    "INCO-01",
    "INCO-02",
]


def test_gathered_inputs_hold_every_clause_about_inputs(change: MakeChange) -> None:
    report = check(change(), inputs=build_inputs(1), select=INPUT_CLAUSES)
    assert set(report.clauses.values()) == {Verdict.HELD}


def test_a_partial_set_without_gaps_holds_them_as_well(change: MakeChange) -> None:
    whole = build_inputs(1).model_dump(mode="json", exclude_unset=True)
    assert gather(whole) is not None
    report = check(change(), inputs=partial(whole), select=INPUT_CLAUSES)
    assert set(report.clauses.values()) == {Verdict.HELD}


def test_an_absent_document_is_named(change: MakeChange) -> None:
    whole = build_inputs(1).model_dump(mode="json", exclude_unset=True)
    del whole["ops_guides"]
    report = check(change(), inputs=partial(whole), select=INPUT_CLAUSES)
    assert "Ops Guides" in report.unchecked["INPT-07"]
    assert "Ops Guides" in report.unchecked["FLOW-01"]
    assert report.clauses["INPT-02"] is Verdict.HELD


def test_a_gap_inside_a_document_is_named_by_its_pointer(change: MakeChange) -> None:
    whole = build_inputs(1).model_dump(mode="json", exclude_unset=True)
    whole["tech_spec"]["stack"] = "TBD"
    report = check(change(), inputs=partial(whole), select=INPUT_CLAUSES)
    assert "/tech_spec/stack" in report.unchecked["INPT-02"]


# -- migrations that were run -----------------------------------------------------------------------------

UP, DOWN = "db/migrations/0001_a.up.sql", "db/migrations/0001_a.down.sql"
SCRIPTS = {UP: "CREATE TABLE a (id INTEGER);\n", DOWN: "DROP TABLE a;\n"}


def ran(verdict: PairVerdict, files: dict[str, str] | None = None, **facts: Any) -> MigrationReport:
    pair = {"migration": "db/migrations/0001_a", "forward": UP, "rollback": DOWN, "verdict": verdict, **facts}
    hashes = {path: text_hash(text) for path, text in (files if files is not None else SCRIPTS).items()}
    return MigrationReport(dialect="sqlite", pairs=(PairOutcome.model_validate(pair),), files=hashes)


def verdict_of(change: Change, report: MigrationReport, clause: str = "MIGR-02") -> Verdict:
    return check(change, verified=[report], rules=["EXE002", "EXE003"]).clauses[clause]


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (PairVerdict.RESTORED, Verdict.HELD),
        (PairVerdict.COLUMN_ORDER, Verdict.HELD),
        (PairVerdict.REPRESENTATION, Verdict.HELD),
        (PairVerdict.DIFFERENT, Verdict.VIOLATED),
        (PairVerdict.ROLLBACK_FAILED, Verdict.VIOLATED),
        (PairVerdict.FORWARD_FAILED, Verdict.VIOLATED),
        (PairVerdict.REAPPLY_FAILED, Verdict.VIOLATED),
        (PairVerdict.NOT_RUN, Verdict.NOT_CHECKED),
    ],
)
def test_how_a_pair_ended_decides(change: MakeChange, verdict: PairVerdict, expected: Verdict) -> None:
    assert verdict_of(change(SCRIPTS), ran(verdict, verify_after="pass")) is expected


def test_a_step_that_is_annotated_as_irreversible_needs_review(change: MakeChange) -> None:
    report = ran(PairVerdict.DIFFERENT, irreversible="the old values are gone")
    assert verdict_of(change(SCRIPTS), report) is Verdict.NEEDS_REVIEW


def test_a_rollback_that_fails_on_rows_violates(change: MakeChange) -> None:
    report = ran(PairVerdict.RESTORED, populated="rollback-failed", populated_message="foreign key")
    assert verdict_of(change(SCRIPTS), report) is Verdict.VIOLATED


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("pass", Verdict.HELD),
        ("fail", Verdict.VIOLATED),
        ("absent", Verdict.NEEDS_REVIEW),
        ("not-run", Verdict.NOT_CHECKED),
    ],
)
def test_how_the_verify_section_ended_decides(change: MakeChange, after: str, expected: Verdict) -> None:
    report = ran(PairVerdict.RESTORED, verify_before="fail", verify_after=after)
    assert verdict_of(change(SCRIPTS), report, "MIGR-04") is expected


@pytest.mark.parametrize("files", [{}, {UP: SCRIPTS[UP]}, {**SCRIPTS, DOWN: "SELECT 1;\n"}])
def test_a_report_that_did_not_run_these_scripts_checks_nothing(
    change: MakeChange, files: dict[str, str]
) -> None:
    assert verdict_of(change(SCRIPTS), ran(PairVerdict.RESTORED, files)) is Verdict.NOT_CHECKED


def test_a_report_that_ran_nothing_checks_nothing(change: MakeChange) -> None:
    report = MigrationReport(dialect="postgresql", not_checked="no server")
    assert verdict_of(change(SCRIPTS), report) is Verdict.NOT_CHECKED


def test_the_worse_of_two_databases_stands(change: MakeChange) -> None:
    reports = [ran(PairVerdict.RESTORED, verify_after="pass"), ran(PairVerdict.ROLLBACK_FAILED, message="no")]
    report = check(change(SCRIPTS), verified=reports, rules=["EXE002"])
    assert report.clauses["MIGR-02"] is Verdict.VIOLATED


def test_a_foreign_report_beside_a_good_one_leaves_the_clause_unchecked(change: MakeChange) -> None:
    reports = [ran(PairVerdict.RESTORED), ran(PairVerdict.RESTORED, {})]
    assert (
        check(change(SCRIPTS), verified=reports, rules=["EXE002"]).clauses["MIGR-02"] is Verdict.NOT_CHECKED
    )


# -- commands that were run -------------------------------------------------------------------------------


def commands(change: Change, **facts: Any) -> CommandReport:
    outcome = CommandOutcome.model_validate(
        {"kind": "tests", "argv": ("make", "test"), "before": 0, "after": 0, **facts}
    )
    return CommandReport(outcomes=(outcome,), change=change.hash)


def test_tests_that_fail_with_the_change_violate(change: MakeChange) -> None:
    made = change()
    report = check(made, verified=[commands(made, after=1)])
    assert report.clauses["FLOW-10"] is Verdict.VIOLATED


def test_tests_that_failed_before_need_review(change: MakeChange) -> None:
    made = change()
    known = {"run": 3, "failed": 1, "failing": ("a",)}
    report = check(made, verified=[commands(made, before=1, after=1, summary=known, summary_before=known)])
    assert report.clauses["FLOW-10"] is Verdict.NEEDS_REVIEW


def test_a_run_without_any_test_violates(change: MakeChange) -> None:
    made = change()
    report = check(made, verified=[commands(made, tests_run=0)])
    assert report.clauses["FLOW-10"] is Verdict.VIOLATED


def test_commands_that_were_not_run_leave_the_clause_to_reading(change: MakeChange) -> None:
    assert "EXE001" not in str(check(change(), select=["FLOW-10"]).unchecked)


def test_a_change_of_another_text_is_not_what_the_commands_ran_on(change: MakeChange) -> None:
    made = change()
    other = Change((FileChange("docs/a.md", "# B\n"),))
    assert "another change" in check(other, verified=[commands(made)]).unchecked["FLOW-10"]
