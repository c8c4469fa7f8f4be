"""The incomplete example ends in a clarification, and its answers complete it."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_engineer.inputs import StageInputs, gather, merge_answers
from backend_engineer.outputs import Clarification


@pytest.fixture
def folder(pytestconfig: pytest.Config) -> Path:
    """The example's documents."""
    return pytestconfig.rootpath / "examples" / "incomplete"


def test_the_incomplete_example_asks_for_exactly_what_it_leaves_out(folder: Path) -> None:
    found = gather(folder)
    assert isinstance(found, Clarification)
    assert {gap.pointer: gap.kind for gap in found.gaps} == {
        "/api_contract/rate_limits": "placeholder",
        "/api_contract/pagination": "missing",
        "/data_model/entities/0/retention": "missing",
        "/security_policy/authentication": "empty",
        "/ops_guides/alerts": "missing",
        "/ops_guides/runbooks": "missing",
        "/ops_guides/rollout": "missing",
        "/ops_guides/rollback": "missing",
        "/perf_targets/slos/4/route": "contradiction",
    }


def test_taking_an_offered_option_for_each_gap_completes_the_example(folder: Path) -> None:
    found = gather(folder)
    assert isinstance(found, Clarification)
    answers = {
        gap.pointer: next(option.value for option in gap.options if option.value is not None)
        for gap in found.gaps
    }
    assert isinstance(merge_answers(folder, answers), StageInputs)


def test_the_complete_example_asks_nothing(pytestconfig: pytest.Config) -> None:
    assert isinstance(gather(pytestconfig.rootpath / "examples" / "last-login" / "spec"), StageInputs)
