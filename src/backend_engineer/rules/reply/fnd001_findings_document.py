"""After the code stands one findings document with the stage's name, version and status.

Owns: this rule and its examples.
Must never know: other rules.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import IDENTITY, Category, Severity
from backend_engineer.rules.reply.samples import FINDINGS, sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit]:
    if context.reply is None:
        return
    document = context.reply.findings
    for item in context.reply.diagnostics:
        if item.code == "second-findings":
            yield Hit(
                "", f"Line {item.line} of the reply: {item.message}", title="There are two findings documents"
            )
    if document is None:
        yield Hit("", "The reply holds no JSON block with `findings` that can be read.")
        return
    for key, said, wanted in (
        ("tool", document.tool, IDENTITY.id),
        ("version", document.version, IDENTITY.version),
    ):
        if said != wanted:
            yield Hit("", f"`{key}` is {said!r}.", title=f"The findings document names another {key}")


RULE = Rule(
    code="FND001",
    title="The findings document is missing",
    clauses=("FIND-01",),
    severity=Severity.MAJOR,
    category=Category.DOCUMENTATION,
    reason="The next stages read the findings document, not the prose.",
    recommendation=(
        f"End with one JSON block with tool {IDENTITY.id!r}, version {IDENTITY.version!r}, a status, and findings."
    ),
    check=_check,
    needs=(Need.REPLY,),
    valid=(
        Example(reply=sample_reply(), note="a document without findings"),
        Example(reply=sample_reply(findings={**FINDINGS, "status": "blocked"}), note="a blocked run says so"),
    ),
    invalid=(
        Example(reply=sample_reply(findings=None), note="no document"),
        Example(reply=sample_reply(findings={**FINDINGS, "tool": "reviewer"}), note="another tool's name"),
        Example(reply=sample_reply(claimed=FINDINGS), note="two documents"),
    ),
)
