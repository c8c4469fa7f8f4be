"""Rules, and the verdicts that they add up to: one file a rule, one verdict a clause.

Owns: what a rule is, all built-in rules, `check`, the gate for streaming text, suppression and baselines.
Must never know: prompts, sessions, models, files, databases, how a report is printed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

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

_HOMES = {
    "Baseline": "baseline",
    "Configuration": "configuration",
    "Context": "rule",
    "Example": "rule",
    "Hit": "rule",
    "Need": "rule",
    "Rule": "rule",
    "RunFacts": "run_facts",
    "Silence": "rule",
    "StreamGate": "streaming",
    "Suppression": "rule",
    "baseline_of": "baseline",
    "built_in_rules": "registry",
    "check": "engine",
    "lines_of": "rule",
    "read_baseline": "baseline",
    "read_configuration": "configuration",
    "rule_named": "registry",
}

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


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
