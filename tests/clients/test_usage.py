"""Estimates for what nobody counted, and the budget that is looked at before each call."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.clients import Message, ModelRequest, TokenBudget, estimate_tokens, estimate_usage
from backend_engineer.errors import BudgetExceeded
from backend_engineer.outputs import Usage


def asking(content: str, most: int | None = None) -> ModelRequest:
    message = Message(role="user", content=content)
    return ModelRequest(id="1", phase="plan", messages=(message,), max_output_tokens=most)


@given(st.text(max_size=50), st.text(max_size=50))
def test_more_text_is_never_fewer_tokens(first: str, more: str) -> None:
    assert 0 <= estimate_tokens(first) <= estimate_tokens(first + more)


def test_an_aborted_call_is_charged_as_an_estimate_of_both_sides() -> None:
    usage = estimate_usage(asking("x" * 300), "y" * 30)
    assert usage.calls == 1
    assert (usage.input_tokens, usage.output_tokens) == (
        estimate_tokens("x" * 300),
        estimate_tokens("y" * 30),
    )
    assert usage.estimated_tokens == usage.input_tokens + usage.output_tokens


def test_a_request_that_fits_is_admitted() -> None:
    TokenBudget(limit=200).admit(asking("x" * 150, most=100))


def test_a_request_that_does_not_fit_is_refused_before_it_is_sent() -> None:
    budget = TokenBudget(limit=200).charged(Usage(calls=1, input_tokens=60, output_tokens=50))
    assert budget.left == 90
    with pytest.raises(BudgetExceeded) as caught:
        budget.admit(asking("x" * 150, most=100))
    assert caught.value.by == sum(caught.value.per_section.values()) - 90


def test_a_budget_that_is_overdrawn_has_nothing_left() -> None:
    assert TokenBudget(limit=10).charged(Usage(calls=1, output_tokens=50)).left == 0
