"""What went wrong, as a value: statuses, provider codes and headers read into `ErrorFacts`, and back into errors.

Owns: the tables from status and code to error class, and the reading of the headers that say when to come back.
Must never know: HTTP libraries, sessions, how long anybody really waits.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from backend_engineer import errors
from backend_engineer.clients.protocol import ErrorFacts
from backend_engineer.clients.retry import FINAL_CODES
from backend_engineer.errors import ClientError
from backend_engineer.redaction import redact

__all__ = ["asked_wait", "facts_of", "failure", "from_answer", "from_event", "to_error"]

_BY_STATUS: dict[int, str] = {
    400: "RequestRejected",
    401: "AuthenticationFailed",
    402: "QuotaExceeded",
    403: "AuthenticationFailed",
    404: "RequestRejected",
    408: "TimedOut",
    409: "Overloaded",
    413: "RequestRejected",
    422: "RequestRejected",
    429: "RateLimited",
    504: "TimedOut",
}

_BY_CODE: dict[str, str] = {
    **dict.fromkeys(FINAL_CODES, "QuotaExceeded"),
    "authentication_error": "AuthenticationFailed",
    "invalid_api_key": "AuthenticationFailed",
    "permission_error": "AuthenticationFailed",
    "invalid_request_error": "RequestRejected",
    "not_found_error": "RequestRejected",
    "model_not_found": "RequestRejected",
    "request_too_large": "RequestRejected",
    "context_length_exceeded": "RequestRejected",
    "exceed_context_size_error": "RequestRejected",
    "invalid_prompt": "RequestRejected",
    "bio_policy": "RequestRejected",
    "data_residency_mismatch": "RequestRejected",
    "misalignment_policy_violation": "RequestRejected",
    "rate_limit_error": "RateLimited",
    "rate_limit_exceeded": "RateLimited",
    "overloaded_error": "Overloaded",
    "server_is_overloaded": "Overloaded",
    "slow_down": "Overloaded",
    "api_error": "Overloaded",
    "server_error": "Overloaded",
    "conflict_error": "Overloaded",
    "timeout_error": "TimedOut",
}

_HINTS: dict[str, str] = {
    "AuthenticationFailed": "Check the key and what it may be used for.",
    "QuotaExceeded": "Top up the account or raise its limit.",
    "RequestRejected": "Look at the plan of the request: model name, size and parameters.",
}


def to_error(facts: ErrorFacts, *, streamed: bool = False) -> ClientError:
    """The exception that these facts describe; `streamed` says whether text had come before."""
    kind = getattr(errors, facts.kind, ClientError)
    if not (isinstance(kind, type) and issubclass(kind, ClientError)):
        kind = ClientError
    return kind(
        facts.message,
        status=facts.status,
        provider_code=facts.provider_code,
        request_id=facts.request_id,
        retry_after=facts.retry_after,
        streamed=streamed,
        hint=_HINTS.get(facts.kind, ""),
    )


def facts_of(error: ClientError) -> ErrorFacts:
    """The facts that an exception carries."""
    return ErrorFacts(
        kind=type(error).__name__,
        message=error.message,
        retryable=error.retryable,
        status=error.status,
        provider_code=error.provider_code,
        request_id=error.request_id,
        retry_after=error.retry_after,
    )


def failure(kind: str, message: str, **facts: Any) -> ErrorFacts:
    """Facts of one kind; whether it is retryable follows from the class of that name."""
    return ErrorFacts(kind=kind, message=message, **{"retryable": getattr(errors, kind).retryable, **facts})


def from_answer(
    status: int, headers: Mapping[str, str], body: bytes, *, now: float, secrets: tuple[str, ...] = ()
) -> ErrorFacts:
    """The facts of an HTTP answer that is no success.

    headers: with names in lower case. now: seconds since the epoch, for dates. secrets: what was sent and nobody
    may read, as the key; a provider that repeats it in its message does not get it into an error.
    """
    request_id = headers.get("x-request-id") or headers.get("request-id") or None
    if 300 <= status < 400:
        return failure(
            "ProtocolViolation",
            "The server answers with a redirect, which is not followed with a key.",
            status=status,
            request_id=request_id,
        )
    code, words = _provider_words(body)
    if status < 300:
        return failure(
            "ProtocolViolation",
            f"The server answered with status {status} and not with a model's answer.",
            status=status,
            request_id=request_id,
        )
    kind = _BY_CODE.get(code) if code in FINAL_CODES else None
    kind = kind or _BY_STATUS.get(status) or ("Overloaded" if status >= 500 else "RequestRejected")
    facts: dict[str, Any] = {
        "status": status,
        "provider_code": code or None,
        "request_id": request_id,
        "retry_after": asked_wait(headers, now),
    }
    override = headers.get("x-should-retry", "").strip().lower()
    if override in ("true", "false") and kind != "QuotaExceeded":
        facts["retryable"] = override == "true"
    return failure(kind, _message(f"The provider answered with status {status}", words, secrets), **facts)


def from_event(payload: Any, *, request_id: str = "", secrets: tuple[str, ...] = ()) -> ErrorFacts:
    """The facts of an error that came inside a stream, after a status of 200: its code decides, not the status."""
    code, words = _words_of(payload)
    status = int(code) if re.fullmatch(r"[45][0-9][0-9]", code) else None
    kind = _BY_CODE.get(code) or (_BY_STATUS.get(status) if status else None) or "Overloaded"
    return failure(
        kind,
        _message("The provider ended the stream with an error", words, secrets),
        status=status,
        provider_code=code or None,
        request_id=request_id or None,
    )


_MOST_READ = 8_192
_MOST_SHOWN = 400


def _message(start: str, words: str, secrets: tuple[str, ...]) -> str:
    # The key goes before anything is cut: half a key would not be known for one.
    words = " ".join(words.split())
    for secret in secrets:
        words = words.replace(secret, "***")
    words = redact(words[:_MOST_READ])[:_MOST_SHOWN]
    return f"{start}: {words}" if words else f"{start}."


def _provider_words(body: bytes) -> tuple[str, str]:
    try:
        return _words_of(json.loads(body))
    except (ValueError, RecursionError):
        return "", body.decode(errors="replace")


def _words_of(payload: Any) -> tuple[str, str]:
    """Code and message: the most telling word among code, details.error_code and type wins."""
    if not isinstance(payload, Mapping):
        return "", str(payload)
    error = payload.get("error", payload)
    if not isinstance(error, Mapping):
        return "", str(error)
    details = error.get("details")
    candidates = (
        details.get("error_code") if isinstance(details, Mapping) else None,
        error.get("code"),
        error.get("type"),
    )
    words = [
        str(word) for word in candidates if isinstance(word, str | int) and str(word) not in ("", "error")
    ]
    # Waiting does not help an account without means, whatever else the answer says.
    known = next((word for word in words if word in FINAL_CODES), None)
    known = known or next((word for word in words if word in _BY_CODE), None)
    return known or (words[0] if words else ""), str(error.get("message") or "")


# A wait that nobody means: beyond any ceiling, and still a number that JSON can carry.
_NEVER = 1e9
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)")
_LONGEST_RESET = 64
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_RESETS = (
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
    ("anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"),
    ("anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"),
)


def asked_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that the provider asks to wait, or None where it says nothing usable.

    `retry-after-ms` comes first, then `retry-after` in seconds or as a date, then the reset of each limit that has
    nothing left. A negative number or plain nonsense counts as nothing; an overflow as a very long wait.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return min(milliseconds / 1000, _NEVER)
    plain = headers.get("retry-after")
    if plain is not None:
        seconds = _number(plain)
        return seconds if seconds is not None else _until_date(plain, now)
    waits = [
        wait
        for remaining, reset in _RESETS
        if headers.get(remaining, "").strip() == "0"
        and (wait := _until_reset(headers.get(reset, ""), now)) is not None
    ]
    return max(waits, default=None)


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else math.nan
    except ValueError:
        return None
    if math.isnan(value) or value < 0:
        return None
    return min(value, _NEVER)


def _until_date(text: str, now: float) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return _until(moment, now)


def _until_reset(text: str, now: float) -> float | None:
    # A search for durations in a long run of digits takes the square of its length.
    if len(text) > _LONGEST_RESET:
        return None
    parts = _DURATION.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text.strip():
        return min(sum(float(number) * _SECONDS[unit] for number, unit in parts), _NEVER)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return _until(moment, now)


def _until(moment: datetime, now: float) -> float:
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, moment.timestamp() - now), _NEVER)
