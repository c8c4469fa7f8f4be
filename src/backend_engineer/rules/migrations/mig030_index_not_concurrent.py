"""An index on a table with rows is built beside its writers.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.migrations.actions import Action, actions_of
from backend_engineer.rules.migrations.pairs import Pair, quote, with_dialect
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts, spec
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
    return action.verb == "create index"


RULE = Rule(
    code="MIG030",
    title="An index blocks writers while it is built",
    clauses=("MIGR-05",),
    severity=Severity.MINOR,
    category=Category.MIGRATIONS,
    reason="CREATE INDEX holds every write back until it is done.",
    recommendation="Build it with CONCURRENTLY in a script without a transaction.",
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
                "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS users_name ON users (name);",
                "-- no-transaction\nDROP INDEX CONCURRENTLY users_name;\n",
                verify="SELECT count(*) = 1 FROM pg_indexes WHERE tablename = 'users' AND indexname = 'users_name';",
            ),
            inputs=spec("postgresql", transactional=False),
            base=BASE,
            note="concurrently",
        ),
    ),
    invalid=(
        Example(
            files=scripts(
                "CREATE INDEX users_name ON users (name);",
                "DROP INDEX users_name;\n",
                verify="SELECT count(*) = 1 FROM pg_indexes WHERE tablename = 'users' AND indexname = 'users_name';",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a plain index",
        ),
        Example(
            files=scripts(
                "CREATE UNIQUE INDEX users_name ON users (name);",
                "DROP INDEX users_name;\n",
                verify="SELECT count(*) = 1 FROM pg_indexes WHERE tablename = 'users' AND indexname = 'users_name';",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a unique one",
        ),
    ),
)
