"""SQL that stands in source strings and in query files, one record a statement.

Owns: telling SQL from prose, and finding statements outside migrations and tests.
Must never know: what is wrong with a statement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_engineer.outputs import FileChange
from backend_engineer.paths import is_migration_path, is_test_path
from backend_engineer.rules.code.source import Call, SourceView, Text, sources
from backend_engineer.rules.rule import Context

__all__ = ["SqlText", "is_left_out", "sql_conditions", "sql_texts", "strip_sql"]

# Both key words in capitals, or the unmistakable small form: "Select a file from the list" is prose.
_SQL = re.compile(
    r"^\s*(?:\(\s*)?(?:(?:SELECT|WITH)\b[\s\S]*?\bFROM\b|UPDATE\s+(?:ONLY\s+)?[\w.\"`{}]+(?:\s+(?:AS\s+)?\w+)?\s+SET\b"
    r"|DELETE\s+FROM\b|INSERT\s+INTO\b|select\s+\*\s+from\s+\w|update\s+\w+\s+set\s+\w+\s*=|delete\s+from\s+\w+\s*(?:where|;|$))"
)
# In small letters, or HQL: sure only with a condition behind it.
_SMALL = re.compile(
    r"^\s*(?:\(\s*)?(?:select\b[^;]{0,2000}?\s)?from\s+[\w.\"`{}]+(?:\s+(?:as\s+)?\w+)?(?:\s*,\s*[\w.\"`]+(?:\s+\w+)?)*"
    r"(?:\s+(?:left\s+|right\s+|inner\s+|outer\s+|cross\s+)*join\s[^;]{0,2000}?)?\s+where\s+(?:\(\s*|not\s+)*(?:(?:lower|upper|trim|date)\s*\(\s*)?"
    r"[\w.\"`{}]+\s*\)?\s*(?:[=<>]|!=|(?:not\s+)?(?:like|ilike|in|between)\b|is\s+(?:not\s+)?null\b)",
    re.IGNORECASE,
)
# `name = '{}'`, as a query builder takes it in place of a statement.
_CONDITION = re.compile(
    r"\s*\(*\s*(?:(?:NOT|LOWER|UPPER)\b\s*\(?\s*)?[\w.\"`{}:]+\)?\s*(?:[=<>]|!=|(?:NOT\s+)?(?:LIKE|ILIKE|IN|BETWEEN)\b)",
    re.IGNORECASE,
)
_TAKES_CONDITION = re.compile(
    r"(?:^|\.)(?:where|and_?where|or_?where|where_?raw|or_?where_?raw|and_?where_?raw|having|having_?raw|extra|literal|raw|text)$",
    re.IGNORECASE,
)
_FORMATS = re.compile(r"(?:fmt\.Sprintf|String\.format)\(|\w?['\"].*\.format(?:ted)?\(", re.DOTALL)
# What tests are made with is no part of what runs, whatever its files are called.
_FOR_TESTS = re.compile(
    r"(?:^|/)(?:(?:[\w-]*[-_])?tests?|\w*totestv?[0-9]*|[\w-]*test[-_]?(?:utils?|helpers?|support|kit)|e2e)/",
    re.IGNORECASE,
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


def is_left_out(view: SourceView) -> bool:
    """Whether a file is a test, serves tests, or is a migration."""
    return (
        view.test
        or is_migration_path(view.path)
        or _FOR_TESTS.search(view.path) is not None
        or (view.language == "python" and _REVISION.search(view.content) is not None)
    )


def _collect(context: Context) -> tuple[SqlText, ...]:
    found: list[SqlText] = []
    for view in sources(context):
        if is_left_out(view):
            continue
        # A WHERE in a string of its own means that queries are put together elsewhere in the file.
        built = any(re.match(r"\s*(?:WHERE|AND|LIMIT|where)\b", text.value) for text in view.texts)
        for text in view.texts:
            if not text.docstring and (_SQL.match(text.value) or _SMALL.match(text.value)):
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


def _is_argument(text: Text, call: Call) -> bool:
    """Whether a text is an argument of the call, and not of one inside it."""
    return (
        call.line <= text.line
        and text.end_line <= call.end_line
        and any(item.value == text.value or _FORMATS.match(item.text) for item in call.arguments)
    )


def _conditions(context: Context) -> tuple[SqlText, ...]:
    found: list[SqlText] = []
    for view in sources(context):
        if is_left_out(view):
            continue
        built = [text for text in view.texts if text.holes and _CONDITION.match(text.value)]
        takers = [call for call in view.calls if _TAKES_CONDITION.search(call.callee)] if built else []
        found += [
            SqlText(view.file, text.value, text.line, text.end_line, text.holes)
            for text in built
            if not _SQL.match(text.value) and any(_is_argument(text, call) for call in takers)
        ]
    return tuple(found)


def sql_conditions(context: Context) -> tuple[SqlText, ...]:
    """Each condition in SQL that the change's code builds from a value and hands to a query builder."""
    kept: tuple[SqlText, ...] = context.shared("code.sql.conditions", lambda: _conditions(context))
    return kept


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
