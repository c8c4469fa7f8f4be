"""A migration's scripts as the pieces that a database is sent.

Owns: cutting scripts into statements with file and line, and whether they begin transactions themselves.
Must never know: drivers, processes, verdicts.
"""

from __future__ import annotations

from dataclasses import dataclass

from backend_engineer.migrations import Dialect, MigrationScript, Script, Statement, read_script

__all__ = ["Piece", "controls_transaction", "pieces_of", "verify_pieces"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One script, or one part of it, ready to be sent.

    statements: (text, 1-based line in the file). sql: the whole text. wrap: False where a marker
    switched the runner's transaction off. controls: it begins or ends transactions itself.
    client_copy: line of a COPY from or to the client, which only psql can feed; None without one.
    """

    path: str
    sql: str
    line: int
    statements: tuple[tuple[str, int], ...]
    wrap: bool | None
    controls: bool
    client_copy: int | None = None


def pieces_of(script: MigrationScript, dialect: Dialect) -> tuple[Piece, ...]:
    """The parts of a script in the order in which they run."""
    return tuple(_piece(part, dialect) for part in script.parts or (script,))


def _piece(part: MigrationScript, dialect: Dialect) -> Piece:
    read: Script = read_script(part.sql, dialect)
    return Piece(
        path=part.path,
        sql=part.sql,
        line=part.line,
        statements=tuple((item.text, item.line + part.line - 1) for item in read.statements),
        wrap=part.transactional,
        controls=controls_transaction(read.statements),
        client_copy=next((item.line + part.line - 1 for item in read.statements if _copies(item)), None),
    )


_SAVEPOINTS = frozenset({"savepoint", "release", "rollback"})


def _copies(statement: Statement) -> bool:
    """Whether a statement is a COPY from or to the client; it would leave the connection in the middle of one."""
    return statement.head == "copy" and any(
        token[0] == "w" and token[1] in ("stdin", "stdout") for token in statement.tokens
    )


def controls_transaction(statements: tuple[Statement, ...]) -> bool:
    """Whether a script begins, commits or rolls back transactions itself; savepoints do not count."""
    for item in statements:
        words = [token[1] for token in item.tokens[:3]]
        if item.head in ("begin", "commit", "end", "abort"):
            return True
        if words[:2] == ["start", "transaction"] or (item.head == "rollback" and "to" not in words):
            return True
    return False


def verify_pieces(sql: str | None, dialect: Dialect) -> tuple[tuple[str, int], ...] | None:
    """The statements of a VERIFY section with their lines in it, None where there is no section."""
    if sql is None:
        return None
    found = list(read_script(sql, dialect).statements)
    # A check runs in a transaction of its own that is always taken back.
    return tuple(
        (item.text, item.line)
        for item in found
        if not controls_transaction((item,)) and item.head not in _SAVEPOINTS
    )
