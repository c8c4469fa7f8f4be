"""The reply opens with a checklist of 3 to 7 bullets.

Owns: this rule and its examples.
Must never know: other rules.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.reply.samples import CHECKLIST, sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule

__all__ = ["RULE"]

_FEWEST, _MOST = 3, 7


def _check(context: Context) -> Iterable[Hit]:
    if context.reply is None:
        return
    count = len(context.reply.checklist)
    if not _FEWEST <= count <= _MOST:
        found = "no bullet" if count == 0 else f"{count} bullet{'s' if count > 1 else ''}"
        yield Hit("", f"The reply opens with {found}.")


RULE = Rule(
    code="CHK001",
    title="The checklist has not 3 to 7 bullets",
    clauses=("ROLE-03",),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="A short checklist shows, before any code, what the change consists of.",
    recommendation="Open the reply with a list of 3 to 7 bullets, one for each step of the work.",
    check=_check,
    needs=(Need.REPLY,),
    valid=(
        Example(reply=sample_reply(), note="three bullets"),
        Example(reply=sample_reply(checklist=[f"Step {n}." for n in range(1, 8)]), note="seven bullets"),
    ),
    invalid=(
        Example(reply=sample_reply(checklist=CHECKLIST[:2]), note="two bullets"),
        Example(reply=sample_reply(checklist=[f"Step {n}." for n in range(1, 9)]), note="eight bullets"),
    ),
)
