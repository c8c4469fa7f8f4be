"""Where a statement stands, for a migration that is several files as well.

Owns: reading a script with its parts, and the file and the lines of each statement.
Must never know: rules, severities, schemas.
"""

from __future__ import annotations

from typing import NamedTuple

from backend_engineer.migrations import MigrationScript, Script, Statement, read_script
from backend_engineer.migrations.lexer import Dialect

__all__ = ["Place", "Placed", "Unit", "part_at", "place_of", "read_placed", "units_of"]


class Place(NamedTuple):
    """A file and 1-based inclusive lines in it."""

    path: str
    lines: tuple[int, int]


class Unit(NamedTuple):
    """What is sent and committed at a time: a script, or one of its parts, and the statements in it."""

    script: MigrationScript
    statements: tuple[Statement, ...]


class Placed(NamedTuple):
    """A script as its runner takes it, statement after statement, and the part that holds each, by its identity."""

    script: Script
    parts: dict[int, MigrationScript]


def read_placed(script: MigrationScript, dialect: Dialect) -> Placed:
    """Read a script; the parts of one migration each for itself, since none ends in the next."""
    if not script.parts:
        return Placed(read_script(script.sql, dialect), {})
    read = [read_script(part.sql, dialect) for part in script.parts]
    parts = {
        id(statement): part
        for part, one in zip(script.parts, read, strict=True)
        for statement in one.statements
    }
    whole = Script(
        statements=tuple(statement for one in read for statement in one.statements),
        comments=tuple(comment for one in read for comment in one.comments),
        tail=read[-1].tail,
        unclosed_line=next((one.unclosed_line for one in read if one.unclosed_line is not None), None),
    )
    return Placed(whole, parts)


def place_of(statement: Statement, script: MigrationScript, parts: dict[int, MigrationScript]) -> Place:
    """The file and the lines of a statement of a script."""
    part = parts.get(id(statement), script)
    first = statement.line + part.line - 1
    return Place(part.path, (first, first + statement.text.count("\n")))


def units_of(script: MigrationScript, read: Script, parts: dict[int, MigrationScript]) -> tuple[Unit, ...]:
    """The script itself, or its parts: each runs by itself, in a transaction of its own."""
    if not script.parts:
        return (Unit(script, read.statements),)
    return tuple(
        Unit(part, tuple(one for one in read.statements if parts.get(id(one)) is part))
        for part in script.parts
    )


def part_at(script: MigrationScript, line: int) -> tuple[MigrationScript, int]:
    """The part that holds a line of the whole script, and the line in its file."""
    for part in script.parts:
        size = part.sql.count("\n") + 1
        if line <= size:
            return part, line
        line -= size
    return script, line
