"""docs/session.md says what the code does."""

from pathlib import Path

import pytest

from backend_engineer.session import EFFECTS, Limits, State, effects

PAGE = Path(__file__).parents[2] / "docs" / "session.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text("utf-8")


def test_every_effect_has_a_row(page: str) -> None:
    for name in effects.__all__:
        if name != "Effect":
            assert f"| `{name}` |" in page


def test_every_state_but_the_ends_has_a_row_with_its_effects(page: str) -> None:
    names = {"call-model": "CallModel", "ask-human": "AskHuman", "approve-plan": "ApprovePlan"}
    names |= {"read-files": "ReadFiles", "verify": "Verify"}
    for state, kinds in EFFECTS.items():
        if state in (State.DONE, State.FAILED):
            continue
        [row] = [line for line in page.splitlines() if line.startswith(f"| `{state.value}` |")]
        assert all(names[kind] in row for kind in kinds if kind != "wait")


def test_every_limit_has_a_row_with_its_default(page: str) -> None:
    for name, field in Limits.model_fields.items():
        default = "none" if field.default is None else str(field.default)
        assert f"| `{name}` | {default} |" in page
