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
            sorted(
                repr([kind, sorted(map(str.lower, filter(None, names)))]) for kind, names in item["unique"]
            ),
            sorted(_checks(tokens)),
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
    return _text(token for token in tokens if token[1] not in ("(", ")"))


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
