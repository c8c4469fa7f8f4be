"""A step that loses data says so.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, Severity
from backend_engineer.migrations import Statement
from backend_engineer.migrations.shadow.constraints import column_parts
from backend_engineer.rules.migrations.actions import actions_of, has_word, write_of
from backend_engineer.rules.migrations.pairs import Pair, quote, with_dialect, words_in
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in with_dialect(context, "postgresql", "sqlite"):
        if isinstance(item, Silence):
            yield item
            continue
        if item.migration.irreversible:
            continue
        for statement in item.forward.statements:
            lost = _loses(item, statement)
            if lost:
                yield item.hit(statement, f"`{quote(statement)}` loses {lost}.")


def _moved(pair: Pair, until: Statement, table: str, column: str = "") -> bool:
    """Whether the script itself puts the rows or values elsewhere first: SQLite's way to rebuild, or a column's heir."""
    table, column = table.rpartition(".")[2].lower(), column.lower()
    for statement in pair.forward.statements:
        if statement is until:
            return False
        if statement.head not in ("insert", "create", "update", "with", "do"):
            continue
        words = words_in(statement.text)
        if not column and table in words and "select" in words:
            return True
        if column and column in words and table in words and statement.head != "create":
            return True
    return False


def _was_there(pair: Pair, statement: Statement, key: str) -> bool:
    """Whether something is lost at all: a drop with IF EXISTS of what nobody made may find nothing."""
    return key in pair.before.objects or not has_word(statement, "if", "exists")


def _computed(pair: Pair, key: str) -> bool:
    """Whether the column's values are computed from others: they come back with its definition."""
    entry = pair.before.objects.get(key)
    rest = column_parts(entry.text)[3] if entry is not None and entry.text is not None else ""
    return rest.startswith(("generated always as ", "as ")) and "identity" not in rest.split()


def _loses(pair: Pair, statement: Statement) -> str:
    for action in actions_of(statement):
        if not pair.existed(action.table, statement):
            continue
        if action.verb == "drop table":
            key = f"table {action.table}"
            gone = key not in pair.after.objects and _was_there(pair, statement, key)
            if gone and not _moved(pair, statement, action.table):
                return f"the rows of `{action.table}`"
        if action.verb == "drop column":
            key = f"column {action.table}.{action.name}"
            gone = key not in pair.after.objects and _was_there(pair, statement, key)
            if gone and not (_computed(pair, key) or _moved(pair, statement, action.table, action.name)):
                return f"the values of `{action.table}.{action.name}`"
    write = write_of(statement)
    if write is not None and write.verb in ("delete", "truncate") and pair.existed(write.table, statement):
        return f"rows of `{write.table}`"
    if statement.head == "alter" and has_word(statement, "add", "value"):
        return "the way back: PostgreSQL takes no label out of an enumeration"
    return ""


RULE = Rule(
    code="MIG024",
    title="An irreversible step is not annotated",
    clauses=("MIGR-02",),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="Whoever rolls back has to know what will not come back.",
    recommendation="Annotate the step with `-- IRREVERSIBLE: reason; recovery`.",
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
        Example(
            files=scripts(
                "-- IRREVERSIBLE: names are dropped; restore them from the backup of the day\nALTER TABLE users DROP COLUMN name;",
                "ALTER TABLE users ADD COLUMN name varchar(20);\n",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="annotated",
        ),
        Example(
            files=scripts(
                "ALTER TABLE users RENAME TO users_old;\nCREATE TABLE users (id integer PRIMARY KEY, email text NOT NULL, name varchar(20), age integer);\n"
                "INSERT INTO users (id, email, name) SELECT id, email, name FROM users_old;\nDROP TABLE users_old;",
                "ALTER TABLE users DROP COLUMN age;\n",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a table set aside, copied and dropped",
        ),
    ),
    invalid=(
        Example(
            files=scripts(
                "ALTER TABLE users DROP COLUMN name;", "ALTER TABLE users ADD COLUMN name varchar(20);\n"
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a column's values",
        ),
        Example(
            files=scripts(
                "CREATE TABLE kind (id integer PRIMARY KEY);\nDELETE FROM users WHERE id < 9;",
                "DROP TABLE kind;\n",
                verify="SELECT id FROM kind;",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="rows",
        ),
    ),
)
