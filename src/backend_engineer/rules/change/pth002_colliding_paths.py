"""No two paths of a change fall together on some file system.

Owns: this rule and its examples.
Must never know: other rules.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity
from backend_engineer.paths import PathIndex
from backend_engineer.rules.rule import Context, Example, Hit, Rule

__all__ = ["RULE"]

_WORDS = {
    "case": "they differ in upper and lower case only",
    "unicode": "they differ in the composition of a letter only",
    "folder": "one is a file where the other needs a folder",
}


def _check(context: Context) -> Iterable[Hit]:
    index = PathIndex()
    added = [file for file in context.change if file.action != "delete" and not _stands(file.path, context)]
    gone = {file.path for file in context.change if file.action == "delete"}
    gone |= {file.previous_path for file in context.change if file.previous_path is not None}
    for path in context.base.paths if context.base is not None and added else ():
        if path not in gone:
            index.add(path)
    for file in added:
        collision = index.add(file.path)
        if collision is not None:
            yield Hit(file.path, f"`{collision.path}` and `{collision.other}`: {_WORDS[collision.kind]}.")


def _stands(path: str, context: Context) -> bool:
    return context.base is not None and path in context.base


RULE = Rule(
    code="PTH002",
    title="Two paths cannot stand side by side",
    clauses=("OUTF-02",),
    severity=Severity.MAJOR,
    category=Category.ARCHITECTURE,
    reason="On a file system that folds names one of the two files would overwrite the other.",
    recommendation="Give one of the two another name.",
    check=_check,
    valid=(
        Example(files={"docs/a.md": "# A\n", "docs/b.md": "# B\n"}, note="two names"),
        Example(
            files={"docs/a.md": "# A\n"}, base={"docs/a.md": "# B\n", "docs/A.md": "# C\n"}, note="an old sin"
        ),
        Example(files={"docs/a.md": "# A\n", "guides/A.md": "# A\n"}, note="two folders"),
    ),
    invalid=(
        Example(files={"docs/Page.md": "# A\n", "docs/page.md": "# B\n"}, note="only the case differs"),
        Example(
            files={"docs/page.md": "# A\n"}, base={"docs/Page.md": "# B\n"}, note="the base has the other one"
        ),
        Example(files={"docs/a": "A\n", "docs/a/b.md": "# B\n"}, note="a file and a folder of one name"),
    ),
)
