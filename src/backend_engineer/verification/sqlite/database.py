"""A SQLite database in memory in which untrusted scripts run, under an authorizer and hard limits.

Owns: running scripts and checks, reading the schema's facts and the rows.
Must never know: verdicts, files, processes; it imports the standard library only, to start fast.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from typing import Any

__all__ = ["Clock", "Database", "facts", "head_of", "quoted", "rows"]

Facts = dict[str, Any]

_PRAGMAS = frozenset(
    [
        "foreign_keys",
        "defer_foreign_keys",
        "legacy_alter_table",
        "foreign_key_check",
        "foreign_key_list",
        "integrity_check",
        "quick_check",
        "table_info",
        "table_xinfo",
        "table_list",
        "index_list",
        "index_info",
        "index_xinfo",
        "user_version",
        "application_id",
        "journal_mode",
        "synchronous",
        "busy_timeout",
        "recursive_triggers",
        "case_sensitive_like",
        "auto_vacuum",
        "encoding",
        "ignore_check_constraints",
        "optimize",
        "wal_checkpoint",
        "cache_size",
        "locking_mode",
        "page_size",
        "database_list",
        "compile_options",
        "freelist_count",
        "page_count",
        "schema_version",
        "data_version",
        "function_list",
        "collation_list",
    ]
)
_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"})
_MODULES = ("fts3", "fts4", "fts5", "rtree", "rtree_i32", "geopoly")
_ROWS = 200


class _Guard:
    """The authorizer of one connection: what a script may not do is denied and remembered."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self.active = False

    def __call__(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if not self.active:
            return sqlite3.SQLITE_OK
        reason = self._reason(action, first, second)
        if reason is None:
            return sqlite3.SQLITE_OK
        if reason not in self.refused:
            self.refused.append(reason)
        return sqlite3.SQLITE_DENY

    @staticmethod
    def _reason(action: int, first: str | None, second: str | None) -> str | None:
        # VACUUM attaches a nameless temporary database; anything with a name is a file of somebody's.
        if action == sqlite3.SQLITE_ATTACH and first != "":
            return f"ATTACH {first or 'of an expression'}"
        if action == sqlite3.SQLITE_PRAGMA:
            name = (first or "").lower()
            if name not in _PRAGMAS:
                return f"PRAGMA {name}"
            if name == "schema_version" and second is not None:
                return f"PRAGMA {name}"
        if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FUNCTIONS:
            return f"function {second}"
        if action == sqlite3.SQLITE_CREATE_VTABLE and (second or "").lower() not in _MODULES:
            return f"virtual table of module {second}"
        return None


class Clock:
    """Until when what runs now may run, and what it is; one for all databases of a process.

    SQLite asks between two steps of its own. One call of a function may take hours without such a step:
    whoever watches the clock from outside has to end the process then.
    """

    def __init__(self) -> None:
        self.deadline = 0.0
        self.where = ""

    @contextlib.contextmanager
    def running(self, seconds: float, where: str) -> Iterator[None]:
        """Limit what runs inside."""
        self.deadline, self.where = time.monotonic() + seconds, where
        try:
            yield
        finally:
            self.deadline = 0.0

    @property
    def over(self) -> bool:
        """Whether the time of what runs now is up."""
        return bool(self.deadline) and time.monotonic() > self.deadline


# Far above what any migration needs, far below what makes a pattern or a plan a trap.
_LIMITS = {
    "SQLITE_LIMIT_LIKE_PATTERN_LENGTH": 500,
    "SQLITE_LIMIT_VDBE_OP": 10_000_000,
    "SQLITE_LIMIT_TRIGGER_DEPTH": 100,
    "SQLITE_LIMIT_WORKER_THREADS": 0,
}


class Database:
    """An in-memory database with its guard and its clock."""

    def __init__(self, limits: dict[str, Any], clock: Clock | None = None) -> None:
        self.limits = limits
        self.clock = clock or Clock()
        self.guard = _Guard()
        self.link = sqlite3.connect(":memory:", isolation_level=None)
        self.link.set_authorizer(self.guard)
        self.link.execute(f"PRAGMA max_page_count = {int(limits['pages'])}")
        self.link.execute("PRAGMA temp_store = MEMORY")
        if hasattr(self.link, "setlimit"):
            self.link.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, int(limits["value_bytes"]))
            for name, value in _LIMITS.items():
                self.link.setlimit(getattr(sqlite3, name), value)
        self.link.set_progress_handler(self._tick, 5000)

    def _tick(self) -> int:
        return 1 if self.clock.over else 0

    def within(self, where: str) -> contextlib.AbstractContextManager[None]:
        """A limit in time for what runs inside."""
        return self.clock.running(float(self.limits["seconds"]), where)

    def copy(self) -> Database:
        """A second database with the same content."""
        other = Database(self.limits, self.clock)
        self.link.backup(other.link)
        return other

    def close(self) -> None:
        self.link.close()

    def run(self, script: list[dict[str, Any]]) -> str | None:
        """Run the parts of a script; the error's words with the line, or None."""
        self.guard.active = True
        try:
            with self.within(script[0]["path"] if script else ""):
                for part in script:
                    problem = self._part(part)
                    if problem is not None:
                        return problem
            return None
        finally:
            self.guard.active = False
            if self.link.in_transaction:
                self.link.execute("ROLLBACK")
            self.link.execute("PRAGMA foreign_keys = OFF")

    def _part(self, part: dict[str, Any]) -> str | None:
        wrap = bool(part["wrap"])
        if wrap:
            self.link.execute("BEGIN")
        for text, line in part["statements"]:
            self.clock.where = f"{part['path']}:{line}"
            try:
                self.link.execute(text).fetchmany(10_000)
            except (sqlite3.Error, sqlite3.Warning, MemoryError, ValueError) as error:
                return f"{part['path']}:{line}: {self._words(error)}"
        if wrap:
            try:
                self.link.execute("COMMIT")
            except sqlite3.Error as error:
                return f"{part['path']}: at COMMIT: {self._words(error)}"
        elif self.link.in_transaction:
            return f"{part['path']}: the script leaves a transaction open"
        return None

    def _words(self, error: BaseException) -> str:
        if str(error) == "interrupted":
            return f"stopped at the limit of {self.limits['seconds']} s"
        if "database or disk is full" in str(error):
            return f"stopped at the limit of {self.limits['pages']} pages"
        return str(error) or type(error).__name__

    def verify(self, statements: list[Any]) -> tuple[str, str]:
        """Whether the checks pass, and why not; everything they do is taken back."""
        self.guard.active = True
        line = 0
        try:
            with self.within("VERIFY"):
                self.link.execute("BEGIN")
                for text, line in statements:
                    for row in self.link.execute(text).fetchmany(10_000):
                        if not row[0] or row[0] in ("0", "false", "f"):
                            return "fail", f"VERIFY line {line}: the first column is {row[0]!r}"
            return "pass", ""
        except (sqlite3.Error, sqlite3.Warning, MemoryError, ValueError) as error:
            return "fail", f"VERIFY line {line}: {self._words(error)}" if statements else str(error)
        finally:
            self.guard.active = False
            if self.link.in_transaction:
                self.link.execute("ROLLBACK")


