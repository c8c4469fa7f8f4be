"""The reply gives a plan before its files.

Owns: this rule and its examples.
Must never know: other rules.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.reply.samples import PLAN, sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit]:
    if context.reply is None:
        return
    plan = context.reply.plan
    if plan is None:
        yield Hit("", "The reply holds no JSON block with a `plan` that can be read.")
        return
    if not plan.files:
        yield Hit("", "The plan lists no file.", title="The plan lists no file")
    for item in context.reply.diagnostics:
        if item.code == "invalid-plan":
            yield Hit(
                "",
                f"Line {item.line} of the reply: {item.message}",
                title="A part of the plan cannot be read",
                severity=Severity.MINOR,
                recommendation="Give the plan's keys as the format names them, and no others; that part was left out.",
            )


RULE = Rule(
    code="PLN001",
    title="The plan is missing",
    clauses=("PROT-02", "CHEK-01"),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="A reader agrees to a plan, not to a pile of files.",
    recommendation='Give a JSON block {"plan": {...}} before the files, with every file that will be touched.',
    check=_check,
    needs=(Need.REPLY,),
    valid=(
        Example(reply=sample_reply(), note="a plan that lists its files"),
        Example(reply=sample_reply(plan={**PLAN, "security": [], "slo": []}), note="a terse plan"),
    ),
    invalid=(
        Example(reply=sample_reply(plan=None), note="no plan at all"),
        Example(reply=sample_reply(plan={**PLAN, "files": []}), note="a plan without files"),
        Example(reply=sample_reply(plan={**PLAN, "risk": "none"}), note="a key that a plan does not have"),
    ),
)
