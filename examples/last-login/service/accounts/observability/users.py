"""Key figures of the directory, and the probes of its service level objectives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.observability.metrics import Metrics

REQUESTS = "http_requests_total"
DURATIONS = "http_request_duration_seconds"
USERS_CREATED = "users_created_total"


@dataclass(frozen=True, slots=True)
class Probe:
    """One objective: the route, its operation, what is measured, the target, and its unit."""

    route: str
    operation: str
    metric: str
    target: float
    unit: str


PROBES = (
    Probe("POST /users", "createUser", "latency_p95", 200, "ms"),
    Probe("GET /users/{id}", "getUser", "latency_p95", 100, "ms"),
)


def measure(metrics: Metrics, probes: tuple[Probe, ...] = PROBES) -> list[dict[str, Any]]:
    """Each objective with the share of calls that met it since the process started."""
    rows = []
    for probe in probes:
        if probe.metric == "latency_p95":
            met = metrics.share_within(DURATIONS, probe.target / 1000, operation=probe.operation)
            wanted = 0.95
        else:
            met = metrics.share_of(REQUESTS, frozenset(("ok", "refused")), operation=probe.operation)
            wanted = probe.target / 100
        rows.append(
            {
                "route": probe.route,
                "metric": probe.metric,
                "target": probe.target,
                "unit": probe.unit,
                "met": met,
                "state": "no calls yet" if met is None else "within" if met >= wanted else "missed",
            }
        )
    return rows
