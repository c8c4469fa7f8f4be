"""Every script parses, the rollback too.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.migrations.pairs import examine, with_dialect
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, SQLITE, papers, scripts
from backend_engineer.rules.migrations.syntax import exact_parser
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    for problem in examine(context).whole.problems:
        # What the file's own tool does not take, or cuts in the middle, may be fine for everybody else.
        if problem.code in ("marker", "cut") and context.change.get(problem.path) is not None:
            severity = Severity.MINOR if problem.code == "cut" else None
            yield Hit(problem.path, problem.message, severity=severity)
    for item in with_dialect(context, "postgresql", "sqlite"):
        if isinstance(item, Silence):
            yield item
            continue
        for path, line, words in item.faults:
            yield Hit(path, words, (line, line))
        if item.dialect == "postgresql" and not exact_parser() and not item.settled:
            yield Silence(
                Verdict.NOT_CHECKED,
                "the package postgast is absent; install it: pip install 'backend-engineer[pg]'",
            )


RULE = Rule(
    code="MIG010",
    title="A script does not parse",
    clauses=("MIGR-02",),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="A rollback that never parsed is found on the day it is needed.",
    recommendation="Mend the statement; run the script once.",
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
            files=scripts(
                "ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users REMOVE COLUMN age;\n"
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="no such action",
        ),
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN age integer;",
                "ALTER TABLE users DROP COLUMN age\nDROP INDEX users_age;\n",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a missing semicolon",
        ),
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN age integer;",
                "ALTER TABLE users DROP COLUM age;\n",
                guard="PRAGMA busy_timeout = 2000;",
            ),
            inputs=SQLITE,
            base=BASE,
            note="SQLite: a misspelt word",
        ),
        Example(
            files={
                "db/migrations/0002_age.sql": papers(
                    "SELECT age FROM users;",
                    "ALTER TABLE users ADD COLUMN age integer;\n"
                    "-- +migrate Down\nALTER TABLE users DROP COLUMN age;",
                    "-- +migrate up\nSET lock_timeout = '2s';",
                )
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="a marker that sql-migrate takes for a comment",
        ),
    ),
)
