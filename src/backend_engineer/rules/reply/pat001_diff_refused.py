"""Each diff of a reply applies to the base exactly.

Owns: this rule and its examples.
Must never know: other rules, how a diff is applied.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.reply.samples import DOCS_PLAN, sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit | Silence]:
    refused = (
        [item for item in context.reply.diagnostics if item.code == "patch-refused"] if context.reply else []
    )
    for item in refused:
        yield Hit("", f"Line {item.line} of the reply: {item.message}")
    if not refused and not context.change.files:
        yield Silence(Verdict.NOT_APPLICABLE, "the reply holds no files.")


_NOTES = "# Notes\n\nOne.\n"


def _diff(hunk: str) -> tuple[tuple[str, str, str], ...]:
    return (("Docs", "<!-- file: docs/logins.md -->", f"--- a/docs/logins.md\n+++ b/docs/logins.md\n{hunk}"),)


def _reply(hunk: str) -> str:
    return sample_reply(files=_diff(hunk), plan=DOCS_PLAN).replace("```md", "```diff")


RULE = Rule(
    code="PAT001",
    title="A diff does not apply",
    clauses=("PROT-04",),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="A diff against another text than the base's writes lines where nobody meant them.",
    recommendation="Make the diff again from the text that was sent, or give the whole file.",
    check=_check,
    needs=(Need.REPLY,),
    valid=(
        Example(
            reply=_reply("@@ -1,3 +1,3 @@\n # Notes\n \n-One.\n+Two.\n"),
            base={"docs/logins.md": _NOTES},
            note="it applies",
        ),
        Example(reply=sample_reply(), note="no diff"),
    ),
    invalid=(
        Example(
            reply=_reply("@@ -1,3 +1,3 @@\n # Notes\n \n-Three.\n+Two.\n"),
            base={"docs/logins.md": _NOTES},
            note="the base holds another line",
        ),
        Example(
            reply=_reply("@@ -1,9 +1,3 @@\n # Notes\n \n-One.\n+Two.\n"),
            base={"docs/logins.md": _NOTES},
            note="the counts are wrong",
        ),
    ),
)
