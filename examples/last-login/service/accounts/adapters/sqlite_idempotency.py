"""Answers of mutating calls, kept for a day so that a repeated key gets the same answer."""

from __future__ import annotations

import json

from accounts.adapters.connections import Connections
from accounts.routing import Response


class SqliteIdempotencyStore:
    """Stored answers by caller and key; `fingerprint` tells whether the call is the same one."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def find(self, subject: str, key: str) -> tuple[str, Response] | None:
        """The stored fingerprint and answer, or None."""
        rows = self._connections.execute(
            "idempotency.find",
            "SELECT fingerprint, status, body FROM idempotency_keys WHERE subject = ? AND key = ?",
            (subject, key),
        )
        if not rows:
            return None
        fingerprint, status, body = rows[0]
        return fingerprint, Response(status, json.loads(body), {"Idempotency-Replayed": "true"})

    def keep(self, subject: str, key: str, fingerprint: str, response: Response, now: str) -> None:
        """Store an answer, in the transaction of the change that it answers."""
        self._connections.execute(
            "idempotency.keep",
            "INSERT INTO idempotency_keys (subject, key, fingerprint, status, body, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (subject, key, fingerprint, response.status, json.dumps(dict(response.body)), now),
        )

    def purge(self, before: str, limit: int) -> int:
        """Delete at most `limit` answers stored before a time; returns how many went."""
        self._connections.execute(
            "idempotency.purge",
            "DELETE FROM idempotency_keys WHERE (subject, key) IN"
            " (SELECT subject, key FROM idempotency_keys WHERE created_at < ? ORDER BY created_at LIMIT ?)",
            (before, limit),
        )
        return self._connections.changes()
