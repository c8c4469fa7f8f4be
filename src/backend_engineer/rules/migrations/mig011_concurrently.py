"""What needs to stand outside a transaction stands outside.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations import Statement
from backend_engineer.rules.migrations.actions import has_word
from backend_engineer.rules.migrations.pairs import quote, with_dialect
from backend_engineer.rules.migrations.placing import Unit
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts, spec
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql"):
        if isinstance(item, Silence):
            yield item
            continue
        for unit in item.units:
            yield from _inside(unit, item.hit)
        for unit in item.back_units:
            yield from _inside(unit, item.back_hit)


def _inside(unit: Unit, hit: Callable[..., Hit]) -> Iterator[Hit]:
    # A tool that sends the file as it is runs a lone statement outside any transaction.
    certain = unit.script.transactional is True
    if unit.script.transactional is False or not (certain or len(unit.statements) > 1):
        return
    for statement in unit.statements:
        if _needs_none(statement):
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
