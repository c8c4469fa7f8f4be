"""A check changes nothing.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations import split_statements
from backend_engineer.rules.migrations.actions import write_of
from backend_engineer.rules.migrations.pairs import examine, no_pairs, quote
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, papers, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    silence = no_pairs(context)
    if silence is not None:
        yield silence
        return
    for pair in examine(context):
        verify = pair.migration.verify
        if verify is None or pair.migration.verify_path is None:
            continue
        line = max(pair.migration.verify_line, 1)
        for statement in split_statements(verify, pair.dialect or "postgresql"):
            if write_of(statement) is not None or statement.head in (
                "create",
                "alter",
                "drop",
                "grant",
                "copy",
            ):
                yield Hit(pair.migration.verify_path, f"`{quote(statement)}`", (line, line))


RULE = Rule(
    code="MIG052",
    title="A VERIFY section writes",
    clauses=("MIGR-04",),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="A check that writes makes true what it asks for.",
    recommendation="Use SELECT statements only.",
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
                **scripts(None, "ALTER TABLE users DROP COLUMN age;\n"),
                "db/migrations/0002_age.up.sql": papers(
                    "UPDATE users SET age = 1 WHERE id = 1;", "ALTER TABLE users ADD COLUMN age integer;"
                ),
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="an update",
        ),
        Example(
            files={
                **scripts(None, "ALTER TABLE users DROP COLUMN age;\n"),
                "db/migrations/0002_age.up.sql": papers(
                    "CREATE TABLE seen AS SELECT age FROM users;", "ALTER TABLE users ADD COLUMN age integer;"
                ),
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="a table",
        ),
    ),
)
