"""Rules about what was really run: commands and migrations, as their reports say.

Owns: the executed side of FLOW-03, FLOW-10, MIGR-02 and MIGR-04.
Must never know: processes, databases, how a report was made.
"""

from __future__ import annotations

from backend_engineer.rules.executed.exe001_command_fails import RULE as EXE001
from backend_engineer.rules.executed.exe002_rollback_differs import RULE as EXE002
from backend_engineer.rules.executed.exe003_verify_fails import RULE as EXE003
from backend_engineer.rules.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (EXE001, EXE002, EXE003)
