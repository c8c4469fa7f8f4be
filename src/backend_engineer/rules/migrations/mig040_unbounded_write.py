"""A script writes no more rows at once than it says.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations import Statement
from backend_engineer.migrations.shadow.reading import Cursor
from backend_engineer.rules.migrations.actions import actions_of, write_of
from backend_engineer.rules.migrations.pairs import Pair, quote, with_dialect
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


_SMALL = re.compile(r"--\s*SMALL TABLE\s*:\s*(\w+)", re.IGNORECASE)


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql", "sqlite"):
        if isinstance(item, Silence):
            yield item
            continue
        small = {name.lower() for name in _SMALL.findall(item.migration.forward.sql)}
        for statement in item.forward.statements:
            if _unbounded(item, statement) not in ("", *small):
                yield item.hit(statement, f"`{quote(statement)}`")
        for statement in item.back.statements if item.back is not None else ():
            write = write_of(statement)
            if (
                write is not None
                and write.verb in ("update", "delete")
                and _unbounded(item, statement) not in ("", *small)
            ):
                yield item.back_hit(statement, f"`{quote(statement)}`")


def _unbounded(pair: Pair, statement: Statement) -> str:
    """The table of which every row is written or copied, empty where there is none."""
    write = write_of(statement)
    if write is None or write.bounded or write.verb == "truncate":
        return ""
    source = _source(statement) if write.verb == "insert" else write.table
    if not pair.existed(source, statement) or f"table {source}" not in pair.after.objects:
        return ""
    # SQLite changes a table by copying it, dropping it and giving the copy its name.
    rebuilt = any(
        action.verb == "drop table" and action.table == source
        for one in pair.forward.statements
        for action in actions_of(one)
    )
    return "" if rebuilt and pair.dialect == "sqlite" else source


def _source(statement: Statement) -> str:
    """The table that an INSERT ... SELECT reads, empty where it reads none."""
    for place, token in enumerate(statement.tokens):
        if token[:2] == ("w", "from"):
            return Cursor(statement.tokens, place + 1).name()
    return ""


RULE = Rule(
    code="MIG040",
    title="A migration writes every row at once",
    clauses=("CONS-06", "MIGR-03"),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="One statement over a whole table holds its locks until the last row.",
    recommendation="Write in batches with a stored checkpoint, bound the statement, or say that the table is small: `-- SMALL TABLE: name, rows`.",
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
                "CREATE TABLE kind (id integer PRIMARY KEY);\n-- SMALL TABLE: users, 20 rows\nUPDATE users SET name = '';",
                "DROP TABLE kind;\n",
                verify="SELECT id FROM kind;",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="declared small",
        ),
    ),
    invalid=(
        Example(
            files=scripts(
                "UPDATE users SET name = 'x';",
                "-- IRREVERSIBLE: names are overwritten; restore them from the backup\n",
                verify="SELECT name = 'x' FROM users;",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="every row",
        ),
        Example(
            files=scripts(
                "CREATE TABLE copies (id integer PRIMARY KEY);\nINSERT INTO copies SELECT id FROM users;",
                "DROP TABLE copies;\n",
                verify="SELECT id FROM copies;",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a copy of every row",
        ),
    ),
)
