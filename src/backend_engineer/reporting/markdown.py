"""The report as Markdown, for a pull request's comment or a step summary.

Owns: the layout of the page.
Must never know: where it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.errors import UsageError
from backend_engineer.outputs import Finding, Report
from backend_engineer.reporting.escaping import for_markdown, for_terminal
from backend_engineer.reporting.sentences import clause_rows, counts, outcome, place
from backend_engineer.reporting.shown import shown

__all__ = ["to_markdown"]


def to_markdown(report: Report, *, title: str = "Backend change report") -> str:
    """The report as Markdown: outcome, findings under headings, clauses as a table, notes.

    Every text of a finding is literal: no markup, link, image, mention or HTML comes out of it; evidence
    stands in a fenced block that it cannot close.
    """
    report = shown(report)
    UsageError.unless(title, str, "The title")
    lines = [f"# {for_markdown(title)}", "", f"**Outcome:** {outcome(report)}", ""]
    lines += [f"**Findings:** {len(report.findings)} ({counts(report)})", ""]
    for number, finding in enumerate(report.findings, 1):
        lines += _finding(number, finding)
    if report.verdicts:
        lines += ["## Clauses", "", "| Clause | Verdict | About | Reason |", "|---|---|---|---|"]
        for row, subject in clause_rows(report):
            waived = f" Waived: {for_markdown(row.waived)}" if row.waived else ""
            lines.append(f"| {row.clause} | {row.verdict} | {subject} | {for_markdown(row.reason)}{waived} |")
        lines.append("")
    if report.notes:
        lines += ["## Notes", "", *(f"- {for_markdown(note)}" for note in report.notes), ""]
    return "\n".join(lines)


def _finding(number: int, finding: Finding) -> Iterator[str]:
    yield f"## {number}. {finding.severity}: {for_markdown(finding.title)}"
    yield ""
    yield f"- **Place:** {for_markdown(place(finding))}"
    yield f"- **Kind:** {finding.type}, {finding.category}"
    if finding.code:
        yield f"- **Rule:** {for_markdown(finding.code)}"
    if finding.clauses:
        yield f"- **Clauses:** {for_markdown(', '.join(finding.clauses))}"
    yield f"- **What to do:** {for_markdown(finding.recommendation)}"
    yield ""
    if finding.evidence:
        yield from ("**Evidence:**", "", *_fenced(finding.evidence), "")


def _fenced(text: str) -> Iterator[str]:
    shown = for_terminal(text)
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}text"
    yield shown
    yield fence
