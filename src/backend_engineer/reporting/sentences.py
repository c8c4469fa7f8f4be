"""Sentences that every readable form of a report shares: the outcome in words, and how clauses stand.

Owns: these sentences.
Must never know: how a form lays them out.
"""

from __future__ import annotations

from backend_engineer.contract import CLAUSES, SEVERITIES, Verdict
from backend_engineer.outputs import ClauseVerdict, Finding, Report

__all__ = ["clause_rows", "counts", "outcome", "place"]


def outcome(report: Report) -> str:
    """The outcome in one sentence: what failed, what was not looked at, or that all is well."""
    if report.violated:
        return f"Failed: {len(report.violated)} clause(s) violated."
    if any(item.violates for item in report.findings):
        return "Failed: a finding of severity major or above stands."
    if report.unchecked:
        return f"Incomplete: nothing is violated, but {len(report.unchecked)} clause(s) were not checked."
    return "Passed: nothing is violated, and nothing in scope was left unchecked."


def counts(report: Report) -> str:
    """How many findings of each severity there are, in words."""
    if not report.findings:
        return "no findings"
    numbers = dict.fromkeys(SEVERITIES, 0)
    for item in report.findings:
        numbers[item.severity] += 1
    return ", ".join(f"{count} {severity}" for severity, count in numbers.items() if count)


def place(finding: Finding) -> str:
    """The place as `path:88-129`, `path`, or the words for no place."""
    if not finding.where.path:
        return "the change as a whole"
    return f"{finding.where.path}:{finding.where.lines}" if finding.where.lines else finding.where.path


def clause_rows(report: Report) -> list[tuple[ClauseVerdict, str]]:
    """Every clause's verdict with the subject it speaks of, the worst verdict first, then in the contract's order."""
    order = list(Verdict)
    rows = sorted(report.verdicts, key=lambda row: order.index(row.verdict))
    return [(row, str(CLAUSES[row.clause].subject)) for row in rows]
