"""The report as a GitLab Code Quality artifact.

Owns: the map from findings to GitLab's entries.
Must never know: GitLab's interface.
"""

from __future__ import annotations

from backend_engineer.outputs import Report
from backend_engineer.reporting.documents import spell
from backend_engineer.reporting.entries import entries
from backend_engineer.reporting.escaping import one_line
from backend_engineer.reporting.shown import shown

__all__ = ["to_gitlab"]


def to_gitlab(report: Report, *, anchor: str = "") -> str:
    """The report as a JSON array for `artifacts: reports: codequality`.

    Severities are GitLab's own words, which are the same five; fingerprints are unique in the report, since
    GitLab drops entries whose fingerprints collide. anchor: the path shown for findings that name none.
    """
    rows = []
    for entry in entries(shown(report), anchor):
        span = entry.finding.where.span or (1, 1)
        path = entry.path or "."
        while path.startswith("./"):
            path = path[2:]
        rows.append(
            {
                "description": f"{entry.finding.severity}: {one_line(entry.message)}",
                "check_name": entry.code,
                "fingerprint": entry.fingerprint,
                "severity": str(entry.finding.severity),
                "location": {"path": path or ".", "lines": {"begin": span[0], "end": max(span)}},
            }
        )
    return spell(rows)
