"""What a statement does to a table, as far as locks, rewrites and rows are concerned.

Owns: taking ALTER TABLE, CREATE INDEX and writing statements apart for the rules of this family.
Must never know: any particular rule, severities.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from backend_engineer.migrations import Script, Statement
from backend_engineer.migrations.lexer import Lexeme
from backend_engineer.migrations.shadow.reading import Cursor, joined, split_commas

__all__ = [
    "Action",
    "Write",
    "actions_of",
    "composes_names",
    "has_word",
    "is_schema_change",
    "made_table",
    "refuses",
    "write_of",
]


class Action(NamedTuple):
    """One action on a table: `verb` such as `add column`, the object's name, and the rest of its text."""

    table: str
    verb: str
    name: str
    text: str


class Write(NamedTuple):
    """A statement that changes rows: `update`, `delete`, `insert` or `truncate`, its table, and whether it is bounded."""

    verb: str
    table: str
    bounded: bool


def has_word(statement: Statement, *words: str) -> bool:
    """Whether these words stand in the statement next to each other, outside strings."""
    if words[0] not in statement.text.lower():
        return False
    tokens, size = statement.tokens, len(words)
    return any(
        token[2] == words[0]
        and token[0] == "w"
        and tuple([one[2] for one in tokens[at : at + size]]) == words
        for at, token in enumerate(tokens)
    )


def is_schema_change(statement: Statement) -> bool:
    """Whether a statement is one of CREATE, ALTER, DROP."""
    return statement.head in ("create", "alter", "drop")


def actions_of(statement: Statement) -> tuple[Action, ...]:
    """The actions of an ALTER TABLE, CREATE INDEX or DROP TABLE."""
    known: tuple[Action, ...] | None = statement.told.get("actions")
    if known is None:
        # Nearly every rule asks for them, and most statements that are none of these have no actions.
        known = tuple(_actions(statement)) if statement.head in _ACTING else ()
        statement.told["actions"] = known
    return known


_ACTING = ("alter", "create", "drop")


def _actions(statement: Statement) -> Iterator[Action]:
    cursor = Cursor(statement.tokens)
    if cursor.peek() == "create" and cursor.peek(1) not in ("index", "unique"):
        return
    if cursor.take("alter", "table"):
        cursor.take("if", "exists")
        cursor.take("only")
        table = cursor.name()
        for part in split_commas(cursor.rest()):
            yield _altered(table, Cursor(part))
    elif cursor.take("create"):
        cursor.take("unique")
        if cursor.take("index"):
            concurrent = cursor.take("concurrently")
            cursor.take("if", "not", "exists")
            name = cursor.name() if cursor.peek() != "on" else ""
            cursor.take("on")
            cursor.take("only")
            yield Action(cursor.name(), "create index" + (" concurrently" if concurrent else ""), name, "")
    elif cursor.take("drop", "table"):
        cursor.take("if", "exists")
        for part in split_commas(cursor.rest()):
            yield Action(Cursor(part).name(), "drop table", "", "")


def _altered(table: str, cursor: Cursor) -> Action:
    verb = cursor.take_any("add", "drop", "alter", "rename", "validate")
    if verb in ("add", "drop") and cursor.peek() not in (
        "constraint",
        "primary",
        "unique",
        "foreign",
        "check",
        "exclude",
    ):
        cursor.take("column")
        cursor.take("if", "not", "exists")
        cursor.take("if", "exists")
        return Action(table, f"{verb} column", cursor.name(), joined(cursor.rest()))
    if verb == "alter":
        cursor.take("column")
        return Action(table, "alter column", cursor.name(), joined(cursor.rest()))
    if verb == "rename":
        if cursor.take("to"):
            return Action(table, "rename table", cursor.name(), "")
        kind = cursor.take_any("column", "constraint") or "column"
        return Action(table, f"rename {kind}", cursor.name(), joined(cursor.rest()))
    if verb in ("add", "drop", "validate"):
        name = cursor.name() if cursor.take("constraint") else ""
        return Action(table, f"{verb} constraint", name, joined(cursor.rest()))
    return Action(table, "other", "", joined(cursor.rest()))


