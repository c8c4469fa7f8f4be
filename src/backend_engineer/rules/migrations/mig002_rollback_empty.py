"""A rollback does something, or says why it does not.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations.shadow import Shadow, calls_something
from backend_engineer.migrations.shadow.schema import Entry
from backend_engineer.rules.migrations.pairs import Pair, examine, no_pairs
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    silence = no_pairs(context)
    if silence is not None:
        yield silence
        return
    for pair in examine(context):
        if pair.back is None or pair.migration.irreversible or _does_nothing(pair):
            continue
        if not [item for item in pair.back.statements if item.head != "select"]:
            # Rows that a script writes may well stay; what it does to the schema may not.
            rows_only = pair.dialect is not None and _lasting(pair.after) == _lasting(pair.before)
            yield Hit(
                pair.back_path,
                f"The rollback of `{pair.migration.key}` holds no statement that changes anything.",
                severity=Severity.MINOR if rows_only else None,
            )


def _does_nothing(pair: Pair) -> bool:
    """Whether the forward script is a placeholder: it only asks, and calls no function of the project's."""
    return all(item.head == "select" and not calls_something(item.tokens) for item in pair.forward.statements)


def _lasting(shadow: Shadow) -> dict[str, Entry]:
    """The objects that outlive the connection."""
    return {key: entry for key, entry in shadow.objects.items() if not key.startswith("temporary ")}


RULE = Rule(
    code="MIG002",
    title="A rollback is empty",
    clauses=("FLOW-03", "MIGR-02"),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="An empty rollback reports success and leaves everything as it is.",
    recommendation="Undo the forward script, or mark it with `-- IRREVERSIBLE: reason; recovery`.",
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
            files=scripts("ALTER TABLE users ADD COLUMN age integer;", ""),
            inputs=POSTGRESQL,
            base=BASE,
            note="an empty file",
        ),
        Example(
            files=scripts("ALTER TABLE users ADD COLUMN age integer;", "-- nothing to undo\n"),
            inputs=POSTGRESQL,
            base=BASE,
            note="a comment only",
        ),
    ),
)
