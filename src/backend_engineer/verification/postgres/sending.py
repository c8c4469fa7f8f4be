"""Sending a script to a scratch database the way its runner would, and saying where it failed.

Owns: transactions around scripts, the statement that failed, refusals, checks, copies of databases.
Must never know: the order of a pair's steps, snapshots, verdicts.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from backend_engineer.verification.outcomes import NEEDS_PSQL, Check
from backend_engineer.verification.postgres.scratch import Scratch
from backend_engineer.verification.postgres.watching import reason_of
from backend_engineer.verification.scripts import Piece

__all__ = ["Copies", "ScriptFailed", "check", "database_errors", "first_line", "send_in_transaction"]

_ROWS = 10_000


class ScriptFailed(Exception):
    """A script failed: `code` is the SQLSTATE, `words` the server's with file and line, `refused` what it may not do."""

    def __init__(self, code: str, words: str, refused: str = "") -> None:
        self.code, self.words, self.refused = code, words, refused
        super().__init__(words)


def database_errors() -> type[Exception]:
    """The driver's root error; imported when a database is in use already."""
    import psycopg

    return psycopg.Error


def first_line(error: BaseException) -> str:
    """The first line of the server's words, with its detail; why it was ended, where the look-out ended it."""
    if reason := reason_of(error):
        return reason
    diag = getattr(error, "diag", None)
    words = (diag.message_primary if diag is not None else None) or str(error).strip().split("\n")[0]
    detail = diag.message_detail if diag is not None else None
    return f"{words} ({detail})" if detail else str(words)


def send_in_transaction(scratch: Scratch, link: Any, pieces: tuple[Piece, ...]) -> None:
    """Run pieces inside the open transaction; raises ScriptFailed and leaves what came before as it was."""
    for piece in pieces:
        if not piece.statements:
            continue
        _check_sendable(piece)
        link.execute("SAVEPOINT backend_engineer_piece")
        try:
            with scratch.watched(link):
                link.execute(piece.sql)
        except database_errors() as error:
            raise _located(scratch, link, piece, error) from None
        link.execute("RELEASE backend_engineer_piece")


def _check_sendable(piece: Piece) -> None:
    if "\0" in piece.sql:
        # The protocol ends a text there: what stands behind would never reach the server.
        line = piece.line + piece.sql.count("\n", 0, piece.sql.index("\0"))
        raise ScriptFailed("22021", f"{piece.path}:{line}: a NUL character stands in the script [22021]")
    if piece.client_copy is not None:
        raise ScriptFailed("", f"{piece.path}:{piece.client_copy}: COPY from or to the client {NEEDS_PSQL}")


def _located(scratch: Scratch, link: Any, piece: Piece, error: Any) -> ScriptFailed:
    """The failure with its line: the server gives a position, or the statements are tried one by one."""
    line = _line_of(piece, error)
    if line is not None:
        return _failure(piece, line, error)
    if link.closed or link.broken:
        return _failure(piece, None, error)
    link.execute("ROLLBACK TO backend_engineer_piece")
    for text, line in piece.statements:
        try:
            with scratch.watched(link):
                link.execute(text)
        except database_errors() as again:
            link.execute(
                "ROLLBACK TO backend_engineer_piece"
            ) if not link.closed and link.info.transaction_status == 3 else None
            return _failure(piece, line, again)
    return _failure(piece, None, error)


def _line_of(piece: Piece, error: Any) -> int | None:
    position = getattr(getattr(error, "diag", None), "statement_position", None)
    return None if position is None else piece.sql.count("\n", 0, int(position) - 1) + piece.line


def _failure(piece: Piece, line: int | None, error: Any) -> ScriptFailed:
    code = "" if reason_of(error) else error.sqlstate or ""
    where = piece.path if line is None else f"{piece.path}:{line}"
    words = first_line(error)
    refused = words if code == "42501" and _RIGHTS.match(words) is None else ""
    return ScriptFailed(code, f"{where}: {words}" + (f" [{code}]" if code else ""), refused)


# Rights over the scripts' own objects: whoever runs them for real has these, and they reach nowhere else.
_RIGHTS = re.compile(
    r"permission denied for schema (?!pg_|information_schema)|must be (?:owner of|member of|able to SET ROLE)"
)


