"""The place that a finding names exists; what it puts in backticks and its file lacks is a question.

Owns: this rule and its examples.
Must never know: other rules.

Code in backticks is a quotation or a proposal, and nothing tells which: of the findings that other tools
report most such words are proposals, full names and paths. So it is asked and never held against a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.outputs import Finding
from backend_engineer.rules.attested import quote_lines, stripped_lines
from backend_engineer.rules.reply.samples import finding, sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

__all__ = ["RULE"]

# What stands in backticks and reads like a piece of code: words joined by signs.
_QUOTED = re.compile(r"`([^`\n]{12,})`")
_CODE_SIGN = re.compile(r"[()=;{}\[\]<>]|\.\w")


def _check(context: Context) -> Iterable[Hit | Silence]:
    document = context.reply.findings if context.reply is not None else None
    if document is None:
        yield Silence(Verdict.NOT_CHECKED, "there is no findings document that can be read.")
        return
    for item in document.findings:
        if item.where.path:
            yield from _about(item, context)


def _about(item: Finding, context: Context) -> Iterable[Hit | Silence]:
    path = item.where.path
    text = context.text_of(path)
    if text is None:
        if not _is_known(path, context):
            yield Hit(path, f"{item.title!r} names `{path}`, which neither the change nor the base holds.")
        return
    lines = stripped_lines(text)
    span = item.where.span
    if span is not None and (span[1] > len(lines) or span[1] < span[0]):
        yield Hit(path, f"{item.title!r} names lines {item.where.lines}; `{path}` has {len(lines)}.")
        return
    for quote in _QUOTED.findall(item.evidence):
        if _CODE_SIGN.search(quote) and not quote_lines(quote, lines):
            said = f"{item.title!r} has `{quote}` in backticks, and `{path}` does not hold it"
            yield Hit(
                path,
                f"{said}: a quotation, or a proposal?",
                title="A finding may quote what is not there",
                recommendation="Quote word for word what the file holds, and call a proposal one.",
                severity=Severity.INFO,
            )
            yield Silence(Verdict.NEEDS_REVIEW, f"{said}; is it meant as a quotation?")


def _is_known(path: str, context: Context) -> bool:
    """Whether the change deletes or moves the path, or a folder of it is meant."""
    if any(path in (file.path, file.previous_path) for file in context.change):
        return True
    folder = path.rstrip("/") + "/"
    held = (*context.change.paths, *(context.base.paths if context.base is not None else ()))
    return any(name.startswith(folder) for name in held) or (
        context.base is not None and path in context.base
    )


RULE = Rule(
    code="FND003",
    title="A finding names a place that is not there",
    clauses=("FIND-02",),
    severity=Severity.MAJOR,
    category=Category.DOCUMENTATION,
    reason="A place that does not exist sends the reader searching and the export to nowhere.",
    recommendation="Name a path of the change or the base, with lines that the file has, counted without its header line.",
    check=_check,
    needs=(Need.REPLY,),
    valid=(
        Example(reply=sample_reply(findings=finding()), note="the place and the quote stand"),
        Example(
            reply=sample_reply(
                findings=finding(where={"path": "src/app.py", "lines": "1"}, evidence="It starts there.")
            ),
            base={"src/app.py": "start()\n"},
            note="a place in the base",
        ),
    ),
    invalid=(
        Example(
            reply=sample_reply(findings=finding(where={"path": "src/none.py", "lines": "1"})),
            note="no such file",
        ),
        Example(
            reply=sample_reply(findings=finding(where={"path": "src/services/login.py", "lines": "88-129"})),
            note="no such lines",
        ),
    ),
)
