"""A suppression comment names rules that exist.

Owns: this rule and its examples.
Must never know: what any other rule checks.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from backend_engineer.contract import CLAUSES, Category, Severity
from backend_engineer.rules.registry import built_in_rules
from backend_engineer.rules.rule import Context, Example, Hit, Rule
from backend_engineer.rules.suppression import inline_notes

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit]:
    notes = inline_notes(context)
    if not notes:
        return
    known = context.codes | {rule.code for rule in built_in_rules()}
    for note in notes:
        for item in note.suppressions:
            if item.code not in known:
                words = f"`{item.code}` in the comment is no rule{_perhaps(item.code, known)}."
                yield Hit(note.path, words, (note.line, note.line))


def _perhaps(code: str, known: Iterable[str]) -> str:
    if code in CLAUSES:
        return " but a clause; name the rule that found something"
    near = get_close_matches(code, sorted(known), n=1)
    return f"; `{near[0]}` is one" if near else ""


# In two pieces, so that the comment is not read as one of this file.
_MARK = "# backend-engineer: " + "allow "

RULE = Rule(
    code="SUP003",
    title="A suppression names no rule",
    clauses=(),
    severity=Severity.MINOR,
    category=Category.DOCUMENTATION,
    reason="A comment with a wrong code sets nothing aside and looks as if it did.",
    recommendation="Write the code that stands in the finding; `backend-engineer rules` lists them all.",
    check=_check,
    line_rule=True,
    valid=(
        Example(
            files={
                "config/app.sh": f"{_MARK}ELI001 because this text is what is printed\n# The rest of the code is unchanged.\n"
            },
            note="a rule's code",
        ),
        Example(
            files={"config/app.yaml": "# SEC999 is the number of a form\nport: 80\n"},
            note="no comment of ours",
        ),
    ),
    invalid=(
        Example(
            files={"config/app.yaml": f"{_MARK}SEC041 because the key is public\nport: 80\n"},
            note="letters in the wrong order",
        ),
        Example(
            files={"config/app.yaml": f"{_MARK}CONS-04 because the key is public\nport: 80\n"},
            note="a clause's id",
        ),
    ),
)
