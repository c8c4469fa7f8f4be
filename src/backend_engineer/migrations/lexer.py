"""Tokens of SQL, for PostgreSQL and SQLite, each read by its own quoting rules.

Owns: strings, quoted names, dollar quotes, comments (nested in PostgreSQL), words, and their offsets.
Must never know: what a statement means, files, databases.

A script is never refused: an unclosed string or comment runs to the end of the text and is reported
in `Tokens.unclosed`, because a migration that does not parse is a finding and not an exception.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["Dialect", "Token", "Tokens", "tokenize"]

Dialect = Literal["postgresql", "sqlite"]

Token = tuple[str, str, int, int]
"""(kind, value, start, end): `w` a word in lower case, `q` a quoted name without its quotes, `s` a string
with its quotes, `d` a dollar-quoted string with its tags, `n` a number, `p` a punctuation mark or operator."""

# Words and the plain marks stand first because nine tokens of ten are one of them; the look-ahead leaves the
# prefixes of strings (`E'`, `U&"`) to the groups behind.
_POSTGRESQL = re.compile(
    r"""\s*(?:
      (?P<w>(?![eEbBnNxX]'|[uU]&['"])[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_$\u0080-\U0010ffff]*)
    | (?P<p>[(),;])
    | (?P<c>--[^\n]*)
    | (?P<b>/\*)
    | (?P<e>[eE]'(?:[^'\\]|\\[\s\S]|'')*'?)
    | (?P<s>(?:[bBnNxX]|[uU]&)?'[^']*(?:''[^']*)*'?)
    | (?P<q>(?:[uU]&)?"[^"]*(?:""[^"]*)*"?)
    | (?P<d>\$(?:[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_\u0080-\U0010ffff]*)?\$)
    | (?P<n>[0-9](?:[0-9A-Za-z_]|\.(?!\.))*|\.[0-9][0-9A-Za-z_]*|\$[0-9]+)
    | (?P<o>[-+*/<>=~!@\#%^&|`?](?:(?!--|/\*)[-+*/<>=~!@\#%^&|`?])*|::|:=|\S))""",
    re.VERBOSE,
)
_SQLITE = re.compile(
    r"""\s*(?:
      (?P<w>(?![xX]')[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_$\u0080-\U0010ffff]*)
    | (?P<p>[(),;])
    | (?P<c>--[^\n]*)
    | (?P<b>/\*)
    | (?P<s>[xX]?'[^']*(?:''[^']*)*'?)
    | (?P<q>"[^"]*(?:""[^"]*)*"?|`[^`]*(?:``[^`]*)*`?|\[[^\]]*\]?)
    | (?P<n>[0-9](?:[0-9A-Za-z_.])*|\.[0-9][0-9A-Za-z_]*|[?:@$][0-9A-Za-z_]+)
    | (?P<o>\|\||<=|>=|<>|<<|>>|!=|==|->>?|\S))""",
    re.VERBOSE,
)
_NESTED = re.compile(r"/\*|\*/")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a script is made of.

    tokens: without blanks and comments. comments: (text with its marks, start offset), in order.
    unclosed: offset of a string, name, dollar quote or comment that never ends, or None.
    """

    tokens: list[Token]
    comments: list[tuple[str, int]]
    unclosed: int | None


def tokenize(sql: str, dialect: Dialect) -> Tokens:
    """The tokens and comments of a script; takes any text and never raises."""
    matches = (_POSTGRESQL if dialect == "postgresql" else _SQLITE).finditer
    tokens: list[Token] = []
    comments: list[tuple[str, int]] = []
    add = tokens.append
    unclosed: int | None = None
    found = matches(sql)
    while (match := next(found, None)) is not None:
        kind = match.lastgroup
        assert kind is not None
        position, end = match.span(kind)
        if kind == "w":
            add(("w", match[kind].lower(), position, end))
        elif kind in "po":
            add(("p", match[kind], position, end))
        elif kind == "c":
            comments.append((match[kind], position))
        elif kind == "n":
            add(("n", match[kind], position, end))
        elif kind == "b":
            end, closed = _comment_end(sql, end, dialect)
            comments.append((sql[position:end], position))
            # SQLite's own parser takes a comment that runs to the end of the input.
            if not closed and dialect == "postgresql":
                unclosed = position
            found = matches(sql, end)
        elif kind == "d":
            tag = match[kind]
            close = sql.find(tag, end)
            if close < 0:
                unclosed, end = position, len(sql)
            else:
                end = close + len(tag)
            add(("d", sql[position:end], position, end))
            found = matches(sql, end)
        elif kind == "q":
            value, closed = _name(match[kind])
            if not closed:
                unclosed = position
            add(("q", value, position, end))
        else:
            value = match[kind]
            if not _string_closed(value, escape=kind == "e"):
                unclosed = position
            add(("s", value, position, end))
    return Tokens(tokens, comments, unclosed)


def _comment_end(sql: str, position: int, dialect: Dialect) -> tuple[int, bool]:
    if dialect == "sqlite":
        close = sql.find("*/", position)
        return (close + 2, True) if close >= 0 else (len(sql), False)
    depth = 1
    while depth:
        mark = _NESTED.search(sql, position)
        if mark is None:
            return len(sql), False
        depth += 1 if mark.group() == "/*" else -1
        position = mark.end()
    return position, True


_CLOSERS = {'"': '"', "`": "`", "[": "]"}


def _name(text: str) -> tuple[str, bool]:
    if text[0] in "uU":
        text = text[2:]
    close = _CLOSERS[text[0]]
    if close == "]":
        return text[1:].rstrip("]"), len(text) > 1 and text.endswith("]")
    inner = text[1:-1] if len(text) > 1 and text.endswith(close) else text[1:]
    doubled = inner.replace(close * 2, "")
    closed = len(text) > 1 and text.endswith(close) and close not in doubled
    return inner.replace(close * 2, close), closed


def _string_closed(text: str, *, escape: bool) -> bool:
    body = text[text.index("'") + 1 :]
    if escape:
        body = re.sub(r"\\[\s\S]", "", body)
    return body.count("'") % 2 == 1
