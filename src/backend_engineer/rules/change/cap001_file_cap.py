"""A change touches at most 15 files.

Owns: this rule and its examples.
Must never know: other rules.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import FILE_CAP, Category, Severity
from backend_engineer.rules.rule import Context, Example, Hit, Rule

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit]:
    count = len(set(context.change.paths))
    if count > FILE_CAP:
        first = context.change.files[FILE_CAP].path
        yield Hit(first, f"The change touches {count} files; the first beyond {FILE_CAP} is `{first}`.")
    plan = context.reply.plan if context.reply is not None else None
    if plan is None:
        return
    for part in range(1, plan.parts + 1):
        planned = len({file.path for file in plan.files if file.part == part})
        if planned > FILE_CAP and planned != count:
            name = f"Part {part} of the plan" if plan.parts > 1 else "The plan"
            yield Hit(
                "", f"{name} lists {planned} files.", title=f"The plan lists more than {FILE_CAP} files"
            )


def _files(count: int) -> dict[str, str]:
    return {f"docs/page_{number:02}.md": f"# Page {number}\n" for number in range(count)}


RULE = Rule(
    code="CAP001",
    title=f"The change touches more than {FILE_CAP} files",
    clauses=("CONS-02",),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="A change that nobody can read in one sitting is waved through.",
    recommendation=(
        f"Bring the change down to {FILE_CAP} files, rollbacks, tests and docs included; or have the caller allow a split."
    ),
    check=_check,
    valid=(
        Example(files=_files(FILE_CAP), note="exactly at the cap"),
        Example(files=_files(1), note="one file"),
    ),
    invalid=(
        Example(files=_files(FILE_CAP + 1), note="one file too many"),
        Example(files=_files(40), note="far too many"),
    ),
)
