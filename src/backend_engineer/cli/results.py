"""The result of a run as labelled text.

Owns: its layout.
Must never know: how a run goes.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.cli.console import Console
from backend_engineer.cli.questions import clarification_lines
from backend_engineer.outputs import Handoff, StageResult
from backend_engineer.reporting import to_text
from backend_engineer.reporting.escaping import one_line
from backend_engineer.reporting.text import finding_lines

__all__ = ["result_lines"]


def result_lines(result: StageResult, console: Console) -> Iterator[str]:
    """Status, verdicts, review findings, handoffs, usage, and whatever was left out."""
    yield ""
    yield f"Status: {result.status}"
    if result.reason:
        yield f"Reason: {one_line(result.reason)}"
    if result.clarification is not None:
        yield from clarification_lines(result.clarification)
    if result.report is not None:
        yield ""
        yield "Verdicts"
        yield to_text(result.report, paint=console.paint).rstrip("\n")
    yield from _review(result, console)
    if result.handoffs is not None:
        for handoff in (result.handoffs.devops, result.handoffs.qa, result.handoffs.frontend):
            yield from _handoff(handoff)
    usage = result.usage
    estimated = f", {usage.estimated_tokens} of them estimated" if usage.estimated_tokens else ""
    yield ""
    yield f"Usage: {usage.calls} call(s), {usage.input_tokens} tokens in, {usage.output_tokens} tokens out{estimated}"
    for item in result.dropped:
        yield f"Left out: {one_line(item)}"


def _review(result: StageResult, console: Console) -> Iterator[str]:
    if result.review_findings is None:
        return
    found = result.review_findings
    yield ""
    yield f"Review findings: status {found.status}, {len(found.findings)} finding(s)"
    for number, finding in enumerate(found.findings, 1):
        yield f"Finding {number} of {len(found.findings)}"
        yield from finding_lines(finding, console.paint)


def _handoff(handoff: Handoff) -> Iterator[str]:
    yield ""
    yield f"Handoff: {handoff.to} ({handoff.receiver}). {one_line(handoff.summary)}"
    for label, rows in (
        ("Migration", tuple(f"{forward}, back with {back}" for forward, back in handoff.migrations)),
        ("Endpoint", handoff.endpoints),
        ("Command", handoff.commands),
        ("Environment", handoff.environment),
        ("Runbook", handoff.runbooks),
        ("Attention", handoff.attention),
    ):
        yield from (f"  {label}: {one_line(row)}" for row in rows)
