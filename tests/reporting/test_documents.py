"""The JSON forms of a report."""

from __future__ import annotations

import json
from collections.abc import Callable

from backend_engineer.contract import Status
from backend_engineer.outputs import Finding, Report, ReviewFindings
from backend_engineer.outputs.findings import SEVEN_KEYS
from backend_engineer.reporting import to_json


def test_the_full_document_reads_back_as_the_same_findings(full_report: Report) -> None:
    assert ReviewFindings.model_validate_json(to_json(full_report)).findings == full_report.findings


def test_the_strict_document_has_exactly_seven_keys_a_finding_in_their_order(full_report: Report) -> None:
    document = json.loads(to_json(full_report, "strict"))
    assert list(document) == ["tool", "version", "status", "findings"]
    assert all(tuple(item) == SEVEN_KEYS for item in document["findings"])


def test_a_violated_report_is_blocked_and_a_clean_one_ready(
    full_report: Report, clean_report: Report
) -> None:
    assert json.loads(to_json(full_report))["status"] == "blocked"
    assert json.loads(to_json(clean_report))["status"] == "ready"


def test_the_caller_can_state_the_status(clean_report: Report) -> None:
    assert (
        json.loads(to_json(clean_report, status=Status.NEEDS_CLARIFICATION))["status"]
        == "needs_clarification"
    )


def test_the_report_form_gives_every_clause_with_its_reason(full_report: Report) -> None:
    data = json.loads(to_json(full_report, "report"))
    assert data["ok"] is False
    assert [row["clause"] for row in data["clauses"]] == list(full_report.clauses)
    assert list(data["unchecked"]) == ["CONS-02"]
    assert sum(data["totals"]["change"].values()) == 6


def test_non_ascii_text_stays_readable_and_the_text_ends_with_a_newline(
    make_finding: Callable[..., Finding], make_report: Callable[..., Report]
) -> None:
    text = to_json(make_report(make_finding(title="grün")))
    assert "grün" in text
    assert text.endswith("}\n")
