"""Reading a statement's tokens: names, lists, definitions, types in one spelling.

Owns: the cursor over tokens, canonical types, the types of a routine's arguments.
Must never know: what a statement does to a schema.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

from backend_engineer.migrations.lexer import Lexeme

__all__ = ["SIMPLE_KINDS", "Cursor", "argument_types", "canonical_type", "joined", "split_commas", "words_of"]


class Cursor:
    """A place in a list of tokens; every method moves on only when what it asks for stands there."""

    __slots__ = ("at", "tokens")

    def __init__(self, tokens: list[Lexeme], at: int = 0) -> None:
        self.tokens, self.at = tokens, at

    def peek(self, ahead: int = 0) -> str:
        """The value of a token ahead, empty at the end; a string or a quoted name never equals a word."""
        place = self.at + ahead
        if place >= len(self.tokens):
            return ""
        return self.tokens[place][2]

    def take(self, word: str, *more: str) -> bool:
        """Take these words if they stand here in this order."""
        tokens, at = self.tokens, self.at
        if at >= len(tokens) or tokens[at][2] != word:
            return False
        if more:
            behind = at + len(more) + 1
            if tuple([token[2] for token in tokens[at + 1 : behind]]) != more:
                return False
            self.at = behind
        else:
            self.at = at + 1
        return True

    def take_any(self, *words: str) -> str:
        """Take one of these words if it stands here."""
        word = self.peek()
        if word in words:
            self.at += 1
            return word
        return ""

    @property
    def done(self) -> bool:
        """Whether all tokens are taken."""
        return self.at >= len(self.tokens)

    def name(self) -> str:
        """A name, with its schema unless that is `public` or `main`; empty where none stands."""
        tokens, at = self.tokens, self.at
        size = len(tokens)
        if at >= size or tokens[at][0] not in "wq":
            return ""
        # PostgreSQL cuts longer names; two spellings of one long name are one object.
        name = tokens[at][1][:63]
        at += 1
        while at < size and tokens[at][2] == ".":
            at += 1
            if at >= size or tokens[at][0] not in "wq":
                break
            part = tokens[at][1][:63]
            name = part if name in ("public", "main") else f"{name}.{part}"
            at += 1
        self.at = at
        return name

    def group(self) -> list[Lexeme]:
        """The tokens inside the parentheses that open here; empty where none do."""
        tokens, start = self.tokens, self.at + 1
        if self.peek() != "(":
            return []
        depth = 1
        for place in range(start, len(tokens)):
            mark = tokens[place][3]
            if mark == "(":
                depth += 1
            elif mark == ")":
                depth -= 1
                if not depth:
                    self.at = place + 1
                    return tokens[start:place]
        self.at = len(tokens)
        return tokens[start:]

    def skip(self, stop: frozenset[str]) -> None:
        """Go on to the first of these words outside parentheses, or to the end."""
        tokens, at, depth = self.tokens, self.at, 0
        for token in islice(tokens, at, None):
            plain = token[2]
            if depth:
                depth += 1 if plain == "(" else -1 if plain == ")" else 0
            elif plain == "(":
                depth = 1
            elif plain in stop:
                break
            at += 1
        self.at = at

    def rest(self) -> list[Lexeme]:
        """Everything from here on."""
        taken = self.tokens[self.at :]
        self.at = len(self.tokens)
        return taken


def split_commas(tokens: list[Lexeme]) -> list[list[Lexeme]]:
    """Parts between commas outside parentheses and brackets; empty ones are left out."""
    parts: list[list[Lexeme]] = []
    depth = start = 0
    for place, token in enumerate(tokens):
        if token[0] == "p":
            mark = token[1]
            if mark in "([":
                depth += 1
            elif mark in ")]":
                depth -= 1
            elif mark == "," and depth == 0:
                if place > start:
                    parts.append(tokens[start:place])
                start = place + 1
    if start < len(tokens):
        parts.append(tokens[start:])
    return parts


def joined(tokens: Iterable[Lexeme]) -> str:
    """Tokens as one text: words in lower case, names without quotes, one blank between."""
    return " ".join([token[1] for token in tokens])


def words_of(tokens: Iterable[Lexeme]) -> frozenset[str]:
    """All words and names among tokens."""
    return frozenset([token[1] for token in tokens if token[0] in "wq"])


_ALIASES = {
    "int": "integer",
    "int4": "integer",
    "int8": "bigint",
    "int2": "smallint",
    "bool": "boolean",
    "float8": "double precision",
    "float4": "real",
    "decimal": "numeric",
    "timestamptz": "timestamp with time zone",
    "timetz": "time with time zone",
    "varchar": "character varying",
    "char": "character",
    "bpchar": "character",
    "timestamp without time zone": "timestamp",
    "time without time zone": "time",
    "serial": "integer",
    "serial4": "integer",
    "bigserial": "bigint",
    "serial8": "bigint",
    "smallserial": "smallint",
}


def canonical_type(tokens: list[Lexeme]) -> str:
    """A type in one spelling: aliases resolved, lengths kept."""
    return _canonical(joined(tokens))


# A project writes few types, and each of them many times.
@lru_cache(maxsize=1024)
def _canonical(text: str) -> str:
    text = text.replace("public . ", "").replace("pg_catalog . ", "")
    head, mark, tail = text.partition(" (")
    array = ""
    while head.endswith(" [ ]"):
        head, array = head[:-4], array + " [ ]"
    # `timestamp (3) with time zone` has its length in the middle.
    length, closing, after = tail.partition(")")
    whole = f"{head}{after}".strip()
    while whole.endswith(" [ ]"):
        whole, array = whole[:-4], array + " [ ]"
    whole = _ALIASES.get(whole, whole)
    return whole + (f" ({length}{closing}" if mark else "") + array


_MODES = frozenset({"in", "inout", "variadic"})


_TYPE_HEADS = frozenset(
    [
        "integer",
        "int",
        "bigint",
        "smallint",
        "text",
        "boolean",
        "bool",
        "uuid",
        "json",
        "jsonb",
        "character",
        "varchar",
        "char",
        "numeric",
        "decimal",
        "real",
        "double",
        "timestamp",
        "timestamptz",
        "date",
        "time",
        "interval",
        "bytea",
        "serial",
        "bigserial",
        "regclass",
        "anyelement",
        "anyarray",
        "void",
        "record",
        "trigger",
    ]
)


def argument_types(tokens: list[Lexeme]) -> str:
    """The types of a routine's arguments in one spelling, without names, modes and defaults."""
    kinds = []
    for part in split_commas(tokens):
        words = part
        if words[0][1] == "out":
            continue
        if words[0][1] in _MODES:
            words = words[1:]
        for place, token in enumerate(words):
            if token[1] in ("default", "=", ":="):
                words = words[:place]
                break
        if (
            len(words) > 1
            and (words[0][1] not in _TYPE_HEADS or words[1][0] in "wq")
            and words[1][1]
            not in (
                "[",
                "(",
                "varying",
                "precision",
                "with",
                "without",
                ".",
            )
        ):
            words = words[1:]
        if words:
            kinds.append(canonical_type(words))
    return ", ".join(kinds)


SIMPLE_KINDS = (
    "sequence",
    "extension",
    "schema",
    "domain",
    "policy",
    "rule",
    "collation",
    "publication",
    "statistics",
    "server",
    "cast",
    "operator",
    "role",
    "user",
    "database",
    "language",
    "event",
)
