"""What happened in a run, as far as clauses about the run ask for it.

Owns: `RunFacts`, the value by which a session hands its own history to `check`.
Must never know: sessions, effects, how a run is driven.
"""

from __future__ import annotations

from backend_engineer.contract import Phase
from backend_engineer.outputs import Handoffs, ReviewFindings
from backend_engineer.outputs.value import Value

__all__ = ["RunFacts"]


class RunFacts(Value):
    """The history of a run (ROLE-02, PROT-01, PROT-03, PROT-05, FLOW-12, PIPE-02).

    phases: the phases that were gone through, in order; a single call goes through several.
    gaps: JSON pointers of the fields that were missing or ambiguous when the run began.
    asked: pointers that the requester was asked for. optionless: those of them without an option.
    unresolved: pointers that were still open when the first code was asked for.
    self_checked: whether the plan was held against SecurityPolicy and PerfTargets before any code.
    security_notes, slo_notes: how many points that self-check put down for each.
    findings: the ReviewFindings document that the run ended with. handoffs: what it hands on.
    earlier: paths of the changes of a split series that came before the one that is judged.
    """

    phases: tuple[Phase, ...] = ()
    gaps: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    optionless: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()
    self_checked: bool = False
    security_notes: int = 0
    slo_notes: int = 0
    findings: ReviewFindings | None = None
    handoffs: Handoffs | None = None
    earlier: tuple[str, ...] = ()
