"""Answers that are not streamed, and the corners of a call that no stream reaches."""

from __future__ import annotations

import sys
from typing import Any

import httpx
import pytest

from backend_engineer.clients import (
    Client,
    Completion,
    Message,
    ModelRequest,
    Preset,
    StreamLimits,
    Timeouts,
    fold,
    telemetry,
)
from backend_engineer.clients.structured import ANTHROPIC, OPENAI, limit_problems
from backend_engineer.errors import UsageError

REQUEST = ModelRequest(id="1", phase="plan", messages=(Message(role="user", content="Hello?"),))

CHAT = {
    "model": "m",
    "choices": [{"index": 0, "message": {"content": "Hello", "reasoning": "Hm."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 2},
}
RESPONSE = {
    "model": "m",
    "status": "completed",
    "output": [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {"type": "message", "content": [{"type": "output_text", "text": "Hello"}]},
    ],
    "usage": {"input_tokens": 9, "output_tokens": 2},
}
MESSAGE = {
    "model": "m",
    "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Hello"}, {"type": "odd"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 5, "cache_read_input_tokens": 4, "output_tokens": 2},
}
WHOLE: dict[str, dict[str, Any]] = {
    "openai-chat": CHAT,
    "openai": RESPONSE,
    "anthropic": MESSAGE,
    "vllm": CHAT,
}


def answered(preset: str, body: Any, status: int = 200, **more: Any) -> Completion:
    reply = {"content": body} if isinstance(body, bytes) else {"json": body}
    headers = {"content-type": "application/json"}
    transport = httpx.MockTransport(lambda _: httpx.Response(status, headers=headers, **reply))
    with httpx.Client(transport=transport) as http:
        return fold(Client("m", preset, key="k", http=http, streaming=False, **more).stream(REQUEST))


@pytest.mark.parametrize("preset", WHOLE)
def test_a_whole_answer_is_read_like_a_stream(preset: str) -> None:
    answer = answered(preset, WHOLE[preset])
    assert (answer.text, answer.reasoning, str(answer.ending)) == ("Hello", "Hm.", "complete")
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (9, 2)


@pytest.mark.parametrize("preset", WHOLE)
def test_a_whole_request_asks_for_no_stream(preset: str) -> None:
    plan = Client("m", preset, streaming=False).plan(REQUEST)
    assert plan.body["stream"] is False
    assert "stream_options" not in plan.body
    assert plan.headers["accept"] == "application/json"


ENDINGS = [
    ("openai", {**RESPONSE, "status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, "filtered"),
    ("openai", {**RESPONSE, "status": "incomplete"}, "truncated"),
    ("openai", {**RESPONSE, "status": "cancelled"}, "aborted"),
    ("openai", {**RESPONSE, "status": "in_progress"}, "dropped"),
    ("openai", {**RESPONSE, "output": [{"type": "function_call"}]}, "paused"),
    ("openai", {**RESPONSE, "output": [{"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}]}, "refused"),
    ("anthropic", {**MESSAGE, "stop_reason": "max_tokens"}, "truncated"),
    ("anthropic", {**MESSAGE, "stop_reason": None}, "dropped"),
    ("anthropic", {**MESSAGE, "stop_reason": "tool_use"}, "paused"),
    ("anthropic", {**MESSAGE, "stop_reason": "stop_sequence"}, "complete"),
    ("openai-chat", {**CHAT, "choices": [{"message": {"refusal": "no"}, "finish_reason": "stop"}]}, "refused"),
]  # fmt: skip


@pytest.mark.parametrize(("preset", "body", "ending"), ENDINGS)
def test_a_whole_answer_says_how_it_ended(preset: str, body: dict[str, Any], ending: str) -> None:
    assert str(answered(preset, body).ending) == ending


FAULTS = [
    ("openai", {"error": {"code": "server_error"}}, "Overloaded"),
    ("openai-chat", {"error": {"code": "rate_limit_exceeded"}}, "RateLimited"),
    ("anthropic", {"type": "error", "error": {"type": "overloaded_error"}}, "Overloaded"),
    ("openai-chat", {"choices": []}, "ProtocolViolation"),
    ("openai-chat", {"choices": [{"message": "Hello"}]}, "ProtocolViolation"),
    ("anthropic", {"content": "Hello"}, "ProtocolViolation"),
    ("openai", b"{", "ProtocolViolation"),
    ("openai", b"[]", "ProtocolViolation"),
    ("openai", b"{" * 5_000, "ProtocolViolation"),
]


@pytest.mark.parametrize(("preset", "body", "kind"), FAULTS)
def test_a_whole_answer_that_cannot_be_used_is_a_named_error(preset: str, body: Any, kind: str) -> None:
    answer = answered(preset, body)
    assert answer.error is not None
    assert (answer.error.kind, answer.text) == (kind, "")


def test_a_whole_answer_has_a_largest_size() -> None:
    answer = answered("openai", RESPONSE, limits=StreamLimits(answer=50))
    assert answer.error is not None
    assert "50 bytes" in answer.error.message


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectTimeout("x"), "connect"),
        (httpx.PoolTimeout("x"), "connect"),
        (httpx.ReadTimeout("x"), "first byte"),
        (httpx.WriteTimeout("x"), "first byte"),
    ],
)
def test_a_time_limit_that_passes_is_named(error: httpx.HTTPError, words: str) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise error

    with httpx.Client(transport=httpx.MockTransport(handle)) as http:
        answer = fold(Client("m", key="k", http=http).stream(REQUEST))
    assert answer.error is not None
    assert (answer.error.kind, words in answer.error.message) == ("TimedOut", True)


@pytest.mark.parametrize("limit", ["connect", "first_byte", "idle", "total"])
def test_a_time_limit_is_above_zero(limit: str) -> None:
    with pytest.raises(UsageError, match=limit):
        Timeouts(**{limit: 0.0})


def test_a_text_that_cannot_be_sent_is_named_before_anything_is_sent() -> None:
    message = Message.model_construct(role="user", content="a\ud800b", cache_marks=())
    request = REQUEST.model_copy(update={"messages": (message,)})
    with pytest.raises(UsageError, match="surrogate"):
        next(iter(Client("m", key="k").stream(request)))


def test_a_call_without_usage_is_charged_as_an_estimate() -> None:
    answer = answered("openai-chat", {**CHAT, "usage": None})
    assert answer.usage.output_tokens == 3  # eight characters, the reasoning's included
    assert answer.usage.estimated_tokens == answer.usage.input_tokens + answer.usage.output_tokens


def test_a_subclass_of_a_known_client_is_recognised() -> None:
    class Mine(httpx.Client):
        pass

    with Mine(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=RESPONSE))) as http:
        assert fold(Client("m", key="k", http=http, streaming=False).stream(REQUEST)).text == "Hello"


def test_an_effort_that_a_server_has_no_word_for_is_recorded() -> None:
    preset = Preset("odd", "chat", "http://127.0.0.1:9", effort_field="effort", efforts=("max",))
    plan = Client("gpt-5", preset).plan(REQUEST)
    assert "effort" not in plan.body
    assert any("takes none of the words" in word for word in plan.dropped)


def test_without_opentelemetry_no_span_is_looked_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    telemetry._tracer.cache_clear()
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    try:
        assert answered("openai", RESPONSE).text == "Hello"
        assert answered("openai", RESPONSE).text == "Hello"
        assert telemetry._tracer.cache_info().misses == 1
        assert telemetry._tracer() is None
    finally:
        telemetry._tracer.cache_clear()


LIMITS = [
    ({"type": "array"}, "root"),
    ({"type": "object", "properties": {"a": {"type": "string"}}}, "other keys"),
    ({"type": "object", "properties": {"a": {"type": "string", "default": ""}}}, "default"),
    ({"type": "object", "properties": {"a": {"type": "string", "format": "iban"}}}, "iban"),
    ({"type": "object", "properties": {"a": {"type": "string"}}}, "optional"),
]


@pytest.mark.parametrize(("schema", "words"), LIMITS)
def test_each_limit_of_a_vendor_is_seen_when_it_is_passed(schema: dict[str, Any], words: str) -> None:
    assert any(words in problem for problem in limit_problems(schema, OPENAI))


def test_a_vendor_that_takes_a_shortest_list_of_one_takes_none_longer() -> None:
    def listing(least: int) -> dict[str, Any]:
        array = {"type": "array", "items": {"type": "string"}, "minItems": least}
        return {
            "type": "object",
            "properties": {"a": array},
            "required": ["a"],
            "additionalProperties": False,
        }

    assert limit_problems(listing(1), ANTHROPIC) == []
    assert limit_problems(listing(2), ANTHROPIC) == ["minItems above 1"]
