"""Settings for every test: no time limits on properties, and parts that may not be skipped where they are required.

`BACKEND_ENGINEER_REQUIRE=postgres,npm` turns a skip of a test with one of these marks into a failure, so that an
integration run on a prepared machine cannot pass by leaving a part out.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("default")

REQUIRED = frozenset(filter(None, os.environ.get("BACKEND_ENGINEER_REQUIRE", "").split(",")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield
    missing = REQUIRED & {mark.name for mark in item.iter_markers()}
    if missing and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"required here ({', '.join(sorted(missing))}) but skipped: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    report = yield
    if REQUIRED and report.skipped:
        report.outcome = "failed"
        report.longrepr = (
            f"{collector.nodeid}: a whole module was skipped where {', '.join(sorted(REQUIRED))} is required"
        )
    return report
