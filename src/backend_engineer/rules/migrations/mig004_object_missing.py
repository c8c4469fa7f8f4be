"""A script finds what it works on.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.migrations.pairs import unsettled
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


_WORDS = {
    "missing": "`{key}` is made by no earlier migration",
    "duplicate": "`{key}` exists already",
    "dependents": "`{detail}` still needs `{key}`",
}


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in unsettled(context):
        if isinstance(item, Silence):
            yield item
            continue
        for path, first, troubles in (
            (item.path, item.migration.forward.line, item.troubles),
            (
                item.back_path,
                item.migration.rollback.line if item.migration.rollback else 1,
                item.back_troubles,
            ),
        ):
            for trouble in troubles:
                if trouble.kind in _WORDS:
                    words = _WORDS[trouble.kind].format(key=trouble.key, detail=trouble.detail)
                    line = trouble.line + first - 1
                    yield Hit(path, f"{words}.", (line, line))


RULE = Rule(
    code="MIG004",
    title="A script cannot work on the schema before it",
    clauses=("MIGR-01", "MIGR-02"),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="A script that names what is not there stops half way, on the day it is needed.",
    recommendation="Name the object as an earlier migration makes it, or put the statements in an order that works.",
    check=_check,
    exact=False,
    question="Does each script find what it works on?",
    look="names in both scripts against earlier migrations",
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
                "ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN agee;\n"
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a misspelt column",
        ),
        Example(
            files=scripts(
                "CREATE TABLE age (id integer PRIMARY KEY);\nCREATE TABLE kind (id integer PRIMARY KEY, age integer REFERENCES age (id));",
                "DROP TABLE age;\nDROP TABLE kind;\n",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="the wrong order",
        ),
    ),
)
