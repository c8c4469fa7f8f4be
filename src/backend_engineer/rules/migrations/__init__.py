"""Rules about migration scripts: pairs, guards, checks, operations notes.

Owns: the static rules of MIGR-02 to MIGR-05, FLOW-03 and CONS-06 on scripts.
Must never know: databases, what running a script showed.
"""

from __future__ import annotations

from backend_engineer.rules.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = ()