def check(scratch: Scratch, link: Any, statements: tuple[tuple[str, int], ...] | None) -> tuple[Check, str]:
    """Whether the VERIFY statements pass, and why not; everything they do is taken back."""
    if statements is None:
        return "absent", ""
    if link.closed or link.broken:
        return "fail", "VERIFY: the connection is gone"
    inside = link.info.transaction_status != 0
    link.execute("SAVEPOINT backend_engineer_verify" if inside else "BEGIN")
    line = 0
    try:
        with scratch.watched(link):
            for text, line in statements:
                if text[:4].lower() == "copy":
                    return "fail", f"VERIFY line {line}: COPY gives no answer that could be read"
                answer = link.execute(text)
                for row in answer.fetchmany(_ROWS) if answer.description is not None else ():
                    if row and (row[0] in (None, False, 0) or row[0] in ("f", "false", "0")):
                        return "fail", f"VERIFY line {line}: the first column is {row[0]!r}"
        return "pass", ""
    except database_errors() as error:
        return "fail", f"VERIFY line {line}: {first_line(error)}"
    finally:
        if not (link.closed or link.broken):
            link.execute("ROLLBACK TO backend_engineer_verify" if inside else "ROLLBACK")


@dataclass(slots=True)
class Copies:
    """Copies of one scratch database to which nobody is connected.

    as_sent: of the last script that `run` ran statement by statement, the failure it met as its runner sends it,
    and whether that runner is known to; None where it ran as it is sent.
    """

    scratch: Scratch
    source: str
    as_sent: tuple[bool, str] | None = None

    def copy(self) -> str:
        """A new copy."""
        return self.scratch.create(self.source)

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[Any]:
        """A connection that is closed at the end, so that the database can be copied again."""
        link = self.scratch.connect(name)
        try:
            yield link
        finally:
            link.close()

    def run(self, pieces: tuple[Piece, ...]) -> str:
        """A new copy on which the pieces ran; raises ScriptFailed, and then the copy is dropped."""
        self.as_sent = None
        kept = self.scratch.kept
        name = self.copy()
        try:
            self._run(name, pieces, whole=True)
            return name
        except ScriptFailed as failure:
            self.scratch.drop(name)
            if failure.code != "25001":
                raise
            refused = failure
        # It was sent in a transaction; a runner that sends its statements one by one gets further.
        self.scratch.keep(kept)
        name = self.copy()
        try:
            self._run(name, pieces, whole=False)
        except ScriptFailed:
            self.scratch.drop(name)
            raise
        wrapped = any(piece.wrap is True and refused.words.startswith(piece.path) for piece in pieces)
        self.as_sent = wrapped, refused.words
        return name

    def run_on(self, name: str, pieces: tuple[Piece, ...]) -> None:
        """Run pieces on a database that is used for nothing else afterwards."""
        try:
            self._run(name, pieces, whole=True)
        except ScriptFailed as failure:
            if failure.code != "25001":
                raise
            self._run(name, pieces, whole=False)

    def _run(self, name: str, pieces: tuple[Piece, ...], *, whole: bool) -> None:
        with self.open(name) as link:
            for piece in pieces:
                _check_sendable(piece)
                if whole and piece.wrap and not piece.controls:
                    link.execute("BEGIN")
                    send_in_transaction(self.scratch, link, (piece,))
                    self._end(link, piece)
                elif piece.wrap is False or not whole:
                    self._one_by_one(link, piece)
                else:
                    self._as_one(link, piece)

    def _end(self, link: Any, piece: Piece) -> None:
        try:
            link.execute("COMMIT")
        except database_errors() as error:
            raise _failure(piece, None, error) from None

    def _one_by_one(self, link: Any, piece: Piece) -> None:
        line = None
        try:
            with self.scratch.watched(link):
                for text, line in piece.statements:  # noqa: B007  the line of the one that failed
                    link.execute(text)
        except database_errors() as error:
            raise _failure(piece, line, error) from None
        self._left_open(link, piece)

    def _as_one(self, link: Any, piece: Piece) -> None:
        if not piece.statements:
            return
        try:
            with self.scratch.watched(link):
                link.execute(piece.sql)
        except database_errors() as error:
            raise self._found(link, piece, error) from None
        self._left_open(link, piece)

    def _found(self, link: Any, piece: Piece, error: Any) -> ScriptFailed:
        """The failure with its line: what failed without a transaction of its own is tried again in one."""
        if piece.controls or link.closed or link.broken or len(piece.statements) == 1:
            line = piece.statements[0][1] if len(piece.statements) == 1 else None
            return _failure(piece, _line_of(piece, error) or line, error)
        link.execute("BEGIN")
        link.execute("SAVEPOINT backend_engineer_piece")
        again = _located(self.scratch, link, piece, error)
        return again if again.code == error.sqlstate else _failure(piece, None, error)

    def _left_open(self, link: Any, piece: Piece) -> None:
        if link.info.transaction_status != 0:
            raise ScriptFailed("25P01", f"{piece.path}: the script leaves a transaction open")
