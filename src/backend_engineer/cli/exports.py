"""The export formats by name, for every command that writes a report.

Owns: the names of the formats.
Must never know: any format itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backend_engineer import reporting
from backend_engineer.cli.console import Console, write_text
from backend_engineer.outputs import Change, Report

__all__ = ["FORMATS", "emit_report", "write_report"]

_Exporter = Callable[[Report, str], str]

FORMATS: Mapping[str, _Exporter] = {
    "findings": lambda report, anchor: reporting.to_json(report, "full"),
    "strict": lambda report, anchor: reporting.to_json(report, "strict"),
    "json": lambda report, anchor: reporting.to_json(report, "report"),
    "sarif": lambda report, anchor: reporting.to_sarif(report, anchor=anchor),
    "rdjson": lambda report, anchor: reporting.to_rdjson(report, anchor=anchor),
    "rdjsonl": lambda report, anchor: reporting.to_rdjsonl(report, anchor=anchor),
    "github": lambda report, anchor: reporting.to_github(report, anchor=anchor),
    "gitlab": lambda report, anchor: reporting.to_gitlab(report, anchor=anchor),
    "junit": lambda report, anchor: reporting.to_junit(report, anchor=anchor),
    "markdown": lambda report, anchor: reporting.to_markdown(report),
    "html": lambda report, anchor: reporting.to_html(report),
}
"""Format name -> exporter; `text` is not among them, since it goes through the console's paint."""


def emit_report(
    report: Report, change: Change | None, name: str, console: Console, *, clauses: bool = True
) -> None:
    """Print a report in one format; the text in colour where the terminal wants it."""
    if name == "text":
        console.say(reporting.to_text(report, paint=console.paint, clauses=clauses))
    elif text := FORMATS[name](report, _anchor(change)):
        console.say_document(text)


def write_report(
    report: Report, change: Change | None, name: str, output: str, console: Console, *, clauses: bool = True
) -> None:
    """Write a report in one format to a file, and say where it is on standard error."""
    plain = (
        reporting.to_text(report, clauses=clauses)
        if name == "text"
        else FORMATS[name](report, _anchor(change))
    )
    write_text(output, plain)
    console.complain(f"Report: {output} ({name})")


def _anchor(change: Change | None) -> str:
    """Where a finding without a place is shown: at the first file of the change."""
    return change.paths[0] if change is not None and change.paths else ""
