"""The parameters and their defaults (PARM-01 to PARM-03)."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from backend_engineer.contract import Parameters


def test_defaults_are_medium_balanced_and_code() -> None:
    parameters = Parameters()
    assert (parameters.reasoning_effort, parameters.verbosity, parameters.modality) == (
        "medium",
        "balanced",
        "code",
    )
    assert parameters.split is False


@pytest.mark.parametrize("effort", ["low", "medium", "high"])
@pytest.mark.parametrize("verbosity", ["terse", "balanced", "verbose"])
def test_each_documented_value_is_taken(effort: str, verbosity: str) -> None:
    parameters = Parameters.model_validate({"reasoning_effort": effort, "verbosity": verbosity})
    assert (parameters.reasoning_effort, parameters.verbosity) == (effort, verbosity)


@pytest.mark.parametrize(
    "wrong", [{"reasoning_effort": "max"}, {"verbosity": "chatty"}, {"modality": "prose"}, {"temperature": 1}]
)
def test_anything_else_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Parameters.model_validate(wrong)


def test_parameters_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Parameters().split = True  # type: ignore[misc]
