"""Settings for every test: no time limits on properties, and parts that may not be skipped where they are required.

`BACKEND_ENGINEER_REQUIRE=postgres,npm` turns a skip of a test with these marks into a failure, so that an integration
run on a prepared machine cannot pass by leaving a part out. A test that needs two parts may be skipped while only one
of them is required.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "default", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
# A changed spot counts as noticed at the first example that fails, and the same examples come in every run.
settings.register_profile(
    "mutation",
    settings.get_profile("default"),
    max_examples=25,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
PROFILE = os.environ.get("BACKEND_ENGINEER_HYPOTHESIS", "default")
settings.load_profile(PROFILE)

PARTS = frozenset(("postgres", "npm", "model_server"))
REQUIRED = frozenset(filter(None, os.environ.get("BACKEND_ENGINEER_REQUIRE", "").split(",")))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Under the profile for mutation runs its number of examples is a limit: a test's own number would win."""
    if PROFILE != "mutation":
        return
    for item in items:
        test = getattr(item, "obj", None)
        own = getattr(test, "_hypothesis_internal_use_settings", None)
        if own is not None and own.max_examples > settings().max_examples:
            few = settings(own, max_examples=settings().max_examples)
            test._hypothesis_internal_use_settings = few  # type: ignore[union-attr]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield
    needed = PARTS & {mark.name for mark in item.iter_markers()}
    if needed and needed <= REQUIRED and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"required here ({', '.join(sorted(needed))}) but skipped: {reason}"
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
