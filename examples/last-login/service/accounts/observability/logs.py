"""Structured log lines: one JSON object a line, each value under its label; no personal data."""

from __future__ import annotations

import json
import sys
import threading
import time
from typing import Any, TextIO


class Log:
    """Writes labelled events to a stream."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._lock = threading.Lock()

    def event(self, level: str, event: str, **labels: Any) -> None:
        """Write one event; values are ids, counts and durations."""
        line = json.dumps({"time": round(time.time(), 3), "level": level, "event": event, **labels})
        with self._lock:
            self._stream.write(line + "\n")
            self._stream.flush()
