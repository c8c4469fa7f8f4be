"""What a made-up row holds in a column of PostgreSQL, by its type, its name and the number of the row.

Owns: `Column`, plain values, and those that are easy to lose.
Must never know: tables, constraints, connections.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend_engineer.verification.sqlite import rich
from backend_engineer.verification.sqlite.seeding import made_value

__all__ = ["ROWS", "Column", "plain_literal", "rich_literal"]

ROWS = 3
"""How many rows a table gets at least; values count on from one seed to the next by so many."""


@dataclass(slots=True)
class Column:
    number: int
    name: str
    required: bool
    type: str
    kind: str
    category: str
    length: int | None
    generated: bool
    default: bool
    labels: list[str]
    full: str
    primary: bool
    modifier: int
    inner: list[str]


# What one element of a list is, by the name of its type.
_ELEMENTS = {
    "text": ("A b", "c''É"),
    "character varying": ("A b", "c''É"),
    "integer": ("1", "-70123"),
    "bigint": ("1", "-5000000123"),
    "smallint": ("1", "-2"),
    "numeric": ("1.5", "-2.75"),
    "double precision": ("1.5", "-2.75"),
    "boolean": ("true", "false"),
    "uuid": ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"),
    "date": (rich.DAY, "2024-01-31"),
    "timestamp without time zone": (rich.MOMENT, "2024-01-31 00:00:00"),
    "timestamp with time zone": (rich.MOMENT, "2024-01-31 00:00:00"),
    "jsonb": ('{"n": 1}', '{"n": null}'),
    "bytea": (r"\x00ff", r"\x01"),
}
_OTHERS = {
    "json": rich.DOCUMENT.replace("'", "''"),
    "jsonb": rich.DOCUMENT.replace("'", "''"),
    "bytea": rf"\x{rich.BYTES.hex()}",
    "date": rich.DAY,
    "timestamp": rich.MOMENT,
    "timestamptz": rich.MOMENT,
    "time": "23:59:58.123457",
    "timetz": "23:59:58.123457+00",
    "interval": "1 mon 3 days 04:05:06.789012",
}
_BITS = {"int2": 16, "int4": 32, "int8": 64}


def rich_literal(column: Column, row: int, stage: rich.Stage) -> str | None:
    """A value that is easy to lose, None where the column's type has none or the stage leaves it out."""
    if not stage or column.primary or column.labels:
        return None
    textual = column.type in ("text", "varchar", "bpchar", "citext")
    if row == 1:
        return (
            "''" if textual and column.type != "bpchar" and not column.required and "text" in stage else None
        )
    negative = "sign" in stage
    if textual:
        low = column.name.lower()
        length = column.length if column.type != "varchar" or column.modifier < 0 else column.modifier - 4
        value = rich.text(low, length).replace("'", "''")
        return f"'{value}'" if "text" in stage else None
    if column.type in _BITS:
        if rich.is_reference(column.name):
            return None
        return str(rich.whole(_BITS[column.type], negative=negative)) if "number" in stage else None
    if column.type in ("numeric", "float4", "float8"):
        return _number(column, negative=negative) if "number" in stage else None
    if column.category == "A":
        element = column.full.removesuffix("[]").partition("(")[0]
        first, second = (
            (column.inner[0], column.inner[-1]) if column.inner else _ELEMENTS.get(element, ("", ""))
        )
        if column.inner:
            first, second = first.replace("'", "''"), second.replace("'", "''")
        return f"ARRAY['{first}', '{second}']::{column.full}" if first else None
    other = _OTHERS.get(column.type)
    return f"'{other}'" if other is not None else None


def _number(column: Column, *, negative: bool) -> str:
    if column.type == "float4":
        return rich.fraction(None, 1, negative=negative)
    if column.type == "float8" or column.modifier < 4:
        return rich.fraction(None, None, negative=negative)
    digits, scale = (column.modifier - 4) >> 16, (column.modifier - 4) & 0x7FF
    return rich.fraction(digits, scale if scale < 1024 else 0, negative=negative)


_EXACT = {
    "uuid": "'00000000-0000-4000-8000-{n:012}'",
    "json": "'{{\"n\": {n}}}'",
    "jsonb": "'{{\"n\": {n}}}'",
    "bytea": "'\\x{n:032x}'",
    "inet": "'10.0.0.{m}'",
    "cidr": "'10.0.{m}.0/24'",
    "macaddr": "'08:00:2b:01:02:{m:02x}'",
    "interval": "'{m} hours'",
    "tsvector": "'word{n}'",
    "xml": "'<n>{n}</n>'",
    "point": "'({m},{m})'",
    "time": "'10:00:{m:02}'",
    "timetz": "'10:00:{m:02}+00'",
    "ltree": "'0.{n}'",
    "hstore": "'n=>{n}'",
    "int4range": "'[{n},{n}]'",
    "int8range": "'[{n},{n}]'",
    "numrange": "'[{n},{n}]'",
    "tsrange": "'[2024-01-{d:02},2024-01-{d:02}]'",
    "tstzrange": "'[2024-01-{d:02},2024-01-{d:02}]'",
    "daterange": "'[2024-01-{d:02},2024-01-{d:02}]'",
}
_SQLITE_NAMES = {"N": "NUMERIC", "D": "TIMESTAMP", "B": "BOOLEAN"}


def plain_literal(column: Column, row: int, attempt: int, seed: int) -> str:
    number = row + seed * ROWS
    if column.labels:
        return "'" + column.labels[(row - 1 + attempt) % len(column.labels)].replace("'", "''") + "'"
    if column.category == "A":
        return "'{}'"
    shape = _EXACT.get(column.type)
    if shape is not None:
        return shape.format(n=number + 1, m=(number % 58) + 1, d=(number % 27) + 1)
    if column.type == "bool":
        return "true" if (number + attempt) % 2 else "false"
    if column.type in ("int2", "int4", "int8"):
        return str(made_value(column.name, "INT", number, attempt, False))
    kind = _SQLITE_NAMES.get(column.category, "TEXT" + (f"({column.length})" if column.length else ""))
    value = made_value(column.name, kind, number, attempt % 3 if column.category == "D" else attempt, False)
    if column.category == "D" and isinstance(value, int):
        value = f"2024-02-{number % 27 + 1:02}"
    if column.category == "N":
        return str(value)
    text = str(value)[: column.length] if column.length else str(value)
    return "'" + text.replace("'", "''") + "'"
