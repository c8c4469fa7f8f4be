"""A run asks for missing fields only, and offers options for each.

Owns: this rule and its examples.
Must never know: other rules, how gaps are found.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.history.samples import DOCS, whole_run
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit]:
    if context.run is None:
        return
    for pointer in context.run.asked:
        if pointer not in context.run.gaps:
            yield Hit("", f"`{pointer}` was asked for, and it was not missing.")
    for pointer in context.run.optionless:
        yield Hit("", f"`{pointer}` was asked for without an option.", title="A question offers no option")


_STACK = ("/tech_spec/stack",)

RULE = Rule(
    code="ASK002",
    title="The run asked for what it had",
    clauses=("PROT-01",),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="Each needless question costs the attention that the needed one wants.",
    recommendation="Ask for the missing fields only, each with two or three minimal safe options.",
    check=_check,
    needs=(Need.RUN,),
    valid=(
        Example(files=DOCS, run=whole_run(), note="nothing was asked"),
        Example(files=DOCS, run=whole_run(gaps=_STACK, asked=_STACK), note="only the gap"),
    ),
    invalid=(
        Example(files=DOCS, run=whole_run(asked=_STACK), note="it was not missing"),
        Example(files=DOCS, run=whole_run(gaps=_STACK, asked=_STACK, optionless=_STACK), note="no option"),
    ),
)
