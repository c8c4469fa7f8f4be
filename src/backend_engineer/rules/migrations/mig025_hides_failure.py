"""A rollback says when it cannot do its work.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.migrations.actions import has_word, is_schema_change
from backend_engineer.rules.migrations.pairs import quote, with_dialect
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql", "sqlite"):
        if isinstance(item, Silence):
            yield item
            continue
        statements = (
            [] if item.back is None else [one for one in item.back.statements if is_schema_change(one)]
        )
        for statement in statements:
            action = [token[1] for token in statement.tokens[-3:]]
            if action[-1] == "cascade" and action[-3:-1] not in (["on", "delete"], ["on", "update"]):
                yield item.back_hit(statement, f"`{quote(statement)}`")
        if statements and all(has_word(one, "if", "exists") for one in statements):
            words = "Every statement of the rollback has IF EXISTS: it cannot fail."
            yield Hit(item.back_path, words, severity=Severity.INFO)


RULE = Rule(
    code="MIG025",
    title="A rollback hides its failures",
    clauses=("MIGR-02",),
    severity=Severity.MINOR,
    category=Category.MIGRATIONS,
    reason="CASCADE drops what nobody named, and IF EXISTS everywhere reports success where nothing was done.",
    recommendation="Name every object that is dropped, and let the statement fail where it is not there.",
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
                "CREATE TABLE age (id integer PRIMARY KEY);",
                "DROP TABLE age CASCADE;\n",
                verify="SELECT id FROM age;",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="CASCADE",
        ),
        Example(
            files=scripts(
                "CREATE TABLE age (id integer PRIMARY KEY);",
                "DROP TABLE IF EXISTS age;\n",
                verify="SELECT id FROM age;",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="IF EXISTS on everything",
        ),
    ),
)
