"""SQL that stands in source strings and in query files, one record a statement.

Owns: telling SQL from prose, and finding statements outside migrations and tests.
Must never know: what is wrong with a statement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_engineer.outputs import FileChange
from backend_engineer.paths import is_migration_path, is_test_path
from backend_engineer.rules.code.source import SourceView, sources
from backend_engineer.rules.rule import Context

__all__ = ["SqlText", "sql_texts", "strip_sql"]

# Both key words in capitals, or the unmistakable small form: "Select a file from the list" is prose.
_SQL = re.compile(
    r"^\s*(?:\(\s*)?(?:(?:SELECT|WITH)\b[\s\S]*?\bFROM\b|UPDATE\s+(?:ONLY\s+)?[\w.\"`{}]+(?:\s+(?:AS\s+)?\w+)?\s+SET\b"
    r"|DELETE\s+FROM\b|INSERT\s+INTO\b|select\s+\*\s+from\s+\w|update\s+\w+\s+set\s+\w+\s*=|delete\s+from\s+\w+\s*(?:where|;|$))"
)
# A revision of Alembic stands under any folder's name, and is a migration all the same.
_REVISION = re.compile(r"^down_revision\b[^=\n]*=", re.MULTILINE)
_COMMENT = re.compile(r"--[^\n]*|/\*[\s\S]*?\*/")
_LITERAL = re.compile(r"'(?:[^']|'')*'")


@dataclass(frozen=True, slots=True)
class SqlText:
    """One SQL statement: its text (interpolations as `{}`), where it stands, and the file's other strings."""

    file: FileChange
    text: str
    line: int
    end_line: int
    holes: tuple[str, ...] = ()
    may_continue: bool = False

    @property
    def head(self) -> str:
        """The first key word in capitals."""
        return self.text.split(None, 1)[0].strip("(").upper()

    @property
    def bare(self) -> str:
        """The statement without comments and without the inside of its string literals."""
        return strip_sql(self.text)


def strip_sql(text: str) -> str:
    """SQL without comments, its string literals emptied."""
    return _LITERAL.sub("''", _COMMENT.sub(" ", text))


def _is_revision(view: SourceView) -> bool:
    return view.language == "python" and _REVISION.search(view.content) is not None


def _collect(context: Context) -> tuple[SqlText, ...]:
    found: list[SqlText] = []
    for view in sources(context):
        if view.test or is_migration_path(view.path) or _is_revision(view):
            continue
        # A WHERE in a string of its own means that queries are put together elsewhere in the file.
        built = any(re.match(r"\s*(?:WHERE|AND|LIMIT|where)\b", text.value) for text in view.texts)
        for text in view.texts:
            if not text.docstring and _SQL.match(text.value):
                found.append(SqlText(view.file, text.value, text.line, text.end_line, text.holes, built))
    for file in context.change.files:
        if (
            file.content
            and file.path.endswith(".sql")
            and not is_migration_path(file.path)
            and not is_test_path(file.path)
        ):
            found += _query_file(file)
    return tuple(found)


def _query_file(file: FileChange) -> list[SqlText]:
    from backend_engineer.migrations import split_statements

    found = []
    for statement in split_statements(file.content or "", "postgresql"):
        text = statement.text.strip()
        bare = _COMMENT.sub(" ", text)
        if _SQL.match(bare):
            found.append(SqlText(file, bare, statement.line, statement.line + text.count("\n")))
    return found


def sql_texts(context: Context) -> tuple[SqlText, ...]:
    """Every SQL statement in the change's code and query files; tests and migrations are left out."""
    kept: tuple[SqlText, ...] = context.shared("code.sql", lambda: _collect(context))
    return kept
