"""Deletes stored answers after their day, a few hundred at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.adapters.sqlite_idempotency import SqliteIdempotencyStore
from accounts.services.users import timestamp

RETENTION = timedelta(days=1)
BATCH = 500


def purge(store: SqliteIdempotencyStore, now: datetime) -> int:
    """Delete everything older than the retention; each batch is a transaction of its own."""
    before, total = timestamp(now - RETENTION), 0
    while gone := store.purge(before, BATCH):
        total += gone
    return total
