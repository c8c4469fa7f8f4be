"""A rollback restores types, defaults and definitions.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.migrations.actions import refuses
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
        if refuses(item.back):
            continue
        for difference in item.lost:
            if difference.kind in ("attribute", "definition", "enum"):
                yield Hit(
                    item.back_path,
                    f"`{difference.key}` was {difference.was or 'as before'} and becomes {difference.now or 'something else'}.",
                )


RULE = Rule(
    code="MIG022",
    title="A rollback restores an object differently",
    clauses=("MIGR-02",),
    severity=Severity.MINOR,
    category=Category.MIGRATIONS,
    reason="A column that comes back without its length, default or NOT NULL takes values that it never took.",
    recommendation="Restore the definition word by word.",
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
                "ALTER TABLE users ALTER COLUMN name DROP DEFAULT;\nALTER TABLE users ALTER COLUMN email DROP NOT NULL;",
                "ALTER TABLE users ALTER COLUMN name DROP DEFAULT;\n",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="NOT NULL is not restored",
        ),
        Example(
            files=scripts(
                "ALTER TABLE users ALTER COLUMN name SET DEFAULT 'x';",
                "ALTER TABLE users ALTER COLUMN name SET DEFAULT '';\n",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="another default",
        ),
    ),
)
