"""The plan is held against SecurityPolicy and PerfTargets before any code.

Owns: this rule and its examples.
Must never know: other rules, what the self-check should find.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.history.samples import DOCS, whole_run
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit]:
    run = context.run
    if run is None:
        return
    plan = context.reply.plan if context.reply is not None else None
    if not run.self_checked and plan is None:
        yield Hit("", "No self-check of the plan came before the code.")
        return
    security = run.security_notes or (len(plan.security) if plan is not None else 0)
    slo = run.slo_notes or (len(plan.slo) if plan is not None else 0)
    for count, name in ((security, "the security policy"), (slo, "the service level objectives")):
        if not count:
            yield Hit("", f"The self-check says nothing on {name}.", title="The self-check is not whole")


RULE = Rule(
    code="SLF001",
    title="The plan was not checked before the code",
    clauses=("PROT-03",),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="A plan is cheaper to mend than its code.",
    recommendation="Put down, for the security policy and for the objectives, what the plan was held against.",
    check=_check,
    needs=(Need.RUN,),
    valid=(
        Example(files=DOCS, run=whole_run(), note="both points"),
        Example(files=DOCS, run=whole_run(security_notes=3, slo_notes=2), note="several points"),
    ),
    invalid=(
        Example(files=DOCS, run=whole_run(self_checked=False), note="no self-check"),
        Example(files=DOCS, run=whole_run(slo_notes=0), note="nothing on the objectives"),
    ),
)
