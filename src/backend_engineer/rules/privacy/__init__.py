"""Rules about secrets and personal data, one file each.

Owns: the family and its order.
Must never know: the engine.
"""

from backend_engineer.rules.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = ()
