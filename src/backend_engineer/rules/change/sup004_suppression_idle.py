"""A suppression comment sets something aside.

Owns: this rule and its examples.
Must never know: what any other rule checks.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule
from backend_engineer.rules.suppression import idle_notes

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit]:
    for note, item in idle_notes(context):
        where = "in this file" if item.lines is None else "on this line or the next"
        words = f"{item.code} finds nothing {where}, so that the comment sets nothing aside."
        yield Hit(note.path, words, (note.line, note.line))


# In two pieces, so that the comment is not read as one of this file.
_MARK = "# backend-engineer: " + "allow"

RULE = Rule(
    code="SUP004",
    title="A suppression sets nothing aside",
    clauses=(),
    severity=Severity.INFO,
    category=Category.DOCUMENTATION,
    reason="A comment that is left over hides the next finding at its place, and its reason is read as true.",
    recommendation="Remove the code from the comment, or the comment.",
    check=_check,
    needs=(Need.OUTCOME,),
    line_rule=True,
    valid=(
        Example(
            files={
                "config/app.sh": f"{_MARK} ELI001 because this text is what is printed\n# The rest of the code is unchanged.\n"
            },
            note="it covers a finding",
        ),
        Example(
            files={"config/app.yaml": f"{_MARK} API003 because clients retry by themselves\nport: 80\n"},
            note="its rule could not look: there is no API description",
        ),
    ),
    invalid=(
        Example(
            files={"config/app.yaml": f"{_MARK} ELI001 because the rest is generated\nport: 80\n"},
            note="nothing is left out here",
        ),
        Example(
            files={"config/app.yaml": f"port: 80\n{_MARK}-file SEC401 because the key is public\n"},
            note="no credential stands in the file",
        ),
    ),
)
