"""A rollback removes what the forward script made.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.migrations.actions import composes_names, refuses
from backend_engineer.rules.migrations.pairs import unsettled
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in unsettled(context):
        if isinstance(item, Silence):
            yield item
            continue
        if item.back is None or not item.back.statements or item.faults or item.back_troubles:
            continue
        if refuses(item.back) or composes_names(item.back):
            continue
        for difference in item.lost:
            if difference.kind == "left":
                yield Hit(item.back_path, f"`{difference.key}` is made by the forward script and stays.")


RULE = Rule(
    code="MIG020",
    title="A rollback leaves an object behind",
    clauses=("MIGR-02",),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="What stays behind makes the next forward run fail.",
    recommendation="Drop the object in the rollback.",
    check=_check,
    exact=False,
    question="Does the rollback bring the schema back?",
    look="the forward script and its rollback, side by side",
    settles="running both on a scratch database with verify_migrations",
    valid=(
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN age;\n"
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a column and back",
        ),
        Example(files={"docs/a.md": "# A\n"}, inputs=POSTGRESQL, base=BASE, note="no migration"),
    ),
    invalid=(
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN age integer;\nCREATE TABLE kind (id integer PRIMARY KEY);",
                "ALTER TABLE users DROP COLUMN age;\n",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a table stays",
        ),
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN age integer, ADD COLUMN size integer;",
                "ALTER TABLE users DROP COLUMN age;\n",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a column stays",
        ),
    ),
)
