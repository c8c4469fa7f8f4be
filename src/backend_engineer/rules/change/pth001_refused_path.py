"""Every path is relative, portable and inside the tree.

Owns: this rule and its examples.
Must never know: other rules, how a reply is parsed.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity
from backend_engineer.paths import path_problem
from backend_engineer.rules.rule import Context, Example, Hit, Rule

__all__ = ["RULE"]

REFUSED_PATH = "refused-path"
"""The parser's diagnostic for a file that it left out because of its path."""


def _check(context: Context) -> Iterable[Hit]:
    for file in context.change:
        # A path that is there already is not this change's doing, and taking one away mends it.
        if file.action == "delete" or (context.base is not None and file.path in context.base):
            continue
        problem = path_problem(file.path)
        if problem:
            yield Hit(file.path, f"`{file.path}` is refused: {problem}.")
    for item in context.reply.diagnostics if context.reply is not None else ():
        if item.code == REFUSED_PATH:
            yield Hit("", item.message)


RULE = Rule(
    code="PTH001",
    title="A path is refused",
    clauses=("OUTF-02",),
    severity=Severity.CRITICAL,
    category=Category.SECURITY,
    reason="A path that leaves the tree, or that one platform reads otherwise, writes where nobody looks.",
    recommendation="Name the file by a relative POSIX path inside the tree, without `..`, drives, or reserved names.",
    check=_check,
    valid=(
        Example(
            files={"docs/[id]/(group)/@scope/page+1.md": "# Page\n"},
            note="signs that frameworks use in paths",
        ),
        Example(files={"docs/a b/Überblick.md": "# Page\n"}, note="blanks and letters of any script"),
        Example(
            files={"docs/aux.md": "# B\n"}, base={"docs/aux.md": "# A\n"}, note="the base has it already"
        ),
    ),
    invalid=(
        Example(files={"../outside.md": "# Page\n"}, note="leaves the tree"),
        Example(files={".git/hooks/pre-commit": "exit 0\n"}, note="reaches into git"),
        Example(files={"docs/nul.md": "# Page\n"}, note="a device on one platform"),
    ),
)
