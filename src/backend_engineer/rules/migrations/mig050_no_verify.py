"""A forward script ends with checks.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.migrations.pairs import examine, no_pairs, weight
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, papers, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    silence = no_pairs(context)
    if silence is not None:
        yield silence
        return
    for pair in examine(context):
        if pair.migration.verify is None and pair.forward.statements and not pair.migration.idempotent:
            yield Hit(
                pair.path,
                f"`{pair.migration.key}` has no VERIFY section.",
                severity=weight(context, Severity.MAJOR, lambda item: item.verify is not None),
            )


RULE = Rule(
    code="MIG050",
    title="A migration has no VERIFY section",
    clauses=("MIGR-04",),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="Nobody can tell afterwards whether the migration did its work.",
    recommendation="End the script with `-- VERIFY` and checks behind `-- ` that fail before it and pass after it.",
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
                    "SELECT age FROM users;", "ALTER TABLE users ADD COLUMN age integer;"
                ).replace("-- VERIFY\n-- SELECT age FROM users;\n", ""),
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="no section",
        ),
        Example(
            files={
                **scripts(None, "ALTER TABLE users DROP COLUMN age;\n"),
                "db/migrations/0002_age.up.sql": papers(
                    "SELECT age FROM users;", "ALTER TABLE users ADD COLUMN age integer;"
                ).replace("-- VERIFY\n", ""),
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="checks without their heading",
        ),
    ),
)
