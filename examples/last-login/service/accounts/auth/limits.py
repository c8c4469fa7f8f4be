"""How often a caller may call: a bucket for each caller and kind, refilled evenly."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from accounts.errors import ApiError

MOST_BUCKETS = 10_000


class RateLimiter:
    """Token buckets in memory; the oldest are forgotten when there are too many."""

    def __init__(self, per_minute: dict[str, int], clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._clock = per_minute, clock
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, subject: str, kind: str) -> None:
        """Take one call; 429 with Retry-After when none is left."""
        limit, now = self._per_minute[kind], self._clock()
        with self._lock:
            left, seen = self._buckets.pop((subject, kind), (float(limit), now))
            left = min(float(limit), left + (now - seen) * limit / 60)
            allowed = left >= 1
            self._buckets[subject, kind] = (left - 1 if allowed else left, now)
            if len(self._buckets) > MOST_BUCKETS:
                del self._buckets[next(iter(self._buckets))]
        if not allowed:
            wait = math.ceil((1 - left) * 60 / limit)
            raise ApiError(
                429, "RATE_LIMITED", "Too many calls; wait and try again.", headers={"Retry-After": str(wait)}
            )
