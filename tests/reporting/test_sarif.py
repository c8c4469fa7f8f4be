"""SARIF 2.1.0: the map of fields, and the objects that refer to each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend_engineer.contract import Category, Severity
from backend_engineer.outputs import Finding, Report, Where
from backend_engineer.reporting import to_sarif


def run_of(report: Report, **options: Any) -> dict[str, Any]:
    log = json.loads(to_sarif(report, **{"rules": (), **options}))
    assert log["version"] == "2.1.0"
    run: dict[str, Any] = log["runs"][0]
    return run


def test_results_come_in_the_order_of_the_findings(full_report: Report) -> None:
    titles = [row["properties"]["title"] for row in run_of(full_report)["results"]]
    assert titles == [item.title for item in full_report.findings]


def test_nothing_of_a_finding_is_lost(full_report: Report) -> None:
    for row, item in zip(run_of(full_report)["results"], full_report.findings, strict=True):
        kept = row["properties"]
        assert (kept["type"], kept["category"], kept["severity"]) == (item.type, item.category, item.severity)
        assert (kept["path"], kept["lines"]) == (item.where.path, item.where.lines)
        assert (kept["evidence"], kept["recommendation"]) == (item.evidence, item.recommendation)
        assert tuple(kept["clauses"]) == item.clauses


@pytest.mark.parametrize(
    ("severity", "level"),
    [("blocker", "error"), ("critical", "error"), ("major", "error"), ("minor", "warning"), ("info", "note")],
)
def test_each_severity_has_its_level_and_keeps_its_word(
    severity: str, level: str, make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    row = run_of(make_report(make_finding(severity=Severity(severity))))["results"][0]
    assert row["level"] == level
    assert row["message"]["text"].startswith(f"{severity}: ")


def test_lines_are_inclusive_and_a_whole_file_is_shown_at_its_first_line(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    report = make_report(make_finding(), make_finding(where=Where(path="a.py"), title="whole file"))
    first, second = (row["locations"][0]["physicalLocation"] for row in run_of(report)["results"])
    assert first["region"] == {"startLine": 88, "endLine": 129}
    assert second["region"] == {"startLine": 1}
    assert run_of(report)["results"][1]["properties"]["lines"] == ""


def test_a_line_range_that_runs_backwards_is_turned_around_rather_than_exported_invalid(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    row = run_of(make_report(make_finding(where=Where(path="a.py", lines="9-3"))))["results"][0]
    region = row["locations"][0]["physicalLocation"]["region"]
    assert region["startLine"] <= region["endLine"]


def test_paths_are_percent_encoded(full_report: Report) -> None:
    last = run_of(full_report)["results"][-1]
    assert last["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b/%C3%BC.py"


def test_every_rule_index_points_at_its_rule(full_report: Report) -> None:
    run = run_of(full_report)
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[row["ruleIndex"]]["id"] == row["ruleId"] for row in run["results"])
    assert len({rule["id"] for rule in rules}) == len(rules)


def test_a_reviewers_finding_is_named_after_its_category_and_type(full_report: Report) -> None:
    assert "model.security.question" in {row["ruleId"] for row in run_of(full_report)["results"]}


def test_a_finding_without_a_place_is_shown_at_the_anchor_and_says_so(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    row = run_of(make_report(make_finding(where=Where(path=""))), anchor="db/first.sql")["results"][0]
    assert row["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "db/first.sql"
    assert "names no place" in row["message"]["text"]


def test_without_any_path_the_root_stands_in_and_the_message_says_so(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    row = run_of(make_report(make_finding(where=Where(path=""))))["results"][0]
    assert row["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "."
    assert "names no place" in row["message"]["text"]


def test_equal_findings_get_different_fingerprints(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    rows = run_of(make_report(make_finding(), make_finding(), make_finding()))["results"]
    assert len({row["partialFingerprints"]["backendEngineerFinding/v1"] for row in rows}) == 3


def test_a_fingerprint_survives_moved_lines(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    here, there = (
        run_of(make_report(make_finding(where=Where(path="a.py", lines=lines))))["results"][0]
        for lines in ("1", "9")
    )
    assert here["partialFingerprints"] == there["partialFingerprints"]


def test_only_security_rules_carry_a_security_score_and_it_is_that_of_the_worst_finding(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    report = make_report(
        make_finding(severity=Severity.MINOR),
        make_finding(severity=Severity.BLOCKER),
        make_finding(category=Category.DATA, code="DATA001"),
    )
    scores = {
        rule["id"]: rule["properties"].get("security-severity")
        for rule in run_of(report)["tool"]["driver"]["rules"]
    }
    assert scores == {"AUTH001": "9.5", "DATA001": None}


def test_every_clause_stands_in_the_runs_properties(full_report: Report) -> None:
    assert list(run_of(full_report)["properties"]["clauses"]) == list(full_report.clauses)
