"""Every file of a reply is whole.

Owns: this rule and its examples.
Must never know: other rules, how a reply is parsed.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.reply.samples import sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Rule

__all__ = ["RULE"]

_LIMITS = ("line-too-long", "file-too-large", "too-many-files", "unclosed-thinking")


def _check(context: Context) -> Iterable[Hit]:
    for file in context.change:
        if file.status == "truncated":
            received = (file.content or "").count("\n")
            yield Hit(file.path, f"`{file.path}` ends after {received} lines, without its closing fence.")
        elif file.status == "implicit":
            yield Hit(
                file.path,
                f"The block of `{file.path}` is not closed; where it ends was inferred.",
                title="The end of a file was inferred",
                recommendation="Close the block with a fence as long as the one that opened it.",
                severity=Severity.MINOR,
            )
    for item in context.reply.diagnostics if context.reply is not None else ():
        if item.code in _LIMITS:
            yield Hit(
                "",
                f"Line {item.line} of the reply: {item.message}",
                title="A limit of the parser cut the reply",
            )


_WHOLE = sample_reply(findings=None)
_CUT = _WHOLE[: _WHOLE.index("def test_a_login") + 30]

RULE = Rule(
    code="CUT001",
    title="A file is cut off",
    clauses=("PROT-04",),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="Half a file breaks what the whole file held together.",
    recommendation="Give the file again, whole.",
    check=_check,
    valid=(
        Example(reply=sample_reply(), note="all files whole"),
        Example(files={"docs/a.md": "# A\n"}, note="a change that was never a reply"),
    ),
    invalid=(
        Example(reply=_CUT, note="the text ends inside the test"),
        Example(reply=_WHOLE[: _WHOLE.index("groups:") + 4], note="the text ends inside the alerts"),
    ),
)
