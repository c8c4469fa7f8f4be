"""The report in reviewdog's format, as one document (rdjson) or a line a finding (rdjsonl).

Owns: the map from findings to diagnostics.
Must never know: reviewdog, where comments end up.
"""

from __future__ import annotations

import json
from typing import Any

from backend_engineer.contract import Severity
from backend_engineer.outputs import Report
from backend_engineer.reporting.documents import spell
from backend_engineer.reporting.entries import PROJECT, Entry, entries, worst_severity
from backend_engineer.reporting.escaping import for_json
from backend_engineer.reporting.levels import LEVELS
from backend_engineer.reporting.shown import shown

__all__ = ["to_rdjson", "to_rdjsonl"]


def to_rdjson(report: Report, *, anchor: str = "") -> str:
    """The report as one rdjson document; `anchor` is the path shown for findings that name none.

    Ranges carry lines and no columns, which makes them whole lines with the last one included.
    """
    report = shown(report)
    worst = worst_severity(report) or Severity.INFO
    return spell(
        {
            "source": {"name": PROJECT},
            "severity": LEVELS[worst].rdjson,
            "diagnostics": [_diagnostic(entry) for entry in entries(report, anchor)],
        }
    )


def to_rdjsonl(report: Report, *, anchor: str = "") -> str:
    """The report as rdjsonl: one diagnostic a line, each with its source; empty when there are no findings."""
    rows = (_diagnostic(entry) for entry in entries(shown(report), anchor))
    return "".join(for_json(json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)


def _diagnostic(entry: Entry) -> dict[str, Any]:
    finding = entry.finding
    location: dict[str, Any] = {"path": entry.path or "."}
    span = finding.where.span
    if span is not None:
        location["range"] = {"start": {"line": span[0]}, "end": {"line": max(span)}}
    original = finding.model_dump(mode="json") | {"fingerprint": entry.fingerprint}
    return {
        "message": f"{finding.severity}: {entry.message}",
        "location": location,
        "severity": LEVELS[finding.severity].rdjson,
        "source": {"name": PROJECT},
        "code": {"value": entry.code},
        "original_output": for_json(json.dumps(original, ensure_ascii=False)),
    }
