"""Migrations that another tool runs: its own commands on scratch databases, under the same comparisons.

Owns: the presets of known tools, the stores that its commands work on, and the order of the steps.
Must never know: rules, prompts, what a migration holds.
"""

from backend_engineer.verification.tools.presets import PRESETS, Preset, Target
from backend_engineer.verification.tools.running import verify_with_tool

__all__ = ["PRESETS", "Preset", "Target", "verify_with_tool"]
