"""A run ends with the ReviewFindings document.

Owns: this rule and its examples.
Must never know: other rules, what the findings are.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Phase, Severity
from backend_engineer.rules.history.samples import DOCS, whole_run
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit]:
    run = context.run
    if run is None:
        return
    if Phase.VERIFY not in run.phases:
        yield Hit("", "The run did not go through its verification.", title="The run was not verified")
    if run.findings is None:
        yield Hit("", "The run ended without a findings document.")


RULE = Rule(
    code="REP001",
    title="The run emitted no findings document",
    clauses=("PROT-05",),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="The next stages need to know what was looked at and what was found.",
    recommendation="Go through the verification and emit the ReviewFindings document, with or without findings.",
    check=_check,
    needs=(Need.RUN,),
    valid=(
        Example(files=DOCS, run=whole_run(), note="all phases"),
        Example(files=DOCS, run=whole_run(phases=(Phase.IMPLEMENT, Phase.VERIFY)), note="the later phases"),
    ),
    invalid=(
        Example(files=DOCS, run=whole_run(findings=None), note="no document"),
        Example(files=DOCS, run=whole_run(phases=(Phase.IMPLEMENT,)), note="not verified"),
    ),
)
