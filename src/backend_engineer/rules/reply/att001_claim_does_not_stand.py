"""What the reply attests stands where it says.

Owns: this rule and its examples.
Must never know: other rules, what an attestation does to a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.attested import Claim, ClaimState, claims
from backend_engineer.rules.reply.samples import attestations, sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule

__all__ = ["RULE"]

_WORDS = {
    ClaimState.ABSENT: "its quote does not stand in the file",
    ClaimState.NO_FILE: "neither the change nor the base holds the file",
    ClaimState.NO_LINES: "the file has no such lines",
    ClaimState.EMPTY: "its quote holds no word and so proves nothing",
    ClaimState.NO_CLAUSE: "there is no such clause",
}


def _check(context: Context) -> Iterable[Hit]:
    for claim in claims(context):
        item = claim.attestation
        clauses = (item.clause,) if claim.state is not ClaimState.NO_CLAUSE else ()
        if claim.state in _WORDS:
            yield Hit(
                item.path, f"The claim on {item.clause} is wrong: {_WORDS[claim.state]}.", clauses=clauses
            )
        elif claim.state is ClaimState.ELSEWHERE:
            yield _elsewhere(claim, clauses)


def _elsewhere(claim: Claim, clauses: tuple[str, ...]) -> Hit:
    item = claim.attestation
    first, last = claim.lines or (0, 0)
    real = str(first) if first == last else f"{first}-{last}"
    return Hit(
        item.path,
        f"The claim on {item.clause} names lines {item.lines}, its quote stands at {real}.",
        lines=claim.lines,
        title="An attestation names the wrong lines",
        recommendation=f"Name lines {real}; lines are counted without the header line.",
        severity=Severity.MINOR,
        clauses=clauses,
    )


RULE = Rule(
    code="ATT001",
    title="An attestation does not stand",
    clauses=(),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="A claim counts only as far as anyone can look it up.",
    recommendation="Quote, word for word, the lines of the change that keep the clause, and name them; or leave the claim out.",
    check=_check,
    needs=(Need.REPLY,),
    valid=(
        Example(reply=sample_reply(claimed=attestations()), note="the quote stands at its line"),
        Example(reply=sample_reply(claimed=attestations(lines="")), note="the whole file is named"),
    ),
    invalid=(
        Example(
            reply=sample_reply(claimed=attestations(quote="users.lock(user_id)")), note="nothing of the kind"
        ),
        Example(reply=sample_reply(claimed=attestations(path="src/none.py")), note="no such file"),
        Example(reply=sample_reply(claimed=attestations(lines="1")), note="the quote stands two lines below"),
    ),
)
