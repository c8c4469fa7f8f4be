"""Reading a statement's tokens: names, lists, definitions, types in one spelling.

Owns: the cursor over tokens, canonical types, the types of a routine's arguments.
Must never know: what a statement does to a schema.
"""

from __future__ import annotations

from collections.abc import Iterable

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
        token = self.tokens[place]
        return token[1] if token[0] in "wpn" else "\0" + token[1]

    def take(self, *words: str) -> bool:
        """Take these words if they stand here in this order."""
        tokens, at = self.tokens, self.at
        size = len(tokens)
        for word in words:
            if at >= size or tokens[at][1] != word or tokens[at][0] in "qsd":
                return False
            at += 1
        self.at = at
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
        parts: list[str] = []
        tokens, at = self.tokens, self.at
        size = len(tokens)
        while at < size and tokens[at][0] in "wq":
            # PostgreSQL cuts longer names; two spellings of one long name are one object.
            parts.append(tokens[at][1][:63])
            at += 1
            if at >= size or tokens[at][1] != "." or tokens[at][0] != "p":
                break
            at += 1
        self.at = at
        while len(parts) > 1 and parts[0] in ("public", "main"):
            parts.pop(0)
        return ".".join(parts)

    def group(self) -> list[Lexeme]:
        """The tokens inside the parentheses that open here; empty where none do."""
        if self.peek() != "(":
            return []
        tokens, depth, start = self.tokens, 0, self.at + 1
        for place in range(self.at, len(tokens)):
            token = tokens[place]
            if token[0] == "p":
                depth += 1 if token[1] == "(" else -1 if token[1] == ")" else 0
                if depth == 0:
                    self.at = place + 1
                    return tokens[start:place]
        self.at = len(tokens)
        return tokens[start:]

    def rest(self) -> list[Lexeme]:
        """Everything from here on."""
        taken = self.tokens[self.at :]
        self.at = len(self.tokens)
        return taken


def split_commas(tokens: list[Lexeme]) -> list[list[Lexeme]]:
    """Parts between commas outside parentheses and brackets; empty ones are left out."""
    parts: list[list[Lexeme]] = [[]]
    depth = 0
    for token in tokens:
        if token[0] == "p":
            if token[1] in "([":
                depth += 1
            elif token[1] in ")]":
                depth -= 1
            elif token[1] == "," and depth == 0:
                parts.append([])
                continue
        parts[-1].append(token)
    return [part for part in parts if part]


def joined(tokens: Iterable[Lexeme]) -> str:
    """Tokens as one text: words in lower case, names without quotes, one blank between."""
    return " ".join(token[1] for token in tokens)


def words_of(tokens: Iterable[Lexeme]) -> frozenset[str]:
    """All words and names among tokens."""
    return frozenset(token[1] for token in tokens if token[0] in "wq")


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
    text = joined(tokens).replace("public . ", "").replace("pg_catalog . ", "")
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
