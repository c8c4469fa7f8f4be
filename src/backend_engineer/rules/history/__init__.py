"""Rules about the run itself: what was asked, held against the plan, reported and handed on.

Owns: the rules of ROLE-02, PROT-01, PROT-03, PROT-05, FLOW-12 and PIPE-02.
Must never know: sessions, drivers, how a run goes on.
"""

from __future__ import annotations

from backend_engineer.rules.history.ask001_gap_not_asked import RULE as ASK001
from backend_engineer.rules.history.ask002_asked_too_much import RULE as ASK002
from backend_engineer.rules.history.hnd001_handoff_missing import RULE as HND001
from backend_engineer.rules.history.rep001_no_findings import RULE as REP001
from backend_engineer.rules.history.slf001_no_self_check import RULE as SLF001
from backend_engineer.rules.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (ASK001, ASK002, SLF001, REP001, HND001)
