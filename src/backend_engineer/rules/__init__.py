"""Rules, and the verdicts that they add up to: one file a rule, one verdict a clause.

Owns: what a rule is, all built-in rules, `check`, the gate for streaming text, suppression and baselines.
Must never know: prompts, sessions, models, files, databases, how a report is printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_engineer.first_use import names_on_first_use

if TYPE_CHECKING:
    from backend_engineer.rules.baseline import Baseline, baseline_of, read_baseline
    from backend_engineer.rules.configuration import Configuration, read_configuration
    from backend_engineer.rules.engine import check
    from backend_engineer.rules.registry import built_in_rules, rule_named
    from backend_engineer.rules.rule import (
        Context,
        Example,
        Hit,
        Need,
        Rule,
        Silence,
        Suppression,
        lines_of,
    )
    from backend_engineer.rules.run_facts import RunFacts
    from backend_engineer.rules.streaming import StreamGate

__all__ = [
    "Baseline",
    "Configuration",
    "Context",
    "Example",
    "Hit",
    "Need",
    "Rule",
    "RunFacts",
    "Silence",
    "StreamGate",
    "Suppression",
    "baseline_of",
    "built_in_rules",
    "check",
    "lines_of",
    "read_baseline",
    "read_configuration",
    "rule_named",
]

__getattr__, __dir__ = names_on_first_use(
    __name__,
    {
        "baseline": ("Baseline", "baseline_of", "read_baseline"),
        "configuration": ("Configuration", "read_configuration"),
        "engine": ("check",),
        "registry": ("built_in_rules", "rule_named"),
        "rule": ("Context", "Example", "Hit", "Need", "Rule", "Silence", "Suppression", "lines_of"),
        "run_facts": ("RunFacts",),
        "streaming": ("StreamGate",),
    },
)
