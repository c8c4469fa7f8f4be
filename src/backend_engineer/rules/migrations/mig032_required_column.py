"""A new column of a table with rows may be empty or has a default.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations import Statement
from backend_engineer.rules.migrations.actions import Action, actions_of, write_of
from backend_engineer.rules.migrations.pairs import Pair, quote, with_dialect, words_in
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, SQLITE, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql", "sqlite"):
        if isinstance(item, Silence):
            yield item
            continue
        for statement in item.forward.statements:
            for action in actions_of(statement):
                if (
                    item.existed(action.table, statement)
                    and _matches(item, action)
                    and not _emptied(item, statement, action.table)
                ):
                    yield item.hit(statement, f"`{quote(statement)}`")


def _emptied(pair: Pair, until: Statement, table: str) -> bool:
    """Whether the script itself has taken every row out of the table by then."""
    for statement in pair.forward.statements:
        if statement is until:
            return False
        write = write_of(statement)
        if write is None or write.verb not in ("delete", "truncate") or write.bounded:
            continue
        # TRUNCATE may name several tables.
        if write.table == table or (write.verb == "truncate" and table in words_in(statement.text)):
            return True
    return False


def _matches(pair: Pair, action: Action) -> bool:
    words = f" {action.text} "
    if action.verb != "add column" or " not null " not in words:
        return False
    return not any(
        word in words
        for word in (" default ", " generated ", " serial ", " bigserial ", " smallserial ", " as ( ")
    )


RULE = Rule(
    code="MIG032",
    title="A required column is added without a default",
    clauses=("MIGR-02", "MIGR-05"),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="The statement fails as soon as the table has a row.",
    recommendation="Add the column as nullable, fill it, then require it; or give it a default.",
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
                "ALTER TABLE users ADD COLUMN age integer NOT NULL DEFAULT 0;",
                "ALTER TABLE users DROP COLUMN age;\n",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="with a default",
        ),
    ),
    invalid=(
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN age integer NOT NULL;", "ALTER TABLE users DROP COLUMN age;\n"
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="PostgreSQL",
        ),
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN age integer NOT NULL;",
                "ALTER TABLE users DROP COLUMN age;\n",
                guard="PRAGMA busy_timeout = 2000;",
                verify="SELECT age FROM users;",
            ),
            inputs=SQLITE,
            base=BASE,
            note="SQLite",
        ),
    ),
)
