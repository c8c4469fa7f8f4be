"""A run ends with the ReviewFindings document.

Owns: this rule and its examples.
Must never know: other rules, what the findings are.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import IDENTITY, Category, Phase, Severity, Status
from backend_engineer.outputs import ReviewFindings
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule
from backend_engineer.rules.run_facts import RunFacts

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit]:
    run = context.run
    if run is None:
        return
    if Phase.VERIFY not in run.phases:
        yield Hit("", "The run did not go through its verification.", title="The run was not verified")
    if run.findings is None:
        yield Hit("", "The run ended without a findings document.")


_DOCS = {"docs/a.md": "# A\n"}
_FINDINGS = ReviewFindings(tool=IDENTITY.id, version=IDENTITY.version, status=Status.READY, findings=())

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
        Example(files=_DOCS, run=RunFacts(phases=(Phase.VERIFY,), findings=_FINDINGS), note="no findings"),
        Example(files=_DOCS, run=RunFacts(phases=tuple(Phase), findings=_FINDINGS), note="all phases"),
    ),
    invalid=(
        Example(files=_DOCS, run=RunFacts(phases=(Phase.VERIFY,)), note="no document"),
        Example(files=_DOCS, run=RunFacts(phases=(Phase.IMPLEMENT,), findings=_FINDINGS), note="not verified"),
    ),
)
