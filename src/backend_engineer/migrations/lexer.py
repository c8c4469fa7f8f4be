"""Tokens of SQL, for PostgreSQL and SQLite, each read by its own quoting rules.

Owns: strings, quoted names, dollar quotes, comments (nested in PostgreSQL), words, and their offsets.
Must never know: what a statement means, files, databases.

A script is never refused: an unclosed string or comment runs to the end of the text and is reported
in `Tokens.unclosed`, because a migration that does not parse is a finding and not an exception.

A script is first cut into pieces, a token or a comment each with the blanks before it. Most pieces come
again and again, so what a piece is gets told once and its lexeme is shared: reading makes few objects.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, NamedTuple

__all__ = ["Dialect", "Lexeme", "Lexemes", "Token", "Tokens", "read_lexemes", "tokenize"]

Dialect = Literal["postgresql", "sqlite"]

Token = tuple[str, str, int, int]
"""(kind, value, start, end): a lexeme's kind and value with its place."""


class Lexeme(NamedTuple):
    """What a piece of a script is, wherever it stands.

    kind: `w` a word in lower case, `q` a quoted name without its quotes, `s` a string with its quotes, `d` a
    dollar-quoted string with its tags, `n` a number, `p` a punctuation mark or operator, `c` a comment with its
    marks. value: its text, as the kind says. plain: the value where it may be a key word or a mark, else behind a
    NUL, so that `"table"` is no `table`. mark: one letter for finding statements: `(`, `)`, `;` themselves, `c` a
    comment, `b` begin, `a` atomic, `e` end, `.` anything else.
    """

    kind: str
    value: str
    plain: str
    mark: str


_MARKS = {"(": "(", ")": ")", ";": ";", "begin": "b", "atomic": "a", "end": "e"}

# Kinds of pieces with their patterns. Words and the plain marks stand first because nine tokens of ten are one of
# them; the look-ahead leaves the prefixes of strings (`E'`, `U&"`) to the rows behind.
_POSTGRESQL = (
    ("w", r"(?![eEbBnNxX]'|[uU]&['\"])[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_$\u0080-\U0010ffff]*"),
    ("p", r"[(),;]"),
    ("c", r"--[^\n\r]*"),
    ("s", r"[eE]'(?:[^'\\]|\\[\s\S]|'')*'?"),
    ("s", r"(?:[bBnNxX]|[uU]&)?'[^']*(?:''[^']*)*'?"),
    ("q", r"(?:[uU]&)?\"[^\"]*(?:\"\"[^\"]*)*\"?"),
    ("d", r"\$\$[^$]*(?:\$(?!\$)[^$]*)*(?:\$\$)?"),
    ("n", r"[0-9](?:[0-9A-Za-z_]|\.(?!\.))*|\.[0-9][0-9A-Za-z_]*|\$[0-9]+"),
    ("p", r"[-+*/<>=~!@#%^&|`?](?:(?!--|/\*)[-+*/<>=~!@#%^&|`?])*|::|:=|\S"),
)
_SQLITE = (
    ("w", r"(?![xX]')[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_$\u0080-\U0010ffff]*"),
    ("p", r"[(),;]"),
    ("c", r"--[^\n]*"),
    ("c", r"/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/)?"),
    ("s", r"[xX]?'[^']*(?:''[^']*)*'?"),
    ("q", r"\"[^\"]*(?:\"\"[^\"]*)*\"?|`[^`]*(?:``[^`]*)*`?|\[[^\]]*\]?"),
    ("n", r"[0-9][0-9A-Za-z_.]*|\.[0-9][0-9A-Za-z_]*|[?:@$][0-9A-Za-z_]+"),
    ("p", r"\|\||<=|>=|<>|<<|>>|!=|==|->>?|\S"),
)
# What a pattern alone cannot close, by its beginning: comments that nest, and quotes that end with their own tag.
_TAG = r"\$[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_\u0080-\U0010ffff]*\$"
_OPENERS = (("c", r"/\*"), ("d", _TAG))
_WINDING = re.compile(rf"/\*|{_TAG}")
_NESTED = re.compile(r"/\*|\*/")


def _cutting(*items: str) -> re.Pattern[str]:
    # Without groups, so that one call gives all pieces; blanks at the very end are a piece of their own.
    return re.compile(rf"\s*+(?:{'|'.join(items)})|\s+")


