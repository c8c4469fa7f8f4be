"""The retry decision, a pure function."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer import errors
from backend_engineer.clients import ErrorFacts, GiveUp, RetryPolicy, Wait, decide
from backend_engineer.clients.retry import FINAL_CODES

KINDS = [kind for kind in errors.__all__ if issubclass(getattr(errors, kind), errors.ClientError)]


def failed(kind: str = "Overloaded", **facts: Any) -> ErrorFacts:
    return ErrorFacts(kind=kind, message="x", **{"retryable": getattr(errors, kind).retryable, **facts})


FACTS = st.builds(
    failed,
    kind=st.sampled_from(KINDS),
    retryable=st.booleans(),
    status=st.none() | st.integers(100, 599),
    provider_code=st.none() | st.sampled_from([*FINAL_CODES, "slow_down", "overloaded_error", "odd"]),
    retry_after=st.none() | st.floats(),
)


@given(facts=FACTS, attempt=st.integers(-5, 10**6), now=st.floats(), streamed=st.booleans())
def test_every_error_gets_a_bounded_wait_or_a_reason(
    facts: ErrorFacts, attempt: int, now: float, streamed: bool
) -> None:
    decision = decide(facts, attempt, now, streamed=streamed)
    if isinstance(decision, Wait):
        assert 0 <= decision.seconds <= RetryPolicy().ceiling
        assert facts.retryable
        assert not streamed
        assert facts.provider_code not in FINAL_CODES
    else:
        assert decision.reason


@given(facts=FACTS, attempt=st.integers(1, 5), now=st.floats(allow_nan=False), streamed=st.booleans())
def test_the_same_arguments_give_the_same_decision(
    facts: ErrorFacts, attempt: int, now: float, streamed: bool
) -> None:
    assert decide(facts, attempt, now, streamed=streamed) == decide(facts, attempt, now, streamed=streamed)


def test_a_stream_that_had_begun_is_never_sent_again() -> None:
    assert isinstance(decide(failed(), 1, 0.0, streamed=True), GiveUp)


@pytest.mark.parametrize("code", sorted(FINAL_CODES))
def test_an_account_without_means_is_never_tried_again(code: str) -> None:
    facts = failed("RateLimited", status=429, provider_code=code, retryable=True, retry_after=1.0)
    assert isinstance(decide(facts, 1, 0.0), GiveUp)


def test_what_the_provider_asks_for_is_kept_to_the_second() -> None:
    assert decide(failed("RateLimited", retry_after=7.5), 1, 123.4) == Wait(7.5)


def test_a_wait_beyond_the_ceiling_is_given_up() -> None:
    assert isinstance(decide(failed("RateLimited", retry_after=120.5), 1, 0.0), GiveUp)
    assert decide(failed("RateLimited", retry_after=120.0), 1, 0.0) == Wait(120.0)


@pytest.mark.parametrize("nonsense", [math.nan, -1.0])
def test_nonsense_from_the_provider_falls_back_to_the_usual_wait(nonsense: float) -> None:
    decision = decide(failed("RateLimited", retry_after=nonsense), 1, 0.0)
    assert isinstance(decision, Wait)
    assert 0.375 <= decision.seconds <= 0.5


def test_the_back_off_doubles_and_is_capped() -> None:
    policy = RetryPolicy(attempts=100, jitter=0.0)
    waits = [decide(failed("ConnectionFailed"), attempt, 0.0, policy=policy) for attempt in range(1, 8)]
    assert waits == [Wait(s) for s in (0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)]


@pytest.mark.parametrize("facts", [{"status": 529}, {"status": 503}, {"provider_code": "slow_down"}])
def test_an_overloaded_provider_is_given_more_time(facts: dict[str, Any]) -> None:
    assert decide(failed(**facts), 1, 0.0, policy=RetryPolicy(jitter=0.0)) == Wait(2.0)


def test_callers_that_fail_together_do_not_come_back_together() -> None:
    waits = {decide(failed(), 1, float(now)) for now in range(50)}
    assert len(waits) == 50


def test_the_attempts_run_out() -> None:
    assert isinstance(decide(failed(), 3, 0.0), GiveUp)
    assert isinstance(decide(failed(), 2, 0.0), Wait)
