"""The files stand under section headings, in the order of the ten sections.

Owns: this rule and its examples.
Must never know: other rules.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import SECTIONS, Category, Section, Severity, Verdict
from backend_engineer.parsing.prose import section_of_heading
from backend_engineer.rules.reply.samples import FILES, SERVICE_PLAN, sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit | Silence]:
    files = context.reply.files if context.reply is not None else ()
    if context.reply is None or not files:
        yield Silence(Verdict.NOT_APPLICABLE, "the reply holds no files.")
        return
    first = files[0]
    headings = _headings(context.reply.text)
    if first.start_line > 0 and not any(line < first.start_line for line in headings):
        yield Hit(
            first.path, f"`{first.path}` stands under no section heading.", title="A file has no section"
        )
    last: Section | None = None
    for file in files:
        # Where no heading stands before a file, its section is told by its path and stands nowhere in the reply.
        if file.section is None or not any(line < file.start_line for line in headings):
            continue
        if last is not None and file.section.position < last.position:
            yield Hit(file.path, f"`{file.path}` stands under {file.section.value!r}, after {last.value!r}.")
        else:
            last = file.section


def _headings(text: str) -> tuple[int, ...]:
    """The lines on which one of the ten headings stands, counted from 1."""
    return tuple(
        number
        for number, line in enumerate(text.split("\n"), start=1)
        if section_of_heading(line) is not None
    )


_NO_HEADING = sample_reply().replace("## Migrations\n", "")

RULE = Rule(
    code="ORD001",
    title="A section stands out of order",
    clauses=("OUTF-01", "CHEK-01"),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="The order is the order in which a change is read, reviewed and deployed.",
    recommendation="Emit the files under these headings, in this order: " + ", ".join(SECTIONS) + ".",
    check=_check,
    needs=(Need.REPLY,),
    valid=(
        Example(reply=sample_reply(), note="sections in order, empty ones left out"),
        Example(reply=sample_reply(files=FILES[2:], plan=SERVICE_PLAN), note="no migrations"),
    ),
    invalid=(
        Example(
            reply=sample_reply(files=[*FILES[:3], FILES[5], FILES[3], FILES[4]]),
            note="documentation before tests",
        ),
        Example(reply=_NO_HEADING, note="the migrations under no heading"),
    ),
)
