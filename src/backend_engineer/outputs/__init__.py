"""The values that pass between rooms and out to the caller; all frozen.

Owns: the shapes of changes, plans, findings, reports, clarifications, handoffs, results and records.
Must never know: where a value came from, how it is checked, rendered, written or sent.
"""

from backend_engineer.outputs.attestation import Attestation
from backend_engineer.outputs.change import Action, Change, FileChange, FileStatus, text_hash
from backend_engineer.outputs.clarification import Clarification, Gap, Option
from backend_engineer.outputs.command_report import CommandOutcome, CommandReport
from backend_engineer.outputs.findings import Finding, ReviewFindings, Where
from backend_engineer.outputs.handoff import Handoff, Handoffs
from backend_engineer.outputs.migration_report import MigrationReport, PairOutcome, PairVerdict
from backend_engineer.outputs.plan import Plan, PlannedFile, SchemaChange, Trace
from backend_engineer.outputs.report import ClauseVerdict, Report
from backend_engineer.outputs.result import Exchange, RunRecord, StageResult, Usage

__all__ = [
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
    "Where",
    "text_hash",
]
