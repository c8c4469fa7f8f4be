"""UPDATE and INSERT on a shadow schema: they change no object, but name columns that have to be there.

Owns: the columns that a statement writes.
Must never know: rows, other statements, comparing.
"""

from __future__ import annotations

from backend_engineer.migrations.shadow.reading import Cursor, split_commas
from backend_engineer.migrations.shadow.schema import Shadow

__all__ = ["write"]

_AFTER_SET = frozenset({"from", "where", "returning", "order", "limit"})
# Each table of SQLite has these without saying so.
_ROW_NUMBERS = frozenset({"rowid", "oid", "_rowid_"})


def write(shadow: Shadow, head: str, cursor: Cursor) -> None:
    """UPDATE or INSERT, from behind its first word: note the columns it writes that are not there."""
    if cursor.take("or"):
        cursor.at += 1
    cursor.take("into" if head == "insert" else "only")
    table = cursor.name()
    if cursor.take("as") or (cursor.peek() not in ("set", "(") and cursor.peek(1) in ("set", "(")):
        cursor.name()
    known = _columns(shadow, table)
    if not known:
        return
    for column in _inserted(cursor) if head == "insert" else _updated(cursor):
        # A part of a composite value is written by its own name; this is about the column.
        if column and "." not in column and column.lower() not in known:
            shadow.miss(f"column {table}.{column}")


def _columns(shadow: Shadow, table: str) -> frozenset[str]:
    """The columns of a table of which all are known, in lower case; nothing for any other."""
    entry = shadow.objects.get(f"table {table}")
    if entry is None or entry.text is None or "inherits" in entry.mentions:
        return frozenset()
    prefix = f"column {table}."
    found = {key[len(prefix) :].lower() for key in shadow.of_table(table) if key.startswith(prefix)}
    return frozenset(found | _ROW_NUMBERS) if found else frozenset()


def _inserted(cursor: Cursor) -> list[str]:
    return [Cursor(part).name() for part in split_commas(cursor.group())]


def _updated(cursor: Cursor) -> list[str]:
    if not cursor.take("set"):
        return []
    start = cursor.at
    cursor.skip(_AFTER_SET)
    found = []
    for part in split_commas(cursor.tokens[start : cursor.at]):
        inner = Cursor(part)
        if inner.peek() == "(":
            found += [Cursor(name).name() for name in split_commas(inner.group())]
        else:
            found.append(inner.name())
    return found
