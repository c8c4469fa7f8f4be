"""NOT NULL on a table with rows stands on a validated check.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations import Statement
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
                if not item.existed(action.table, statement) or not _matches(item, action):
                    continue
                if action.name not in _proved(item, statement, action.table):
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


_NOT_NULL = re.compile(r"^check ([\w$]+) is not null$")


def _proved(pair: Pair, until: Statement, table: str) -> set[str]:
    """Columns of a table for which the script itself validates a check first, be it at once or later."""
    waiting: dict[str, str] = {}
    proved: set[str] = set()
    for statement in pair.forward.statements:
        if statement is until:
            break
        for action in actions_of(statement):
            if action.table != table:
                continue
            if action.verb == "add constraint":
                plain = action.text.replace("( ", "").replace(" )", "")
                check = _NOT_NULL.match(plain.removesuffix(" not valid"))
                if check is not None and plain.endswith(" not valid"):
                    waiting[action.name] = check[1]
                elif check is not None:
                    proved.add(check[1])
            elif action.verb == "validate constraint" and action.name in waiting:
                proved.add(waiting[action.name])
    return proved


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
