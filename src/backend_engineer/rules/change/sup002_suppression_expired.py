"""A suppression with an end is renewed or removed when the day has come.

Owns: this rule and its examples.
Must never know: which findings a suppression takes out, clocks.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Suppression
from backend_engineer.rules.suppression import inline_notes, is_current

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit]:
    for note in inline_notes(context):
        for item in note.suppressions:
            if not is_current(item, context.today):
                yield _hit(item, context, note.path, (note.line, note.line))
    for item in context.suppressions:
        if not is_current(item, context.today):
            yield _hit(item, context, "", None)


def _hit(item: Suppression, context: Context, path: str, lines: tuple[int, int] | None) -> Hit:
    if context.today is None:
        why = f"the suppression of {item.code} ends on {item.until}, and the call does not say what day it is"
        return Hit(path, f"{item.source}: {why}.", lines, title="A suppression with an end was not looked at")
    return Hit(path, f"{item.source}: the suppression of {item.code} ended on {item.until}.", lines)


_MARK = "# backend-engineer: " + "allow "

RULE = Rule(
    code="SUP002",
    title="A suppression has expired",
    clauses=(),
    severity=Severity.MINOR,
    category=Category.DOCUMENTATION,
    reason="The date was a promise to look again.",
    recommendation="Mend what was suppressed, or give a new date and reason.",
    check=_check,
    valid=(
        Example(
            files={"config/app.yaml": f"{_MARK}SEC401 because the key is public\nport: 80\n"}, note="no end"
        ),
        Example(files={"config/app.yaml": "port: 80\n"}, note="no suppression"),
    ),
    invalid=(
        Example(
            files={"config/app.yaml": f"{_MARK}SEC401 until 2001-01-31 because it is moved away\nport: 80\n"},
            note="long past",
        ),
        Example(
            files={"config/app.sql": f"-- {_MARK[2:]}SEC401 until 2002-02-28 because it is moved away\n"},
            note="in another comment style",
        ),
    ),
)
