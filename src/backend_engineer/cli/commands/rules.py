"""`backend-engineer rules`: all built-in rules in a list.

Owns: the command's arguments and the layout of the list.
Must never know: what a rule checks.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from backend_engineer.cli.console import Console
from backend_engineer.cli.exit_codes import ExitCode
from backend_engineer.contract import clause
from backend_engineer.rules.registry import built_in_rules
from backend_engineer.rules.rule import Rule

__all__ = ["act", "configure", "rule_data"]


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--clause", metavar="CLAUSE", help="only rules that serve this clause")
    parser.add_argument("--json", action="store_true", help="print JSON")


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Print the rules."""
    rules = built_in_rules()
    if arguments.clause:
        wanted = clause(arguments.clause.upper()).id
        rules = tuple(rule for rule in rules if wanted in rule.clauses)
    if arguments.json:
        console.say_json({"rules": [rule_data(rule) for rule in rules]})
        return ExitCode.OK
    for rule in rules:
        console.say("\n".join(_lines(rule)))
    console.say(f"Rules: {len(rules)}")
    return ExitCode.OK


def _lines(rule: Rule) -> Iterator[str]:
    certainty = "exact" if rule.exact else "heuristic"
    yield f"Rule: {rule.code}. {rule.title}"
    yield f"  Severity: {rule.severity}, {rule.category}, {certainty}. Clauses: {', '.join(rule.clauses)}"


def rule_data(rule: Rule) -> dict[str, Any]:
    """One rule as JSON data, without its examples."""
    return {
        "code": rule.code,
        "title": rule.title,
        "severity": str(rule.severity),
        "category": str(rule.category),
        "type": str(rule.type),
        "clauses": list(rule.clauses),
        "reason": rule.reason,
        "recommendation": rule.recommendation,
        "exact": rule.exact,
        "needs": [str(need) for need in rule.needs],
        "question": rule.question,
        "look": rule.look,
        "settles": rule.settles,
    }
