"""Whether a failed call is worth another try, and after how long: a pure decision.

Owns: the retry policy, the words of providers that rule a retry out, and the back-off.
Must never know: HTTP, clocks, sleeping, sessions.

The decision is a function of its arguments alone. `now` is only the source of the jitter, so that many callers
that failed together do not come back together, while a replay with the same clock decides the same.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

from backend_engineer.clients.protocol import ErrorFacts

__all__ = ["DEFAULT_RETRIES", "FINAL_CODES", "GiveUp", "RetryPolicy", "Wait", "decide"]


@dataclass(frozen=True, slots=True)
class Wait:
    """Try the same request again after `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not send the same request again; `reason` says why in one sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The figures of the decision, all of them seconds but for the first and the last.

    attempts: how many calls are made at most, the first one counted. first, longest: the back-off, which doubles.
    overloaded_first, overloaded_longest: the same for a provider that says it is overloaded.
    ceiling: the longest wait that a provider may ask for; beyond it the call is given up.
    jitter: the largest part by which a back-off is shortened; what a provider asked for is never shortened.
    """

    attempts: int = 3
    first: float = 0.5
    longest: float = 8.0
    overloaded_first: float = 2.0
    overloaded_longest: float = 30.0
    ceiling: float = 120.0
    jitter: float = 0.25


DEFAULT_RETRIES = RetryPolicy()

FINAL_CODES = frozenset(
    {
        "insufficient_quota",
        "credit_balance_exhausted",
        "enforced_spend_limit_reached",
        "billing_hard_limit_reached",
        "billing_not_active",
        "billing_error",
    }
)
"""Provider codes for an account without means: they come as a 429 too, and waiting does not help."""

_OVERLOAD_CODES = frozenset({"overloaded_error", "server_is_overloaded", "slow_down"})
_OVERLOAD_STATUSES = frozenset({503, 529})


def decide(
    error: ErrorFacts,
    attempt: int,
    now: float,
    *,
    streamed: bool = False,
    policy: RetryPolicy = DEFAULT_RETRIES,
) -> Wait | GiveUp:
    """Say whether to send a failed request again, and after how long.

    error: what failed. attempt: how many calls of this request were made, so 1 after the first failure.
    now: the caller's clock in seconds; it only spreads the back-off. streamed: whether text had already come;
    such a request is never sent again as it is, because only a continuation knows what arrived.
    """
    if streamed:
        return GiveUp("Text had already arrived: only a continuation may go on from there.")
    if error.kind == "QuotaExceeded" or error.provider_code in FINAL_CODES:
        return GiveUp("The account's quota or spending limit is used up; waiting does not help.")
    if not error.retryable:
        return GiveUp(f"{error.kind} does not pass by itself.")
    if attempt >= policy.attempts:
        return GiveUp(f"All {policy.attempts} attempts failed, the last with {error.kind}.")
    asked = error.retry_after
    if asked is not None and not math.isnan(asked) and asked >= 0:
        if asked > policy.ceiling:
            return GiveUp(f"The provider asks for a wait of more than {policy.ceiling:g} s.")
        return Wait(asked)
    return Wait(_back_off(error, attempt, now, policy))


def _back_off(error: ErrorFacts, attempt: int, now: float, policy: RetryPolicy) -> float:
    overloaded = error.status in _OVERLOAD_STATUSES or error.provider_code in _OVERLOAD_CODES
    first, longest = (
        (policy.overloaded_first, policy.overloaded_longest) if overloaded else (policy.first, policy.longest)
    )
    # Capping the exponent keeps 2**n a float for any attempt number.
    wait = min(longest, first * 2.0 ** min(max(attempt, 1) - 1, 64))
    seed = hashlib.blake2b(f"{now!r}/{attempt}/{error.request_id}".encode(), digest_size=4).digest()
    return wait * (1 - policy.jitter * int.from_bytes(seed) / 0xFFFFFFFF)
