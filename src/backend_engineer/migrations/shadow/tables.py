"""CREATE TABLE, ALTER TABLE and CREATE INDEX on a shadow schema.

Owns: tables as a whole, the actions of ALTER TABLE, indexes.
Must never know: other objects, comparing.
"""

from __future__ import annotations

from typing import NamedTuple

from backend_engineer.migrations.lexer import Dialect, Lexeme
from backend_engineer.migrations.shadow.columns import Column, canonical_default, put_column, read_column
from backend_engineer.migrations.shadow.constraints import (
    add_constraint,
    automatic_name,
    deferral,
    remove_references,
    set_column,
)
from backend_engineer.migrations.shadow.reading import Cursor, canonical_type, joined, split_commas, words_of
from backend_engineer.migrations.shadow.schema import Entry, Shadow, Trouble
from backend_engineer.migrations.statements import Statement

__all__ = ["alter_table", "create_index", "create_table"]

_TABLE_LEVEL = frozenset({"constraint", "primary", "unique", "check", "foreign", "exclude"})


class _Table(NamedTuple):
    """A CREATE TABLE as it is written; parts are columns, and the tokens of everything else."""

    name: str
    quiet: bool
    entry: Entry
    parts: list[Column | list[Lexeme]]


def create_table(shadow: Shadow, statement: Statement, cursor: Cursor, dialect: Dialect) -> None:
    """CREATE TABLE, from behind the word TABLE."""
    # The scripts of a base are applied anew for every change that is judged, and read once.
    mark = f"table {dialect}"
    read: _Table | None = statement.told.get(mark)
    if read is None:
        read = statement.told[mark] = _read_table(cursor, dialect)
    if read.quiet and f"table {read.name}" in shadow.objects:
        return
    shadow.add(f"table {read.name}", read.entry)
    if read.entry.text is None:
        shadow.opaque += (joined(cursor.tokens),)
        return
    for part in read.parts:
        if isinstance(part, Column):
            put_column(shadow, read.name, part, dialect)
        elif part[0][1] == "like":
            shadow.opaque += (joined(cursor.tokens),)
        else:
            add_constraint(shadow, read.name, Cursor(part), dialect)


def _read_table(cursor: Cursor, dialect: Dialect) -> _Table:
    quiet = cursor.take("if", "not", "exists")
    table = cursor.name()
    body = cursor.group()
    options = joined(cursor.rest())
    parts: list[Column | list[Lexeme]] = []
    for part in split_commas(body):
        if part[0][0] == "w" and (part[0][1] in _TABLE_LEVEL or part[0][1] == "like"):
            parts.append(part)
        else:
            inner = Cursor(part)
            parts.append(read_column(table, inner.name(), inner, dialect))
    return _Table(table, quiet, Entry(options if body else None, mentions=words_of(cursor.tokens)), parts)


def _add_column(shadow: Shadow, table: str, cursor: Cursor, dialect: Dialect, *, quiet: bool = False) -> None:
    column = cursor.name()
    if not quiet or f"column {table}.{column}" not in shadow.objects:
        put_column(shadow, table, read_column(table, column, cursor, dialect), dialect)


def alter_table(shadow: Shadow, cursor: Cursor, dialect: Dialect) -> None:
    """ALTER TABLE, from behind the word TABLE."""
    quiet = cursor.take("if", "exists")
    cursor.take("only")
    table = cursor.name()
    cursor.take("*")
    if not any(f"{kind} {table}" in shadow.objects for kind in ("table", "view", "sequence", "index")):
        if quiet:
            return
        shadow.miss(f"table {table}")
    if cursor.take("rename"):
        _rename(shadow, table, cursor)
        return
    if cursor.take("set", "schema"):
        schema, bare = cursor.name(), table.rpartition(".")[2]
        new = bare if schema in ("public", "main") else f"{schema}.{bare}"
        kind = next((kind for kind in ("sequence", "index") if f"{kind} {table}" in shadow.objects), "")
        if kind:
            shadow.rename(f"{kind} {table}", f"{kind} {new}")
        else:
            shadow.rename_table(table, new)
        return
    for part in split_commas(cursor.rest()):
        _action(shadow, table, Cursor(part), dialect)


