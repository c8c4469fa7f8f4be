"""The report as GitHub workflow commands, which become annotations beside the changed lines.

Owns: the commands' spelling and escaping, and how many of them a step shows.
Must never know: GitHub's interface, environment variables.
"""

from __future__ import annotations

from itertools import islice

from backend_engineer.contract import SEVERITIES
from backend_engineer.outputs import Report
from backend_engineer.reporting.entries import Entry, entries
from backend_engineer.reporting.escaping import for_terminal, one_line
from backend_engineer.reporting.levels import LEVELS
from backend_engineer.reporting.shown import shown

__all__ = ["SHOWN_PER_KIND", "to_github"]

SHOWN_PER_KIND = 10
"""How many annotations of one kind GitHub shows for a step."""


def to_github(report: Report, *, anchor: str = "") -> str:
    """The report as workflow commands, the weightiest findings first.

    At most ten of each kind are given, since no more are shown; a last notice says how many were left out.
    Every text is escaped, so that nothing in a finding can become a command of its own.
    """
    ranked = sorted(
        entries(shown(report), anchor), key=lambda entry: SEVERITIES.index(entry.finding.severity)
    )
    lines: list[str] = []
    left_out = 0
    for kind in ("error", "warning", "notice"):
        mine = [entry for entry in ranked if LEVELS[entry.finding.severity].github == kind]
        # One notice is kept free for the line that says what was left out.
        spare = kind == "notice" and (left_out or len(mine) > SHOWN_PER_KIND)
        room = SHOWN_PER_KIND - bool(spare)
        lines.extend(_command(kind, entry) for entry in islice(mine, room))
        left_out += max(0, len(mine) - room)
    if left_out:
        lines.append(
            f"::notice title=backend-engineer::{left_out} more finding(s) are not shown as annotations."
        )
    return "".join(line + "\n" for line in lines)


def _command(kind: str, entry: Entry) -> str:
    finding = entry.finding
    properties = {"title": f"{finding.severity}: {finding.title} ({entry.code})"}
    if entry.path:
        properties["file"] = entry.path
        span = finding.where.span
        if span is not None:
            properties |= {"line": str(span[0]), "endLine": str(max(span))}
    spelled = ",".join(f"{name}={_property(value)}" for name, value in sorted(properties.items()))
    return f"::{kind} {spelled}::{_message(for_terminal(entry.message))}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(one_line(text)).replace(":", "%3A").replace(",", "%2C")
