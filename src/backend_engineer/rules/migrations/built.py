"""The lines of a report's schema, read back into tables, columns, keys, indexes and conditions.

Owns: the reading of `schema_after` and of a schema in the mind, and when two spellings of a type are one type.
Must never know: rules, databases, DataModel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from backend_engineer.migrations.lexer import Lexeme, read_lexemes, tokenize
from backend_engineer.migrations.shadow import Shadow
from backend_engineer.migrations.shadow.constraints import column_parts
from backend_engineer.migrations.shadow.reading import Cursor, canonical_type, joined, split_commas
from backend_engineer.rules.migrations.conditions import read_expression
from backend_engineer.rules.migrations.forms import Node, without_collation

__all__ = [
    "Built",
    "BuiltColumn",
    "BuiltTable",
    "Condition",
    "Foreign",
    "Key",
    "read_built",
    "read_constraint",
    "read_index",
    "read_shadow",
    "same_type",
    "table_name",
]


class BuiltColumn(NamedTuple):
    """A column as the database says it: its type, whether it is required, and its default's text, if it has one."""

    type: str
    required: bool
    default: str | None = None


class Key(NamedTuple):
    """An index or a key.

    parts: its columns or expressions in one form. down: which of them run backwards. unique: whether it allows a
    value once only. where: the condition of a partial one. name: empty where the database gave none. text: as shown.
    """

    parts: tuple[Node, ...]
    down: tuple[bool, ...]
    unique: bool
    where: str
    name: str
    text: str


class Foreign(NamedTuple):
    """A foreign key: its columns, the table and the columns there (empty: its primary key), what a deletion does."""

    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]
    on_delete: str
    checked: bool


class Condition(NamedTuple):
    """The text inside a CHECK or behind EXCLUDE, and whether it holds for the rows that stood there already."""

    text: str
    checked: bool


@dataclass(slots=True)
class BuiltTable:
    """One table; `parent` is the table that it is a partition of, empty for most."""

    columns: dict[str, BuiltColumn] = field(default_factory=dict)
    primary: Key | None = None
    keys: list[Key] = field(default_factory=list)
    foreign: list[Foreign] = field(default_factory=list)
    checks: list[Condition] = field(default_factory=list)
    excludes: list[Condition] = field(default_factory=list)
    parent: str = ""


@dataclass(slots=True)
class Built:
    """Tables by name, and the names of views."""

    tables: dict[str, BuiltTable] = field(default_factory=dict)
    views: set[str] = field(default_factory=set)

    def table(self, name: str) -> BuiltTable:
        """The table of this name, made when it is first spoken of."""
        return self.tables.setdefault(name, BuiltTable())


def table_name(name: str) -> str:
    """A table's name as both sides write it: without quotes, without `public`, in lower case."""
    return name.replace('"', "").lower().removeprefix("public.")


def read_built(lines: Iterable[str]) -> Built:
    """The tables that a report's lines describe."""
    built = Built()
    known: set[str] = set()
    for line in lines:
        kind, _, rest = line.removeprefix("materialized ").partition(" ")
        name, _, text = rest.partition(": ")
        name = table_name(name)
        if kind == "table":
            known.add(name)
            _read_table(built.table(name), text)
        elif kind == "view":
            built.views.add(name)
        elif kind == "column":
            table, _, column = name.rpartition(".")
            _read_column(built.table(table), column, text)
        elif kind == "constraint":
            table, _, own = name.rpartition(".")
            read_constraint(built.table(table), text, own)
        elif kind == "index":
            read_index(built, text, name.rpartition(".")[2])
    built.tables = {name: table for name, table in built.tables.items() if name in known}
    return built