_BEFORE_TABLE = frozenset(("global", "local", "temporary", "temp", "unlogged", "virtual", "foreign"))


def made_table(statement: Statement) -> str:
    """The table or view with rows that a CREATE makes, empty for any other statement."""
    if statement.head != "create":
        return ""
    cursor = Cursor(statement.tokens, 1)
    while cursor.peek() in _BEFORE_TABLE:
        cursor.at += 1
    if not cursor.take("table") and not cursor.take("materialized", "view"):
        return ""
    cursor.take("if", "not", "exists")
    return cursor.name()


_RAISES = re.compile(r"\braise\b(?!\s+(?:notice|warning|info|log|debug)\b)", re.IGNORECASE)
_BRANCHES = re.compile(r"\b(?:if|when|loop)\b", re.IGNORECASE)
_COMPOSED = re.compile(r"\bexecute\b.{0,80}(?:\|\||\bformat\s*\()", re.IGNORECASE | re.DOTALL)


def refuses(script: Script) -> bool:
    """Whether a script does nothing but stop with an error: a rollback that says that there is none."""
    acting = [
        statement for statement in script.statements if statement.head not in ("begin", "commit", "set")
    ]
    return bool(acting) and (
        acting[0].head == "do"
        and _RAISES.search(acting[0].text) is not None
        and _BRANCHES.search(acting[0].text) is None
    )


def composes_names(script: Script) -> bool:
    """Whether a script runs statements whose names it puts together, so that what they touch cannot be told."""
    return any(
        statement.head in ("do", "create") and _COMPOSED.search(statement.text)
        for statement in script.statements
    )


_WRITING = ("with", "update", "delete", "insert", "truncate")


def write_of(statement: Statement) -> Write | None:
    """How a statement changes rows, None where it does not."""
    if statement.head not in _WRITING:
        return None
    if "write" not in statement.told:
        statement.told["write"] = _write(statement)
    known: Write | None = statement.told["write"]
    return known


def _write(statement: Statement) -> Write | None:
    cursor = Cursor(statement.tokens)
    if cursor.peek() == "with":
        for place, token in enumerate(statement.tokens):
            if token[0] == "w" and token[1] in ("update", "delete", "insert") and _at_top(statement, place):
                cursor.at = place
                break
    verb = cursor.take_any("update", "delete", "insert", "truncate")
    if not verb:
        return None
    cursor.take_any("from", "into", "table")
    cursor.take_any("only")
    cursor.take("or", "ignore")
    cursor.take("or", "replace")
    cursor.take_any("into")
    table = cursor.name()
    tokens = cursor.rest()
    rest = {token[1] for token in tokens if token[0] == "w"}
    if verb == "insert":
        bounded = "select" not in rest or not rest.isdisjoint({"where", "limit"}) or "from" not in rest
        return Write(verb, table, bounded or _from_bounded(statement, tokens))
    return Write(verb, table, verb != "truncate" and not rest.isdisjoint({"where", "limit"}))


def _from_bounded(statement: Statement, tokens: list[Lexeme]) -> bool:
    """Whether the rows of an INSERT come from a part of its WITH that is itself bounded."""
    source = next((Cursor(tokens, at + 1).name() for at, one in enumerate(tokens) if one[2] == "from"), "")
    cursor = Cursor(statement.tokens, 1)
    cursor.take("recursive")
    while source and not cursor.done:
        name = cursor.name()
        cursor.group()
        if not cursor.take("as"):
            return False
        cursor.take("not", "materialized")
        cursor.take("materialized")
        inside = {token[1] for token in cursor.group() if token[0] == "w"}
        if name == source:
            return not inside.isdisjoint({"where", "limit", "values"})
        if cursor.peek() != ",":
            return False
        cursor.at += 1
    return False


def _at_top(statement: Statement, place: int) -> bool:
    depth = 0
    for token in statement.tokens[:place]:
        if token[0] == "p":
            depth += 1 if token[1] == "(" else -1 if token[1] == ")" else 0
    return depth == 0
