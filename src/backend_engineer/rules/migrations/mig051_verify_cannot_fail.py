"""A check can fail.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations import Statement, split_statements
from backend_engineer.rules.migrations.pairs import examine, no_pairs, quote, words_in
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, papers, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


_COMMON = frozenset(
    [
        "select",
        "from",
        "where",
        "and",
        "or",
        "not",
        "null",
        "is",
        "in",
        "as",
        "on",
        "count",
        "the",
        "true",
        "false",
        "create",
        "alter",
        "table",
        "add",
        "column",
        "integer",
        "text",
        "set",
        "default",
        "primary",
        "key",
        "index",
        "if",
        "exists",
        "drop",
        "insert",
        "into",
        "values",
        "update",
        "delete",
        "information_schema",
        "columns",
    ]
)


_ALWAYS = re.compile(r"\bcount\s*\([^()]*\)\s*>=\s*0\b|\b1\s*=\s*1\b|\bselect\s+true\b", re.IGNORECASE)


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
        checks = split_statements(verify, pair.dialect or "postgresql")
        if not checks:
            yield Hit(pair.migration.verify_path, "The section holds no statement.", (line, line))
        elif all(_constant(item) for item in checks):
            yield Hit(
                pair.migration.verify_path,
                f"`{quote(checks[0])}` asks for nothing in the database.",
                (line, line),
            )
        elif not (words_in(verify) & (words_in(pair.migration.forward.sql.partition("VERIFY")[0]) - _COMMON)):
            words = "No check names anything that the migration touches."
            yield Hit(pair.migration.verify_path, words, (line, line))


def _constant(statement: Statement) -> bool:
    if statement.head != "select":
        return False
    if _ALWAYS.search(statement.text):
        return True
    words = {token[1] for token in statement.tokens if token[0] == "w"}
    calls = any(token[0] == "p" and token[1] in ("(", "::") for token in statement.tokens)
    return "from" not in words and not calls


RULE = Rule(
    code="MIG051",
    title="A VERIFY section cannot fail",
    clauses=("MIGR-04",),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="A check that passes whatever happens is no check.",
    recommendation="Ask for what only this migration makes true: a column, a row, a constraint.",
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
                    "SELECT 1;", "ALTER TABLE users ADD COLUMN age integer;"
                ),
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="a constant",
        ),
        Example(
            files={
                **scripts(None, "ALTER TABLE users DROP COLUMN age;\n"),
                "db/migrations/0002_age.up.sql": papers(
                    "SELECT id FROM orders;", "ALTER TABLE users ADD COLUMN age integer;"
                ),
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="another table",
        ),
    ),
)
