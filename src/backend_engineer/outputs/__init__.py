"""The values that pass between rooms and out to the caller; all frozen.

Owns: the shapes of changes, plans, findings, reports, clarifications, handoffs, results and records.
Must never know: where a value came from, how it is checked, rendered, written or sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_engineer.first_use import names_on_first_use

if TYPE_CHECKING:
    from backend_engineer.outputs.attestation import Attestation
    from backend_engineer.outputs.change import Action, Change, FileChange, FileStatus, text_hash
    from backend_engineer.outputs.clarification import Clarification, Gap, Option
    from backend_engineer.outputs.command_report import CommandOutcome, CommandReport, SuiteSummary
    from backend_engineer.outputs.findings import SEVEN_KEYS, Finding, ReviewFindings, Where
    from backend_engineer.outputs.handoff import Handoff, Handoffs
    from backend_engineer.outputs.migration_report import MigrationReport, PairOutcome, PairVerdict
    from backend_engineer.outputs.plan import Plan, PlannedFile, SchemaChange, Trace
    from backend_engineer.outputs.report import ClauseVerdict, Report
    from backend_engineer.outputs.result import Exchange, RunRecord, StageResult, Usage
    from backend_engineer.outputs.value import ValidationError

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
    "SuiteSummary",
    "Trace",
    "Usage",
    "ValidationError",
    "Where",
    "text_hash",
]

__getattr__, __dir__ = names_on_first_use(
    __name__,
    {
        "attestation": ("Attestation",),
        "change": ("Action", "Change", "FileChange", "FileStatus", "text_hash"),
        "clarification": ("Clarification", "Gap", "Option"),
        "command_report": ("CommandOutcome", "CommandReport", "SuiteSummary"),
        "findings": ("Finding", "ReviewFindings", "SEVEN_KEYS", "Where"),
        "handoff": ("Handoff", "Handoffs"),
        "migration_report": ("MigrationReport", "PairOutcome", "PairVerdict"),
        "plan": ("Plan", "PlannedFile", "SchemaChange", "Trace"),
        "report": ("ClauseVerdict", "Report"),
        "result": ("Exchange", "RunRecord", "StageResult", "Usage"),
        "value": ("ValidationError",),
    },
)
