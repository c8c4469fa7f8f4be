"""Each file stands in a fenced block and is opened by a comment that names it.

Owns: this rule and its examples.
Must never know: other rules, how a reply is parsed.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.reply.samples import sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

__all__ = ["RULE"]

_BROKEN: dict[str, str] = {}


def _check(context: Context) -> Iterable[Hit | Silence]:
    reply = context.reply
    if reply is None or (not reply.files and not reply.diagnostics):
        yield Silence(Verdict.NOT_APPLICABLE, "the reply holds no files.")
        return
    for item in reply.diagnostics:
        if item.code in _BROKEN:
            yield Hit("", item.message, title=_BROKEN[item.code])


RULE = Rule(
    code="BLK001",
    title="A block is not opened by the name of its file",
    clauses=("OUTF-02",),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="A block without a name is text that nobody can write to disk.",
    recommendation="Open each block with a comment line `file: PATH` in the file's own comment style.",
    check=_check,
    needs=(Need.REPLY,),
    valid=(
        Example(reply=sample_reply(), note="a header in each block"),
        Example(reply=sample_reply(plan=None), note="without a plan"),
    ),
)
