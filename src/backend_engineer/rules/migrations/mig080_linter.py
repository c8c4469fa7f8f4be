"""What an installed linter says of locks and safety is looked at.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations import MigrationScript, Statement
from backend_engineer.rules.migrations.actions import actions_of
from backend_engineer.rules.migrations.pairs import Pair, with_dialect
from backend_engineer.rules.migrations.placing import part_at
from backend_engineer.rules.migrations.samples import BASE, DOWN, POSTGRESQL, UP, ran, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql"):
        if isinstance(item, Silence):
            yield item
            continue
        notes = [note for report in context.migration_reports for note in report.lint]
        for note in dict.fromkeys(notes) if item.outcome is not None else ():
            if note.path != item.path or note.rule in _SAID_ELSEWHERE:
                continue
            part, line = part_at(item.migration.forward, note.line)
            statement = _statement(item, part, line)
            if statement is not None and not _own(item, statement):
                yield Hit(part.path, f"{note.rule}: {note.message}", (line, line))


def _statement(pair: Pair, part: MigrationScript, line: int) -> Statement | None:
    """The statement that a line of a file belongs to."""
    forward = pair.migration.forward
    for one in reversed(pair.forward.statements):
        if pair.parts.get(id(one), forward) is part and one.line + part.line - 1 <= line:
            return one
    return None


# What MIG011, MIG012 and MIG030 to MIG034 say of the same statement, knowing the schema and the runner.
_SAID_ELSEWHERE = frozenset(
    [
        "adding-foreign-key-constraint",
        "adding-not-nullable-field",
        "adding-required-field",
        "ban-concurrent-index-creation-in-transaction",
        "ban-uncommitted-transaction",
        "changing-column-type",
        "constraint-missing-not-valid",
        "require-concurrent-index-creation",
        "transaction-nesting",
    ]
)


def _own(pair: Pair, statement: Statement) -> bool:
    """Whether a statement works on a table that this change makes."""
    tables = [action.table for action in actions_of(statement)]
    return (statement.head == "create" and not tables) or any(
        not pair.existed(table, statement) for table in tables
    )


RULE = Rule(
    code="MIG080",
    title="A linter warns of a statement",
    clauses=("MIGR-05",),
    severity=Severity.MINOR,
    category=Category.MIGRATIONS,
    reason="A linter knows lock modes that a glance at the script does not show.",
    recommendation="Follow the linter's advice, or say in the script why it does not apply.",
    check=_check,
    valid=(
        Example(files={"docs/a.md": "# A\n"}, inputs=POSTGRESQL, base=BASE, note="no migration"),
        Example(
            files=scripts(UP, DOWN),
            inputs=POSTGRESQL,
            base=BASE,
            verified=ran(scripts(UP, DOWN)),
            note="nothing said",
        ),
    ),
    invalid=(
        Example(
            files=scripts(UP, DOWN),
            inputs=POSTGRESQL,
            base=BASE,
            verified=ran(scripts(UP, DOWN), lint=("ban-drop-column", 4)),
            note="a dropped column",
        ),
        Example(
            files=scripts(UP, DOWN),
            inputs=POSTGRESQL,
            base=BASE,
            verified=ran(scripts(UP, DOWN), lint=("renaming-column", 4)),
            note="a rename",
        ),
    ),
)