def _rename(shadow: Shadow, table: str, cursor: Cursor) -> None:
    if cursor.take("to"):
        new = cursor.name()
        prefix = table.rpartition(".")[0]
        shadow.rename_table(table, f"{prefix}.{new}" if prefix and "." not in new else new)
        return
    if cursor.take("constraint"):
        old = cursor.name()
        cursor.take("to")
        new = cursor.name()
        if not old.endswith("not_null") or f"constraint {table}.{old}" in shadow.objects:
            shadow.rename(f"constraint {table}.{old}", f"constraint {table}.{new}")
        return
    cursor.take("column")
    old = cursor.name()
    cursor.take("to")
    shadow.rename_column(table, old, cursor.name())


_HARMLESS = frozenset(
    [
        "owner",
        "enable",
        "disable",
        "validate",
        "replica",
        "cluster",
        "set",
        "reset",
        "inherit",
        "no",
        "attach",
        "detach",
        "force",
        "of",
        "not",
        "options",
    ]
)


def _action(shadow: Shadow, table: str, cursor: Cursor, dialect: Dialect) -> None:
    if cursor.take("add"):
        if cursor.peek() in _TABLE_LEVEL and cursor.tokens[cursor.at][0] == "w":
            add_constraint(shadow, table, cursor, dialect)
            return
        cursor.take("column")
        quiet = cursor.take("if", "not", "exists")
        _add_column(shadow, table, cursor, dialect, quiet=quiet)
    elif cursor.take("drop"):
        _drop_action(shadow, table, cursor, dialect)
    elif cursor.take("alter"):
        if cursor.peek() == "constraint" and cursor.peek(1) != "set" and cursor.peek(1) != "type":
            _alter_constraint(shadow, table, cursor)
            return
        cursor.take("column")
        _alter_column(shadow, table, cursor)
    elif cursor.take("validate", "constraint"):
        key = f"constraint {table}.{cursor.name()}"
        entry = shadow.objects.get(key)
        if entry is None:
            shadow.miss(key)
        elif entry.text is not None:
            shadow.objects[key] = entry._replace(text=entry.text.replace(" not valid", ""))
    elif cursor.take("rename"):
        _rename(shadow, table, cursor)
    elif cursor.peek() not in _HARMLESS:
        shadow.troubles += (
            Trouble("syntax", f"table {table}", shadow.line, f"ALTER TABLE ... {cursor.peek()}"),
        )
    elif cursor.peek() in ("enable", "disable", "force", "no"):
        text = joined(cursor.rest())
        if "level security" in text:
            key = f"setting {table} {text.split()[-2] if 'force' not in text else 'forced'} security"
            if text.startswith(("disable", "no")):
                shadow.objects.pop(key, None)
            else:
                shadow.objects[key] = Entry(text, table)


def _drop_action(shadow: Shadow, table: str, cursor: Cursor, dialect: Dialect) -> None:
    if cursor.peek() == "constraint" and cursor.tokens[cursor.at][0] == "w":
        cursor.at += 1
        quiet = cursor.take("if", "exists")
        name = cursor.name()
        if cursor.peek() == "(":
            shadow.troubles += (
                Trouble("syntax", f"table {table}", shadow.line, "DROP CONSTRAINT takes a name"),
            )
            return
        # Names of NOT NULL are not kept.
        quiet = quiet or name.endswith("not_null")
        entry = shadow.remove(f"constraint {table}.{name}", quiet=quiet)
        if entry is not None and cursor.take("cascade"):
            remove_references(shadow, table, entry)
        return
    cursor.take("column")
    quiet = cursor.take("if", "exists")
    column = cursor.name()
    shadow.remove_column(
        table, column, quiet=quiet, cascade=cursor.take("cascade"), takes_indexes=dialect == "postgresql"
    )


