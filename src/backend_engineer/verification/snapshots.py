"""Schemas as flat facts, and the four levels at which two of them can differ.

Owns: what a snapshot is, how two are compared, and how rows before and after are compared.
Must never know: databases, drivers, scripts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Literal, NamedTuple

__all__ = ["Fact", "Level", "RowsOutcome", "Snapshot", "compare_rows", "compare_schemas", "schema_lines"]


class Fact(NamedTuple):
    """What is true of one object: its exact text, a text without matters of writing, its place among its like."""

    exact: str
    loose: str
    position: int = 0


Snapshot = Mapping[str, Fact]
"""Object (`table users`, `column users.email`, `index users_email`) -> what is true of it."""

RowsOutcome = Literal["kept", "lost", "changed", "not-seeded", "not-run"]


class Level(IntEnum):
    """How far two schemas are apart."""

    EXACT = 0
    COLUMN_ORDER = 1
    REPRESENTATION = 2
    DIFFERENT = 3


def compare_schemas(before: Snapshot, after: Snapshot) -> tuple[Level, tuple[str, ...]]:
    """The level of difference, and one line each: `- lost`, `+ left behind`, `~ changed`."""
    lines = [f"- {key}: {before[key].exact}" for key in before if key not in after]
    lines += [f"+ {key}: {after[key].exact}" for key in after if key not in before]
    level = Level.DIFFERENT if lines else Level.EXACT
    moved = []
    for key, was in before.items():
        now = after.get(key)
        if now is None or now == was:
            continue
        if now[:2] == was[:2]:
            level = max(level, Level.COLUMN_ORDER)
            moved.append(f"~ {key}: at place {now.position}, was {was.position}")
            continue
        level = max(level, Level.REPRESENTATION if now.loose == was.loose else Level.DIFFERENT)
        texts = (now.exact, was.exact) if now.exact != was.exact else (now.loose, was.loose)
        lines.append(f"~ {key}: {texts[0]}, was {texts[1]}")
    if level is Level.COLUMN_ORDER:
        lines.extend(moved)
    return level, tuple(lines)


def schema_lines(snapshot: Snapshot) -> tuple[str, ...]:
    """A snapshot as one line an object, in the order of the database."""
    return tuple(f"{key}: {fact.exact}" for key, fact in snapshot.items())


def compare_rows(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[RowsOutcome, tuple[str, ...]]:
    """What happened to rows; each table is `{"columns": [...], "rows": [[...], ...]}`."""
    if not any(table["rows"] for table in before.values()):
        return "not-seeded", ()
    lost: list[str] = []
    changed: list[str] = []
    for name, was in before.items():
        now = after.get(name)
        if now is None:
            if was["rows"]:
                lost.append(f"- {name}: all {len(was['rows'])} rows, the table is gone")
            continue
        _compare_table(name, was, now, lost, changed)
    outcome: RowsOutcome = "lost" if lost else "changed" if changed else "kept"
    return outcome, tuple(lost + changed)


def _compare_table(
    name: str, was: Mapping[str, Any], now: Mapping[str, Any], lost: list[str], changed: list[str]
) -> None:
    places = {column: place for place, column in enumerate(now["columns"])}
    shared = [(place, places[column]) for place, column in enumerate(was["columns"]) if column in places]
    for place, column in enumerate(was["columns"]):
        values = [row[place] for row in was["rows"] if row[place] is not None]
        if column not in places and values:
            lost.append(f"- {name}.{column}: {len(values)} values, the column is gone")
    earlier = Counter(tuple(row[first] for first, _ in shared) for row in was["rows"])
    later = Counter(tuple(row[second] for _, second in shared) for row in now["rows"])
    missing, added = earlier - later, later - earlier
    gone = len(was["rows"]) - len(now["rows"])
    if gone > 0:
        lost.append(f"- {name}: {gone} of {len(was['rows'])} rows")
    elif gone < 0:
        changed.append(f"+ {name}: {-gone} rows left behind")
    if missing and added:
        names = [was["columns"][first] for first, _ in shared]
        changed.append(_changed_line(name, names, missing, added))


def _changed_line(
    name: str, columns: list[str], missing: Counter[tuple[Any, ...]], added: Counter[tuple[Any, ...]]
) -> str:
    old, new = next(iter(missing)), None
    # The pair that agrees in most columns is the same row before and after.
    new = max(added, key=lambda row: sum(a == b for a, b in zip(old, row, strict=True)))
    parts = [
        f"{column} {_short(before)} became {_short(after)}"
        for column, before, after in zip(columns, old, new, strict=True)
        if before != after
    ]
    return f"~ {name}: {sum(missing.values())} row(s) changed, such as {'; '.join(parts[:3])}"


def _short(value: Any) -> str:
    text = "NULL" if value is None else str(value)
    return text if len(text) <= 40 else text[:37] + "..."
