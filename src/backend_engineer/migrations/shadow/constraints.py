"""Constraints of a shadow schema, with the names that the server would give them, and the columns they stand on.

Owns: reading constraints, inline and of a table; putting them down; a column's parts.
Must never know: ALTER TABLE, indexes, other objects.
"""

from __future__ import annotations

from typing import NamedTuple

from backend_engineer.migrations.lexer import Dialect, Lexeme
from backend_engineer.migrations.shadow.reading import Cursor, joined, split_commas, words_of
from backend_engineer.migrations.shadow.schema import Entry, Shadow

__all__ = [
    "Inline",
    "add_constraint",
    "automatic_name",
    "column_parts",
    "column_text",
    "conflict_clause",
    "deferral",
    "inline_constraint",
    "known_column",
    "put_inline",
    "remove_references",
    "set_column",
]

_SEPARATOR = "\t"


def column_parts(text: str) -> list[str]:
    """Type, nullability, default and the rest of a column's entry."""
    parts = text.split(_SEPARATOR)
    return (parts + [""] * 4)[:4]


def column_text(kind: str, null: str, default: str, rest: str) -> str:
    """A column's entry from its parts."""
    return _SEPARATOR.join((kind, null, default, rest))


def known_column(shadow: Shadow, table: str, column: str) -> Entry:
    """A column's entry; a column that nobody made is taken to exist, its definition unknown."""
    return shadow.objects.get(f"column {table}.{column}") or Entry(None, table, frozenset({column}))


def conflict_clause(cursor: Cursor) -> None:
    """Step over SQLite's ON CONFLICT."""
    if cursor.take("on", "conflict"):
        cursor.at += 1


class Inline(NamedTuple):
    """A column's own constraint: its text, what it mentions, and the name that the server gives it."""

    text: str
    mentions: frozenset[str]
    automatic: str


def inline_constraint(table: str, column: str, cursor: Cursor) -> Inline:
    """Read a column's own constraint."""
    head = cursor.peek()
    cursor.at += 1
    if head == "primary":
        cursor.take("key")
        cursor.take_any("asc", "desc")
        text, refs = f"primary key ( {column} )", frozenset[str]()
        automatic = automatic_name(table, "", "pkey")
    elif head == "unique":
        cursor.take("nulls", "not", "distinct")
        text, refs, automatic = f"unique ( {column} )", frozenset(), automatic_name(table, column, "key")
    elif head == "check":
        group = cursor.group()
        text, refs = f"check ( {_check_text(group)} )", words_of(group)
        # The name comes from the one column that the check reads, which need not be the one it stands at.
        other = next(iter(refs)) if len(refs) == 1 else column
        automatic = automatic_name(table, column if column in refs else other, "check")
    else:
        target, tail = _reference(cursor)
        text, refs = f"foreign key ( {column} ) {tail}", frozenset({f"table {target}"})
        automatic = automatic_name(table, column, "fkey")
    conflict_clause(cursor)
    return Inline(text + deferral(cursor), refs if head == "check" and refs else refs | {column}, automatic)


def put_inline(shadow: Shadow, table: str, read: Inline, name: str, dialect: Dialect) -> None:
    """Put a column's own constraint down, under its name if it was given one."""
    given = name or (_free(shadow, table, read.automatic) if dialect == "postgresql" else read.text)
    _put_constraint(shadow, table, given, read.text, read.mentions)


def _reference(cursor: Cursor) -> tuple[str, str]:
    target = cursor.name()
    columns = joined(cursor.group())
    tail = f"references {target}" + (f" ( {columns} )" if columns else "")
    while True:
        if cursor.take("on", "delete") or cursor.take("on", "update"):
            which = cursor.tokens[cursor.at - 1][1]
            action = cursor.peek()
            cursor.at += 1
            if action in ("set", "no"):
                action += f" {cursor.peek()}"
                cursor.at += 1
            if action != "no action":
                tail += f" on {which} {action}"
        elif cursor.take("match"):
            cursor.at += 1
        else:
            return target, tail


def deferral(cursor: Cursor) -> str:
    """Deferral and validity as they are written behind a constraint."""
    text = ""
    while not cursor.done:
        if cursor.take("not", "deferrable") or cursor.take("initially", "immediate"):
            continue
        if cursor.take("deferrable"):
            text += " deferrable"
        elif cursor.take("initially", "deferred"):
            text += " initially deferred"
        elif cursor.take("not", "valid"):
            text += " not valid"
        else:
            break
    return text


def _check_text(group: list[Lexeme]) -> str:
    while len(group) > 2 and group[0][1] == "(" and group[-1][1] == ")" and _wraps(group):
        group = group[1:-1]
    return joined(group)


def _wraps(group: list[Lexeme]) -> bool:
    depth = 0
    for place, token in enumerate(group):
        if token[0] == "p":
            depth += 1 if token[1] == "(" else -1 if token[1] == ")" else 0
        if depth == 0 and place < len(group) - 1:
            return False
    return True


_LONGEST = 63


