"""Whether a script parses: by PostgreSQL's own grammar where it is installed, by SQLite itself, else by signs.

Owns: the three parsers and what a fault looks like.
Must never know: rules, what a statement does.
"""

from __future__ import annotations

import importlib
import re
import sqlite3
import sys
from importlib.util import find_spec
from typing import Any, NamedTuple

from backend_engineer.migrations import Dialect, MigrationScript, Script, read_script
from backend_engineer.migrations.shadow import Shadow, apply

__all__ = ["Fault", "exact_parser", "fault_of"]


class Fault(NamedTuple):
    """What does not parse: 1-based line within the script, and the parser's words."""

    line: int
    words: str


def exact_parser() -> bool:
    """Whether PostgreSQL's own grammar is installed."""
    # A module that is loaded is found at once; this is asked for every script.
    return sys.modules.get("postgast") is not None or find_spec("postgast") is not None


def fault_of(script: MigrationScript, dialect: Dialect, known: Script | None = None) -> Fault | None:
    """The first thing in a script that does not parse, None if all does; `known` is the script as it was read."""
    read = known or read_script(script.sql, dialect)
    how = "fault" if exact_parser() else "signs of a fault"
    if how not in read.told:
        read.told[how] = _fault_of(script.sql, dialect, read)
    fault: Fault | None = read.told[how]
    return fault


def _fault_of(sql: str, dialect: Dialect, read: Script) -> Fault | None:
    if read.unclosed_line is not None:
        return Fault(read.unclosed_line, "A string, a quoted name or a comment that begins here never ends.")
    if dialect == "sqlite":
        return _sqlite_fault(read)
    if exact_parser():
        return _postgresql_fault(sql, read)
    return _signs(read, dialect)


def _postgresql_fault(sql: str, read: Script) -> Fault | None:
    postgast: Any = importlib.import_module("postgast")
    try:
        # Splitting by the parser runs the same grammar, and spares the tree that `parse` carries over to Python.
        postgast.split(sql)
    except postgast.PgQueryError as error:
        place = getattr(error, "cursorpos", 0) or 0
        line = sql.count("\n", 0, max(0, place - 1)) + 1
        return Fault(line, str(getattr(error, "message", "") or error).split("\n")[0])
    return None


# SQLite parses a statement before it looks any name up, so that on an empty database only these are faults of writing.
_WRITING = re.compile(r"syntax error|incomplete input|unrecognized token|unterminated")


def _sqlite_fault(read: Script) -> Fault | None:
    link = sqlite3.connect(":memory:")
    try:
        for statement in read.statements:
            if statement.head == "explain":
                continue
            if statement.tokens[-1][1] == "," and statement.tokens[-1][0] == "p":
                # ALTER TABLE looks its table up before it has read to the end.
                return Fault(statement.line, 'near ",": syntax error')
            try:
                link.execute(f"EXPLAIN {statement.text}")
            except sqlite3.Error as error:
                if _WRITING.search(str(error)):
                    return Fault(statement.line, str(error))
    finally:
        link.close()
    return None


_HEADS = frozenset(
    [
        "abort",
        "alter",
        "analyze",
        "begin",
        "call",
        "checkpoint",
        "close",
        "cluster",
        "comment",
        "commit",
        "copy",
        "create",
        "deallocate",
        "declare",
        "delete",
        "discard",
        "do",
        "drop",
        "end",
        "execute",
        "explain",
        "fetch",
        "grant",
        "import",
        "insert",
        "listen",
        "load",
        "lock",
        "merge",
        "move",
        "notify",
        "prepare",
        "reassign",
        "refresh",
        "reindex",
        "release",
        "reset",
        "revoke",
        "rollback",
        "savepoint",
        "security",
        "select",
        "set",
        "show",
        "start",
        "table",
        "truncate",
        "unlisten",
        "update",
        "vacuum",
        "values",
        "with",
    ]
)


def _signs(read: Script, dialect: Dialect) -> Fault | None:
    shadow = Shadow(complete=False)
    for statement in read.statements:
        opens = sum(token[1] == "(" for token in statement.tokens if token[0] == "p")
        closes = sum(token[1] == ")" for token in statement.tokens if token[0] == "p")
        if opens != closes:
            return Fault(statement.line, f"{opens} opening and {closes} closing parentheses.")
        if statement.head not in _HEADS and statement.tokens[0][1] != "(":
            return Fault(statement.line, f"No statement begins with {statement.tokens[0][1]!r}.")
        apply(shadow, statement, dialect)
        fault = next((item for item in shadow.troubles if item.kind == "syntax"), None)
        if fault is not None:
            return Fault(statement.line, f"PostgreSQL has no {fault.detail}.")
    return None
