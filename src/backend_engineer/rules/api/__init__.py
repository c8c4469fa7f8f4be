"""Rules about the api.

Owns: the family.
Must never know: the engine.
"""

from __future__ import annotations

from backend_engineer.rules.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = ()
