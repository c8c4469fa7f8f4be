"""The labelled text: everything under a label, every meaning in a word."""

from __future__ import annotations

import re

from backend_engineer.contract import Severity, Verdict
from backend_engineer.outputs import Report
from backend_engineer.reporting import to_text


def test_every_line_is_a_label_with_its_value_a_heading_or_quoted_evidence(full_report: Report) -> None:
    for line in to_text(full_report).splitlines():
        assert re.match(r"$|( {2})?[A-Za-z][A-Za-z0-9 -]*:|Finding \d+ of \d+$|Notes$| {4}\| ", line), line


def test_every_severity_and_every_verdict_is_a_word(full_report: Report) -> None:
    text = to_text(full_report)
    assert all(f"Severity: {severity}" in text for severity in Severity)
    assert all(f": {verdict} (" in text for verdict in Verdict)


def test_paint_gets_every_word_and_what_it_leaves_out_is_seen(full_report: Report) -> None:
    seen = []

    def paint(word: str, meaning: Severity | Verdict) -> str:
        seen.append((word, str(meaning)))
        return word

    assert to_text(full_report, paint=paint) == to_text(full_report)
    assert len(seen) == len(full_report.findings) + len(full_report.verdicts)
    assert all(word == meaning for word, meaning in seen)


def test_no_control_character_of_a_finding_reaches_the_terminal(full_report: Report) -> None:
    text = to_text(full_report)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b[31m" in text


def test_the_outcome_comes_first(full_report: Report, clean_report: Report) -> None:
    assert to_text(full_report).startswith("Outcome: Failed: 1 clause(s) violated.\n")
    assert to_text(clean_report).startswith("Outcome: Passed: nothing is violated")


def test_suppressed_findings_are_told(full_report: Report) -> None:
    assert "Suppressed findings: 1\n  AUTH001: An old sin at src/users.py:88-129\n" in to_text(full_report)


def test_clauses_can_be_left_out(full_report: Report) -> None:
    assert "CONS-01" not in to_text(full_report, clauses=False)