def _alter_constraint(shadow: Shadow, table: str, cursor: Cursor) -> None:
    cursor.at += 1
    key = f"constraint {table}.{cursor.name()}"
    entry = shadow.objects.get(key)
    if entry is None:
        shadow.miss(key)
    elif entry.text is not None:
        plain = entry.text.replace(" deferrable", "").replace(" initially deferred", "")
        shadow.objects[key] = entry._replace(text=plain + deferral(cursor))


_TYPE_STOP = frozenset({"using", "collate"})


def _alter_column(shadow: Shadow, table: str, cursor: Cursor) -> None:
    column = cursor.name()
    if f"column {table}.{column}" not in shadow.objects:
        shadow.miss(f"column {table}.{column}")
    if cursor.take("set", "not", "null"):
        set_column(shadow, table, column, null="not null")
    elif cursor.take("drop", "not", "null"):
        set_column(shadow, table, column, null="")
    elif cursor.take("set", "default"):
        set_column(shadow, table, column, default=canonical_default(cursor.rest()))
    elif cursor.take("drop", "default"):
        set_column(shadow, table, column, default="")
    elif cursor.take("type") or cursor.take("set", "data", "type"):
        start = cursor.at
        cursor.skip(_TYPE_STOP)
        kind = cursor.tokens[start : cursor.at]
        set_column(shadow, table, column, kind=canonical_type(kind))
        key = f"column {table}.{column}"
        shadow.objects[key] = shadow.objects[key]._replace(mentions=words_of(kind) | {column})


def _index_part(part: list[Lexeme]) -> str:
    """What PostgreSQL takes from a part of an index into its automatic name."""
    plain = part[0][0] in "wq" and (len(part) == 1 or part[1][1] != "(")
    call = part[0][0] in "wq" and len(part) > 1 and part[1][1] == "("
    return part[0][1] if plain or call else "expr"


def _unlike(name: str, others: list[str]) -> str:
    """The name, with the number that tells it from an earlier part of the same index."""
    number = 0
    while f"{name}{number or ''}" in others:
        number += 1
    return f"{name}{number or ''}"


def _free_index(shadow: Shadow, name: str) -> str:
    """The name, with the number that PostgreSQL puts behind one that is taken."""
    number = 0
    while f"index {name}{number or ''}" in shadow.objects:
        number += 1
    return f"{name}{number or ''}"


def create_index(shadow: Shadow, cursor: Cursor, *, unique: bool) -> None:
    """CREATE INDEX, from behind the word INDEX."""
    cursor.take("concurrently")
    quiet = cursor.take("if", "not", "exists")
    name = cursor.name() if cursor.peek() != "on" else ""
    cursor.take("on")
    cursor.take("only")
    table = cursor.name()
    rest = cursor.rest()
    if [token[1] for token in rest[:2]] == ["using", "btree"]:
        rest = rest[2:]
    if not name:
        cursor = Cursor(list(rest))
        if cursor.take("using"):
            cursor.at += 1
        columns: list[str] = []
        for part in split_commas(cursor.group()):
            columns.append(_unlike(_index_part(part), columns))
        name = _free_index(shadow, automatic_name(table, "_".join(columns), "idx"))
    if f"temporary {table}" in shadow.objects:
        return
    prefix = table.rpartition(".")[0]
    if prefix and "." not in name:
        name = f"{prefix}.{name}"
    text = joined(token for token in rest if token[1] != "asc" or token[0] == "q")
    words = words_of(rest)
    if f"table {table}" not in shadow.objects and f"view {table}" not in shadow.objects:
        shadow.miss(f"table {table}")
    else:
        for part in split_commas(Cursor(list(rest)).group()):
            plain = len(part) == 1 and part[0][0] in "wq"
            if not plain or f"column {table}.{part[0][1]}" in shadow.objects:
                continue
            # A table of which no column is known may have any.
            if any(key.startswith(f"column {table}.") for key in shadow.objects):
                shadow.miss(f"column {table}.{part[0][1]}")
    if quiet and f"constraint {table}.{name}" in shadow.objects:
        # The index of a constraint carries its constraint's name.
        return
    label = "unique " if unique else ""
    shadow.add(f"index {name}", Entry(f"{label}{text}", table, words), quiet=quiet)
