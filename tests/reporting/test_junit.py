"""JUnit XML, read back by a parser of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend_engineer.contract import Severity
from backend_engineer.outputs import Finding, Report
from backend_engineer.reporting import to_junit

junitparser = pytest.importorskip("junitparser")


def suites(report: Report) -> dict[str, dict[str, list[object]]]:
    root = junitparser.JUnitXml.fromstring(to_junit(report, rules=()).encode("utf-8"))
    return {suite.name: {case.name: list(case.result) for case in suite} for suite in root}


def test_clauses_fail_skip_or_pass_by_their_verdict(full_report: Report) -> None:
    cases = suites(full_report)["clauses"]
    kinds = {name: [type(result).__name__ for result in results] for name, results in cases.items()}
    assert kinds == {
        "CONS-01": ["Failure"],
        "CONS-02": ["Skipped"],
        "CONS-03": ["Skipped"],
        "CONS-04": [],
        "CONS-05": [],
        "CONS-06": ["Skipped"],
    }


def test_a_rule_fails_only_by_a_severity_that_violates(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    report = make_report(
        make_finding(severity=Severity.MINOR), make_finding(code="OTHER1", severity=Severity.MAJOR)
    )
    rules = suites(report)["rules"]
    assert [len(results) for results in rules.values()] == [0, 1]


def test_the_counts_agree_with_the_cases(full_report: Report) -> None:
    root = junitparser.JUnitXml.fromstring(to_junit(full_report, rules=()).encode("utf-8"))
    for suite in root:
        cases = list(suite)
        assert suite.tests == len(cases)
        assert suite.failures == sum(bool(case.is_failure) for case in cases)
        assert suite.skipped == sum(bool(case.is_skipped) for case in cases)
    assert root.tests == sum(suite.tests for suite in root)


def test_a_clean_report_shows_that_its_clause_was_checked(clean_report: Report) -> None:
    assert list(suites(clean_report)["clauses"]) == ["CONS-02"]
