"""A finding says what, where, why and what to do; `evidence` is a defect with proof.

Owns: this rule and its examples.
Must never know: other rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.outputs import Finding
from backend_engineer.rules.reply.samples import finding, sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

__all__ = ["RULE"]

_PRAISE = re.compile(
    r"(?i)^\W*(?:all (?:good|fine|well|checks? (?:pass|ok))|no (?:issues?|problems?|defects?|findings?)\b"
    r"|looks? (?:good|fine|correct)|(?:correctly|properly|fully) (?:implemented|handled|covered)|approved\b|lgtm\b)"
)


def _check(context: Context) -> Iterable[Hit | Silence]:
    if context.reply is None:
        return
    document = context.reply.findings
    for item in context.reply.diagnostics:
        if item.code == "invalid-findings":
            yield Hit("", f"Line {item.line} of the reply: {item.message}", title="A finding cannot be read")
    if document is None:
        yield Silence(Verdict.NOT_CHECKED, "there is no findings document that can be read.")
        return
    for number, finding_ in enumerate(document.findings, start=1):
        yield from _about(finding_, f"Finding {number}, {finding_.title!r}")


def _about(item: Finding, name: str) -> Iterable[Hit]:
    for key, text in (("evidence", item.evidence), ("recommendation", item.recommendation)):
        if not text.strip():
            yield Hit(item.where.path, f"{name}, has an empty `{key}`.", title=f"A finding has no {key}")
    if not item.where.path.strip() and item.type is not FindingType.QUESTION:
        yield Hit("", f"{name}, names no path.", title="A finding names no place")
    if item.type is FindingType.EVIDENCE and _PRAISE.search(item.title):
        yield Hit(
            item.where.path,
            f"{name}, is of type `evidence` and reports no defect.",
            title="A finding is praise",
        )


RULE = Rule(
    code="FND002",
    title="A finding is not whole",
    clauses=("FIND-02",),
    severity=Severity.MAJOR,
    category=Category.DOCUMENTATION,
    reason="A finding that cannot be acted on is noise to those who read the next hundred.",
    recommendation="Give each finding a place, evidence and a recommendation, and report defects only.",
    check=_check,
    needs=(Need.REPLY,),
    valid=(
        Example(reply=sample_reply(), note="no findings"),
        Example(reply=sample_reply(findings=finding()), note="a whole finding"),
    ),
    invalid=(
        Example(reply=sample_reply(findings=finding(recommendation=" ")), note="nothing is recommended"),
        Example(
            reply=sample_reply(findings=finding(type="evidence", title="No issues found")), note="praise"
        ),
        Example(
            reply=sample_reply(findings=finding(severity="urgent")), note="a severity that does not exist"
        ),
    ),
)
