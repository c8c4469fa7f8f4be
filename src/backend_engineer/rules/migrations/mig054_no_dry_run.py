"""A forward script says that it was tried.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations import speaks_of_dry_run
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
        if (
            not speaks_of_dry_run(pair.migration.forward.sql)
            and pair.forward.statements
            and pair.outcome is None
        ):
            yield Hit(
                pair.path,
                f"`{pair.migration.key}` says nothing of a dry run.",
                severity=weight(
                    context, Severity.MINOR, lambda item: bool(speaks_of_dry_run(item.forward.sql))
                ),
            )


RULE = Rule(
    code="MIG054",
    title="A migration has no dry-run note",
    clauses=("FLOW-03",),
    severity=Severity.MINOR,
    category=Category.MIGRATIONS,
    reason="A script that nobody ran before is run for the first time in production.",
    recommendation="Write how it was tried: `-- Dry run: ...`.",
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
                ).replace("Dry run:", "Tried:"),
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="another word",
        ),
        Example(
            files={
                **scripts(None, "ALTER TABLE users DROP COLUMN age;\n"),
                "db/migrations/0002_age.up.sql": papers(
                    "SELECT age FROM users;", "ALTER TABLE users ADD COLUMN age integer;"
                ).partition("\n")[2],
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="no note",
        ),
    ),
)
