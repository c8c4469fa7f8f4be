"""Conditions of constraints and indexes in one form, however they are written and however a database shows them.

Owns: reading an expression of either database into its one form.
Must never know: rules, tables, databases.

PostgreSQL writes `x IN ('a')` as `x = ANY (ARRAY['a'::text])`, `BETWEEN` as two comparisons, and adds casts;
people write `0 < x` for `x > 0`. What is not understood is None, and nothing is concluded from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend_engineer.migrations.lexer import Lexeme, read_lexemes
from backend_engineer.rules.migrations.forms import (
    Node,
    Unread,
    among,
    arithmetic,
    both,
    cast,
    constant,
    either,
    negation,
    number,
)

__all__ = ["conjuncts", "read_expression"]

_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}
_SAME = {"!=": "<>", "==": "="}
_LIKE = {"~~": "like", "!~~": "not like", "~~*": "ilike", "!~~*": "not ilike"}
_STOPS = frozenset({"then", "else", "end", "when", "and", "or", "from", "for"})
_NOW = frozenset({"current_timestamp", "now", "transaction_timestamp"})
_CONSTANTS = frozenset({"null", "true", "false"})
_DEEPEST = 60


class _Reader:
    """Recursive descent over tokens, by PostgreSQL's order of binding; SQLite's differs where nobody mixes them."""

    def __init__(self, tokens: Sequence[Lexeme], integers: frozenset[str]) -> None:
        # A sign that was split off counts to the token that it was read with.
        split = [(part, place) for place, token in enumerate(tokens) for part in _split(token)]
        self.tokens = [part for part, _ in split]
        self.places = [*(place for _, place in split), len(tokens)]
        self.at = 0
        self.depth = 0
        self.integers = integers

    def peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place].plain if place < len(self.tokens) else ""

    def kind(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place].kind if place < len(self.tokens) else ""

    def take(self, *words: str) -> bool:
        if all(self.peek(place) == word for place, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def need(self, word: str) -> None:
        if not self.take(word):
            raise Unread(word)

    def any_of(self) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Unread("too deep")
        parts = [self.all_of()]
        while self.take("or"):
            parts.append(self.all_of())
        self.depth -= 1
        return either(parts)

    def all_of(self) -> Node:
        parts = [self.negated()]
        while self.take("and"):
            parts.append(self.negated())
        return both(parts)

    def negated(self) -> Node:
        if self.take("not"):
            return negation(self.negated())
        return self.compared()

    def compared(self) -> Node:
        left = self.matched()
        while True:
            sign = _SAME.get(self.peek(), self.peek())
            if self.kind() == "p" and sign in _FLIPPED:
                self.at += 1
                left = self._against(sign, left)
            elif self.take("is"):
                left = self._is(left)
            elif self.take("isnull"):
                left = ("null", left)
            elif self.take("notnull") or self.take("not", "null"):
                left = ("notnull", left)
            else:
                return left

    def _against(self, sign: str, left: Node) -> Node:
        word = self.peek()
        if word in ("any", "some", "all") and self.peek(1) == "(":
            self.at += 1
            self.need("(")
            inner = self.any_of()
            self.need(")")
            if inner[0] == "array" and (word == "all") == (sign == "<>") and sign in ("=", "<>"):
                return among(left, inner[1], positive=sign == "=")
            return ("quantified", sign, word, left, inner)
        return self._compare(sign, left, self.matched())

    def _compare(self, sign: str, left: Node, right: Node) -> Node:
        if constant(left) and not constant(right):
            left, right, sign = right, left, _FLIPPED[sign]
        if right in (("word", "true"), ("word", "false")) and sign in ("=", "<>"):
            return left if (right[1] == "true") == (sign == "=") else negation(left)
        if not constant(right) and (
            (sign in ("=", "<>") and repr(right) < repr(left)) or sign in (">", ">=")
        ):
            left, right, sign = right, left, _FLIPPED[sign]
        whole = right[0] == "num" and "." not in right[1] and "E" not in right[1]
        if sign in (">=", "<=") and whole and left[0] == "col" and left[1] in self.integers:
            step = -1 if sign == ">=" else 1
            sign, right = sign[0], ("num", str(int(right[1]) + step))
        return ("cmp", sign, left, right)

    def _is(self, left: Node) -> Node:
        negative = self.take("not")
        if self.take("null"):
            return ("notnull" if negative else "null", left)
        if self.peek() in ("true", "false", "unknown"):
            self.at += 1
            return ("is", negative, self.tokens[self.at - 1].value, left)
        if self.take("distinct", "from"):
            return ("distinct", not negative, left, self.matched())
        raise Unread(self.peek())

    def matched(self) -> Node:
        left = self.other()
        while True:
            negative = self.peek() == "not" and self.peek(1) in (
                "between",
                "in",
                "like",
                "ilike",
                "glob",
                "similar",
            )
            self.at += negative
            if self.take("between"):
                self.take("symmetric")
                low = self.other()
                self.need("and")
                within = both([self._compare(">=", left, low), self._compare("<=", left, self.other())])
                left = negation(within) if negative else within
            elif self.peek() == "in" and self.peek(1) == "(":
                self.at += 2
                left = among(left, tuple(self._listed(")")), positive=not negative)
            elif self.peek() in ("like", "ilike", "glob", "similar"):
                word = self.peek()
                self.at += 2 if word == "similar" else 1
                left = ("like", ("not " if negative else "") + word, left, self.other())
                if self.take("escape"):
                    left = (*left, self.other())
            elif self.kind() == "p" and self.peek() in _LIKE:
                word = _LIKE[self.peek()]
                self.at += 1
                left = ("like", word, left, self.other())
            else:
                if negative:
                    raise Unread("not")
                return left

    def other(self) -> Node:
        left = self.sum()
        while self.kind() == "p" and self.peek() not in _NOT_BINARY and self.peek() not in _LIKE:
            sign = self.peek()
            self.at += 1
            left = ("op", sign, left, self.sum())
        return left

    def sum(self) -> Node:
        left = self.product()
        while self.kind() == "p" and self.peek() in ("+", "-"):
            sign = self.peek()
            self.at += 1
            left = arithmetic(sign, left, self.product())
        return left

    def product(self) -> Node:
        left = self.unary()
        while self.kind() == "p" and self.peek() in ("*", "/", "%"):
            sign = self.peek()
            self.at += 1
            left = arithmetic(sign, left, self.unary())
        return left

    def unary(self) -> Node:
        if self.kind() == "p" and self.peek() in ("-", "+"):
            negative = self.peek() == "-"
            self.at += 1
            inner = self.unary()
            if not negative:
                return inner
            return ("num", number("-" + inner[1])) if inner[0] == "num" else ("neg", inner)
        return self.behind(self.primary())

    def behind(self, node: Node) -> Node:
        while True:
            if self.take("::"):
                node = cast(node, self._type())
            elif self.take("collate"):
                node = ("collate", self._name(), node)
            elif self.take("at", "time", "zone"):
                node = ("zone", node, self.primary())
            elif self.take("["):
                node = ("item", node, *self._listed("]"))
            else:
                return node

    def _name(self) -> str:
        if self.kind() not in ("w", "q"):
            raise Unread(self.peek())
        name = self.tokens[self.at].value.lower()
        self.at += 1
        while self.peek() == "." and self.kind(1) in ("w", "q"):
            name = self.tokens[self.at + 1].value.lower()
            self.at += 2
        return name

    def _type(self) -> str:
        words = [self._name()]
        while self.peek() in ("varying", "precision", "with", "without", "time", "zone"):
            words.append(self.peek())
            self.at += 1
        if self.take("("):
            while self.peek() and not self.take(")"):
                self.at += 1
        while self.take("[", "]"):
            words.append("[]")
        return " ".join(words)

    def _listed(self, end: str) -> Iterator[Node]:
        if self.take(end):
            return
        while True:
            yield self.any_of()
            if self.take(end):
                return
            self.need(",")

    def primary(self) -> Node:
        kind, word = self.kind(), self.peek()
        if kind == "s":
            self.at += 1
            return ("str", self.tokens[self.at - 1].value)
        if kind == "n":
            self.at += 1
            return ("num", number(self.tokens[self.at - 1].value))
        if self.take("("):
            parts = tuple(self._listed(")"))
            if not parts:
                raise Unread("()")
            return parts[0] if len(parts) == 1 else ("row", *parts)
        if kind == "q":
            return ("col", self._name())
        if kind != "w" or word in _STOPS or word in ("select", "exists"):
            raise Unread(word)
        return self._word(word)

    def _word(self, word: str) -> Node:
        if word in _CONSTANTS:
            self.at += 1
            return ("word", word)
        if self.take("array", "["):
            return ("array", tuple(self._listed("]")))
        if self.take("cast", "("):
            inner = self.any_of()
            self.need("as")
            kind = self._type()
            self.need(")")
            return cast(inner, kind)
        if word == "case":
            raise Unread(word)
        if self.kind(1) == "s":
            # A literal behind its type: DATE '2020-01-01'.
            self.at += 2
            return cast(("str", self.tokens[self.at - 1].value), word)
        name = self._name()
        if self.take("("):
            arguments = tuple(self._listed(")"))
            if name in _NOW and not arguments:
                return ("call", "now")
            if name == "datetime" and arguments == (("str", "'now'"),):
                return ("call", "now")
            return ("call", name, *arguments)
        return ("call", "now") if name in _NOW else ("col", name)


_NOT_BINARY = frozenset({"(", ")", ",", ";", "[", "]", ".", ":", "::", "<", ">", "=", "<=", ">=", "<>", "!=", "==", "+", "-", "*", "/", "%"})  # fmt: skip
_OWN_MARKS = frozenset("~!@#%^&|`?")


def _split(token: Lexeme) -> tuple[Lexeme, ...]:
    """The token, or its two halves where a sign was read together with the operator before it (`>-1`)."""
    text = token.value
    if token.kind == "p" and len(text) > 1 and text[-1] in "+-" and _OWN_MARKS.isdisjoint(text):
        return tuple(Lexeme("p", part, part, ".") for part in (text[:-1], text[-1]))
    return (token,)


def read_expression(
    tokens: Sequence[Lexeme], integers: frozenset[str] = frozenset()
) -> tuple[Node | None, int]:
    """The expression that begins there in its one form, None if it is not understood, and how many tokens it takes.

    integers: columns that hold whole numbers, for which `>= 1` is `> 0`.
    """
    reader = _Reader(tokens, integers)
    try:
        node = reader.any_of()
    except (Unread, RecursionError):
        return None, 0
    return node, reader.places[reader.at]


def conjuncts(text: str, integers: frozenset[str] = frozenset()) -> frozenset[Node] | None:
    """What a condition asks for, each part by itself; None for a text that is not understood whole."""
    tokens = read_lexemes(text, "postgresql").tokens
    reader = _Reader(tokens, integers)
    try:
        node = reader.any_of()
    except (Unread, RecursionError):
        return None
    if reader.at < len(reader.tokens):
        return None
    return frozenset(node[1]) if node[0] == "and" else frozenset({node})
