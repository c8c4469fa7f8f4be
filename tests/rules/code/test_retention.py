"""What is said of retention where nothing is found."""

from backend_engineer.rules.code.ret313_retention import RULE
from backend_engineer.rules.examples import context_of
from backend_engineer.rules.rule import Silence


def test_rows_that_go_with_their_owner_are_asked_about_and_not_passed_over() -> None:
    example = next(item for item in RULE.valid if item.note == "rows go with their owner")
    (said,) = RULE.check(context_of(example))
    assert isinstance(said, Silence)
    assert "rows of `visits` go with" in said.reason
