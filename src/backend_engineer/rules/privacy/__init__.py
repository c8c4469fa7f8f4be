"""Rules about secrets and personal data, one file each.

Owns: the family and its order.
Must never know: the engine.
"""

from backend_engineer.rules.privacy import (
    pii403_columns,
    pii404_values,
    pii405_logged,
    sec401_secret,
    sec402_scanner,
)
from backend_engineer.rules.rule import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    sec401_secret.RULE,
    sec402_scanner.RULE,
    pii403_columns.RULE,
    pii404_values.RULE,
    pii405_logged.RULE,
)
