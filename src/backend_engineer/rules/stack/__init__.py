"""Rules about the stack: what a manifest or an import brings in that TechSpec does not name.

Owns: the static checks of CONS-01 and ROLE-01, for manifests and imports.
Must never know: package registries, what a package does.
"""

from __future__ import annotations

from backend_engineer.rules.rule import Rule
from backend_engineer.rules.stack.stk001_unlisted_dependency import RULE as STK001
from backend_engineer.rules.stack.stk002_unlisted_import import RULE as STK002

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (STK001, STK002)
