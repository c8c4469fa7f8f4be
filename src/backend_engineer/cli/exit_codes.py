"""What the process ends with.

Owns: the exit codes and their meaning.
Must never know: who ends the process.
"""

from __future__ import annotations

from enum import IntEnum

from backend_engineer.contract import Status
from backend_engineer.outputs import Report, StageResult

__all__ = ["ExitCode", "of_report", "of_result"]


class ExitCode(IntEnum):
    """The exit codes; each is stable."""

    OK = 0
    VIOLATED = 1
    BAD_USE = 2
    CLARIFICATION = 3
    MODEL_FAILED = 4
    NOT_CHECKED = 5
    DEFECT = 70
    INTERRUPTED = 130
    PIPE_CLOSED = 141


def of_report(report: Report) -> ExitCode:
    """0 for a report that is ok, 5 when nothing is violated but something was not checked, 1 otherwise."""
    if report.ok:
        return ExitCode.OK
    if report.violated or any(finding.violates for finding in report.findings):
        return ExitCode.VIOLATED
    return ExitCode.NOT_CHECKED


def of_result(result: StageResult) -> ExitCode:
    """3 when questions are open; else what the report says; a blocked run without a report is violated."""
    if result.status is Status.NEEDS_CLARIFICATION:
        return ExitCode.CLARIFICATION
    code = ExitCode.NOT_CHECKED if result.report is None else of_report(result.report)
    if result.status is Status.BLOCKED:
        return ExitCode.VIOLATED
    return code
