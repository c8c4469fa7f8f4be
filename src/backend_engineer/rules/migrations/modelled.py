"""What DataModel says of one table's keys, indexes, foreign keys and conditions.

Owns: reading an entity's relations, indexes and constraints, and which constraints are words only.
Must never know: rules, databases, what migrations build.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from backend_engineer.inputs import NotApplicable
from backend_engineer.migrations.lexer import read_lexemes
from backend_engineer.migrations.shadow.reading import Cursor
from backend_engineer.rules.migrations.built import (
    Built,
    BuiltTable,
    Condition,
    Foreign,
    Key,
    joined_text,
    read_constraint,
    read_index,
    table_name,
)
from backend_engineer.rules.migrations.conditions import conjuncts, read_expression
from backend_engineer.rules.migrations.forms import Node, columns_of, without_collation

__all__ = ["REWRITTEN", "Modelled", "Wanted", "read_entity"]

_WHOLE = ("int", "serial")
REWRITTEN = ("date", "time", "interval", "json", "inet", "cidr", "bytea", "uuid", "range", "point", "xml")
"""Parts of the names of types whose literals a database writes in a form of its own."""
_VALUES = frozenset({"col", "str", "num", "word", "call", "row", "cast", "op", "neg", "array", "item"})
_ACTIONS = frozenset({"cascade", "restrict", "no action", "set null", "set default"})


class Wanted(NamedTuple):
    """An index of the model, and whether its words say in which direction its parts run."""

    key: Key
    directed: bool


@dataclass(slots=True)
class Modelled:
    """An entity's table.

    primary: columns of its key, empty for none. uniques: keys that constraints and columns ask for. indexes: its
    indexes. foreign: a key whose action is not understood has an empty `on_delete`, one whose target is not known an
    empty table. conditions: each part of a CHECK with the text that it comes from. unread: conditions that are
    written for the database and not understood. excludes: as written. words: constraints in plain words.
    integers: columns of whole numbers. rewritten: columns whose literals a database writes in a form of its own.
    """

    primary: frozenset[str] = frozenset()
    uniques: list[Key] = field(default_factory=list)
    indexes: list[Wanted] = field(default_factory=list)
    foreign: list[Foreign] = field(default_factory=list)
    conditions: dict[Node, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    excludes: list[Condition] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    integers: frozenset[str] = frozenset()
    rewritten: frozenset[str] = frozenset()


def read_entity(entity: Any, tables: Mapping[str, str]) -> Modelled:
    """An entity as what its table must have; `tables` is the table of each entity by its name."""
    columns = {column.name.lower(): column for column in entity.fields}
    made = Modelled(
        primary=frozenset(name for name, column in columns.items() if column.primary_key),
        uniques=[_plain(name) for name, column in columns.items() if column.unique],
        integers=_typed(columns, _WHOLE),
        rewritten=_typed(columns, REWRITTEN),
    )
    for index in _listed(entity.indexes):
        made.indexes.append(_index(index, columns))
    for relation in _listed(entity.relations):
        action = " ".join((relation.on_delete or "no action").lower().removeprefix("on delete").split())
        made.foreign.append(
            Foreign(
                tuple(column.lower() for column in relation.columns),
                tables.get(relation.entity, ""),
                tuple(column.lower() for column in relation.references),
                action if action in _ACTIONS else "",
                True,
            )
        )
    for text in _listed(entity.constraints):
        _constraint(made, text, frozenset(columns))
    return made


def _typed(columns: Mapping[str, Any], signs: tuple[str, ...]) -> frozenset[str]:
    return frozenset(
        name for name, column in columns.items() if any(sign in column.type.lower() for sign in signs)
    )


def _listed(given: Any) -> tuple[Any, ...]:
    return () if isinstance(given, NotApplicable) else tuple(given)


def _plain(column: str) -> Key:
    return Key((("col", column),), (False,), True, "", "", "")


def _index(index: Any, columns: Collection[str]) -> Wanted:
    parts: list[Node] = []
    down: list[bool] = []
    directed = False
    for text in index.columns:
        tokens = read_lexemes(text, "postgresql").tokens
        node, taken = read_expression(tokens)
        rest = {token.value for token in tokens[taken:]}
        directed |= bool(rest & {"asc", "desc"})
        # A name that is no word of SQL stands for itself, whatever is in it.
        own = node is None or text.lower() in columns
        parts.append(("col", text.lower()) if own or node is None else without_collation(node))
        down.append("desc" in rest)
    name = (index.name or "").lower()
    return Wanted(Key(tuple(parts), tuple(down), index.unique, "", name, ", ".join(index.columns)), directed)


def _constraint(made: Modelled, text: str, columns: frozenset[str]) -> None:
    """Put one constraint where it belongs; what is written in words stays words."""
    cursor = Cursor(read_lexemes(text.strip().rstrip("; "), "postgresql").tokens)
    if cursor.take("alter", "table"):
        cursor.name()
        cursor.take("add")
    name = cursor.name().lower() if cursor.take("constraint") else ""
    if cursor.peek() == "create" or (cursor.peek() == "unique" and cursor.peek(1) == "index"):
        _unique_index(made, text, cursor)
        return
    body = joined_text(cursor.rest())
    table = BuiltTable()
    left = read_constraint(table, body, name)
    found = bool(table.primary or table.keys or table.foreign or table.excludes or table.checks)
    prose = [word for word in left.split() if word not in _TRAILING]
    named = {str(node[1]) for key in table.keys for node in key.parts} | {
        column for key in table.foreign for column in key.columns
    }
    if found and not prose and (not named or named & columns):
        _take(made, table, text)
        return
    read = conjuncts(body, made.integers)
    if (
        not found
        and read is not None
        and all(node[0] not in _VALUES and columns_of(node) & columns for node in read)
    ):
        made.conditions.update(dict.fromkeys(read, text))
    else:
        made.words.append(text)


_TRAILING = frozenset(
    {"deferrable", "initially", "deferred", "immediate", "not", "valid", "no", "inherit", "enforced"}
)


def _unique_index(made: Modelled, text: str, cursor: Cursor) -> None:
    if cursor.take("unique", "index"):
        name = "" if cursor.peek() in ("on", "(") else cursor.name()
        on = f"ON {cursor.name()}" if cursor.take("on") else "ON t"
        text = f"CREATE UNIQUE INDEX {name} {on} {joined_text(cursor.rest())}"
        named = name
    else:
        words = text.replace("(", " ").split()
        place = [word.lower() for word in words].index("on") if "on" in text.lower().split() else 0
        named = words[place - 1] if place and words[place - 1].lower() != "index" else ""
    built = Built()
    read_index(built, text, table_name(named))
    keys = [key for table in built.tables.values() for key in table.keys]
    if keys and all(key.parts for key in keys):
        made.indexes += [Wanted(key, any(key.down)) for key in keys]
    else:
        made.words.append(text)


def _take(made: Modelled, table: BuiltTable, text: str) -> None:
    if table.primary is not None:
        made.primary = frozenset(str(node[1]) for node in table.primary.parts)
    made.uniques += [key._replace(text=text) for key in table.keys]
    made.foreign += table.foreign
    made.excludes += table.excludes
    for check in table.checks:
        read = conjuncts(check.text, made.integers)
        if read is None:
            made.unread.append(check.text)
        else:
            made.conditions.update(dict.fromkeys(read, text))
