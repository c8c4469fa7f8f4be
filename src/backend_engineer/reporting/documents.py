"""The report as JSON: the findings document, whole or strict, and the report with its verdicts.

Owns: the three JSON shapes and their spelling (two blanks, UTF-8, a final newline).
Must never know: other formats.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from backend_engineer.contract import Status
from backend_engineer.errors import UsageError
from backend_engineer.outputs import Report
from backend_engineer.reporting.escaping import for_json
from backend_engineer.reporting.shown import shown

__all__ = ["report_data", "spell", "to_json"]


_SHAPES = ("full", "strict", "report")


def spell(data: Any) -> str:
    """JSON data as text: two blanks of indentation, characters as they are, a final newline."""
    return for_json(json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)) + "\n"


def to_json(
    report: Report, shape: Literal["full", "strict", "report"] = "full", *, status: Status | None = None
) -> str:
    """The report as JSON.

    shape: `full` is the ReviewFindings document with code, clauses and fingerprint on each finding (FIND-01,
    FIND-02); `strict` is the same document with exactly seven keys a finding; `report` adds every clause's
    verdict, notes and totals. status: overrides what the verdicts say.
    """
    report = shown(report)
    if shape not in _SHAPES:
        raise UsageError(f"There is no shape {shape!r}.", hint=f"Use {', '.join(_SHAPES)}.")
    if status is not None and status not in tuple(Status):
        raise UsageError(f"{status!r} is no status.", hint=f"Use {', '.join(Status)}.")
    if shape == "report":
        return spell(report_data(report))
    document = report.review_findings(status)
    return spell(document.strict() if shape == "strict" else document.model_dump(mode="json"))


def report_data(report: Report) -> dict[str, Any]:
    """The whole report as JSON data: `ok`, findings, verdicts, totals by subject, suppressed findings, notes."""
    data = report.model_dump(mode="json")
    return {
        "ok": report.ok,
        "findings": data["findings"],
        "clauses": data["verdicts"],
        "unchecked": dict(report.unchecked),
        "totals": {
            str(subject): {str(verdict): count for verdict, count in row.items() if count}
            for subject, row in report.totals.items()
        },
        "suppressed": data["suppressed"],
        "notes": data["notes"],
    }
