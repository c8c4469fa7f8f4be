"""A script finds what it works on, and so does the code that comes with it.

Owns: this rule and its examples.
Must never know: other rules, databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.migrations import Dialect, MigrationScript
from backend_engineer.migrations.shadow import Shadow, Trouble
from backend_engineer.paths import is_migration_path, is_test_path
from backend_engineer.rules.code.source import unread
from backend_engineer.rules.code.sql_text import SqlText, sql_texts
from backend_engineer.rules.migrations.needed_by_code import Use, uses_in
from backend_engineer.rules.migrations.pairs import examine, unsettled, words_in
from backend_engineer.rules.migrations.samples import BASE, POSTGRESQL, scripts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


_WORDS = {
    "missing": "`{key}` is made by no earlier migration",
    "duplicate": "`{key}` exists already",
    "dependents": "`{detail}` still needs `{key}`",
}


def _check(context: Context) -> Iterator[Hit | Silence]:
    told: set[str] = set()
    for item in unsettled(context):
        if isinstance(item, Silence):
            yield item
            continue
        yield from _hits(item.path, item.migration.forward, item.troubles, told)
        if item.migration.rollback is not None:
            yield from _hits(item.back_path, item.migration.rollback, item.back_troubles, set())
    yield from _code(context)


def _hits(path: str, script: MigrationScript, troubles: Iterable[Trouble], told: set[str]) -> Iterator[Hit]:
    for trouble in troubles:
        if trouble.kind in _WORDS and not _is_told(trouble, told):
            words = _WORDS[trouble.kind].format(key=trouble.key, detail=trouble.detail)
            line = trouble.line + script.line - 1
            yield Hit(trouble.path or path, f"{words}.", (line, line))


def _is_told(trouble: Trouble, told: set[str]) -> bool:
    """Whether the same is said already: of what nobody made each statement that names it would say so again."""
    if trouble.kind != "missing":
        return False
    table = trouble.key.partition(" ")[2].rpartition(".")[0]
    again = trouble.key in told or f"table {table}" in told
    told.add(trouble.key)
    return again


_CODE = ("MIGR-01",)


def _code(context: Context) -> Iterator[Hit | Silence]:
    """SQL in the change's code that names a table or column which no migration makes, its own included."""
    statements = sql_texts(context)
    if not statements and not unread(context):
        return
    reason = _why_not_told(context)
    if not reason:
        built = _Built(examine(context).schemas)
        ours = {item.file.path for item in statements if built.is_ours(item)}
        for item in statements:
            hits = list(_missing(item, built)) if _plain_sql(item) else []
            if hits and (item.file.path in ours or _beside_ours(context, item.file.path, built)):
                yield from (hit for use, hit in hits if not _known_before(context, use))
        reason = "not every query stands in the code as plain SQL, so what the code needs is known in part"
    yield Silence(Verdict.NEEDS_REVIEW, reason, clauses=_CODE)


def _why_not_told(context: Context) -> str:
    examined = examine(context)
    if context.base is None:
        return "without the base nobody knows which tables were there before"
    if not examined.schemas:
        return "there are no migrations in SQL to hold the code's queries against"
    if examined.whole.foreign or not all(item.forward.runnable for item in examined.whole):
        return "some migrations are programs, and what those make cannot be read"
    if examined.why_no_dialect or any(
        dialect is None or not shadow.complete for dialect, shadow in examined.schemas
    ):
        return "the migrations could not all be read, so that some tables are not known"
    return ""


class _Built:
    """What all series of migrations build together, and what could not be told of it."""

    def __init__(self, schemas: tuple[tuple[Dialect | None, Shadow], ...]) -> None:
        self.dialect: Dialect = next((dialect for dialect, _ in schemas if dialect is not None), "postgresql")
        keys = {key for _, shadow in schemas for key in shadow.objects}
        self.opaque = " ".join(text for _, shadow in schemas for text in shadow.opaque).lower()
        named = [key.partition(" ") for key in keys]
        self.relations = {name.lower() for kind, _, name in named if kind in ("table", "view", "temporary")}
        # A search path may name the schema once for all queries.
        self.relations |= {name.rpartition(".")[2] for name in self.relations}
        self.columns: dict[str, set[str]] = {}
        for kind, _, name in named:
            if kind == "column":
                table, _, column = name.lower().rpartition(".")
                self.columns.setdefault(table, set()).add(column)

    def has_table(self, name: str) -> bool:
        return name in self.relations or name.rpartition(".")[2] in self.opaque

    def has_column(self, table: str, column: str) -> bool:
        """Whether a column is there, or its table is one whose columns nobody listed."""
        known = self.columns.get(table)
        return known is None or column in known or column in self.opaque or table in self.opaque

    def is_ours(self, item: SqlText) -> bool:
        """Whether a statement speaks to this schema at all: another database may stand beside it."""
        return any(use.table in self.relations for use in uses_in(item.text, self.dialect) if not use.column)


