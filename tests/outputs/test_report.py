"""What a report says as a whole, and the fingerprint by which a finding is known again."""

from __future__ import annotations

import hashlib

import pytest

from backend_engineer.contract import Category, FindingType, Severity, Status, Subject, Verdict
from backend_engineer.outputs import (
    Change,
    Clarification,
    ClauseVerdict,
    FileChange,
    Finding,
    Gap,
    Report,
    Where,
)


def finding(severity: Severity = Severity.MAJOR, evidence: str = "e", code: str | None = "OWN001") -> Finding:
    return Finding(
        type=FindingType.EVIDENCE,
        category=Category.PLAN,
        severity=severity,
        title="t",
        where=Where(path="a/b.py", lines="3-4"),
        evidence=evidence,
        recommendation="r",
        code=code,
    )


def row(verdict: Verdict) -> ClauseVerdict:
    return ClauseVerdict(clause="CONS-02", verdict=verdict, reason="r")


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (Report(), Status.READY),
        (Report(verdicts=(row(Verdict.NOT_CHECKED),)), Status.READY),
        (Report(verdicts=(row(Verdict.VIOLATED),)), Status.BLOCKED),
        (Report(findings=(finding(),)), Status.BLOCKED),
        (Report(findings=(finding(Severity.MINOR),)), Status.READY),
        (Report(findings=(finding(Severity.MINOR), finding())), Status.BLOCKED),
    ],
)
def test_the_findings_document_is_blocked_where_something_is_violated(report: Report, status: Status) -> None:
    made = report.review_findings()
    assert (made.status, made.findings) == (status, report.findings)


def test_the_caller_may_set_the_status_of_the_findings_document() -> None:
    assert Report(findings=(finding(),)).review_findings(Status.READY).status is Status.READY


def test_totals_name_every_subject_of_the_call() -> None:
    totals = Report(verdicts=(row(Verdict.HELD),), subjects=(Subject.CHANGE, Subject.RUN)).totals
    assert [(subject, sum(counts.values())) for subject, counts in totals.items()] == [
        (Subject.CHANGE, 1),
        (Subject.RUN, 0),
    ]


@pytest.mark.parametrize(
    ("made", "ordinal", "hashed"),
    [
        (finding(), 0, "OWN001\0a/b.py\0t\0e"),
        (finding(code=None), 0, "\0a/b.py\0t\0e"),
        (finding(), 1, "OWN001\0a/b.py\0t\0e\0001"),
        (finding(evidence="\ud800"), 0, "OWN001\0a/b.py\0t\0\ud800"),
    ],
    ids=["a rule's", "a reviewer's", "the second of its kind", "a lone surrogate"],
)
def test_a_fingerprint_stays_what_it_is_for_baselines_know_it(
    made: Finding, ordinal: int, hashed: str
) -> None:
    digest = hashlib.sha256(hashed.encode("utf-8", "surrogatepass")).hexdigest()
    assert made.with_fingerprint(ordinal).fingerprint == digest[:32]


def test_the_strict_document_is_plain_data() -> None:
    document = Report(findings=(finding(),)).review_findings().strict()
    assert document["status"] == "blocked"
    assert type(document["status"]) is str


def test_a_clarification_is_true_while_it_has_gaps() -> None:
    gap = Gap(pointer="/a", clause="INPT-01", reason="r", options=(), answer_schema={})
    assert Clarification(gaps=(gap,))
    assert not Clarification(gaps=())


def test_a_change_gives_its_files_one_by_one_and_by_path() -> None:
    first, second = FileChange("a", "x\n"), FileChange("b", "y\n")
    change = Change((first, second), base="f", origin="git")
    assert (list(change), len(change), change.paths) == ([first, second], 2, ("a", "b"))
    assert (change.get("b"), change.get("c")) == (second, None)


def test_a_change_with_other_files_keeps_the_rest() -> None:
    change = Change((FileChange("a", "x\n"),), base="f", origin="git").with_files((FileChange("b", "y\n"),))
    assert (change.paths, change.base, change.origin) == (("b",), "f", "git")
