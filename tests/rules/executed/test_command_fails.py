"""What a run of the project's commands is worth: new failures, old ones, tests that do not run any more."""

from typing import Any

import pytest

from backend_engineer.contract import Severity, Verdict
from backend_engineer.outputs import Change, CommandOutcome, CommandReport, FileChange, Report, SuiteSummary
from backend_engineer.rules import check

ADDED = FileChange("docs/a.md", "# A\n")


def judged(*files: FileChange, **facts: Any) -> Report:
    made = Change(files or (ADDED,))
    outcome = CommandOutcome.model_validate(
        {"kind": "tests", "argv": ("pytest",), "before": 0, "after": 0, **facts}
    )
    return check(
        made, verified=[CommandReport(outcomes=(outcome,), change=made.hash)], select=["EXE001", "TST315"]
    )


def ran(run: int, failed: int = 0, *names: str, skipped: int = 0) -> dict[str, Any]:
    return SuiteSummary(run=run, failed=failed, failing=names, skipped=skipped).model_dump()


def told(report: Report) -> list[tuple[str, Severity]]:
    return [(item.title, item.severity) for item in report.findings]


def reason(report: Report) -> str:
    return next(row.reason for row in report.verdicts if row.clause == "FLOW-10")


def test_a_new_failure_beside_an_old_one_violates_and_is_named() -> None:
    report = judged(before=1, after=1, summary_before=ran(2, 1, "a"), summary=ran(3, 2, "a", "b"))
    assert told(report) == [("The tests fail with the change", Severity.CRITICAL)]
    assert "what did not fail before the change: b" in report.findings[0].evidence
    assert report.clauses["FLOW-10"] is Verdict.VIOLATED


def test_an_old_failure_is_told_and_is_the_clauses_reason() -> None:
    report = judged(before=1, after=1, summary_before=ran(2, 1, "a"), summary=ran(3, 1, "a"))
    assert told(report) == [("The tests fail as before", Severity.INFO)]
    assert report.clauses["FLOW-10"] is Verdict.NEEDS_REVIEW
    assert "failed before the change as well" in reason(report)


def test_a_failure_on_both_sides_with_nothing_to_count_is_not_checked() -> None:
    report = judged(before=1, after=1)
    assert report.clauses["FLOW-10"] is Verdict.NOT_CHECKED
    assert "nothing in its output can be counted" in report.unchecked["FLOW-10"]


def test_what_was_not_run_is_not_checked_with_its_reason() -> None:
    report = judged(before=None, after=None, not_run="docker is down")
    assert "docker is down" in report.unchecked["FLOW-10"]


def test_tests_that_do_not_run_any_more_violate() -> None:
    report = judged(tests_run=1, summary_before=ran(51), summary=ran(1))
    assert told(report) == [("Fewer tests run with the change", Severity.MAJOR)]
    assert report.clauses["FLOW-10"] is Verdict.VIOLATED


@pytest.mark.parametrize(
    "file",
    [
        FileChange("tests/test_a.py", None, action="delete"),
        FileChange("tests/test_a.py", "def test_b():\n    assert b() == 1\n", action="modify"),
        FileChange("tests/test_b.py", None, action="rename", previous_path="tests/test_a.py"),
    ],
)
def test_fewer_tests_where_the_change_takes_some_away_are_a_question(file: FileChange) -> None:
    report = judged(file, tests_run=5, summary_before=ran(6), summary=ran(5))
    assert ("Fewer tests run with the change", Severity.MINOR) in told(report)
    assert report.clauses["FLOW-10"] is Verdict.NEEDS_REVIEW


def test_a_configuration_of_tests_takes_none_away_openly() -> None:
    file = FileChange("tests/conftest.py", "x = 1\n", action="modify")
    assert judged(file, tests_run=5, summary_before=ran(6), summary=ran(5)).violated


def test_as_many_tests_or_more_are_no_finding() -> None:
    assert told(judged(tests_run=6, summary_before=ran(6), summary=ran(6))) == []
    assert told(judged(tests_run=7, summary_before=ran(6), summary=ran(7))) == []


def test_tests_that_are_all_left_out_are_empty() -> None:
    report = judged(tests_run=0, summary_before=ran(6), summary=ran(0, skipped=6))
    assert told(report) == [("The tests are empty", Severity.MAJOR)]
    assert "Before the change it ran 6." in report.findings[0].evidence


def test_tests_that_were_all_left_out_before_are_not_checked() -> None:
    report = judged(tests_run=0, summary_before=ran(0, skipped=6), summary=ran(0, skipped=7))
    assert told(report) == []
    assert report.clauses["FLOW-10"] is Verdict.NOT_CHECKED


def test_no_test_on_either_side_is_empty_whatever_the_code() -> None:
    report = judged(before=5, after=5, tests_run=0, summary_before=ran(0), summary=ran(0))
    assert told(report) == [("The tests are empty", Severity.MAJOR)]


def test_a_summary_that_is_gone_violates_where_all_was_well_before() -> None:
    report = judged(summary_before=ran(6), summary_missing=True)
    assert told(report) == [("Fewer tests run with the change", Severity.MAJOR)]


@pytest.mark.parametrize("facts", [{"truncated": True}, {"before": 1}])
def test_a_summary_that_may_be_gone_for_another_reason_is_not_checked(facts: dict[str, Any]) -> None:
    report = judged(summary_before=ran(6), **facts)
    assert (told(report), report.clauses["FLOW-10"]) == ([], Verdict.NOT_CHECKED)


def test_a_known_runner_without_a_summary_is_not_checked() -> None:
    assert "without the summary" in judged(before=None, summary_missing=True).unchecked["FLOW-10"]
