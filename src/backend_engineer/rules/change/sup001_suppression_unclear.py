"""A suppression comment names codes and a reason, and a date that can be read.

Owns: this rule and its examples.
Must never know: which findings a suppression takes out.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.rule import Context, Example, Hit, Rule
from backend_engineer.rules.suppression import inline_notes

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit]:
    for note in inline_notes(context):
        if note.problem:
            yield Hit(note.path, f"The comment does not count: {note.problem}.", (note.line, note.line))


# In two pieces, so that the comment is not read as one of this file.
_MARK = "# backend-engineer: " + "allow "

RULE = Rule(
    code="SUP001",
    title="A suppression does not count",
    clauses=(),
    severity=Severity.MINOR,
    category=Category.DOCUMENTATION,
    reason="A finding is set aside by a reason, not by a mark.",
    recommendation="Write `allow CODE until 2027-01-31 because REASON`; `until` may be left out.",
    check=_check,
    line_rule=True,
    valid=(
        Example(
            files={"config/app.yaml": f"{_MARK}SEC401 because the key is public\nport: 80\n"},
            note="code and reason",
        ),
        Example(
            files={"config/app.yaml": f"{_MARK}SEC401, ELI001 because it is moved away\nport: 80\n"},
            note="two codes and a reason",
        ),
    ),
    invalid=(
        Example(files={"config/app.yaml": f"{_MARK}SEC401\nport: 80\n"}, note="no reason"),
        Example(
            files={"config/app.yaml": f"{_MARK}SEC401 until soon because of haste\nport: 80\n"},
            note="no date",
        ),
    ),
)
