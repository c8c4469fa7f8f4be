"""A run asks for what is missing and does not go on before it is answered.

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
    for pointer in context.run.gaps:
        if pointer not in context.run.asked:
            yield Hit("", f"`{pointer}` was missing, and nobody was asked for it.")
    for pointer in context.run.unresolved:
        yield Hit(
            "",
            f"`{pointer}` was still open when the first code was asked for.",
            title="The run went on with an open gap",
        )


RULE = Rule(
    code="ASK001",
    title="A gap was not asked for",
    clauses=("ROLE-02", "PROT-01"),
    severity=Severity.CRITICAL,
    category=Category.PLAN,
    reason="What is guessed at the start is wrong at the end.",
    recommendation="Ask for every gap and wait for the answers before the next phase.",
    check=_check,
    needs=(Need.RUN,),
    valid=(
        Example(files=DOCS, run=whole_run(), note="nothing was missing"),
        Example(
            files=DOCS,
            run=whole_run(gaps=("/tech_spec/stack",), asked=("/tech_spec/stack",)),
            note="asked and answered",
        ),
    ),
    invalid=(
        Example(files=DOCS, run=whole_run(gaps=("/tech_spec/stack",)), note="not asked"),
        Example(
            files=DOCS,
            run=whole_run(
                gaps=("/tech_spec/stack",), asked=("/tech_spec/stack",), unresolved=("/tech_spec/stack",)
            ),
            note="asked, and not waited for",
        ),
    ),
)
