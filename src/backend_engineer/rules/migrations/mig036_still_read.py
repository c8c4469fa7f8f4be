"""What older code still reads stays until that code is gone.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.migrations import Statement
from backend_engineer.paths import is_migration_path, is_test_path
from backend_engineer.rules.migrations.actions import Action, actions_of
from backend_engineer.rules.migrations.pairs import Pair, quote, with_dialect, words_in
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


_CODE = (
    ".py",
    ".ts",
    ".js",
    ".go",
    ".java",
    ".kt",
    ".rb",
    ".rs",
    ".cs",
    ".php",
    ".tsx",
    ".jsx",
    ".mjs",
    ".sql",
)


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql", "sqlite"):
        if isinstance(item, Silence):
            yield item
            continue
        if context.base is None:
            yield Silence(Verdict.NOT_CHECKED, "no base was given, so the code that runs now is not known.")
            continue
        for statement in item.forward.statements:
            for action in actions_of(statement):
                if item.existed(action.table, statement) and action.verb in (
                    "drop column",
                    "rename column",
                    "drop table",
                    "rename table",
                ):
                    yield from _readers(context, item, statement, action)


def _readers(context: Context, pair: Pair, statement: Statement, action: Action) -> Iterator[Hit]:
    whole_table = action.verb.endswith("table")
    name = action.table if whole_table else action.name
    # A rebuilt table is there again at the end of the script.
    if (
        len(name) < 4
        or (whole_table and f"table {name}" in pair.after.objects)
        or f"column {action.table}.{name}" in pair.after.objects
    ):
        return
    for path in _code_paths(context):
        words = words_in(context.base.get(path) or "" if context.base is not None else "")
        if name in words and (whole_table or action.table in words):
            named = f"`{name}`" if whole_table else f"`{action.table}` and `{name}`"
            # Words of one file need not mean the column: whether the code reads it is for a reviewer.
            said = f"`{quote(statement)}`, and `{path}` names {named}."
            yield pair.hit(statement, said, severity=Severity.INFO)
            return


def _code_paths(context: Context) -> Iterator[str]:
    for path in context.base.paths if context.base is not None else ():
        if (
            path.endswith(_CODE)
            and not is_migration_path(path)
            and not is_test_path(path)
            and "migrat" not in path
        ):
            yield path


RULE = Rule(
    code="MIG036",
    title="Something that code still reads is dropped or renamed",
    clauses=("MIGR-01",),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="While a release rolls out, the old code runs on the new schema.",
    recommendation="Expand first: add the new name, move the code over, and drop the old one in a later change.",
    check=_check,
    type=FindingType.RISK,
    exact=False,
    question="Does any code that runs now read what is dropped or renamed?",
    look="the repositories and queries of the base",
    settles="the code that reads it was released away before",
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
                "-- IRREVERSIBLE: names are dropped; restore them from the backup\nALTER TABLE users DROP COLUMN name;",
                "ALTER TABLE users ADD COLUMN name varchar(20);\n",
            ),
            inputs=POSTGRESQL,
            base={**BASE, "src/users.py": "QUERY = 'SELECT id, name FROM users WHERE id = %s'\n"},
            note="a column that code reads",
        ),
        Example(
            files=scripts("ALTER TABLE users RENAME TO people;", "ALTER TABLE people RENAME TO users;\n"),
            inputs=POSTGRESQL,
            base={**BASE, "src/users.ts": "export const query = `SELECT id FROM users WHERE id = $1`;\n"},
            note="a table that code reads",
        ),
    ),
)
