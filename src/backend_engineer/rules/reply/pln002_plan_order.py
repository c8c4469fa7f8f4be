"""The plan lists migrations first.

Owns: this rule and its examples.
Must never know: other rules.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Section, Severity, Verdict
from backend_engineer.rules.reply.samples import PLAN, sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit | Silence]:
    plan = context.reply.plan if context.reply is not None else None
    if plan is None:
        yield Silence(Verdict.NOT_APPLICABLE, "there is no plan to put in order.")
        return
    before: dict[int, str] = {}
    for file in plan.files:
        if file.section is not Section.MIGRATIONS:
            before.setdefault(file.part, file.path)
        elif file.part in before:
            yield Hit(file.path, f"The plan lists `{before[file.part]}` before the migration `{file.path}`.")


RULE = Rule(
    code="PLN002",
    title="The plan lists a migration after other files",
    clauses=("PROT-02", "CHEK-01"),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="Code that is planned before its migration tends to be shipped before it.",
    recommendation="List the migrations and their rollbacks first, in every part of the plan.",
    check=_check,
    needs=(Need.REPLY,),
    valid=(
        Example(reply=sample_reply(), note="migrations first"),
        Example(
            reply=sample_reply(plan={**PLAN, "files": [{**item, "part": 1} for item in PLAN["files"]]}),
            note="one part, said so",
        ),
    ),
    invalid=(
        Example(
            reply=sample_reply(plan={**PLAN, "files": [*PLAN["files"][2:], *PLAN["files"][:2]]}),
            note="migrations last",
        ),
        Example(
            reply=sample_reply(
                plan={
                    **PLAN,
                    "files": [PLAN["files"][0], PLAN["files"][2], PLAN["files"][1], *PLAN["files"][3:]],
                }
            ),
            note="the rollback after the service",
        ),
    ),
)
