"""The one form of a condition's parts, whatever they were written as.

Owns: casts, lists of values, AND, OR and NOT in one form, and when two forms certainly mean different things.
Must never know: tokens, rules, tables, databases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

__all__ = [
    "Node",
    "Unread",
    "among",
    "arithmetic",
    "both",
    "cast",
    "certainly_other",
    "columns_of",
    "constant",
    "either",
    "negation",
    "number",
    "without_collation",
]

Node = tuple[Any, ...]
"""A kind and its parts: `("cmp", ">", ("col", "price"), ("num", "0"))`."""


class Unread(Exception):
    """The text is no expression that is understood here."""


_OPPOSITE = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", "=": "<>", "<>": "="}
_NUMBERS = frozenset(
    {"numeric", "decimal", "double precision", "real", "bigint", "integer", "int", "smallint"}
)
# A server adds these by itself; a cast to an integer rounds, and somebody wrote it.
_SILENT = frozenset(
    {"numeric", "decimal", "double precision", "real", "bigint", "text", "character varying", "varchar", "bpchar", "character"}
)  # fmt: skip
_PLAIN = frozenset({"col", "num", "str", "word", "cmp", "in", "null", "notnull", "like", "and", "or", "not", "op", "neg", "call"})  # fmt: skip


def number(text: str) -> str:
    """A number in one spelling; raises Unread for what is none."""
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise Unread(text) from error
    if not value.is_finite() or value.adjusted() > 400:
        raise Unread(text)
    return str(int(value)) if value == value.to_integral_value() else str(value.normalize())


def constant(node: Node) -> bool:
    """Whether it is a literal."""
    return node[0] in ("num", "str", "word")


def arithmetic(sign: str, left: Node, right: Node) -> Node:
    """A sum or a product, whichever side was written first."""
    if sign in ("+", "*") and repr(right) < repr(left):
        left, right = right, left
    return ("op", sign, left, right)


def cast(node: Node, kind: str) -> Node:
    """A value as another type; the casts that a server adds by itself are left out."""
    if node[0] == "str":
        if kind in _NUMBERS:
            return ("num", number(node[1].strip("'")))
        if kind in ("boolean", "bool"):
            return (
                "word",
                "true" if node[1].strip("'").lower() in ("t", "true", "1", "yes", "on") else "false",
            )
        if kind.endswith("[]") and node[1].startswith("'{"):
            return _array(node[1].strip("'")[1:-1], kind)
        return node
    if node[0] in ("num", "array") or kind in _SILENT:
        return node
    return ("cast", kind, node)


def _array(text: str, kind: str) -> Node:
    """An array that is written as one literal, `'{a,b}'::text[]`."""
    parts = [part.strip().strip('"') for part in text.split(",")] if text else []
    numbers = kind.removesuffix(" []") in _NUMBERS
    return ("array", tuple(("num", number(part)) if numbers else ("str", f"'{part}'") for part in parts))


def among(left: Node, values: tuple[Node, ...], *, positive: bool) -> Node:
    """IN and NOT IN; raises Unread for an empty list."""
    listed = tuple(sorted(set(values), key=repr))
    if not listed:
        raise Unread("no values")
    if positive:
        return ("cmp", "=", left, listed[0]) if len(listed) == 1 else ("in", left, listed)
    return both([("cmp", "<>", left, value) for value in listed])


def _joined(kind: str, parts: Iterable[Node]) -> Node:
    flat = [inner for part in parts for inner in (part[1] if part[0] == kind else (part,))]
    unique = tuple(sorted(set(flat), key=repr))
    return unique[0] if len(unique) == 1 else (kind, unique)


def both(parts: Sequence[Node]) -> Node:
    """All of these, in one order."""
    return _joined("and", parts)


def either(parts: Sequence[Node]) -> Node:
    """One of several; equal values of one thing are a list of its values."""
    whole = _joined("or", parts)
    if whole[0] != "or":
        return whole
    values: dict[Node, list[Node]] = {}
    rest: list[Node] = []
    for part in whole[1]:
        if part[0] == "cmp" and part[1] == "=" and constant(part[3]):
            values.setdefault(part[2], []).append(part[3])
        elif part[0] == "in":
            values.setdefault(part[1], []).extend(part[2])
        else:
            rest.append(part)
    return _joined(
        "or", [*rest, *(among(left, tuple(found), positive=True) for left, found in values.items())]
    )


def negation(node: Node) -> Node:
    """NOT, taken to the parts as far as it goes: unknown stays unknown on the way."""
    kind = node[0]
    if kind == "cmp":
        return (kind, _OPPOSITE[node[1]], *node[2:])
    if kind == "and":
        return either([negation(part) for part in node[1]])
    if kind == "or":
        return both([negation(part) for part in node[1]])
    if kind == "in":
        return among(node[1], node[2], positive=False)
    if kind in ("null", "notnull"):
        return ("null" if kind == "notnull" else "notnull", node[1])
    if kind == "like":
        word = node[1]
        return (kind, word[4:] if word.startswith("not ") else f"not {word}", *node[2:])
    return node[1] if kind == "not" else ("not", node)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for part in node[1:]:
        for item in part if isinstance(part, tuple) and part and isinstance(part[0], tuple) else (part,):
            if isinstance(item, tuple) and item:
                yield from _nodes(item)


def columns_of(node: Node) -> frozenset[str]:
    """The columns that a condition reads."""
    return frozenset(item[1] for item in _nodes(node) if item[0] == "col")


def without_collation(node: Node) -> Node:
    """The same value, however it is sorted."""
    return without_collation(node[2]) if node[0] == "collate" else node


def certainly_other(first: Node, second: Node, rewritten: frozenset[str] = frozenset()) -> bool:
    """Whether two forms that differ cannot be one condition written in two ways.

    A function may say the same as an operator (`length(x) > 0` and `x <> ''`), and a database writes a moment, a
    duration or a document anew: literals beside such columns, `rewritten`, are never certain.
    """
    one, two = list(_nodes(first)), list(_nodes(second))
    calls = [sorted({item[1] for item in nodes if item[0] == "call"}) for nodes in (one, two)]
    literals = any(item[0] == "str" for item in (*one, *two))
    if literals and (columns_of(first) | columns_of(second)) & rewritten:
        return False
    return calls[0] == calls[1] and all(item[0] in _PLAIN for item in (*one, *two))