def _telling(*rows: tuple[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{kind}{number}>{item})" for number, (kind, item) in enumerate(rows)))


_PIECES = {
    "postgresql": _cutting(*(item for _, item in _POSTGRESQL)),
    "sqlite": _cutting(*(item for _, item in _SQLITE)),
}
_STEPS = _cutting(r"(?P<comment>/\*)", rf"(?P<quote>{_TAG})", *(item for _, item in _POSTGRESQL))


class _Known(dict[str, Lexeme]):
    """Lexemes by their pieces; literals and comments are not kept, since they rarely come again and may be long."""

    most = 8192

    def __init__(self, *rows: tuple[str, str]) -> None:
        super().__init__()
        self.kinds = _telling(*rows)

    def __missing__(self, piece: str) -> Lexeme:
        text = piece.lstrip()
        lexeme = self.get(text)
        if lexeme is None:
            # Nearly all are plain words, which need no pattern to be told.
            match = None if text.isidentifier() and text.isascii() else self.kinds.match(text)
            lexeme = _lexeme((match.lastgroup or "")[0] if match is not None else "w", text)
            if lexeme.kind in "sdc":
                return lexeme
            self[text] = lexeme
        if len(self) >= self.most:
            self.clear()
        self[piece] = lexeme
        return lexeme


_KNOWN = {"postgresql": _Known(*_OPENERS, *_POSTGRESQL), "sqlite": _Known(*_SQLITE)}


@dataclass(frozen=True, slots=True)
class Lexemes:
    """A script in pieces, and what each of them is.

    pieces: texts that joined are the script but for the blanks at its end; each ends with a token or comment, and
    has the blanks before it. lexemes: one for each piece. unclosed: index of a string, name, dollar quote or
    comment that never ends, or None.
    """

    pieces: list[str]
    lexemes: list[Lexeme]
    unclosed: int | None

    @property
    def tokens(self) -> list[Lexeme]:
        """The lexemes without the comments."""
        return [lexeme for lexeme in self.lexemes if lexeme.kind != "c"]


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a script is made of.

    tokens: without blanks and comments. comments: (text with its marks, start offset), in order.
    unclosed: offset of a string, name, dollar quote or comment that never ends, or None.
    """

    tokens: list[Token]
    comments: list[tuple[str, int]]
    unclosed: int | None


def read_lexemes(sql: str, dialect: Dialect) -> Lexemes:
    """The pieces of a script; takes any text and never raises."""
    if dialect == "postgresql" and _WINDING.search(sql):
        pieces = _stepwise(sql)
    else:
        pieces = _PIECES[dialect].findall(sql)
    if pieces and pieces[-1].isspace():
        pieces.pop()
    known = _KNOWN[dialect]
    lexemes = [known[piece] for piece in pieces]
    return Lexemes(pieces, lexemes, _unclosed(pieces, lexemes, dialect))


def tokenize(sql: str, dialect: Dialect) -> Tokens:
    """The tokens and comments of a script with their places; takes any text and never raises."""
    read = read_lexemes(sql, dialect)
    ends = list(accumulate(map(len, read.pieces)))
    starts = [end - len(piece.lstrip()) for end, piece in zip(ends, read.pieces, strict=True)]
    placed = list(zip(read.lexemes, starts, ends, strict=True))
    return Tokens(
        tokens=[(item.kind, item.value, start, end) for item, start, end in placed if item.kind != "c"],
        comments=[(item.value, start) for item, start, _ in placed if item.kind == "c"],
        unclosed=None if read.unclosed is None else starts[read.unclosed],
    )


def _stepwise(sql: str) -> list[str]:
    """The pieces of a PostgreSQL script that has comments of several lines, or quotes with a tag."""
    pieces: list[str] = []
    found = _STEPS.finditer(sql)
    while (match := next(found, None)) is not None:
        if match.lastgroup is None:
            pieces.append(match[0])
            continue
        tag = match["quote"]
        end = _comment_end(sql, match.end()) if tag is None else sql.find(tag, match.end())
        if end < 0:
            end = len(sql)
        elif tag is not None:
            end += len(tag)
        pieces.append(sql[match.start() : end])
        found = _STEPS.finditer(sql, end)
    return pieces


def _comment_end(sql: str, position: int) -> int:
    """Where a comment that is open here ends, -1 where it never does."""
    depth = 1
    while depth:
        mark = _NESTED.search(sql, position)
        if mark is None:
            return -1
        depth += 1 if mark.group() == "/*" else -1
        position = mark.end()
    return position


def _unclosed(pieces: list[str], lexemes: list[Lexeme], dialect: Dialect) -> int | None:
    # What never ends runs to the end; only a backslash there is a piece of its own.
    for place in range(len(pieces) - 1, max(-1, len(pieces) - 3), -1):
        kind = lexemes[place].kind
        if kind not in "wpn" and not _closed(kind, pieces[place].lstrip(), dialect):
            return place
    return None


def _closed(kind: str, text: str, dialect: Dialect) -> bool:
    if kind == "s":
        return _string_closed(text, escape=text[0] in "eE")
    if kind == "q":
        return _name(text)[1]
    if kind == "d":
        tag = text[: text.index("$", 1) + 1]
        return len(text) >= 2 * len(tag) and text.endswith(tag)
    # SQLite's own parser takes a comment that runs to the end of the input.
    return dialect == "sqlite" or text.startswith("--") or _comment_end(text, 2) > 0


def _lexeme(kind: str, text: str) -> Lexeme:
    if kind == "w":
        return _plain(kind, text.lower())
    if kind in "pn":
        return _plain(kind, text)
    if kind == "c":
        return Lexeme(kind, text, "", "c")
    value = _name(text)[0] if kind == "q" else text
    return Lexeme(kind, value, f"\0{value}", ".")


def _plain(kind: str, value: str) -> Lexeme:
    return Lexeme(kind, value, value, _MARKS.get(value, "."))


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
