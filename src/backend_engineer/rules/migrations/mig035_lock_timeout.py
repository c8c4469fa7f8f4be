"""A script that takes a strong lock limits how long it waits for it.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations import Statement
from backend_engineer.rules.migrations.actions import actions_of, has_word
from backend_engineer.rules.migrations.pairs import Pair, quote, with_dialect
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, papers, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


_STRONG = (
    "add column",
    "drop column",
    "alter column",
    "add constraint",
    "drop constraint",
    "rename table",
    "rename column",
    "drop table",
    "create index",
)


# Of altering a column these take a lock under which all may read and write.
_WEAK = ("set statistics", "set ( ", "reset ( ")


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql"):
        if isinstance(item, Silence):
            yield item
            continue
        for statement in item.forward.statements:
            if statement.head == "set" and has_word(statement, "lock_timeout"):
                break
            strong = [
                one
                for one in actions_of(statement)
                if one.verb in _STRONG
                and not one.text.startswith(_WEAK)
                and item.existed(one.table, statement)
                and not (one.verb == "drop table" and _finds_nothing(item, statement, one.table))
            ]
            if strong:
                yield item.hit(
                    statement,
                    f"`{quote(statement)}` waits for `{strong[0].table}` without a lock_timeout.",
                )
                break


def _finds_nothing(pair: Pair, statement: Statement, table: str) -> bool:
    """Whether a drop with IF EXISTS is of a table that nobody made."""
    return f"table {table}" not in pair.before.objects and has_word(statement, "if", "exists")


RULE = Rule(
    code="MIG035",
    title="A strong lock is waited for without a limit",
    clauses=("MIGR-05", "FLOW-03"),
    severity=Severity.MINOR,
    category=Category.MIGRATIONS,
    reason="While the statement waits for its lock, everybody else waits behind it.",
    recommendation="Begin the script with `SET lock_timeout = '2s';`.",
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
            files={
                **scripts("", "ALTER TABLE users DROP COLUMN age;\n"),
                "db/migrations/0002_age.up.sql": papers(
                    "SELECT age FROM users;", "ALTER TABLE users ADD COLUMN age integer;"
                ).replace("SET lock_timeout = '2s';", "SET statement_timeout = '5s';"),
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="another timeout",
        ),
        Example(
            files={
                **scripts("", "ALTER TABLE users RENAME COLUMN label TO name;\n"),
                "db/migrations/0002_age.up.sql": papers(
                    "SELECT label FROM users;", "ALTER TABLE users RENAME COLUMN name TO label;"
                ).replace("SET lock_timeout = '2s';", "SET statement_timeout = '9s';"),
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="a rename",
        ),
    ),
)
