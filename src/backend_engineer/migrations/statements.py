"""Splitting a script into statements: dollar quotes, nested comments, triggers and BEGIN ATOMIC included.

Owns: where a statement begins and ends, in both dialects.
Must never know: what a statement does, files, databases, migration tools.

The pieces tile the script: their sources joined are the script again, so that nothing is ever lost
between two statements. PostgreSQL ends a statement at a semicolon outside parentheses and outside a
`BEGIN ATOMIC ... END` body; SQLite ends one at a semicolon outside `CREATE TRIGGER ... BEGIN ... ; END`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from backend_engineer.migrations.lexer import Dialect, Token, Tokens, tokenize

__all__ = ["Script", "Statement", "read_script", "split_statements"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a script.

    text: from its first token to its last, without the semicolon. source: the piece of the script
    that it takes, blanks and comments before it and its semicolon included. line: 1-based line of
    the first token. start, end: offsets of `source`. tokens: its tokens without the semicolon.
    told: what readers have made of it, kept by their names, since many ask the same of one statement.
    """

    text: str
    source: str
    line: int
    start: int
    end: int
    tokens: list[Token] = field(repr=False, compare=False)
    told: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def head(self) -> str:
        """The first word in lower case, empty if the statement begins with something else."""
        return self.tokens[0][1] if self.tokens and self.tokens[0][0] == "w" else ""


@dataclass(frozen=True, slots=True)
class Script:
    """A script read once: its statements, its comments with their 1-based lines, and what never closed.

    tail: what stands after the last statement's semicolon; sources and tail tile the script.
    unclosed_line: line of a string, name, dollar quote or comment that never ends, or None.
    """

    statements: tuple[Statement, ...]
    comments: tuple[tuple[str, int], ...]
    tail: str
    unclosed_line: int | None


def split_statements(sql: str, dialect: Dialect) -> tuple[Statement, ...]:
    """The statements of a script in order; empty ones are left out; takes any text and never raises."""
    return read_script(sql, dialect).statements


def read_script(sql: str, dialect: Dialect) -> Script:
    """Statements, comments and what never closed, in one pass over the text."""
    read: Tokens = tokenize(sql, dialect)
    starts = _line_starts(sql)
    ends = _postgresql_ends(read.tokens) if dialect == "postgresql" else _sqlite_ends(read.tokens)
    pieces: list[Statement] = []
    begin = first = 0
    for index in ends:
        mark = read.tokens[index]
        body = read.tokens[first:index]
        if body:
            pieces.append(_statement(sql, body, begin, mark[3], starts))
            begin = mark[3]
        first = index + 1
    rest = read.tokens[first:]
    if rest:
        pieces.append(_statement(sql, rest, begin, len(sql), starts))
        begin = len(sql)
    return Script(
        statements=tuple(pieces),
        comments=tuple((text, bisect_right(starts, at)) for text, at in read.comments),
        tail=sql[begin:],
        unclosed_line=None if read.unclosed is None else bisect_right(starts, read.unclosed),
    )


def _line_starts(sql: str) -> list[int]:
    starts = list(accumulate([len(line) + 1 for line in sql.split("\n")], initial=0))
    starts.pop()
    return starts


def _statement(sql: str, body: list[Token], begin: int, end: int, starts: list[int]) -> Statement:
    first = body[0][2]
    return Statement(
        text=sql[first : body[-1][3]],
        source=sql[begin:end],
        line=bisect_right(starts, first),
        start=begin,
        end=end,
        tokens=body,
    )


_ROUTINES = frozenset({"function", "procedure"})
_OPENERS = frozenset({"begin", "case"})


def _postgresql_ends(tokens: list[Token]) -> list[int]:
    ends: list[int] = []
    parens = depth = first = 0
    for index, (kind, value, _, _) in enumerate(tokens):
        if kind == "p":
            if value == "(":
                parens += 1
            elif value == ")":
                parens = max(0, parens - 1)
            elif value == ";" and not parens and not depth:
                ends.append(index)
                first = index + 1
        elif kind == "w" and value in ("begin", "case", "end"):
            if value == "begin":
                follows = index + 1 < len(tokens) and tokens[index + 1][1] == "atomic"
                if depth or (follows and _creates_routine(tokens, first)):
                    depth += 1
            elif depth:
                depth += 1 if value == "case" else -1
    return ends


def _creates_routine(tokens: list[Token], first: int) -> bool:
    head = [token[1] for token in tokens[first : first + 4] if token[0] == "w"]
    return bool(head) and head[0] == "create" and not _ROUTINES.isdisjoint(head)


def _sqlite_ends(tokens: list[Token]) -> list[int]:
    ends: list[int] = []
    first = 0
    trigger = False
    for index, (kind, value, _, _) in enumerate(tokens):
        if index == first:
            trigger = _creates_trigger(tokens, first)
        if kind != "p" or value != ";":
            continue
        if not trigger or _closes_trigger(tokens, first, index):
            ends.append(index)
            first = index + 1
    return ends


def _creates_trigger(tokens: list[Token], first: int) -> bool:
    head = [token[1] for token in tokens[first : first + 5] if token[0] == "w"]
    if head[:1] == ["explain"]:
        head = head[3:] if head[1:3] == ["query", "plan"] else head[1:]
    if head[:1] != ["create"]:
        return False
    return head[1:2] == ["trigger"] or (head[1:2] in (["temp"], ["temporary"]) and head[2:3] == ["trigger"])


def _closes_trigger(tokens: list[Token], first: int, index: int) -> bool:
    # SQLite's own completeness check: a trigger ends with `; END ;`.
    return index - first > 2 and tokens[index - 1][:2] == ("w", "end") and tokens[index - 2][1] == ";"
