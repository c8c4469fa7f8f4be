"""SQLite's facts as a snapshot: the text of each definition, and what SQLite itself makes of it.

Owns: reading a CREATE TABLE's columns and constraints, and what counts as mere writing.
Must never know: processes, scripts, verdicts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backend_engineer.migrations.lexer import Token, tokenize
from backend_engineer.verification.snapshots import Fact, Snapshot

__all__ = ["snapshot_of"]

_TABLE_CONSTRAINTS = frozenset({"constraint", "primary", "unique", "check", "foreign"})


def snapshot_of(facts: Iterable[dict[str, Any]], ignore: frozenset[str] = frozenset()) -> Snapshot:
    """A snapshot of what the worker read; `ignore` names tables (lower case) that a tool keeps for itself."""
    found: dict[str, Fact] = {}
    for item in facts:
        kind, name = item["kind"], item["name"]
        if item["table"].lower() in ignore or name.lower() in ignore:
            continue
        tokens = tokenize(item["sql"] or "", "sqlite").tokens
        if kind == "table" and item.get("columns") and not _virtual(tokens):
            found.update(_table(item, tokens))
        else:
            text = _text(tokens)
            found[f"{kind} {name.lower()}"] = Fact(text, _loose(tokens))
    return found


def _virtual(tokens: list[Token]) -> bool:
    return [token[1] for token in tokens[:2]] == ["create", "virtual"]


def _table(item: dict[str, Any], tokens: list[Token]) -> dict[str, Fact]:
    name = item["name"].lower()
    definitions, options = _definitions(tokens)
    columns = {part[0][1].lower(): part for part in definitions if not _is_constraint(part)}
    constraints = sorted(_text(part) for part in definitions if _is_constraint(part))
    exact = "; ".join([*constraints, _text(options)] if options else constraints) or "table"
    loose = repr(
        (
            sorted(repr([str(value).lower() for value in key[:5]]) for key in item["keys"]),
            sorted(repr([kind, list(map(str.lower, filter(None, names)))]) for kind, names in item["unique"]),
            sorted(_checks(tokens)),
            sorted(_clauses(tokens)),
            sorted(token[1] for token in options if token[0] in "wq"),
            any(token[1] == "autoincrement" for token in tokens),
        )
    )
    found = {f"table {name}": Fact(exact, loose)}
    for place, row in enumerate(item["columns"], 1):
        column, declared, required, default, primary, hidden = row[:6]
        part = columns.get(column.lower(), [])
        facts = (
            (declared or "").lower().replace(" ", ""),
            required or (primary and "int" not in (declared or "").lower()),
            _default(default),
            primary,
            hidden,
            _collation(part),
        )
        found[f"column {name}.{column.lower()}"] = Fact(_text(part[1:]), repr(facts), place)
    return found


def _definitions(tokens: list[Token]) -> tuple[list[list[Token]], list[Token]]:
    depth = 0
    parts: list[list[Token]] = [[]]
    for place, token in enumerate(tokens):
        if token[0] == "p" and token[1] == "(":
            depth += 1
            if depth == 1:
                continue
        elif token[0] == "p" and token[1] == ")":
            depth -= 1
            if depth == 0:
                return [part for part in parts if part], tokens[place + 1 :]
        if depth == 1 and token[1] == "," and token[0] == "p":
            parts.append([])
        elif depth >= 1:
            parts[-1].append(token)
    return [part for part in parts if part], []


def _is_constraint(part: list[Token]) -> bool:
    return part[0][0] == "w" and part[0][1] in _TABLE_CONSTRAINTS


def _text(tokens: Iterable[Token]) -> str:
    return " ".join(token[1].lower() if token[0] == "q" else token[1] for token in tokens)


def _loose(tokens: Iterable[Token]) -> str:
    """A text without the parentheses that say nothing: doubled ones, and those that AND and OR do not need."""
    root: _Group = []
    open_groups = [root]
    for token in tokens:
        if token[:2] == ("p", "("):
            inner: _Group = []
            open_groups[-1].append(inner)
            open_groups.append(inner)
        elif token[:2] == ("p", ")") and len(open_groups) > 1:
            open_groups.pop()
        else:
            open_groups[-1].append(_text([token]))
    return _flat(_stripped(root))


_Group = list["str | _Group"]
# What may stand before and after a condition's parentheses; anything else may bind closer than what is inside.
_EDGES = frozenset({"and", "or", "where", "when", "then", "begin", ""})


def _stripped(group: _Group) -> _Group:
    while len(group) == 1 and isinstance(group[0], list):
        group = group[0]
    return group


def _flat(group: _Group) -> str:
    parts = []
    for place, item in enumerate(group):
        if isinstance(item, str):
            parts.append(item)
            continue
        before = group[place - 1] if place else ""
        after = group[place + 1] if place + 1 < len(group) else ""
        inner = _stripped(item)
        text = _flat(inner)
        parts.append(text if _needless(inner, before, after, "between" in group) else f"( {text} )")
    return " ".join(parts)


def _needless(inner: _Group, before: str | _Group, after: str | _Group, between: bool) -> bool:
    """Whether a condition means the same without its parentheses; OR binds the least, AND comes next."""
    around = (before, after)
    if between or not inner or any(not isinstance(edge, str) or edge not in _EDGES for edge in around):
        return False
    if any(word in inner for word in ("select", "with", ",", "between")):
        return False
    return "or" not in inner or "and" not in around


def _clauses(tokens: list[Token]) -> list[str]:
    """What constraints say beyond their kind: how a conflict ends, and which keys wait for the end."""
    words = [token[1] if token[0] == "w" else "" for token in tokens]
    found = [
        after
        for one, two, after in zip(words, words[1:], words[2:], strict=False)
        if [one, two] == ["on", "conflict"]
    ]
    for place, word in enumerate(words):
        if words[place : place + 3] == ["deferrable", "initially", "deferred"] and words[place - 1] != "not":
            found.append(word)
    return found


def _default(text: str | None) -> str | None:
    return None if text is None else _loose(tokenize(text, "sqlite").tokens)


def _collation(part: list[Token]) -> str:
    for place, token in enumerate(part[:-1]):
        if token[:2] == ("w", "collate"):
            return part[place + 1][1].lower()
    return ""


def _checks(tokens: list[Token]) -> list[str]:
    found: list[str] = []
    for place, token in enumerate(tokens):
        if token[:2] == ("w", "check") or token[:2] == ("w", "as"):
            depth, body = 0, []
            for other in tokens[place + 1 :]:
                depth += {"(": 1, ")": -1}.get(other[1], 0) if other[0] == "p" else 0
                body.append(other)
                if depth == 0:
                    break
            found.append(_loose(body))
    return found
