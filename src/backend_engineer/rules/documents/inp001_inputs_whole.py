"""The six documents are there and whole.

Owns: this rule and its examples.
Must never know: other rules, how gaps are found.

A document that is absent is no fault of the change that is judged: its clause is not checked, and
says what to pass. A bundle of type `StageInputs` exists only without gaps, so it shows all the clauses.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.inputs import StageInputs
from backend_engineer.rules.rule import Context, Hit, Need, Rule, Silence

__all__ = ["DOCUMENTS", "RULE"]

DOCUMENTS = {
    "INPT-02": ("tech_spec", "TechSpec"),
    "INPT-03": ("api_contract", "APIContract"),
    "INPT-04": ("data_model", "DataModel"),
    "INPT-05": ("security_policy", "SecurityPolicy"),
    "INPT-06": ("perf_targets", "PerfTargets"),
    "INPT-07": ("ops_guides", "Ops Guides"),
}
"""Clause -> the bundle's attribute and the document's name."""

_WHOLE = ("FLOW-01", "INCO-01", "INCO-02")


def _check(context: Context) -> Iterable[Hit | Silence]:
    absent = []
    for clause, (attribute, name) in DOCUMENTS.items():
        if getattr(context.inputs, attribute, None) is None:
            absent.append(name)
            yield Silence(Verdict.NOT_CHECKED, f"{name} is not among the inputs; pass it.", (clause,))
        else:
            yield Silence(Verdict.HELD, f"{name} is there and of the documented shape.", (clause,))
    if absent:
        listed = ", ".join(absent)
        yield Silence(Verdict.NOT_CHECKED, f"the inputs are not whole; absent: {listed}.", _WHOLE)
    elif not isinstance(context.inputs, StageInputs):
        yield Silence(Verdict.NOT_CHECKED, "the inputs were not gathered, so nobody looked for gaps in them.", _WHOLE)
    else:
        yield Silence(Verdict.HELD, "all documents are there, and no gap remains.", _WHOLE)


RULE = Rule(
    code="INP001",
    title="An input is not there",
    clauses=(*DOCUMENTS, *_WHOLE),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="What was not given cannot be kept, and must not be guessed.",
    recommendation="Pass all six documents; `gather` lists what is missing.",
    check=_check,
    needs=(Need.INPUTS,),
)
