"""The files of the reply are the files of the plan.

Owns: this rule and its examples.
Must never know: other rules.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.outputs import Plan
from backend_engineer.rules.reply.samples import FILES, PLAN, sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit | Silence]:
    plan = context.reply.plan if context.reply is not None else None
    if plan is None or not plan.files or not context.change.files:
        yield Silence(Verdict.NOT_APPLICABLE, "there is no plan, or there are no files, to compare.")
        return
    given = {file.path for file in context.change}
    planned = _part_in_hand(plan, given)
    for path in planned:
        if path not in given:
            yield Hit(
                path,
                f"The plan lists `{path}`, the reply does not hold it.",
                title="A planned file is missing",
            )
    for file in context.change:
        if file.path not in planned:
            yield Hit(
                file.path,
                f"The reply holds `{file.path}`, the plan does not list it.",
                title="A file is not planned",
            )


def _part_in_hand(plan: Plan, given: set[str]) -> tuple[str, ...]:
    """The paths of the part of a split plan that this change carries out: the one that it shares most with."""
    parts = [
        tuple(file.path for file in plan.files if file.part == part) for part in range(1, plan.parts + 1)
    ]
    return max(parts, key=lambda paths: len(given & set(paths)))


RULE = Rule(
    code="PLN003",
    title="The plan and the files differ",
    clauses=("PROT-02", "CHEK-01"),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="Who agreed to a plan must get what it lists, no more and no less.",
    recommendation="Emit each file that the plan lists, and no other; or mend the plan.",
    check=_check,
    needs=(Need.REPLY,),
    valid=(
        Example(reply=sample_reply(), note="the same files"),
        Example(
            reply=sample_reply(
                plan={
                    **PLAN,
                    "files": [
                        *PLAN["files"],
                        {**PLAN["files"][2], "path": "src/services/logout.py", "part": 2},
                    ],
                }
            ),
            note="the first part of a split plan",
        ),
    ),
    invalid=(
        Example(reply=sample_reply(plan={**PLAN, "files": PLAN["files"][:-1]}), note="a file nobody planned"),
        Example(
            reply=sample_reply(
                files=FILES[:4] + FILES[5:] + (("Docs", "<!-- file: docs/more.md -->", "More.\n"),)
            ),
            note="one planned file left out, another added",
        ),
    ),
)