_ASKED = re.compile(r"\b(?:FROM|INTO|JOIN|UPDATE)\s+[\"`]?([A-Za-z_]\w*)")


def _beside_ours(context: Context, path: str, built: _Built) -> bool:
    """Whether files near by, of the base or the change, ask this schema's tables, where the file itself does not."""
    folder = path.rpartition("/")[0]
    above = folder.rpartition("/")[0] or folder
    for other in context.base.paths if context.base is not None else ():
        if (
            other.startswith(f"{above}/")
            and other.endswith(_SOURCES)
            and not is_migration_path(other)
            and not is_test_path(other)
            and any(name.lower() in built.relations for name in _ASKED.findall(context.text_of(other) or ""))
        ):
            return True
    return False


def _plain_sql(item: SqlText) -> bool:
    """Whether names in a string are those of tables: an object query language names classes."""
    return not item.file.path.endswith((".java", ".kt")) or "persistence" not in (item.file.content or "")


def _known_before(context: Context, use: Use) -> bool:
    """Whether code of the base names it already: then it comes from somewhere else, and not from this change."""
    names = {part for part in (use.table.rpartition(".")[2], use.column.lower()) if part}
    for path in context.base.paths if context.base is not None else ():
        if path.endswith(_SOURCES) and not is_migration_path(path):
            text = context.base.get(path) if context.base is not None else None
            low = (text or "").lower()
            if all(name in low for name in names) and names <= words_in(low):
                return True
    return False


_SOURCES = (
    ".py",
    ".go",
    ".ts",
    ".js",
    ".tsx",
    ".jsx",
    ".mjs",
    ".cjs",
    ".java",
    ".kt",
    ".rb",
    ".rs",
    ".php",
    ".cs",
    ".sql",
    ".prisma",
)


def _missing(item: SqlText, built: _Built) -> Iterator[tuple[Use, Hit]]:
    for use in uses_in(item.text, built.dialect):
        if not use.column and not built.has_table(use.table):
            name, title = use.table, "Code needs a table that no migration makes"
        elif (
            use.column
            and use.table in built.relations
            and not built.has_column(use.table, use.column.lower())
        ):
            name, title = f"{use.table}.{use.column}", "Code needs a column that no migration makes"
        else:
            continue
        line = min(item.line + use.line, item.end_line)
        changed = item.file.changed_lines
        if changed is None or any(first <= line <= last for first, last in changed):
            words = f"the query names `{name}`, which no migration up to this change makes"
            yield (
                use,
                Hit(item.file.path, words, (line, line), title=title, clauses=_CODE, recommendation=_MAKE_IT),
            )


_MAKE_IT = "Make it in a migration of this change, before the code, or name it as a migration does."


RULE = Rule(
    code="MIG004",
    title="A script, or the code beside it, names what is not there",
    clauses=("MIGR-01", "MIGR-02"),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="A script that names what is not there stops half way, on the day it is needed; code that does fails at its first query.",
    recommendation="Name the object as an earlier migration makes it, or put the statements in an order that works.",
    check=_check,
    exact=False,
    question="Does each script, and each query of the code, find what it works on?",
    look="names in both scripts and in the code's queries against the migrations up to this change",
    settles="running the scripts with verify_migrations, and a test that runs each query on the migrated database",
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
            files={
                **scripts(
                    "ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN age;\n"
                ),
                "src/users.py": 'AGES = "SELECT u.age FROM users u WHERE u.id = %s"\n',
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="the change's own migration makes what its code reads",
        ),
        Example(
            files={"src/users.py": 'ALL = "WITH old AS (SELECT id FROM users) SELECT old.id FROM old"\n'},
            inputs=POSTGRESQL,
            base=BASE,
            note="a name that the statement makes itself",
        ),
    ),
    invalid=(
        Example(
            files=scripts(
                "ALTER TABLE users ADD COLUMN age integer;", "ALTER TABLE users DROP COLUMN agee;\n"
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="a misspelt column",
        ),
        Example(
            files=scripts(
                "CREATE TABLE age (id integer PRIMARY KEY);\nCREATE TABLE kind (id integer PRIMARY KEY, age integer REFERENCES age (id));",
                "DROP TABLE age;\nDROP TABLE kind;\n",
            ),
            inputs=POSTGRESQL,
            base=BASE,
            note="the wrong order",
        ),
        Example(
            files={"src/users.py": 'AGES = "SELECT u.age FROM users u WHERE u.id = %s"\n'},
            inputs=POSTGRESQL,
            base=BASE,
            note="code reads a column that no migration makes",
        ),
        Example(
            files={
                "src/users.py": 'NAMES = "SELECT name FROM users WHERE id = %s"\nNOTE = "INSERT INTO user_notes (user_id) VALUES (%s)"\n'
            },
            inputs=POSTGRESQL,
            base=BASE,
            note="code writes to a table that no migration makes",
        ),
    ),
)
