"""DROP on a shadow schema: what goes along, and what still stands in the way.

Owns: dropping every kind of object.
Must never know: making and altering objects, comparing.
"""

from __future__ import annotations

from backend_engineer.migrations.lexer import Dialect
from backend_engineer.migrations.shadow.constraints import column_parts, remove_references, set_column
from backend_engineer.migrations.shadow.reading import SIMPLE_KINDS, Cursor, argument_types, split_commas
from backend_engineer.migrations.shadow.schema import Entry, Shadow, Trouble

__all__ = ["drop", "of_type"]


_KINDS = frozenset(
    [
        "table",
        "index",
        "view",
        "type",
        "function",
        "procedure",
        "aggregate",
        "routine",
        "trigger",
        *SIMPLE_KINDS,
    ]
)


def drop(shadow: Shadow, cursor: Cursor, dialect: Dialect) -> None:
    """DROP of any kind of object, from behind the word DROP."""
    cursor.take("foreign")
    kind = cursor.peek()
    if kind in _KINDS:
        cursor.at += 1
    else:
        kind = ""
    if not kind and cursor.take("materialized", "view"):
        kind = "view"
    if not kind:
        if cursor.peek() not in (
            "owned",
            "text",
            "access",
            "conversion",
            "transform",
            "subscription",
            "database",
            "role",
            "user",
        ):
            shadow.troubles += (
                Trouble("syntax", f"statement {cursor.peek()}", shadow.line, f"DROP {cursor.peek()}"),
            )
        return
    cursor.take("concurrently")
    quiet = cursor.take("if", "exists")
    rest = cursor.rest()
    cascade = bool(rest) and rest[-1][:2] == ("w", "cascade")
    if kind in ("trigger", "policy", "rule") and dialect == "postgresql":
        inner = Cursor(rest)
        name = inner.name()
        inner.take("on")
        shadow.remove(f"{kind} {inner.name()}.{name}", quiet=quiet)
        return
    known = len(shadow.troubles)
    parts = list(split_commas(rest))
    # With CASCADE the first of a list may take a later one along, which the server has looked up by then.
    stood = frozenset(shadow.objects) if cascade and len(parts) > 1 else frozenset()
    for part in parts:
        _drop_one(shadow, kind, Cursor(part), quiet=quiet, cascade=cascade, dialect=dialect)
    if len(shadow.troubles) == known:
        return
    # What stands in the way may be dropped by the same statement, further on in its list.
    shadow.troubles = shadow.troubles[:known] + tuple(
        item
        for item in shadow.troubles[known:]
        if not (item.kind == "missing" and item.key in stood)
        and (item.kind != "dependents" or not item.detail or item.detail in shadow.objects)
    )


def _drop_one(
    shadow: Shadow, kind: str, cursor: Cursor, *, quiet: bool, cascade: bool, dialect: Dialect
) -> None:
    name = cursor.name()
    if kind == "table":
        if shadow.objects.pop(f"temporary {name}", None) is None:
            shadow.remove_table(name, quiet=quiet, cascade=cascade, checks_keys=dialect == "postgresql")
            if cascade:
                _remove_views(shadow, name)
    elif kind in ("function", "procedure", "aggregate", "routine"):
        _drop_function(shadow, name, cursor, quiet=quiet, cascade=cascade)
    elif kind == "type":
        shadow.remove(f"type {name}", quiet=quiet)
        _dependents(shadow, f"type {name}", name, ("column ",), cascade=cascade)
    elif kind == "schema":
        shadow.remove(f"schema {name}", quiet=quiet)
        if cascade:
            for key in [key for key in shadow.objects if key.partition(" ")[2].startswith(f"{name}.")]:
                del shadow.objects[key]
    else:
        entry = shadow.remove(f"{kind} {name}", quiet=quiet)
        if kind == "sequence" and entry is not None and cascade:
            _remove_default(shadow, name, entry)
        if kind == "index" and entry is not None and cascade and (entry.text or "").startswith("unique"):
            remove_references(shadow, entry.table, entry)
        if kind == "view":
            for key in shadow.of_table(name):
                del shadow.objects[key]
            if cascade:
                _remove_views(shadow, name)


def _remove_default(shadow: Shadow, sequence: str, entry: Entry) -> None:
    """Take the default from the columns that draw their values from a sequence."""
    for key in [key for key in shadow.objects if key.startswith("column ")]:
        column = shadow.objects[key]
        parts = column_parts(column.text or "")
        own = column.table == entry.table and key.rpartition(".")[2] in entry.mentions
        if (own and parts[2] == "nextval") or f"'{sequence}'" in parts[2]:
            set_column(shadow, column.table, key.rpartition(".")[2], default="")


def _drop_function(shadow: Shadow, name: str, cursor: Cursor, *, quiet: bool, cascade: bool) -> None:
    if cursor.peek() == "(":
        arguments = argument_types(cursor.group())
        found = [f"function {name}({arguments})"] if f"function {name}({arguments})" in shadow.objects else []
        # Types are spelled in many ways; but nobody writes empty parentheses for arguments.
        if arguments:
            found = found or shadow.objects.standing_on(f"function {name}")[:1]
    else:
        found = shadow.objects.standing_on(f"function {name}")
    if not found and not quiet:
        shadow.miss(f"function {name}()")
    for key in found:
        del shadow.objects[key]
        _dependents(shadow, key, name, ("trigger ",), cascade=cascade)


def _dependents(shadow: Shadow, key: str, name: str, kinds: tuple[str, ...], *, cascade: bool) -> None:
    short = name.rpartition(".")[2]
    for other in [other for other in shadow.objects if other.startswith(kinds)]:
        entry = shadow.objects[other]
        if short in entry.mentions and (not other.startswith("column ") or of_type(entry, name)):
            if cascade:
                del shadow.objects[other]
            else:
                shadow.troubles += (Trouble("dependents", key, shadow.line, other),)


def of_type(entry: Entry, name: str) -> bool:
    """Whether a column has this type."""
    kind = (entry.text or "").partition("\t")[0].removesuffix(" [ ]").replace(" . ", ".")
    return kind == name


def _remove_views(shadow: Shadow, name: str) -> None:
    """Drop the views that read a table or a view, and those that read these."""
    for key in [key for key in shadow.objects if key.startswith("view ")]:
        entry = shadow.objects.get(key)
        if entry is None or name not in entry.mentions:
            continue
        del shadow.objects[key]
        # A view takes its own indexes along.
        for owned in shadow.of_table(key[5:]):
            del shadow.objects[owned]
        _remove_views(shadow, key[5:])
