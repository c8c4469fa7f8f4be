"""A script outside a transaction can be run again after it broke off.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.migrations.actions import has_word, is_schema_change
from backend_engineer.rules.migrations.pairs import quote, with_dialect
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts, spec
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql", "sqlite"):
        if isinstance(item, Silence):
            yield item
            continue
        if item.migration.forward.transactional is not False:
            continue
        changes = [statement for statement in item.forward.statements if is_schema_change(statement)]
        bare = [one for one in changes if not has_word(one, "exists") and not has_word(one, "or", "replace")]
        if len(changes) > 1 and bare:
            yield Hit(item.path, f"`{quote(bare[0])}` fails when the script is run again.", item.at(bare[0]))


RULE = Rule(
    code="MIG013",
    title="A script without a transaction cannot be run again",
    clauses=("MIGR-02",),
    severity=Severity.MINOR,
    category=Category.MIGRATIONS,
    reason="What broke off half way has to be repeated, and its first half exists by then.",
    recommendation="Write IF NOT EXISTS and IF EXISTS, or one statement a script.",
    check=_check,
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
                "-- no-transaction\nCREATE TABLE a (id integer PRIMARY KEY);\nCREATE TABLE b (id integer PRIMARY KEY);",
                "DROP TABLE b;\nDROP TABLE a;\n",
                verify="SELECT id FROM a;",
            ),
            inputs=spec("postgresql", transactional=False),
            base=BASE,
            note="two tables",
        ),
        Example(
            files=scripts(
                "CREATE TABLE IF NOT EXISTS a (id integer PRIMARY KEY);\nCREATE TABLE b (id integer PRIMARY KEY);",
                "DROP TABLE b;\nDROP TABLE a;\n",
                verify="SELECT id FROM a;",
            ),
            inputs=spec("postgresql", transactional=False),
            base=BASE,
            note="one of two",
        ),
    ),
)
