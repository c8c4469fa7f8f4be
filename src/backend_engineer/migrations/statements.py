"""Splitting a script into statements: dollar quotes, nested comments, triggers and BEGIN ATOMIC included.

Owns: where a statement begins and ends, in both dialects.
Must never know: what a statement does, files, databases, migration tools.

The pieces tile the script: their sources joined are the script again, so that nothing is ever lost
between two statements. PostgreSQL ends a statement at a semicolon outside parentheses and outside a
`BEGIN ATOMIC ... END` body; SQLite ends one at a semicolon outside `CREATE TRIGGER ... BEGIN ... ; END`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Any

from backend_engineer.migrations.lexer import Dialect, Lexeme, Lexemes, read_lexemes

__all__ = ["Script", "Statement", "read_script", "split_statements"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a script.

    text: from its first token to its last, without the semicolon. source: the piece of the script
    that it takes, blanks and comments before it and its semicolon included. line: 1-based line of
    the first token. start, end: offsets of `source`. tokens: its tokens without the semicolon.
    head: the first word in lower case, empty if the statement begins with something else.
    told: what readers have made of it, kept by their names, since many ask the same of one statement.
    """

    text: str
    source: str
    line: int
    start: int
    end: int
    tokens: list[Lexeme] = field(repr=False, compare=False)
    head: str = field(repr=False, compare=False)
    told: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Script:
    """A script read once: its statements, its comments with their 1-based lines, and what never closed.

    tail: what stands after the last statement's semicolon; sources and tail tile the script.
    unclosed_line: line of a string, name, dollar quote or comment that never ends, or None.
    told: what readers have made of it, kept by their names, as for a statement.
    """

    statements: tuple[Statement, ...]
    comments: tuple[tuple[str, int], ...]
    tail: str
    unclosed_line: int | None
    told: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


def split_statements(sql: str, dialect: Dialect) -> tuple[Statement, ...]:
    """The statements of a script in order; empty ones are left out; takes any text and never raises."""
    return read_script(sql, dialect).statements


def read_script(sql: str, dialect: Dialect) -> Script:
    """Statements, comments and what never closed, in one pass over the text."""
    return _kept(sql, dialect) if len(sql) <= _LONG else _read(sql, dialect)


_LONG = 8192


def _read(sql: str, dialect: Dialect) -> Script:
    read = read_lexemes(sql, dialect)
    marks = "".join([lexeme[3] for lexeme in read.lexemes])
    tokens = read.lexemes
    places: Sequence[int] = range(len(marks))
    comments: tuple[tuple[str, int], ...] = ()
    if "c" in marks:
        comments = tuple(_comments(sql, read))
        places = [place for place, mark in enumerate(marks) if mark != "c"]
        tokens = [tokens[place] for place in places]
        marks = marks.replace("c", "")
    statements = tuple(_statements(sql, read.pieces, tokens, places, _ends(tokens, marks, dialect)))
    return Script(
        statements=statements,
        comments=comments,
        tail=sql[statements[-1].end :] if statements else sql,
        unclosed_line=None if read.unclosed is None else _line_of(sql, read.pieces, read.unclosed),
    )


# A session judges the scripts of its base anew with every change; long ones would hold too much.
_kept = lru_cache(maxsize=512)(_read)


def _statements(
    sql: str, pieces: list[str], tokens: list[Lexeme], places: Sequence[int], ends: Iterable[int]
) -> Iterator[Statement]:
    offsets = list(accumulate(map(len, pieces)))
    begin = first = counted = 0
    line = 1
    for index in (*ends, len(tokens)):
        body = tokens[first:index]
        if body:
            place = places[first]
            start = offsets[place] - len(pieces[place].lstrip())
            text = sql[start : offsets[places[index - 1]]]
            end = offsets[places[index]] if index < len(tokens) else len(sql)
            line += sql.count("\n", counted, start)
            counted = start
            head = body[0].value if body[0].kind == "w" else ""
            yield Statement(text, sql[begin:end], line, begin, end, body, head)
            begin = end
        first = index + 1


def _comments(sql: str, read: Lexemes) -> Iterator[tuple[str, int]]:
    counted, line = 0, 1
    for lexeme, end in zip(read.lexemes, accumulate(map(len, read.pieces)), strict=True):
        if lexeme.kind == "c":
            start = end - len(lexeme.value)
            line += sql.count("\n", counted, start)
            counted = start
            yield lexeme.value, line


def _line_of(sql: str, pieces: list[str], place: int) -> int:
    before = "".join(pieces[: place + 1])
    return sql.count("\n", 0, len(before) - len(pieces[place].lstrip())) + 1


def _ends(tokens: list[Lexeme], marks: str, dialect: Dialect) -> list[int]:
    """Indexes of the semicolons that end a statement."""
    if dialect == "sqlite":
        return _sqlite_ends(tokens, marks)
    return _atomic_ends(tokens) if "ba" in marks else _postgresql_ends(marks)


_ROUTINES = frozenset({"function", "procedure"})


def _postgresql_ends(marks: str) -> list[int]:
    ends: list[int] = []
    end, parens = -1, 0
    for part in marks.split(";")[:-1]:
        end += len(part) + 1
        if parens or "(" in part:
            for mark in part.replace(".", ""):
                if mark == "(":
                    parens += 1
                elif mark == ")" and parens:
                    parens -= 1
        if not parens:
            ends.append(end)
    return ends


def _atomic_ends(tokens: list[Lexeme]) -> list[int]:
    """The same where a routine's body may stand as it is, between BEGIN ATOMIC and END."""
    ends: list[int] = []
    parens = depth = first = 0
    for index, (_, value, _, mark) in enumerate(tokens):
        if mark == "(":
            parens += 1
        elif mark == ")":
            parens = max(0, parens - 1)
        elif mark == ";" and not parens and not depth:
            ends.append(index)
            first = index + 1
        elif mark == "b":
            follows = index + 1 < len(tokens) and tokens[index + 1].mark == "a"
            if depth or (follows and _creates_routine(tokens, first)):
                depth += 1
        elif depth and value in ("case", "end"):
            depth += 1 if value == "case" else -1
    return ends


def _creates_routine(tokens: list[Lexeme], first: int) -> bool:
    head = [token.value for token in tokens[first : first + 4] if token.kind == "w"]
    return bool(head) and head[0] == "create" and not _ROUTINES.isdisjoint(head)


def _sqlite_ends(tokens: list[Lexeme], marks: str) -> list[int]:
    ends: list[int] = []
    first = 0
    trigger = _creates_trigger(tokens, first)
    index = marks.find(";")
    while index >= 0:
        # SQLite's own completeness check: a trigger ends with `; END ;`.
        if not trigger or (index - first > 2 and marks[index - 2 : index] == ";e"):
            ends.append(index)
            first = index + 1
            trigger = _creates_trigger(tokens, first)
        index = marks.find(";", index + 1)
    return ends


def _creates_trigger(tokens: list[Lexeme], first: int) -> bool:
    head = [token.value for token in tokens[first : first + 5] if token.kind == "w"]
    if head[:1] == ["explain"]:
        head = head[3:] if head[1:3] == ["query", "plan"] else head[1:]
    if head[:1] != ["create"]:
        return False
    return head[1:2] == ["trigger"] or (head[1:2] in (["temp"], ["temporary"]) and head[2:3] == ["trigger"])