def quoted(name: str) -> str:
    """A name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def head_of(link: sqlite3.Connection) -> dict[str, str]:
    """What scripts keep in the head of the file, where no schema holds it."""
    names = ("user_version", "application_id")
    return {name: str(link.execute(f"PRAGMA {name}").fetchone()[0]) for name in names}


def facts(link: sqlite3.Connection) -> list[Facts]:
    """Every object of the schema with what SQLite's pragmas say of it."""
    hidden = {
        row[1]
        for row in link.execute("PRAGMA table_list").fetchall()
        if row[2] == "shadow" or row[1].startswith("sqlite_")
    }
    found: list[Facts] = []
    rows = link.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid").fetchall()
    for kind, name, table, sql in rows:
        if name.startswith("sqlite_") or name in hidden:
            continue
        item: Facts = {"kind": kind, "name": name, "table": table, "sql": sql}
        if kind == "table":
            item.update(_table_facts(link, name))
        elif kind == "index":
            # An index on an expression has no column name.
            item["columns"] = [list(row[2:6]) for row in link.execute(f"PRAGMA index_xinfo({quoted(name)})")]
        found.append(item)
    return found


def _table_facts(link: sqlite3.Connection, name: str) -> Facts:
    table = quoted(name)
    try:
        columns = [list(row[1:]) for row in link.execute(f"PRAGMA table_xinfo({table})")]
        keys = [
            [row[2], row[3], row[4] or _key_of(link, row[2], row[1]), *row[5:]]
            for row in link.execute(f"PRAGMA foreign_key_list({table})").fetchall()
        ]
        unique = []
        for row in link.execute(f"PRAGMA index_list({table})").fetchall():
            if row[3] in ("u", "pk"):
                parts = [item[2] for item in link.execute(f"PRAGMA index_info({quoted(row[1])})")]
                unique.append([row[3], parts])
    except sqlite3.Error as error:
        return {"columns": [], "keys": [], "unique": [], "broken": str(error)}
    return {"columns": columns, "keys": keys, "unique": unique}


def _key_of(link: sqlite3.Connection, table: str, place: int) -> str | None:
    """A column of a table's primary key: what a reference means that names no column."""
    parts = sorted((row[5], row[1]) for row in link.execute(f"PRAGMA table_info({quoted(table)})") if row[5])
    return parts[place][1] if place < len(parts) else None


def rows(link: sqlite3.Connection) -> dict[str, Any]:
    """Each table's columns and its rows as text, sorted; at most some hundreds a table."""
    found: dict[str, Any] = {}
    for item in link.execute("PRAGMA table_list").fetchall():
        if item[0] != "main" or item[2] != "table" or item[1].startswith("sqlite_"):
            continue
        try:
            answer = link.execute(f"SELECT * FROM {quoted(item[1])}")  # noqa: S608  a quoted name of this database
            columns = [_folded(part[0]) for part in answer.description]
            content = [[_plain(value) for value in row] for row in answer.fetchmany(_ROWS)]
        except sqlite3.Error as error:
            if str(error) == "interrupted":
                raise
            continue
        found[_folded(item[1])] = {"columns": columns, "rows": content}
    return found


def _folded(name: str) -> str:
    """A name as SQLite compares it: `ID` and `id` are one, other letters than ASCII's are as they are."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in name)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    if isinstance(value, str):
        return f"'{value}'"
    return None if value is None else repr(value)
