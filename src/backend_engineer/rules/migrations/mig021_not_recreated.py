"""A rollback brings back what the forward script dropped.

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
            if difference.kind == "lost":
                yield Hit(
                    item.back_path, f"`{difference.key}` is dropped by the forward script and not made again."
                )


RULE = Rule(
    code="MIG021",
    title="A rollback does not bring an object back",
    clauses=("MIGR-02",),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="Code of the older version reads what is gone.",
    recommendation="Create the object again in the rollback, as it was.",
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
                "-- IRREVERSIBLE: names are dropped; restore them from a backup\nALTER TABLE users DROP COLUMN name;\nALTER TABLE users ADD COLUMN age integer;",
                "ALTER TABLE users DROP COLUMN age;\n",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a column is lost",
        ),
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN age integer;\nALTER TABLE users DROP CONSTRAINT users_pkey;",
                "ALTER TABLE users DROP COLUMN age;\n",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a key is lost",
        ),
    ),
)
