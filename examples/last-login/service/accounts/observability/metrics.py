"""Counters, gauges and histograms in the text format that Prometheus reads."""

from __future__ import annotations

import bisect
import threading
from collections import defaultdict

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.5)

Key = tuple[str, tuple[tuple[str, str], ...]]


class Metrics:
    """All metrics of one process; labels must have few values, so never an id or an address."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Key, float] = defaultdict(float)
        self._gauges: dict[Key, float] = defaultdict(float)
        self._times: dict[Key, list[int]] = {}
        self._sums: dict[Key, float] = defaultdict(float)

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""
        with self._lock:
            self._counts[name, tuple(sorted(labels.items()))] += amount

    def gauge_add(self, name: str, amount: float, **labels: str) -> None:
        """Move a gauge up or down."""
        with self._lock:
            self._gauges[name, tuple(sorted(labels.items()))] += amount

    def observe(self, name: str, seconds: float, **labels: str) -> None:
        """Add a duration to a histogram."""
        key = (name, tuple(sorted(labels.items())))
        with self._lock:
            row = self._times.setdefault(key, [0] * (len(BUCKETS) + 1))
            row[bisect.bisect_left(BUCKETS, seconds)] += 1
            self._sums[key] += seconds

    def value(self, name: str, **labels: str) -> float:
        """A counter's or gauge's present value, for probes and tests."""
        key = (name, tuple(sorted(labels.items())))
        with self._lock:
            return self._counts.get(key, self._gauges.get(key, 0.0))

    def share_within(self, name: str, seconds: float, **labels: str) -> float | None:
        """The share of observations up to a bucket's bound; None before the first."""
        key = (name, tuple(sorted(labels.items())))
        with self._lock:
            row = self._times.get(key)
        if not row or not sum(row):
            return None
        return sum(row[: bisect.bisect_left(BUCKETS, seconds) + 1]) / sum(row)

    def share_of(self, name: str, good: frozenset[str], **labels: str) -> float | None:
        """The share of a counter's events whose `outcome` label is among `good`."""
        wanted = set(labels.items())
        with self._lock:
            rows = [(dict(key[1]), count) for key, count in self._counts.items() if key[0] == name]
        rows = [(found, count) for found, count in rows if wanted <= set(found.items())]
        total = sum(count for _, count in rows)
        return sum(count for found, count in rows if found.get("outcome") in good) / total if total else None

    def render(self) -> str:
        """All metrics as text."""
        lines = []
        with self._lock:
            for (name, labels), value in sorted({**self._counts, **self._gauges}.items()):
                lines.append(f"{name}{_labels(labels)} {value:g}")
            for (name, labels), row in sorted(self._times.items()):
                running = 0
                for bound, found in zip((*BUCKETS, float("inf")), row, strict=True):
                    running += found
                    shown = "+Inf" if bound == float("inf") else f"{bound:g}"
                    lines.append(f"{name}_bucket{_labels((*labels, ('le', shown)))} {running}")
                lines.append(f"{name}_sum{_labels(labels)} {self._sums[name, labels]:g}")
                lines.append(f"{name}_count{_labels(labels)} {running}")
        return "\n".join(lines) + "\n"


def _labels(labels: tuple[tuple[str, str], ...]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels) + "}" if labels else ""
