"""The values that pass between rooms and out to the caller; all frozen.

Owns: the shapes of changes, plans, findings, reports, clarifications, handoffs, results and records.
Must never know: where a value came from, how it is checked, rendered, written or sent.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend_engineer.outputs.attestation import Attestation
    from backend_engineer.outputs.change import Action, Change, FileChange, FileStatus, text_hash
    from backend_engineer.outputs.clarification import Clarification, Gap, Option
    from backend_engineer.outputs.command_report import CommandOutcome, CommandReport
    from backend_engineer.outputs.findings import SEVEN_KEYS, Finding, ReviewFindings, Where
    from backend_engineer.outputs.handoff import Handoff, Handoffs
    from backend_engineer.outputs.migration_report import MigrationReport, PairOutcome, PairVerdict
    from backend_engineer.outputs.plan import Plan, PlannedFile, SchemaChange, Trace
    from backend_engineer.outputs.report import ClauseVerdict, Report
    from backend_engineer.outputs.result import Exchange, RunRecord, StageResult, Usage
    from backend_engineer.outputs.value import ValidationError

_HOMES = {
    "Action": "change",
    "Attestation": "attestation",
    "Change": "change",
    "Clarification": "clarification",
    "ClauseVerdict": "report",
    "CommandOutcome": "command_report",
    "CommandReport": "command_report",
    "Exchange": "result",
    "FileChange": "change",
    "FileStatus": "change",
    "Finding": "findings",
    "Gap": "clarification",
    "Handoff": "handoff",
    "Handoffs": "handoff",
    "MigrationReport": "migration_report",
    "Option": "clarification",
    "PairOutcome": "migration_report",
    "PairVerdict": "migration_report",
    "Plan": "plan",
    "PlannedFile": "plan",
    "Report": "report",
    "ReviewFindings": "findings",
    "RunRecord": "result",
    "SEVEN_KEYS": "findings",
    "SchemaChange": "plan",
    "StageResult": "result",
    "Trace": "plan",
    "Usage": "result",
    "ValidationError": "value",
    "Where": "findings",
    "text_hash": "change",
}

__all__ = [
    "SEVEN_KEYS",
    "Action",
    "Attestation",
    "Change",
    "Clarification",
    "ClauseVerdict",
    "CommandOutcome",
    "CommandReport",
    "Exchange",
    "FileChange",
    "FileStatus",
    "Finding",
    "Gap",
    "Handoff",
    "Handoffs",
    "MigrationReport",
    "Option",
    "PairOutcome",
    "PairVerdict",
    "Plan",
    "PlannedFile",
    "Report",
    "ReviewFindings",
    "RunRecord",
    "SchemaChange",
    "StageResult",
    "Trace",
    "Usage",
    "ValidationError",
    "Where",
    "text_hash",
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
