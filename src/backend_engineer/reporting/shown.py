"""A report as the exports show it: credentials taken out of every text, and texts of a length that is read.

Owns: what is done to a report before any format sees it.
Must never know: any export format.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.errors import UsageError
from backend_engineer.outputs import ClauseVerdict, Finding, Report
from backend_engineer.redaction import redact

__all__ = ["LONGEST", "LONGEST_LINE", "shown", "shown_path"]

LONGEST = 4000
"""How many characters of an evidence, a recommendation or a reason are shown."""
LONGEST_LINE = 300
"""How many characters of a title are shown."""


def shown(report: Report) -> Report:
    """The report with credentials redacted in every text, paths included, and long texts cut.

    A cut text ends with the number of characters that it lacks. Fingerprints stay those of the whole finding.
    """
    UsageError.unless(report, Report, "The report")
    return report.model_copy(
        update={
            "findings": _findings(report.findings),
            "suppressed": _findings(report.suppressed),
            "verdicts": tuple(_verdict(row) for row in report.verdicts),
            "notes": tuple(_cut(note) for note in report.notes),
        }
    )


def shown_path(path: str) -> str:
    """A path with credentials redacted; one that holds none stays the path of the file."""
    UsageError.unless(path, str, "The path that stands in")
    return redact(path) if path else path


def _findings(found: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(_finding(item) for item in found)


def _finding(item: Finding) -> Finding:
    return item.model_copy(
        update={
            "title": _cut(item.title, LONGEST_LINE),
            "where": item.where.model_copy(update={"path": shown_path(item.where.path)}),
            "evidence": _cut(item.evidence),
            "recommendation": _cut(item.recommendation),
            "code": item.code and _cut(item.code, LONGEST_LINE),
        }
    )


def _verdict(row: ClauseVerdict) -> ClauseVerdict:
    waived = None if row.waived is None else _cut(row.waived)
    return row.model_copy(update={"reason": _cut(row.reason), "waived": waived})


def _cut(text: str, most: int = LONGEST) -> str:
    # Redacted first: half a credential has no shape that could be found.
    whole = redact(text)
    if len(whole) <= most:
        return whole
    return f"{whole[:most]} [{len(whole) - most} more characters]"
