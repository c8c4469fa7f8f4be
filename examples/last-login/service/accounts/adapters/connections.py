"""SQLite connections: one a thread, with transactions that take the write lock at once."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from accounts.observability.metrics import Metrics


class Connections:
    """Hands each thread its own connection and measures every statement."""

    def __init__(self, path: str, metrics: Metrics) -> None:
        self._path, self._metrics = path, metrics
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=5.0, isolation_level=None)
            connection.execute("PRAGMA foreign_keys = ON")
            self._local.connection = connection
        return connection

    def execute(self, name: str, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement with bound values; `name` labels its metrics."""
        started = time.perf_counter()
        self._metrics.gauge_add("db_connections_in_use", 1)
        try:
            return self._connection().execute(sql, values).fetchall()
        except sqlite3.Error:
            self._metrics.count("db_errors_total", statement=name)
            raise
        finally:
            self._metrics.gauge_add("db_connections_in_use", -1)
            self._metrics.observe("db_statement_seconds", time.perf_counter() - started, statement=name)

    def changes(self) -> int:
        """How many rows this thread's last write touched."""
        return int(self.execute("changes", "SELECT changes()")[0][0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside stands or falls together; writers wait for each other."""
        self.execute("begin", "BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.execute("rollback", "ROLLBACK")
            raise
        self.execute("commit", "COMMIT")

    def close(self) -> None:
        """Close this thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None
