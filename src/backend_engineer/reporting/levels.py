"""What each severity is called in each format: one row a severity.

Owns: this table.
Must never know: findings, files.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

from backend_engineer.contract import Severity

__all__ = ["LEVELS", "Level"]


class Level(NamedTuple):
    """The words and figures of one severity: SARIF level, rdjson severity, GitHub command, GitHub security score."""

    sarif: str
    rdjson: str
    github: str
    security_score: str


LEVELS = MappingProxyType(
    {
        Severity.BLOCKER: Level("error", "ERROR", "error", "9.5"),
        Severity.CRITICAL: Level("error", "ERROR", "error", "9.0"),
        Severity.MAJOR: Level("error", "ERROR", "error", "7.5"),
        Severity.MINOR: Level("warning", "WARNING", "warning", "4.0"),
        Severity.INFO: Level("note", "INFO", "notice", "0.0"),
    }
)
"""Severity -> what it is called elsewhere; the exact word always travels beside it."""
