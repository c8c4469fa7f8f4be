"""The files of the reply are the files of the plan.

Owns: this rule and its examples.
Must never know: other rules.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.outputs import FileChange, Plan
from backend_engineer.rules.reply.samples import FILES, PLAN, sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence, Tree

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
        elif context.base is not None:
            yield from _not_as_the_base(file, context.base)


def _not_as_the_base(file: FileChange, base: Tree) -> Iterable[Hit]:
    """A stated action that the base does not allow: what was not seen would be written over, or is not there."""
    held = file.path in base
    if file.stated and file.action == "add" and held:
        yield Hit(
            file.path,
            f"The reply adds `{file.path}`, which the base holds already.",
            title="A file that exists is added",
            recommendation="Read the file that is there and modify it, or take another path.",
        )
    elif file.stated and file.action == "modify" and not held:
        yield Hit(
            file.path,
            f"The reply modifies `{file.path}`, which the base does not hold.",
            title="A file that does not exist is modified",
            recommendation="Say `(add)`, in the plan as well, or take the path of the file that is meant.",
        )


def _part_in_hand(plan: Plan, given: set[str]) -> tuple[str, ...]:
    """The paths of the part of a split plan that this change carries out: the one that it shares most with."""
    parts = [
        tuple(file.path for file in plan.files if file.part == part) for part in range(1, plan.parts + 1)
    ]
    return max(parts, key=lambda paths: len(given & set(paths)))


_SERVICE = FILES[2][1]
_ADDED = sample_reply().replace(_SERVICE, f"{_SERVICE} (add)")
_MODIFIED = sample_reply().replace(_SERVICE, f"{_SERVICE} (modify)")
_BASE = {"src/services/login.py": "def login(): ...\n"}

RULE = Rule(
    code="PLN003",
    title="The plan and the files differ",
    clauses=("PROT-02", "CHEK-01"),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="Who agreed to a plan must get what it lists, no more and no less, done to the files that are there.",
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
        Example(reply=_MODIFIED, base=_BASE, note="a file that is there is modified"),
    ),
    invalid=(
        Example(reply=sample_reply(plan={**PLAN, "files": PLAN["files"][:-1]}), note="a file nobody planned"),
        Example(
            reply=sample_reply(
                files=FILES[:4] + FILES[5:] + (("Docs", "<!-- file: docs/more.md -->", "More.\n"),)
            ),
            note="one planned file left out, another added",
        ),
        Example(reply=_ADDED, base=_BASE, note="a file is added that the base holds"),
        Example(
            reply=_MODIFIED, base={"README.md": "# Login\n"}, note="a file is modified that is not there"
        ),
    ),
)
