"""NOT NULL on a table with rows stands on a validated check.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations.shadow.constraints import column_parts
from backend_engineer.rules.migrations.actions import Action, actions_of
from backend_engineer.rules.migrations.pairs import Pair, quote, with_dialect
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql"):
        if isinstance(item, Silence):
            yield item
            continue
        for statement in item.forward.statements:
            for action in actions_of(statement):
                if item.existed(action.table, statement) and _matches(item, action):
                    yield item.hit(statement, f"`{quote(statement)}`")


def _matches(pair: Pair, action: Action) -> bool:
    if action.verb != "alter column" or not action.text.startswith("set not null"):
        return False
    column = pair.before.objects.get(f"column {action.table}.{action.name}")
    if column is not None and column.text is not None and column_parts(column.text)[1] == "not null":
        return False
    proof = f"{action.name} is not null"
    return not any(
        entry.text is not None
        and proof in entry.text.replace("( ", "").replace(" )", "")
        and "not valid" not in entry.text
        for key, entry in pair.before.objects.items()
        if key.startswith(f"constraint {action.table}.")
    )


RULE = Rule(
    code="MIG034",
    title="SET NOT NULL reads the whole table under a lock",
    clauses=("MIGR-05",),
    severity=Severity.MINOR,
    category=Category.MIGRATIONS,
    reason="Every reader and writer waits while each row is looked at.",
    recommendation="Add `CHECK (column IS NOT NULL) NOT VALID`, validate it in a later migration, then set NOT NULL.",
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
                "ALTER TABLE users ALTER COLUMN name SET NOT NULL;",
                "ALTER TABLE users ALTER COLUMN name DROP NOT NULL;\n",
                verify="SELECT is_nullable = 'NO' FROM information_schema.columns WHERE table_name = 'users' AND column_name = 'name';",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="without a check",
        ),
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN age integer;\nALTER TABLE users ALTER COLUMN age SET NOT NULL;",
                "ALTER TABLE users DROP COLUMN age;\n",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="in the same script",
        ),
    ),
)
