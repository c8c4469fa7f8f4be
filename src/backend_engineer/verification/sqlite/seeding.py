"""Made-up rows for every table of a SQLite database, so that a lossy rollback has something to lose.

Owns: the order of the tables, the values, and what is tried again when a constraint refuses them.
Must never know: verdicts, scripts, files; it imports the standard library only.

Values depend on the table, the column and the number of the row alone, so that two runs agree. The first row holds
what is easy to lose, the second empty texts, the last nothing where it may; there are more where a list of values is longer.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from backend_engineer.verification.sqlite import rich
from backend_engineer.verification.sqlite.database import quoted

__all__ = ["seed_rows"]

_ROWS = 3
_MOST_ROWS = 12
_FIRST_KEY = 7001
_TRIES = 6


def seed_rows(
    link: sqlite3.Connection, seed: int, ignore: frozenset[str] = frozenset(), *, plain: bool = False
) -> tuple[int, int]:
    """Put rows into every table but those to ignore (lower case); returns how many tables got rows and how many there are.

    plain: rows without values that are easy to lose, for scripts that fail on those.
    """
    tables = [
        (row[1], row[2])
        for row in link.execute("PRAGMA table_list").fetchall()
        if row[0] == "main" and row[2] == "table" and not row[1].startswith("sqlite_")
    ]
    done = 0
    ordered = _by_dependency(link, [name for name, _ in tables if name.lower() not in ignore])
    for name in ordered:
        done += 1 if _seed_table(link, name, seed, plain=plain) else 0
    return done, len(tables)


def _by_dependency(link: sqlite3.Connection, names: list[str]) -> list[str]:
    wants = {
        name: {row[2] for row in link.execute(f"PRAGMA foreign_key_list({quoted(name)})")} - {name}
        for name in names
    }
    known = {name.lower(): name for name in names}
    ordered: list[str] = []
    waiting = list(names)
    while waiting:
        ready = [
            n
            for n in waiting
            if all(known.get(w.lower(), n) in ordered or known.get(w.lower()) is None for w in wants[n])
        ]
        for name in ready or waiting[:1]:
            ordered.append(name)
            waiting.remove(name)
    return ordered


def _seed_table(link: sqlite3.Connection, name: str, seed: int, *, plain: bool) -> bool:
    columns = [row for row in link.execute(f"PRAGMA table_xinfo({quoted(name)})").fetchall() if row[6] == 0]
    found = link.execute(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)
    ).fetchone()
    sql = (found[0] if found else "") or ""
    keys = _parents(link, name)
    written = 0
    checked = {row[1] for row in columns if _is_checked(sql, row[1])}
    lists = {row[1]: _allowed(sql, row[1]) for row in columns}
    count = min(max(_ROWS, *(len(found) + 1 for found in lists.values())), _MOST_ROWS) if columns else _ROWS
    for number in range(count):
        stages = () if plain or number > 1 else rich.STAGES
        for stage, attempt in (*((item, 0) for item in stages), *((frozenset(), at) for at in range(_TRIES))):
            values = [
                _value(
                    link,
                    row,
                    number,
                    number == count - 1,
                    attempt,
                    seed,
                    lists[row[1]],
                    row[1] in checked,
                    keys,
                    stage,
                )
                for row in columns
            ]
            names = ", ".join(quoted(row[1]) for row in columns)
            marks = ", ".join("?" for _ in columns)
            try:
                link.execute(f"INSERT INTO {quoted(name)} ({names}) VALUES ({marks})", values)  # noqa: S608  quoted
            except sqlite3.Error:
                continue
            written += 1
            break
    return written > 0


def _parents(link: sqlite3.Connection, name: str) -> dict[str, tuple[str, str | None]]:
    keys = {}
    for row in link.execute(f"PRAGMA foreign_key_list({quoted(name)})").fetchall():
        keys[row[3].lower()] = (row[2], row[4])
    return keys


def _value(
    link: sqlite3.Connection,
    column: Any,
    number: int,
    last: bool,
    attempt: int,
    seed: int,
    allowed: list[Any],
    checked: bool,
    keys: dict[str, tuple[str, str | None]],
    stage: rich.Stage,
) -> Any:
    _, name, declared, required, _, primary, _ = column
    parent = keys.get(name.lower())
    if parent is not None:
        value = _parent_value(link, parent, number)
        if value is not None or not required:
            return value
    # The last row leaves what may be empty empty; the others fill it, so that a lost value shows.
    if not required and not primary and last and attempt < 2:
        return None
    if allowed:
        return allowed[(number - 1 + attempt) % len(allowed)]
    if stage and not primary and ("checked" in stage or not checked):
        value = _rich(name, (declared or "").upper(), number, bool(required), stage)
        if value is not None:
            return value
    return made_value(name, declared or "", number + seed * _ROWS, attempt, bool(primary))


def _parent_value(link: sqlite3.Connection, parent: tuple[str, str | None], number: int) -> Any:
    table, column = parent
    try:
        if column is None:
            keys = [row[1] for row in link.execute(f"PRAGMA table_xinfo({quoted(table)})") if row[5]]
            column = keys[0] if keys else "rowid"
        found = link.execute(
            f"SELECT {quoted(column)} FROM {quoted(table)} ORDER BY 1 DESC LIMIT {_ROWS}"  # noqa: S608  quoted
        ).fetchall()
    except sqlite3.Error:
        return None
    return found[number % len(found)][0] if found else None


def _is_checked(sql: str, name: str) -> bool:
    words = rf"\bCHECK\s*\((?:[^()]|\([^()]*\))*\b{re.escape(name)}\b"
    return re.search(words, sql, re.IGNORECASE) is not None


def _allowed(sql: str, name: str) -> list[Any]:
    pattern = rf"""[\s("\[`]{re.escape(name)}["\]`]?\s+IN\s*\(([^()]*)\)"""
    found = re.search(pattern, sql, re.IGNORECASE)
    if found is None:
        return []
    values: list[Any] = []
    for text, digits in re.findall(r"'((?:[^']|'')*)'|(-?\d+)", found.group(1)):
        values.append(int(digits) if digits else text.replace("''", "'"))
    return values


def made_value(name: str, declared: str, number: int, attempt: int, primary: bool) -> Any:
    """A value for a column by its declared type and its name; `attempt` walks through other shapes."""
    kind = declared.upper()
    low = name.lower()
    if "INT" in kind:
        if attempt % 3 == 1 or "BOOL" in kind:
            return number % 2
        return _FIRST_KEY + number if primary or attempt % 3 == 0 else number + 1
    if "BOOL" in kind:
        return number % 2
    if any(word in kind for word in ("REAL", "FLOA", "DOUB", "NUM", "DEC")):
        return number + 0.5 if attempt % 2 == 0 else number % 2
    if "DATE" in kind or "TIME" in kind or low.endswith(("_at", "_date")):
        day = f"2024-01-{number % 27 + 1:02}"
        return (f"{day} 10:0{number % 10}:00", day, 1_700_000_000 + number)[attempt % 3]
    if "BLOB" in kind:
        return bytes([number % 256]) * 16
    if "JSON" in kind or attempt == 3:
        return f'{{"n": {number}}}'
    return _text(low, kind, number, attempt)


def _rich(name: str, kind: str, number: int, required: bool, stage: rich.Stage) -> Any:
    """A value that is easy to lose, None where the column's type has none or the stage leaves it out."""
    negative = "sign" in stage
    low = name.lower()
    numeric = any(word in kind for word in ("REAL", "FLOA", "DOUB", "NUM", "DEC"))
    time = "DATE" in kind or "TIME" in kind or low.endswith(("_at", "_date"))
    if number == 1:
        textual = not (numeric or time or any(word in kind for word in ("INT", "BOOL", "BLOB", "JSON")))
        return "" if textual and not required and "text" in stage else None
    if "BOOL" in kind:
        return None
    if "INT" in kind:
        plain = "number" not in stage or time or rich.is_reference(name)
        return None if plain else rich.whole(32, negative=negative)
    if numeric:
        return float(rich.fraction(None, 4, negative=negative)) if "number" in stage else None
    if time:
        return rich.DAY if kind == "DATE" else rich.MOMENT
    if "BLOB" in kind:
        return rich.BYTES
    if "JSON" in kind:
        return rich.DOCUMENT
    if "text" not in stage or low.endswith(("uuid", "guid")):
        return None
    length = re.search(r"\(\s*(\d+)", kind)
    return rich.text(low, int(length.group(1)) if length else None)


def _text(low: str, kind: str, number: int, attempt: int) -> str:
    if "email" in low or attempt == 4:
        return f"user{number}@example.test"
    if low.endswith(("uuid", "guid")) or attempt == 2:
        return f"00000000-0000-4000-8000-{number:012}"
    if attempt == 5:
        return str(number)
    value = f"{low}-{number}"
    length = re.search(r"\(\s*(\d+)", kind)
    return value[-int(length.group(1)) :] if length else value
