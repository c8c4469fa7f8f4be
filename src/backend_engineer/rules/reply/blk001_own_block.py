"""Each file stands in a fenced block and is opened by a comment that names it.

Owns: this rule and its examples.
Must never know: other rules, how a reply is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.outputs import FileChange
from backend_engineer.rules.reply.samples import sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

__all__ = ["RULE"]

_BROKEN: dict[str, tuple[str, Severity]] = {
    "unnamed-block": ("A block among the files has no name", Severity.MAJOR),
    "orphan-lines": ("Lines of a block belong to no file", Severity.MAJOR),
    "forgotten-closer": ("A block was not closed before the next", Severity.MAJOR),
    "unclosed-block": ("A block without a name is not closed", Severity.MAJOR),
    "truncated-header": ("A header is cut off", Severity.MAJOR),
    "body-ignored": ("A deletion has a text", Severity.MINOR),
    "header-words": ("Words after a path were passed over", Severity.MINOR),
    "closer-with-text": ("A fence is followed by text", Severity.MINOR),
    "unsealed-header": ("A header does not carry the seal", Severity.MINOR),
}
"""What the parser said about blocks and headers: title and weight of the finding."""

_COMMENT = re.compile(r"\s*(?://|#|--|;|%|/\*|<!--|\(\*|\{#|REM\b|')")


def _check(context: Context) -> Iterable[Hit | Silence]:
    reply = context.reply
    if reply is None or (not reply.files and not reply.diagnostics):
        yield Silence(Verdict.NOT_APPLICABLE, "the reply holds no files.")
        return
    for item in reply.diagnostics:
        if item.code in _BROKEN:
            title, severity = _BROKEN[item.code]
            yield Hit("", f"Line {item.line} of the reply: {item.message}", title=title, severity=severity)
    lines = reply.text.split("\n")
    for file in reply.files:
        if file.start_line > 0 and not _has_header(file, lines):
            yield Hit(file.path, f"The name `{file.path}` stands outside of its block.")


def _has_header(file: FileChange, lines: list[str]) -> bool:
    """Whether a comment with the path stands right before the content, or after a line that must come first."""
    near = lines[max(file.start_line - 2, 0) : file.start_line + 1]
    names = {file.path, file.path.rpartition("/")[2], file.previous_path or file.path}
    return any(_COMMENT.match(line) and any(name in line for name in names) for line in near)


_SAMPLE = sample_reply()
_TWO_IN_ONE = _SAMPLE.replace(
    "```\n\nValidation: read again, nothing to mend.\n\n```sql\n-- file: db/migrations/0002_last_login.down",
    "\n-- file: db/migrations/0002_last_login.down",
    1,
)
_ORPHAN = _SAMPLE.replace("# file: src/services/login.py", "import datetime\n\n# file: src/services/login.py")
_NAMELESS = _SAMPLE.replace(
    "## Observability", "**src/services/logout.py**\n\n```py\ndef logout(): ...\n```\n\n## Observability"
)
_TYPED = _SAMPLE.replace(
    "## Observability", "```console\n$ pytest tests/test_login.py\n```\n\n## Observability"
)
_WORDY = _SAMPLE.replace("# file: src/services/login.py", "# file: src/services/login.py and its caller")

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
        Example(reply=_SAMPLE, note="a header in each block"),
        Example(reply=_TWO_IN_ONE, note="two files in one block, each under its header"),
        Example(reply=_TYPED, note="a command line between the files"),
    ),
    invalid=(
        Example(reply=_ORPHAN, note="lines before the first header"),
        Example(reply=_WORDY, note="words after the path"),
        Example(reply=_NAMELESS, note="a name above the block and none in it"),
    ),
)
