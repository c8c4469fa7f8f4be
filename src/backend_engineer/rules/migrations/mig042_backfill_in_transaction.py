"""Rows are not filled in the transaction that changes the schema.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.migrations.actions import actions_of, write_of
from backend_engineer.rules.migrations.pairs import Pair, quote, with_dialect
from backend_engineer.rules.migrations.placing import Unit
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


_LOCKS = ("add column", "drop column", "alter column", "add constraint", "rename column")


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql"):
        if isinstance(item, Silence):
            yield item
            continue
        for unit in item.units:
            if unit.script.transactional is not False:
                yield from _first(item, unit)


def _first(pair: Pair, unit: Unit) -> Iterator[Hit]:
    locked: set[str] = set()
    for statement in unit.statements:
        write = write_of(statement)
        if write is not None and write.table in locked and write.verb in ("update", "delete"):
            yield pair.hit(statement, f"`{quote(statement)}` runs while `{write.table}` is locked.")
            return
        # What is written before the schema change does not wait for it, nor anybody for the write.
        locked |= {
            action.table
            for action in actions_of(statement)
            if action.verb in _LOCKS and pair.existed(action.table, statement)
        }


RULE = Rule(
    code="MIG042",
    title="A schema change and a backfill share a transaction",
    clauses=("MIGR-03",),
    severity=Severity.MINOR,
    category=Category.MIGRATIONS,
    reason="The lock of the schema change is held until the last row is written.",
    recommendation="Put the backfill into a migration of its own, after the schema change.",
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
        Example(
            files=scripts(
                "UPDATE users SET name = '' WHERE name IS NULL;\nALTER TABLE users ALTER COLUMN name SET DEFAULT '';",
                "ALTER TABLE users ALTER COLUMN name DROP DEFAULT;\n",
                verify="SELECT column_default IS NOT NULL FROM information_schema.columns WHERE table_name = 'users' AND column_name = 'name';",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="the rows are written before anything is locked",
        ),
    ),
    invalid=(
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN age integer;\nUPDATE users SET age = 0 WHERE id < 100;",
                "ALTER TABLE users DROP COLUMN age;\n",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a column and its values",
        ),
        Example(
            files=scripts(
                "ALTER TABLE users ALTER COLUMN name SET DEFAULT '';\nUPDATE users SET name = '' WHERE name IS NULL;",
                "ALTER TABLE users ALTER COLUMN name DROP DEFAULT;\n",
                verify="SELECT column_default IS NOT NULL FROM information_schema.columns WHERE table_name = 'users' AND column_name = 'name';",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a default and values",
        ),
    ),
)
