"""What needs to stand outside a transaction stands outside.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations import MigrationScript, Script, Statement
from backend_engineer.rules.migrations.actions import has_word
from backend_engineer.rules.migrations.pairs import quote, with_dialect
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts, spec
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql"):
        if isinstance(item, Silence):
            yield item
            continue
        if item.migration.forward.transactional is not False:
            yield from _inside(item.migration.forward, item.forward, item.hit)
        back = item.migration.rollback
        if back is not None and item.back is not None and back.transactional is not False:
            yield from _inside(back, item.back, item.back_hit)


def _inside(script: MigrationScript, read: Script, hit: Callable[..., Hit]) -> Iterator[Hit]:
    for statement in read.statements:
        if not _needs_none(statement):
            continue
        # A tool that sends the file as it is runs a lone statement outside any transaction.
        certain = script.transactional is True
        if certain or len(read.statements) > 1:
            yield hit(statement, f"`{quote(statement)}`", None if certain else Severity.MINOR)


def _needs_none(statement: Statement) -> bool:
    head = statement.head
    if head not in ("create", "drop", "reindex", "alter"):
        return head == "vacuum"
    second = statement.tokens[1][1] if len(statement.tokens) > 1 else ""
    return (head, second) in _ALONE or has_word(statement, "concurrently")


_ALONE = (("alter", "system"), ("create", "database"), ("drop", "database"))


RULE = Rule(
    code="MIG011",
    title="A statement cannot run in the script's transaction",
    clauses=("MIGR-02", "FLOW-03"),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="The server refuses the statement, and the whole script with it.",
    recommendation="Put the statement into a script of its own and switch that script's transaction off.",
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
                "CREATE INDEX CONCURRENTLY users_name ON users (name);",
                "DROP INDEX CONCURRENTLY users_name;\n",
                verify="SELECT count(*) = 1 FROM pg_indexes WHERE indexname = 'users_name';",
            ),
            inputs=spec("postgresql", transactional=False),
            base=BASE,
            note="switched off",
        ),
    ),
    invalid=(
        Example(
            files=scripts(
                "CREATE INDEX CONCURRENTLY users_name ON users (name);",
                "-- no-transaction\nDROP INDEX CONCURRENTLY users_name;\n",
                verify="SELECT count(*) = 1 FROM pg_indexes WHERE indexname = 'users_name';",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="in a wrapped script",
        ),
        Example(
            files=scripts(
                "-- NO_TRANSACTION\nCREATE INDEX CONCURRENTLY users_name ON users (name);",
                "DROP INDEX CONCURRENTLY users_name;\n",
                verify="SELECT count(*) = 1 FROM pg_indexes WHERE indexname = 'users_name';",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="in a wrapped rollback",
        ),
    ),
)
