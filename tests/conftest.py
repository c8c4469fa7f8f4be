"""Settings for every test: no time limits on properties, and parts that may not be skipped where they are required.

`BACKEND_ENGINEER_REQUIRE=postgres,npm` turns a skip of a test with these marks into a failure, so that an integration
run on a prepared machine cannot pass by leaving a part out. A test that needs two parts may be skipped while only one
of them is required.

`BACKEND_ENGINEER_HYPOTHESIS` names the way properties draw their examples: `default`, `repeatable` (the same in every
run), `search` (new ones, `BACKEND_ENGINEER_TIMES` as many), `mutation` (few, the same).
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
# The same examples in every run: whether a change lands must not hang on the examples of one day.
settings.register_profile("repeatable", settings.get_profile("default"), derandomize=True, database=None)
# New examples in every run and many times the number of a test's own: what looks for faults.
settings.register_profile("search", settings.get_profile("default"), database=None)
TIMES = int(os.environ.get("BACKEND_ENGINEER_TIMES", "20"))
PROFILE = os.environ.get("BACKEND_ENGINEER_HYPOTHESIS", "default")
settings.load_profile(PROFILE)

PARTS = frozenset(("postgres", "npm", "model_server"))
REQUIRED = frozenset(filter(None, os.environ.get("BACKEND_ENGINEER_REQUIRE", "").split(",")))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Change the number of examples, also where a test states its own: a limit under `mutation`, more under `search`.

    What a test states itself is made when it is imported, so that the profile's other settings are put on as well.
    """
    if PROFILE == "default":
        return
    for item in items:
        test = getattr(item, "obj", None)
        own = getattr(test, "_hypothesis_internal_use_settings", None)
        if own is None:
            continue
        count = own.max_examples
        if PROFILE == "mutation":
            count = min(count, settings().max_examples)
        elif PROFILE == "search":
            count *= TIMES
        test._hypothesis_internal_use_settings = settings(  # type: ignore[union-attr]
            own, max_examples=count, derandomize=settings().derandomize, database=None
        )


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
