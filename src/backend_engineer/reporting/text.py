"""The report as labelled text: every value under its label, every meaning in a word, nothing by colour alone.

Owns: the layout of the text (ACCS-01, ACCS-02).
Must never know: terminals; colour is put on by the caller through `paint`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from backend_engineer.contract import Severity, Verdict
from backend_engineer.errors import UsageError
from backend_engineer.outputs import Finding, Report
from backend_engineer.reporting.escaping import for_terminal, one_line
from backend_engineer.reporting.sentences import clause_rows, counts, outcome, place
from backend_engineer.reporting.shown import shown

__all__ = ["Paint", "finding_lines", "plain", "to_text"]

Paint = Callable[[str, Severity | Verdict], str]
"""Takes a word and what it stands for, and gives the word back, in colour or not."""


def plain(word: str, _meaning: Severity | Verdict) -> str:
    """The word as it is."""
    return word


def to_text(report: Report, *, paint: Paint = plain, clauses: bool = True) -> str:
    """The report as labelled lines.

    paint: puts colour on severity and verdict words, and must keep the word itself. clauses: whether the
    verdicts of all clauses follow the findings. Characters that could move a cursor are written out.
    """
    report = shown(report)
    if not callable(paint):
        raise UsageError(
            f"paint is a {type(paint).__name__}.", hint="Pass a function of a word and its meaning."
        )
    lines = [f"Outcome: {outcome(report)}", f"Findings: {len(report.findings)} ({counts(report)})"]
    for number, finding in enumerate(report.findings, 1):
        lines += ["", f"Finding {number} of {len(report.findings)}", *finding_lines(finding, paint)]
    if report.suppressed:
        lines += ["", f"Suppressed findings: {len(report.suppressed)}"]
        lines += [
            f"  {one_line(item.code or 'reviewer')}: {one_line(item.title)} at {one_line(place(item))}"
            for item in report.suppressed
        ]
    if clauses and report.verdicts:
        lines += ["", *_clause_lines(report, paint)]
    if report.notes:
        lines += ["", "Notes", *(f"  Note: {one_line(note)}" for note in report.notes)]
    return "\n".join(lines) + "\n"


def finding_lines(finding: Finding, paint: Paint = plain) -> Iterator[str]:
    """One finding as labelled, indented lines."""
    yield f"  Severity: {paint(finding.severity, finding.severity)}"
    yield f"  Kind: {finding.type}, {finding.category}"
    if finding.code:
        yield f"  Rule: {one_line(finding.code)}"
    yield f"  Title: {one_line(finding.title)}"
    yield f"  Place: {one_line(place(finding))}"
    yield from _labelled("Evidence", finding.evidence)
    yield from _labelled("What to do", finding.recommendation)
    if finding.clauses:
        yield f"  Clauses: {one_line(', '.join(finding.clauses))}"


def _labelled(label: str, text: str) -> Iterator[str]:
    rows = for_terminal(text).split("\n")
    if len(rows) == 1:
        yield f"  {label}: {rows[0]}"
        return
    yield f"  {label}:"
    yield from (f"    | {row}" for row in rows)


def _clause_lines(report: Report, paint: Paint) -> Iterator[str]:
    for subject, row in report.totals.items():
        shown = ", ".join(f"{count} {verdict}" for verdict, count in row.items() if count)
        yield f"Clauses about the {subject}: {shown or 'none'}"
    yield ""
    for verdict, about in clause_rows(report):
        waived = f" Waived: {one_line(verdict.waived)}" if verdict.waived else ""
        word = paint(verdict.verdict, verdict.verdict)
        yield f"  {verdict.clause}: {word} ({about}). {one_line(verdict.reason)}{waived}"
