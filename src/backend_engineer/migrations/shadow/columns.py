"""A column's definition: read once, and put into a shadow schema as often as its statement is applied.

Owns: the parts of a column, its type and default in one spelling.
Must never know: statements, tables as a whole, comparing.
"""

from __future__ import annotations

from typing import NamedTuple

from backend_engineer.migrations.lexer import Dialect, Lexeme
from backend_engineer.migrations.shadow.constraints import (
    Inline,
    automatic_name,
    column_text,
    conflict_clause,
    inline_constraint,
    put_inline,
)
from backend_engineer.migrations.shadow.reading import Cursor, canonical_type, joined
from backend_engineer.migrations.shadow.schema import Entry, Shadow, Trouble

__all__ = ["Column", "canonical_default", "put_column", "read_column"]

_COLUMN_STOP = frozenset(
    [
        "constraint",
        "not",
        "null",
        "default",
        "primary",
        "unique",
        "check",
        "references",
        "collate",
        "generated",
        "autoincrement",
        "as",
        "deferrable",
        "initially",
        "storage",
        "compression",
    ]
)


class Column(NamedTuple):
    """A column as it is written.

    typed: whether a type stands there. counts: whether it draws its values from a sequence of its own.
    constraints: its own ones, each with the name that it was given, or an empty one.
    """

    name: str
    entry: Entry
    typed: bool
    counts: bool
    constraints: list[tuple[Inline, str]]


def read_column(table: str, column: str, cursor: Cursor, dialect: Dialect) -> Column:
    """A column's definition, from behind its name."""
    kind = _type_tokens(cursor)
    shown = canonical_type(kind)
    null, default, rest = "", "", ""
    counts = bool(kind) and kind[-1][1].endswith(_SERIAL) and shown != joined(kind)
    if counts:
        null, default = "not null", "nextval"
    name = ""
    constraints: list[tuple[Inline, str]] = []
    while not cursor.done:
        word = cursor.peek()
        if word == "not" and cursor.take("not", "null"):
            null = "not null"
            conflict_clause(cursor)
        elif word == "default":
            cursor.at += 1
            default = _default(cursor)
        elif word in ("primary", "unique", "check", "references"):
            if word == "primary":
                null = "not null" if dialect == "postgresql" else null
            constraints.append((inline_constraint(table, column, cursor), name))
            name = ""
        elif word == "constraint":
            cursor.at += 1
            name = cursor.name()
        elif word == "null":
            cursor.at += 1
            null = ""
        else:
            rest = f"{rest} {word}".strip()
            group = joined(cursor.group()) if word == "(" else ""
            if group:
                rest += f"{group} )"
            else:
                cursor.at += 1
    mentions = frozenset([column, *[token[1] for token in kind if token[0] in "wq"]])
    entry = Entry(column_text(shown, null, default, rest), table, mentions)
    return Column(column, entry, bool(kind), counts, constraints)


def put_column(shadow: Shadow, table: str, column: Column, dialect: Dialect) -> None:
    """Put a column down with all that it takes along."""
    key = f"column {table}.{column.name}"
    if not column.typed and dialect == "postgresql":
        shadow.troubles += (Trouble("syntax", key, shadow.line, "a column without a type"),)
    if column.counts:
        prefix = f"{table.rpartition('.')[0]}." if "." in table else ""
        sequence = prefix + automatic_name(table, column.name, "seq")
        shadow.objects[f"sequence {sequence}"] = Entry(None, table, frozenset({column.name}))
    shadow.add(key, column.entry)
    for read, given in column.constraints:
        put_inline(shadow, table, read, given, dialect)


_SERIAL = ("serial", "serial4", "serial8")


def _type_tokens(cursor: Cursor) -> list[Lexeme]:
    start = cursor.at
    cursor.skip(_COLUMN_STOP)
    return cursor.tokens[start : cursor.at]


def _default(cursor: Cursor) -> str:
    start = cursor.at
    cursor.take("null")
    cursor.skip(_COLUMN_STOP)
    return canonical_default(cursor.tokens[start : cursor.at])


def canonical_default(tokens: list[Lexeme]) -> str:
    """A default in one spelling, without casts and parentheses around it; empty for NULL."""
    kept: list[str] = []
    place = 0
    while len(tokens) > 1 and tokens[0][1] == "(" and tokens[-1][1] == ")" and tokens[0][0] == "p":
        tokens = tokens[1:-1]
    while place < len(tokens):
        if tokens[place][1] == "::":
            # A cast of the default says nothing that the column's type does not say.
            place += 2
            while (
                place < len(tokens)
                and tokens[place][1]
                in ("varying", "precision", "[", "]", "with", "without", "time", "zone", ".")
            ) or (place < len(tokens) and place and tokens[place - 1][1] == "."):
                place += 1
            if place < len(tokens) and tokens[place][1] == "(":
                while place < len(tokens) and tokens[place][1] != ")":
                    place += 1
                place += 1
            continue
        kept.append(tokens[place][1])
        place += 1
    while len(kept) > 2 and kept[0] == "(" and kept[-1] == ")":
        kept = kept[1:-1]
    text = " ".join(kept)
    if text == "null":
        return ""
    return {"'t'": "true", "'f'": "false", "'true'": "true", "'false'": "false"}.get(text, text)
