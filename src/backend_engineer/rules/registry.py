"""All built-in rules: their families, in the order in which they are documented and run.

Owns: the list of families, and that no two rules share a code.
Must never know: what a rule checks, verdicts, configuration.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from functools import cache

from backend_engineer.errors import RuleError, UsageError
from backend_engineer.rules.rule import Rule

__all__ = ["FAMILIES", "built_in_rules", "checked_rules", "rule_named"]

FAMILIES: tuple[str, ...] = (
    "documents",
    "reply",
    "change",
    "api",
    "stack",
    "migrations",
    "code",
    "privacy",
    "executed",
    "history",
)
"""Folders of this room that hold rules; each exports its own as the tuple `RULES`."""


@cache
def built_in_rules() -> tuple[Rule, ...]:
    """Every rule that comes with the library, family by family."""
    found: list[Rule] = []
    for family in FAMILIES:
        found.extend(importlib.import_module(f"backend_engineer.rules.{family}").RULES)
    return checked_rules(found)


def checked_rules(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules as a tuple; `RuleError` for what is no rule and for two rules with one code."""
    known: dict[str, Rule] = {}
    for rule in rules:
        if not isinstance(rule, Rule):
            raise RuleError(str(rule)[:40], "this is no `Rule`; make one with `Rule(code=..., check=...)`.")
        if known.setdefault(rule.code, rule) is not rule:
            raise RuleError(rule.code, "two rules have this code.")
    return tuple(known.values())


def rule_named(code: str) -> Rule:
    """The built-in rule with this code; `UsageError` when there is none."""
    for rule in built_in_rules():
        if rule.code == code:
            return rule
    raise UsageError(f"There is no rule {code!r}.", hint="`backend-engineer rules` lists them all.")