def automatic_name(table: str, columns: str, label: str) -> str:
    """The name that PostgreSQL gives an object of a table: cut to 63 letters, the longer part first."""
    first, second = table.rpartition(".")[2], columns
    while len(first) + len(second) + len(label) + (2 if second else 1) > _LONGEST and (first or second):
        if len(first) > len(second):
            first = first[:-1]
        else:
            second = second[:-1]
    return "_".join(part for part in (first, second, label) if part)


def _free(shadow: Shadow, table: str, name: str) -> str:
    """An automatic name, with the number that PostgreSQL puts behind one that is taken."""
    taken = shadow.objects.get(f"constraint {table}.{name}")
    if taken is None:
        return name
    # A table has one primary key, and a second one is an error and no second name.
    if name.endswith("_pkey") and (taken.text is None or taken.text.startswith("primary key")):
        return name
    number = 1
    while f"constraint {table}.{name}{number}" in shadow.objects:
        number += 1
    return f"{name}{number}"


def _put_constraint(shadow: Shadow, table: str, name: str, text: str, mentions: frozenset[str]) -> None:
    key = f"constraint {table}.{name}"
    if key in shadow.objects and text.startswith("check"):
        number = 1
        while f"{key}{number}" in shadow.objects:
            number += 1
        key += str(number)
    shadow.add(key, Entry(text, table, mentions))
    if text.startswith("primary key"):
        for column in text[len("primary key (") : -1].split(","):
            set_column(shadow, table, column.strip(), null="not null")


def remove_references(shadow: Shadow, table: str, key: Entry) -> None:
    """Drop the foreign keys that stand on a key of a table, as CASCADE does."""
    own = key.text or ""
    for other in shadow.objects.standing_on(f"table {table}"):
        text = shadow.objects[other].text or ""
        if not text.startswith("foreign key"):
            continue
        named = _listed(text.partition(" references ")[2])
        if named == _listed(own) or (not named and own.startswith("primary key")):
            del shadow.objects[other]


def _listed(text: str) -> frozenset[str]:
    """The columns in the first parentheses of a constraint's text."""
    inside = text.partition("(")[2].partition(")")[0]
    return frozenset(part.strip() for part in inside.split(",") if part.strip())


def add_constraint(shadow: Shadow, table: str, cursor: Cursor, dialect: Dialect) -> None:
    """A constraint of a table, named or not."""
    name = cursor.name() if cursor.take("constraint") else ""
    head = cursor.peek()
    cursor.at += 1
    if head == "not" and cursor.take("null"):
        # PostgreSQL 18 gives NOT NULL a name; here it is the column's own affair.
        set_column(shadow, table, cursor.name(), null="not null")
        return
    if head == "primary":
        cursor.take("key")
    if head == "foreign":
        cursor.take("key")
    if cursor.take("using", "index"):
        index = cursor.name()
        entry = shadow.remove(f"index {index}")
        if entry is None or entry.text is None:
            # What an index that nobody made stands on is not known.
            shadow.objects[f"constraint {table}.{name or index}"] = Entry(None, table)
            return
        indexed = entry.text.partition("( ")[2].partition(" )")[0]
        label = "primary key" if head == "primary" else "unique"
        text = f"{label} ( {indexed} )" + deferral(cursor)
        _put_constraint(shadow, table, name or index, text, entry.mentions)
        return
    cursor.take("nulls", "not", "distinct")
    using = ""
    if cursor.take("using"):
        using = f"using {cursor.name()} "
    group = cursor.group()
    columns = [part[0][1] for part in split_commas(group)]
    listed = " , ".join(joined(part) for part in split_commas(group))
    refs = words_of(group)
    if head == "check":
        text = f"check ( {_check_text(group)} )"
        known = [word for word in refs if f"column {table}.{word}" in shadow.objects]
        automatic = automatic_name(table, known[0] if len(known) == 1 else "", "check")
    elif head == "foreign":
        cursor.take("references")
        target, tail = _reference(cursor)
        text = f"foreign key ( {listed} ) {tail}"
        refs |= {f"table {target}"}
        automatic = automatic_name(table, "_".join(columns), "fkey")
    elif head == "primary":
        text, automatic = f"primary key ( {listed} )", automatic_name(table, "", "pkey")
    elif head == "exclude":
        text, automatic = f"exclude {using}( {listed} )", automatic_name(table, "_".join(columns), "excl")
    else:
        text, automatic = f"unique ( {listed} )", automatic_name(table, "_".join(columns), "key")
    text += deferral(cursor)
    more = joined(token for token in cursor.rest() if token[1] not in ("on", "conflict"))
    text = f"{text} {more}".strip()
    given = name or (_free(shadow, table, automatic) if dialect == "postgresql" else text)
    _put_constraint(shadow, table, given, text, refs)


def set_column(
    shadow: Shadow,
    table: str,
    column: str,
    *,
    kind: str | None = None,
    null: str | None = None,
    default: str | None = None,
) -> None:
    """Change one part of a column."""
    key = f"column {table}.{column}"
    entry = known_column(shadow, table, column)
    if entry.text is None:
        # What it was is not known; what it becomes is known in this one part.
        parts = ["?", "?", "?", "?"]
    else:
        parts = column_parts(entry.text)
    for place, value in enumerate((kind, null, default)):
        if value is not None:
            parts[place] = value
    shadow.objects[key] = entry._replace(text=column_text(*parts))
