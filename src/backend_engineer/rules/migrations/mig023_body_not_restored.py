"""A rollback restores the bodies of functions, views and triggers.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.migrations.actions import refuses
from backend_engineer.rules.migrations.pairs import unsettled
from backend_engineer.rules.migrations.samples import BASE, BASE_WITH_CODE, POSTGRESQL, scripts
from backend_engineer.rules.reading import has_order
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
            if difference.kind == "body":
                # The server writes views, and bodies that are no string, anew: two texts may be one
                # definition, and in a commit that is a question for a reviewer.
                view = difference.key.startswith("view ")
                words = f"`{difference.key}` comes back with another {'text' if view else 'definition'}."
                yield Hit(
                    item.back_path, words, severity=None if has_order(context) and not view else Severity.INFO
                )


RULE = Rule(
    code="MIG023",
    title="A rollback restores another body",
    clauses=("MIGR-02",),
    severity=Severity.MINOR,
    category=Category.MIGRATIONS,
    reason="A function that comes back with another body is a change that nobody made.",
    recommendation="Restore the earlier body word by word.",
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
                "CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE sql AS $$ SELECT 2 $$;",
                "CREATE OR REPLACE FUNCTION f() RETURNS integer LANGUAGE sql AS $$ SELECT 3 $$;\n",
                verify="SELECT f() = 2;",
            ),
            inputs=POSTGRESQL,
            base=BASE_WITH_CODE,
            note="a function",
        ),
        Example(
            files=scripts(
                "DROP VIEW v;\nCREATE VIEW v AS SELECT id, email FROM users;",
                "DROP VIEW v;\nCREATE VIEW v AS SELECT email FROM users;\n",
                verify="SELECT email FROM v;",
            ),
            inputs=POSTGRESQL,
            base=BASE_WITH_CODE,
            note="a view",
        ),
    ),
)