def read_shadow(shadow: Shadow) -> Built:
    """The tables of a schema in the mind, those of which something is not known left out."""
    built = Built()
    unknown: set[str] = set()
    for key, entry in shadow.objects.items():
        kind, _, name = key.partition(" ")
        if kind == "view":
            built.views.add(name.lower())
        if kind == "table":
            built.table(name.lower())
        if kind not in ("column", "constraint", "index") or not entry.table:
            continue
        if entry.text is None:
            unknown.add(entry.table.lower())
        elif kind == "column":
            shown, null, default, _ = column_parts(entry.text)
            column = BuiltColumn(shown, null == "not null", default or None)
            built.table(entry.table.lower()).columns[name.rpartition(".")[2].lower()] = column
        elif kind == "constraint":
            own = name[len(entry.table) + 1 :]
            read_constraint(built.table(entry.table.lower()), entry.text, "" if " " in own else own.lower())
        else:
            unique = entry.text.startswith("unique ")
            tokens = read_lexemes(entry.text.removeprefix("unique "), "postgresql").tokens
            key_ = _key(Cursor(tokens), unique=unique, name=name.rpartition(".")[2].lower(), text=entry.text)
            built.table(entry.table.lower()).keys.append(key_)
    for table in built.tables.values():
        for part in table.primary.parts if table.primary is not None else ():
            member = table.columns.get(str(part[1]))
            if member is not None:
                table.columns[str(part[1])] = member._replace(required=True)
    for name in unknown | {name for name, table in built.tables.items() if not table.columns}:
        built.tables.pop(name, None)
    return built


_STOPS = frozenset(
    {"not", "default", "primary", "unique", "check", "references", "collate", "generated", "constraint", "storage", "null", "as", "autoincrement", "inherited", "rights", "statistics", "options"}
)  # fmt: skip


def _read_column(table: BuiltTable, column: str, text: str) -> None:
    tokens = tokenize(text, "postgresql").tokens
    stop = next((start for kind, word, start, _ in tokens if kind == "w" and word in _STOPS), len(text))
    cursor = Cursor(read_lexemes(text, "postgresql").tokens)
    required, default = False, None
    while not cursor.done:
        word = cursor.peek()
        if word == "rights":
            break
        if cursor.take("not", "null"):
            required = True
        elif cursor.take("default"):
            start = cursor.at
            _, taken = read_expression(cursor.tokens[start:])
            cursor.at = start + max(taken, 1)
            if not taken:
                cursor.at = start
                cursor.skip(_STOPS)
            default = joined(cursor.tokens[start : cursor.at])
        elif cursor.take("by", "default") or cursor.take("set", "default"):
            continue
        elif word == "(":
            cursor.group()
        else:
            required |= word == "primary"
            cursor.at += 1
    table.columns[column] = BuiltColumn(text[:stop].strip().lower(), required, default)
    _constraints(table, text, "", (column,))


def _read_table(table: BuiltTable, text: str) -> None:
    cursor = Cursor(read_lexemes(text, "postgresql").tokens)
    bound = False
    while not cursor.done and cursor.peek() != "rights":
        bound |= cursor.peek() == "default" or (cursor.peek() == "for" and cursor.peek(1) == "values")
        if cursor.take("inherits"):
            parent = cursor.name()
            table.parent = parent.lower() if bound else ""
        elif not cursor.group():
            cursor.at += 1
    _constraints(table, text, "")


def read_constraint(table: BuiltTable, text: str, name: str = "") -> str:
    """Read one constraint into a table; answers what stands behind it and was not understood."""
    return _constraints(table, text, name)


def _constraints(table: BuiltTable, text: str, name: str, own: tuple[str, ...] = ()) -> str:
    """Every constraint of a text, at its outmost level; `own` is the column that it belongs to."""
    cursor = Cursor(read_lexemes(text, "postgresql").tokens)
    called = name
    left: list[str] = []
    while not cursor.done:
        word = cursor.peek()
        if word == "rights" and own:
            break
        if cursor.take("constraint"):
            called = cursor.name().lower()
        elif cursor.take("primary", "key"):
            table.primary = _listed_key(cursor, own, called)
            called = name
        elif cursor.take("unique"):
            cursor.take("nulls", "not", "distinct")
            cursor.take("nulls", "distinct")
            table.keys.append(_listed_key(cursor, own, called))
            called = name
        elif word == "check" and cursor.peek(1) == "(":
            cursor.at += 1
            condition = joined_text(cursor.group())
            table.checks.append(Condition(condition, _checked(cursor)))
            called = name
        elif cursor.take("exclude"):
            table.excludes.append(Condition(joined_text(cursor.rest()), True))
        elif cursor.take("foreign", "key"):
            columns = _names(cursor.group())
            cursor.take("references")
            table.foreign.append(_foreign(cursor, columns))
            called = name
        elif own and cursor.take("references"):
            table.foreign.append(_foreign(cursor, own))
            called = name
        elif own and (cursor.take("by", "default") or cursor.take("default") or cursor.take("generated")):
            if cursor.peek() == "(":
                cursor.group()
        else:
            group = cursor.group() if word == "(" else None
            if group is None:
                left.append(cursor.tokens[cursor.at].value)
                cursor.at += 1
    return " ".join(left)


