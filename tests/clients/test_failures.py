"""Statuses, codes and headers, read into facts; and facts into errors and back."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer import errors
from backend_engineer.clients import ErrorFacts, facts_of, to_error
from backend_engineer.clients.failures import asked_wait, from_answer, from_event

NOW = 1_795_000_000.0
NAMES = st.sampled_from(
    [
        *("retry-after", "retry-after-ms", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
        *("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
    ]
)


@given(
    st.dictionaries(
        NAMES, st.text(max_size=20) | st.sampled_from(["0", "1e400", "6m0s", "2026-11-23T08:00:00Z"])
    )
)
def test_any_headers_give_a_finite_wait_or_none(headers: dict[str, str]) -> None:
    wait = asked_wait(headers, NOW)
    assert wait is None or 0 <= wait <= 1e9


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "3", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "Wed, 18 Nov 2026 11:06:50 GMT"}, 10.0),
        ({"retry-after": "NaN"}, None),
        ({"retry-after": "Infinity"}, 1e9),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"}, 360.0),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "20ms"}, 0.02),
        ({"x-ratelimit-remaining-requests": "5", "x-ratelimit-reset-requests": "6m0s"}, None),
        (
            {
                "anthropic-ratelimit-tokens-remaining": "0",
                "anthropic-ratelimit-tokens-reset": "2026-11-18T11:07:00Z",
            },
            20.0,
        ),
    ],
)
def test_the_wait_that_a_provider_asks_for_is_read(headers: dict[str, str], wait: float | None) -> None:
    assert asked_wait(headers, NOW) == (wait if wait is None else pytest.approx(wait))


@given(status=st.integers(300, 599), body=st.binary(max_size=60))
def test_any_refusal_becomes_a_named_error(status: int, body: bytes) -> None:
    facts = from_answer(status, {}, body, now=NOW)
    assert issubclass(getattr(errors, facts.kind), errors.ClientError)
    assert facts.status == status


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda x: st.dictionaries(st.sampled_from(["error", "code", "type", "message", "details", "error_code"]), x, max_size=4), max_leaves=8))  # fmt: skip
def test_any_error_event_becomes_a_named_error(payload: Any) -> None:
    assert issubclass(getattr(errors, from_event(payload).kind), errors.ClientError)


@pytest.mark.parametrize(
    "kind", [k for k in errors.__all__ if issubclass(getattr(errors, k), errors.ClientError)]
)
def test_facts_and_errors_turn_into_each_other(kind: str) -> None:
    retryable = getattr(errors, kind).retryable
    facts = ErrorFacts(
        kind=kind,
        message="m",
        retryable=retryable,
        status=429,
        provider_code="c",
        request_id="r",
        retry_after=1.0,
    )
    error = to_error(facts, streamed=True)
    assert type(error).__name__ == kind
    assert error.streamed
    assert facts_of(error) == facts


def test_facts_of_an_unknown_kind_become_the_general_error() -> None:
    assert type(to_error(ErrorFacts(kind="Odd", message="m", retryable=False))) is errors.ClientError
    assert type(to_error(ErrorFacts(kind="UsageError", message="m", retryable=False))) is errors.ClientError


def test_the_whole_number_code_of_a_compatible_server_is_read_as_a_status() -> None:
    facts = from_event({"error": {"code": 400, "message": "too long", "type": "odd"}})
    assert (facts.kind, facts.status) == ("RequestRejected", 400)


def test_a_secret_that_the_provider_repeats_is_taken_out() -> None:
    body = json.dumps({"error": {"message": "wrong key s3cr3t-value here"}}).encode()
    assert "s3cr3t" not in from_answer(401, {}, body, now=NOW, secrets=("s3cr3t-value",)).message


@pytest.mark.parametrize("digits", [65, 90_000])
def test_a_reset_of_many_digits_is_nonsense_and_costs_no_time(digits: int) -> None:
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "9" * digits}
    began = time.process_time()
    assert asked_wait(headers, NOW) is None
    assert time.process_time() - began < 0.5


def test_a_spent_account_is_seen_behind_a_code_that_speaks_of_a_rate() -> None:
    body = json.dumps({"error": {"code": "rate_limit_exceeded", "type": "insufficient_quota"}}).encode()
    facts = from_answer(429, {}, body, now=NOW)
    assert (facts.kind, facts.retryable) == ("QuotaExceeded", False)


@pytest.mark.parametrize("status", [201, 204, 206])
def test_a_success_that_is_no_answer_is_a_violation_and_is_not_tried_again(status: int) -> None:
    facts = from_answer(status, {}, b"", now=NOW)
    assert (facts.kind, facts.retryable, facts.status) == ("ProtocolViolation", False, status)


SECRET = "a-key-of-no-known-vendor-0123456789"


@pytest.mark.parametrize("before", range(330, 401, 7))
@pytest.mark.parametrize("form", ["plain", "string", "message", "list"])
def test_a_key_that_the_end_of_the_message_cuts_is_taken_out_whole(form: str, before: int) -> None:
    words = "x" * before + SECRET
    bodies = {
        "plain": words.encode(),
        "string": json.dumps({"error": words}).encode(),
        "message": json.dumps({"error": {"message": words}}).encode(),
        "list": json.dumps([words]).encode(),
    }
    message = from_answer(500, {}, bodies[form], now=NOW, secrets=(SECRET,)).message
    assert SECRET[:4] not in message
    assert SECRET[-6:] not in message
