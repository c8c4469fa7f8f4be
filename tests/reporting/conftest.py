"""Reports to export: one with everything in it, one that passed, and how to make others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend_engineer.contract import Category, FindingType, Severity, Subject, Verdict
from backend_engineer.outputs import ClauseVerdict, Finding, Report, Where

HOSTILE = "\x1b[31m::error::x\n::set-output name=a::b%0A]]> <script>alert(1)</script> @all ![x](http://e.example) \u202e\x00 | `````"


def _finding(**changes: Any) -> Finding:
    fields: dict[str, Any] = {
        "type": FindingType.EVIDENCE,
        "category": Category.SECURITY,
        "severity": Severity.MAJOR,
        "title": "No guard at this route",
        "where": Where(path="src/users.py", lines="88-129"),
        "evidence": "the route changes a user\nand asks nobody",
        "recommendation": "Ask the policy before the change.",
        "code": "AUTH001",
        "clauses": ("SECU-01",),
    }
    return Finding(**fields | changes).with_fingerprint()


@pytest.fixture
def make_finding() -> Callable[..., Finding]:
    return _finding


@pytest.fixture
def make_report() -> Callable[..., Report]:
    def make(*findings: Finding, **changes: Any) -> Report:
        return Report(findings=findings, **changes)

    return make


@pytest.fixture
def full_report() -> Report:
    """One finding of each severity, a hostile one, one without a place, and every verdict."""
    findings = [_finding(severity=severity, title=f"A {severity} thing") for severity in Severity]
    findings.append(_finding(title="hostile " + HOSTILE, evidence=HOSTILE, recommendation=HOSTILE))
    findings.append(_finding(where=Where(path=""), code=None, type=FindingType.QUESTION, title="No place"))
    findings.append(_finding(where=Where(path="a b/ü.py", lines="3"), category=Category.DATA, code="DATA001"))
    clauses = ("CONS-01", "CONS-02", "CONS-03", "CONS-04", "CONS-05", "CONS-06")
    verdicts = [
        ClauseVerdict(
            clause=clause, verdict=verdict, reason=f"because of {verdict} {HOSTILE}", rules=("AUTH001",)
        )
        for clause, verdict in zip(clauses, Verdict, strict=True)
    ]
    return Report(
        findings=tuple(findings),
        verdicts=tuple(verdicts),
        suppressed=(_finding(title="An old sin"),),
        notes=("nothing was run " + HOSTILE,),
        subjects=(Subject.CHANGE, Subject.REPLY),
    )


@pytest.fixture
def clean_report() -> Report:
    return Report(
        verdicts=(
            ClauseVerdict(clause="CONS-02", verdict=Verdict.HELD, reason="3 files", rules=("CAP001",)),
        ),
        subjects=(Subject.CHANGE,),
    )
