"""The six documents are there and whole.

Owns: this rule and its examples.
Must never know: other rules, how gaps are found.

A document that is absent is no fault of the change that is judged: its clause is not checked, and
says what to pass. A bundle of type `StageInputs` exists only without gaps, so it shows all the clauses.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.inputs import PartialInputs, StageInputs
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
    gaps: dict[str, list[str]] = {}
    for gap in getattr(context.inputs, "gaps", ()):
        gaps.setdefault(gap.clause, []).append(gap.pointer)
    absent = []
    for clause, (attribute, name) in DOCUMENTS.items():
        if getattr(context.inputs, attribute, None) is None:
            absent.append(name)
            yield Silence(Verdict.NOT_CHECKED, f"{name} is not among the inputs; pass it.", (clause,))
        elif clause in gaps:
            yield Silence(Verdict.NOT_CHECKED, f"{name} has gaps: {_listed(gaps[clause])}.", (clause,))
        else:
            yield Silence(Verdict.HELD, f"{name} is there and of the documented shape.", (clause,))
    yield _whole(context, absent, [pointer for pointers in gaps.values() for pointer in pointers])


def _whole(context: Context, absent: list[str], gaps: list[str]) -> Silence:
    if absent:
        return Silence(Verdict.NOT_CHECKED, f"the inputs are not whole; absent: {', '.join(absent)}.", _WHOLE)
    if gaps:
        return Silence(Verdict.NOT_CHECKED, f"the inputs have gaps: {_listed(gaps)}.", _WHOLE)
    if not isinstance(context.inputs, (StageInputs, PartialInputs)):
        return Silence(
            Verdict.NOT_CHECKED, "the inputs were not gathered, so nobody looked for gaps.", _WHOLE
        )
    return Silence(Verdict.HELD, "all documents are there, and no gap remains.", _WHOLE)


def _listed(pointers: list[str]) -> str:
    more = f" and {len(pointers) - 3} more" if len(pointers) > 3 else ""
    return ", ".join(pointers[:3]) + more


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
