"""A forward script has a rollback beside it.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.migrations import Migration
from backend_engineer.rules.migrations.pairs import examine, no_pairs, weight
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, papers, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    silence = no_pairs(context, examine(context).bereft)
    if silence is not None:
        yield silence
        return
    for item in examine(context).bereft:
        assert item.rollback is not None
        words = f"The rollback of `{item.key}` stands in the base, and is taken away."
        yield Hit(item.rollback.path, words, title="A rollback is deleted")
    for pair in examine(context):
        if (
            pair.migration.rollback is None
            and not pair.migration.irreversible
            and not pair.migration.idempotent
        ):
            severity = weight(context, Severity.MAJOR, _can_be_undone)
            yield Hit(pair.path, f"There is no rollback for `{pair.migration.key}`.", severity=severity)
            if severity is Severity.INFO:
                yield Silence(
                    Verdict.NEEDS_REVIEW, "this project keeps no rollbacks; how is this step undone?"
                )


def _can_be_undone(migration: Migration) -> bool:
    return migration.rollback is not None or bool(migration.irreversible)


RULE = Rule(
    code="MIG001",
    title="A migration has no rollback",
    clauses=("FLOW-03", "MIGR-02"),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="What cannot be undone has to be known before it is done.",
    recommendation="Add the rollback script, or mark the migration with `-- IRREVERSIBLE: reason; recovery`.",
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
            files=scripts("ALTER TABLE users ADD COLUMN age integer;", None),
            inputs=POSTGRESQL,
            base=BASE,
            note="no rollback",
        ),
        Example(
            files={
                "db/migrations/V7__age.sql": papers(
                    "SELECT age FROM users;", "ALTER TABLE users ADD COLUMN age integer;"
                )
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="Flyway without undo",
        ),
    ),
)
