"""The lines of a report's schema, read back into tables, columns, indexes and foreign keys.

Owns: the reading of `schema_after`, and when two spellings of a type are one type.
Must never know: rules, databases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from backend_engineer.migrations.lexer import read_lexemes
from backend_engineer.migrations.shadow.reading import Cursor, canonical_type, split_commas

__all__ = ["Built", "BuiltColumn", "read_built", "same_type"]


class BuiltColumn(NamedTuple):
    """A column as the database says it: its type, and whether it is required."""

    type: str
    required: bool


@dataclass(slots=True)
class Built:
    """Tables with their columns, the columns of indexes and keys (with whether they are unique), and of foreign keys."""

    tables: set[str] = field(default_factory=set)
    views: set[str] = field(default_factory=set)
    columns: dict[str, dict[str, BuiltColumn]] = field(default_factory=dict)
    indexes: dict[str, list[tuple[tuple[str, ...], bool]]] = field(default_factory=dict)
    foreign: dict[str, set[tuple[str, ...]]] = field(default_factory=dict)


_STOP = re.compile(
    r"\b(?:not null|default|primary|unique|check|references|collate|generated|constraint|storage|null)\b"
)
_KEY = re.compile(r"\b(primary key|unique|foreign key)\s*\(([^)]*)\)", re.IGNORECASE)


def read_built(lines: Iterable[str]) -> Built:
    """The tables that a report's lines describe; names lose `public` and their quotes."""
    built = Built()
    for line in lines:
        kind, _, rest = line.removeprefix("materialized ").partition(" ")
        name, _, text = rest.partition(": ")
        name = name.removeprefix("public.").replace('"', "").lower()
        if kind == "table":
            built.tables.add(name)
            _keys(built, name, text)
        elif kind == "view":
            built.views.add(name)
        elif kind == "column":
            table, _, column = name.rpartition(".")
            _column(built, table, column, text)
        elif kind == "constraint":
            _keys(built, name.rpartition(".")[0], text)
        elif kind == "index":
            _index(built, text)
    return built


def _column(built: Built, table: str, column: str, text: str) -> None:
    low = text.lower()
    stop = _STOP.search(low)
    shown = (low[: stop.start()] if stop else low).strip()
    required = "not null" in low or "primary key" in low
    built.columns.setdefault(table, {})[column] = BuiltColumn(shown, required)
    if re.search(r"\bunique\b|\bprimary key\b", low):
        built.indexes.setdefault(table, []).append(((column,), True))
    if re.search(r"\breferences\b", low):
        built.foreign.setdefault(table, set()).add((column,))


def _keys(built: Built, table: str, text: str) -> None:
    for kind, listed in _KEY.findall(text):
        columns = tuple(part.strip().strip('"').lower() for part in listed.split(","))
        if kind.lower() == "foreign key":
            built.foreign.setdefault(table, set()).add(columns)
        else:
            built.indexes.setdefault(table, []).append((columns, True))


def _index(built: Built, text: str) -> None:
    cursor = Cursor(read_lexemes(text, "postgresql").tokens)
    cursor.take("create")
    unique = cursor.take("unique")
    cursor.take("index")
    cursor.take("if", "not", "exists")
    cursor.name()
    cursor.take("on")
    cursor.take("only")
    table = cursor.name()
    if cursor.take("using"):
        cursor.name()
    columns = tuple(part[0][1].lower() for part in split_commas(cursor.group()))
    # A partial index serves a part of the rows only, and is not what an index of the model means.
    if columns and not unique | (cursor.peek() == "where"):
        built.indexes.setdefault(table, []).append((columns, False))
    elif columns and unique:
        built.indexes.setdefault(table, []).append((columns, cursor.peek() != "where"))


_FAMILIES = (
    frozenset({"text", "character varying", "clob"}),
    frozenset({"numeric", "numeric (precision)"}),
)
_AFFINITY = (
    (("int",), "integer"),
    (("char", "clob", "text"), "text"),
    (("blob",), "blob"),
    (("real", "floa", "doub"), "real"),
)


def same_type(declared: str, found: str, dialect: str) -> bool:
    """Whether two spellings mean one type; on SQLite, whether they have one affinity and one length."""
    first = canonical_type(read_lexemes(declared.lower(), "postgresql").tokens)
    second = canonical_type(read_lexemes(found.lower(), "postgresql").tokens)
    first, second = first.replace(" ", ""), second.replace(" ", "")
    if first == second:
        return True
    if dialect == "sqlite":
        return _affinity(first) == _affinity(second) and _length(first) == _length(second)
    return any({first, second} <= family for family in _FAMILIES)


def _affinity(name: str) -> str:
    for signs, affinity in _AFFINITY:
        if any(sign in name for sign in signs):
            return affinity
    return name.partition("(")[0]


def _length(name: str) -> str:
    return name.partition("(")[2]
