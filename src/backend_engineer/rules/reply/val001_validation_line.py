"""After each code or migration file stands a line that validates it.

Owns: this rule and its examples.
Must never know: other rules.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Section, Severity, Verdict
from backend_engineer.outputs import FileChange
from backend_engineer.rules.reading import CODE_SECTIONS, section_of
from backend_engineer.rules.reply.samples import DOCS_PLAN, FILES, sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

__all__ = ["RULE"]

_WATCHED = CODE_SECTIONS | {Section.MIGRATIONS}
# From the last line of one file to the first of the next in the same block: the next one's header line,
# and the blank line that may stand before it.
_SAME_BLOCK = 3


def _check(context: Context) -> Iterable[Hit | Silence]:
    files = context.reply.files if context.reply is not None else ()
    watched = [file for file in files if section_of(file, context) in _WATCHED]
    if context.reply is None or not watched:
        yield Silence(Verdict.NOT_APPLICABLE, "the reply holds no code and no migration.")
        return
    validated = {item.path for item in context.reply.validations if item.text.strip()}
    for index, file in enumerate(files):
        if section_of(file, context) in _WATCHED and not _is_covered(index, files, validated):
            yield Hit(file.path, f"No `Validation:` line follows `{file.path}`.")


def _is_covered(index: int, files: tuple[FileChange, ...], validated: set[str | None]) -> bool:
    """Whether the file, or a later one in the same block, is followed by a validation."""
    for at in range(index, len(files)):
        if files[at].path in validated:
            return True
        if at + 1 == len(files) or files[at + 1].start_line - files[at].end_line > _SAME_BLOCK:
            return False
    return False


_SILENT = sample_reply(validation="")
_LAST_CODE = "\n\nValidation: read again, nothing to mend.\n\n## Tests"

RULE = Rule(
    code="VAL001",
    title="A change is not validated",
    clauses=("FLOW-13",),
    severity=Severity.MAJOR,
    category=Category.TESTING,
    reason="Looking at each change once more, at once, is where mistakes are cheapest to mend.",
    recommendation="After each code or migration block write one or two lines `Validation: ...` that say what was looked at.",
    check=_check,
    needs=(Need.REPLY,),
    valid=(
        Example(reply=sample_reply(), note="a line after each block"),
        Example(
            reply=sample_reply(files=FILES[5:], plan=DOCS_PLAN, validation=""), note="no code, no migration"
        ),
    ),
    invalid=(
        Example(reply=_SILENT, note="no validation anywhere"),
        Example(reply=sample_reply().replace(_LAST_CODE, "\n\n## Tests"), note="none after the service"),
    ),
)
