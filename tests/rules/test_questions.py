"""Where no rule can answer, the verdict says what to ask, where to look, and what would settle it."""

from __future__ import annotations

import pytest

from backend_engineer.contract import CLAUSES, EvidenceKind, Verdict
from backend_engineer.outputs import Change, FileChange
from backend_engineer.rules import built_in_rules, check
from backend_engineer.rules.questions import QUESTIONS

FILES = (
    "src/services/pay.py",
    "src/services/refund.py",
    "src/ports/bank.py",
    "src/ports/mail.py",
    "src/controllers/pay_controller.py",
    "docs/pay.md",
)


def reason_of(clause: str, *paths: str) -> str:
    change = Change(tuple(FileChange(path, "x = 1\n") for path in paths), origin="git")
    row = next(row for row in check(change).verdicts if row.clause == clause)
    assert row.verdict is Verdict.NEEDS_REVIEW
    return row.reason


def test_every_clause_that_only_an_attestation_serves_has_a_question() -> None:
    served = {clause for rule in built_in_rules() for clause in (*rule.clauses, *rule.also)}
    alone = {
        row.id
        for row in CLAUSES.values()
        if row.needs_attestation and not row.derived_from and row.id not in served
    }
    assert alone == set(QUESTIONS)
    assert all(EvidenceKind.ATTESTED in CLAUSES[clause].evidence for clause in alone)


@pytest.mark.parametrize("clause", QUESTIONS)
def test_a_question_says_where_to_look_and_what_settles_it(clause: str) -> None:
    reason = reason_of(clause, "docs/pay.md")
    question = QUESTIONS[clause]
    assert question.ask.endswith("?")
    assert f"Ask: {question.ask} Look at {question.look}. What settles it: {question.settles}." in reason


def test_the_files_that_a_question_is_about_are_named_up_to_three() -> None:
    reason = reason_of("FLOW-04", *FILES)
    assert "(here `src/services/pay.py`, `src/services/refund.py`, `src/ports/bank.py` and 1 more)" in reason
    assert "(here `src/controllers/pay_controller.py`, `src/services/pay.py`)" in reason_of(
        "FLOW-09", FILES[4], FILES[0], FILES[5]
    )