def joined_text(tokens: Sequence[Lexeme]) -> str:
    """Tokens as a text that reads back to the same ones."""
    quoted = (
        '"' + item.value.replace('"', '""') + '"' if item.kind == "q" else item.value for item in tokens
    )
    return " ".join(quoted)


def _names(tokens: list[Lexeme]) -> tuple[str, ...]:
    return tuple(part[0].value.lower() for part in split_commas(tokens))


def _listed_key(cursor: Cursor, own: tuple[str, ...], name: str) -> Key:
    if cursor.peek() == "(":
        return _key(cursor, unique=True, name=name, text="")
    return Key(tuple(("col", column) for column in own), tuple(False for _ in own), True, "", name, "")


def _checked(cursor: Cursor) -> bool:
    place = cursor.at
    while cursor.take("no", "inherit") or cursor.take("enforced"):
        continue
    valid = not (cursor.take("not", "valid") or cursor.take("not", "enforced"))
    cursor.at = place
    return valid


def _foreign(cursor: Cursor, columns: tuple[str, ...]) -> Foreign:
    target = cursor.name().lower()
    references = _names(cursor.group())
    on_delete, checked = "no action", True
    while not cursor.done:
        if cursor.take("on", "delete"):
            on_delete = _action(cursor)
        elif cursor.take("on", "update"):
            _action(cursor)
        elif cursor.take("match"):
            cursor.at += 1
        elif cursor.take("not", "valid") or cursor.take("not", "enforced"):
            checked = False
        elif not (
            cursor.take("not", "deferrable")
            or cursor.take_any("deferrable", "initially", "deferred", "immediate")
        ):
            break
    return Foreign(columns, target, references, on_delete, checked)


def _action(cursor: Cursor) -> str:
    first = cursor.take_any("cascade", "restrict", "set", "no")
    return f"{first} {cursor.take_any('null', 'default', 'action')}" if first in ("set", "no") else first


def read_index(built: Built, text: str, name: str) -> None:
    """Read CREATE INDEX into its table."""
    cursor = Cursor(read_lexemes(text, "postgresql").tokens)
    cursor.take("create")
    unique = cursor.take("unique")
    cursor.take("index")
    cursor.take("if", "not", "exists")
    if cursor.peek() != "on":
        cursor.name()
    cursor.take("on")
    cursor.take("only")
    table = cursor.name().lower()
    if table:
        built.table(table).keys.append(_key(cursor, unique=unique, name=name, text=text))


def _key(cursor: Cursor, *, unique: bool, name: str, text: str) -> Key:
    """An index from its list of parts on, with what stands behind it."""
    if cursor.take("using"):
        cursor.name()
    parts = [_part(part) for part in split_commas(cursor.group())]
    where = ""
    place = cursor.at
    while not cursor.done:
        if cursor.take("where"):
            start = cursor.at
            _, taken = read_expression(cursor.tokens[start:])
            cursor.at = start + taken if taken else len(cursor.tokens)
            where = joined_text(cursor.tokens[start : cursor.at])
            place = cursor.at
            break
        if cursor.peek() in ("include", "with", "nulls", "not", "distinct", "(", "tablespace"):
            if not cursor.group():
                cursor.at += 1
            place = cursor.at
            continue
        break
    cursor.at = place
    return Key(tuple(node for node, _ in parts), tuple(down for _, down in parts), unique, where, name, text)


def _part(tokens: list[Lexeme]) -> tuple[Node, bool]:
    node, taken = read_expression(tokens)
    rest = [token.value for token in tokens[taken:]]
    if node is None:
        words = [token.value for token in tokens]
        return ("text", " ".join(word for word in words if word not in ("asc", "desc"))), "desc" in words
    return without_collation(node), "desc" in rest


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
