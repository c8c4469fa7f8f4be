"""The facts of a run that kept every clause, from which the examples of this family are made.

Owns: these facts, and how some of them are put in place of others.
Must never know: rules.
"""

from __future__ import annotations

from typing import Any

from backend_engineer.contract import IDENTITY, Phase, Status
from backend_engineer.outputs import Handoff, Handoffs, ReviewFindings
from backend_engineer.rules.run_facts import RunFacts

__all__ = ["DOCS", "handoffs", "whole_run"]

DOCS = {"docs/a.md": "# A\n"}


def handoffs(*files: str) -> Handoffs:
    """The three handoffs; `files` are what devops is told of."""
    devops, qa, frontend = IDENTITY.hands_to
    return Handoffs(
        devops=Handoff(to="devops", receiver=devops, summary="A page.", files=files),
        qa=Handoff(to="qa", receiver=qa, summary="Nothing to run."),
        frontend=Handoff(to="frontend", receiver=frontend, summary="Nothing changes."),
    )


def whole_run(**facts: Any) -> RunFacts:
    """A run through all phases that asked nothing and left nothing out, some of its facts put in place."""
    findings = ReviewFindings(tool=IDENTITY.id, version=IDENTITY.version, status=Status.READY, findings=())
    whole = {
        "phases": tuple(Phase),
        "self_checked": True,
        "security_notes": 1,
        "slo_notes": 1,
        "findings": findings,
        "handoffs": handoffs("docs/a.md"),
    }
    return RunFacts(**{**whole, **facts})
