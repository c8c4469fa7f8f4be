"""What a request becomes: the body of each protocol, and everything that is not sent as it was asked."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.clients import AsyncClient, Client, Message, ModelRequest, Preset, reply_schema
from backend_engineer.clients.settling import marked_pieces
from backend_engineer.contract import Parameters, ReasoningEffort, Verbosity
from backend_engineer.errors import UsageError

SYSTEM = Message(role="system", content="You are terse.", cache_marks=(14,))
USER = Message(role="user", content="Document.\n\nRequest.", cache_marks=(9,))
FINGERPRINTS = {"contract": "c", "inputs": "i", "request": "r"}


def request(**more: Any) -> ModelRequest:
    facts: dict[str, Any] = {"messages": (SYSTEM, USER), "fingerprints": FINGERPRINTS, **more}
    return ModelRequest(id="1", phase="plan", **facts)


def asked(effort: str = "high", verbosity: str = "terse") -> Parameters:
    return Parameters(reasoning_effort=ReasoningEffort(effort), verbosity=Verbosity(verbosity))


def test_the_responses_body_holds_all_that_was_asked() -> None:
    plan = Client("gpt-5", "openai").plan(request(parameters=asked(), max_output_tokens=900))
    key = plan.body.pop("prompt_cache_key")
    assert plan.body == {
        "model": "gpt-5",
        "instructions": "You are terse.",
        "input": [{"role": "user", "content": "Document.\n\nRequest."}],
        "max_output_tokens": 900,
        "reasoning": {"effort": "high"},
        "text": {"verbosity": "low"},
        "store": False,
        "stream": True,
        "stream_options": {"include_obfuscation": False},
    }
    assert len(key) == 32
    assert plan.dropped == ()


def test_the_chat_body_holds_all_that_was_asked() -> None:
    plan = Client("gpt-5-mini", "openai-chat").plan(request(parameters=asked("low", "verbose")))
    plan.body.pop("prompt_cache_key")
    assert plan.body == {
        "model": "gpt-5-mini",
        "messages": [
            {"role": "system", "content": "You are terse."},
            {"role": "user", "content": "Document.\n\nRequest."},
        ],
        "reasoning_effort": "low",
        "verbosity": "high",
        "store": False,
        "stream": True,
        "stream_options": {"include_usage": True, "include_obfuscation": False},
    }


def test_the_messages_body_holds_all_that_was_asked() -> None:
    plan = Client("claude-opus-5", "anthropic").plan(request(parameters=asked()))
    mark = {"cache_control": {"type": "ephemeral"}}
    assert plan.body == {
        "model": "claude-opus-5",
        "max_tokens": 128_000,
        "system": [{"type": "text", "text": "You are terse.", **mark}],
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Document.", **mark},
                    {"type": "text", "text": "\n\nRequest."},
                ],
            }
        ],
        "output_config": {"effort": "high"},
        "stream": True,
    }
    assert plan.dropped == ("verbosity=terse: anthropic is not known to take it",)
    assert plan.headers["anthropic-version"] == "2026-10-21"


def test_requests_that_share_contract_and_inputs_share_the_cache_key() -> None:
    client = Client("gpt-5", "openai")
    other = {**FINGERPRINTS, "request": "another"}
    third = {**FINGERPRINTS, "inputs": "another"}
    keys = [
        client.plan(request(fingerprints=f)).body["prompt_cache_key"] for f in (FINGERPRINTS, other, third)
    ]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    ("model", "effort", "sent"),
    [
        ("gpt-5-pro", "low", "high"),
        ("gpt-5.5-pro", "low", "medium"),
        ("gpt-5.2-chat-latest", "high", "medium"),
    ],
)
def test_an_effort_that_a_model_refuses_becomes_the_nearest_and_is_recorded(
    model: str, effort: str, sent: str
) -> None:
    plan = Client(model, "openai").plan(request(parameters=asked(effort)))
    assert plan.body["reasoning"]["effort"] == sent
    assert f"reasoning_effort={effort}: sent as {sent}, the nearest that {model} takes" in plan.dropped


@pytest.mark.parametrize(
    ("effort", "cap", "budget"), [("low", 8_000, None), ("medium", 64_000, 4_096), ("high", 64_000, 16_384), ("high", 4_000, 2_000), ("high", 1_000, None)]
)  # fmt: skip
def test_a_model_that_takes_a_thinking_budget_gets_one_within_its_cap(
    effort: str, cap: int, budget: int | None
) -> None:
    client = Client("claude-sonnet-4-5", "anthropic")
    plan = client.plan(request(parameters=asked(effort), max_output_tokens=cap))
    assert plan.body.get("thinking", {}).get("budget_tokens") == budget
    assert ("reasoning_effort" in str(plan.dropped)) == (cap < 8_000)


def test_a_model_that_thinks_adaptively_is_told_to() -> None:
    assert Client("claude-opus-4-7", "anthropic").plan(request()).body["thinking"] == {"type": "adaptive"}
    assert "thinking" not in Client("claude-sonnet-5-5", "anthropic").plan(request()).body


def test_sampling_is_not_sent_to_a_model_that_refuses_it() -> None:
    client = Client("gpt-5", "openai", extra_body={"temperature": 0.1, "user": "u"})
    plan = client.plan(request())
    assert "temperature" not in plan.body
    assert plan.body["user"] == "u"
    assert any("temperature=0.1" in word for word in plan.dropped)
    assert Client("gpt-4.1", extra_body={"temperature": 0.1}).plan(request()).body["temperature"] == 0.1


def test_no_claude_model_is_sent_sampling_which_the_protocol_no_longer_takes() -> None:
    for model in ("claude-3-opus", "claude-sonnet-4-5", "claude-opus-5"):
        plan = Client(model, "anthropic", extra_body={"temperature": 0.1}).plan(request())
        assert "temperature" not in plan.body
        assert any("temperature=0.1" in word for word in plan.dropped)


SCHEMA = {"schema_name": "plan", "json_schema": reply_schema("plan")}


@pytest.mark.parametrize(
    ("model", "preset", "place"),
    [
        ("gpt-5", "openai", ("text", "format", "schema")),
        ("gpt-5", "openai-chat", ("response_format", "json_schema", "schema")),
        ("claude-opus-5", "anthropic", ("output_config", "format", "schema")),
        ("any", "llama.cpp", ("response_format", "json_schema", "schema")),
        ("any", "vllm", ("response_format", "json_schema", "schema")),
    ],
)
def test_a_schema_is_enforced_where_the_provider_can(model: str, preset: str, place: tuple[str, ...]) -> None:
    plan = Client(model, preset).plan(request(**SCHEMA))
    found: Any = plan.body
    for step in place:
        found = found[step]
    assert found["properties"]["plan"]
    assert not any("json_schema" in word for word in plan.dropped)


@pytest.mark.parametrize(
    ("model", "preset"),
    [("claude-3-5-sonnet-latest", "anthropic"), ("some-model", "openai"), ("any", "llama.cpp-messages")],
)
def test_a_schema_is_asked_for_in_words_otherwise(model: str, preset: str) -> None:
    plan = Client(model, preset).plan(request(**SCHEMA))
    assert json.dumps(SCHEMA["json_schema"], sort_keys=True) in json.dumps(plan.body).encode().decode(
        "unicode_escape"
    )
    assert any("json_schema: asked for in words" in word for word in plan.dropped)


def test_a_schema_that_cannot_be_enforced_is_asked_for_in_words() -> None:
    free = {"type": "object", "additionalProperties": {"type": "string"}}
    plan = Client("gpt-5", "openai").plan(request(json_schema=free))
    assert "format" not in plan.body["text"]
    assert "cannot be enforced" in str(plan.dropped)


def test_more_cache_marks_than_are_taken_are_recorded() -> None:
    message = Message(role="user", content="abcdefgh", cache_marks=(1, 2, 3, 4, 5, 6))
    plan = Client("claude-opus-5", "anthropic").plan(request(messages=(message,)))
    assert json.dumps(plan.body).count("cache_control") == 4
    assert "cache_marks: the last 4 of 6 sent, no more are taken" in plan.dropped


def test_cache_marks_that_a_server_does_not_take_are_recorded() -> None:
    plan = Client("m", "vllm").plan(request())
    assert "cache_control" not in json.dumps(plan.body)
    assert any(word.startswith("cache_marks: 2 not sent") for word in plan.dropped)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
MESSAGES = st.lists(
    st.builds(
        Message,
        role=st.just("user"),
        content=TEXT,
        cache_marks=st.lists(st.integers(-3, 40), max_size=6).map(tuple),
    ),
    min_size=1,
    max_size=3,
)


@given(MESSAGES)
def test_pieces_join_to_their_message_and_none_is_blank(messages: list[Message]) -> None:
    for message, pieces in zip(messages, marked_pieces(tuple(messages)), strict=True):
        joined = "".join(text for text, _ in pieces)
        assert joined == message.content if message.content.strip() else pieces == []
        assert all(text.strip() for text, _ in pieces)


@settings(max_examples=60)
@given(MESSAGES, st.sampled_from(["gpt-5", "claude-opus-5", "claude-3-opus", "x"]), st.sampled_from(["openai", "anthropic", "vllm"]))  # fmt: skip
def test_planning_is_pure(messages: list[Message], model: str, preset: str) -> None:
    client = Client(model, preset)
    asking = request(messages=tuple(messages))
    assert client.plan(asking) == client.plan(asking)


def test_a_request_that_ends_with_the_assistant_is_refused() -> None:
    with pytest.raises(UsageError, match="last message"):
        Client("gpt-5").plan(request(messages=(USER, Message(role="assistant", content="I"))))


@pytest.mark.parametrize(
    ("preset", "extra", "name"),
    [
        ("openai", {"reasoning": {"summary": "auto"}}, "reasoning"),
        ("openai-chat", {"max_completion_tokens": 7}, "max_completion_tokens"),
        ("openai-chat", {"stream_options": {}}, "stream_options"),
    ],
)
def test_a_field_that_the_caller_replaces_is_recorded(preset: str, extra: dict[str, Any], name: str) -> None:
    asking = request(max_output_tokens=900)
    plan = Client("gpt-5", preset, extra_body=extra).plan(asking)
    assert plan.body[name] == extra[name]
    assert plan.dropped == (f"{name}: replaced as a whole by extra_body",)
    same = Client("gpt-5", preset).plan(asking).body[name]
    assert Client("gpt-5", preset, extra_body={name: same}).plan(asking).dropped == ()


def test_extra_fields_may_depend_on_the_request_but_not_replace_the_clients_own() -> None:
    client = Client("m", "llama.cpp", extra_body=lambda asking: {"grammar": asking.phase})
    assert client.plan(request()).body["grammar"] == "plan"
    with pytest.raises(UsageError, match="messages"):
        Client("m", "llama.cpp", extra_body={"messages": []}).plan(request())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"preset": "nobody"}, "no preset"),
        ({"preset": "openai", "base_url": "ftp://x"}, "http"),
        ({"preset": "openai", "base_url": "http://example.com/v1"}, "unencrypted"),
        ({"preset": "openai", "base_url": "https://user:pass@example.com"}, "credentials"),
        ({"preset": "openai", "headers": {"Authorization": "x"}}, "authorization"),
        ({"preset": "openai", "http": object()}, "httpx"),
        ({"preset": "openai", "model": ""}, "empty"),
        ({"headers": {"x-title": "a\r\nx-more: b"}}, "x-title"),
        ({"headers": {"x-title": "é"}}, "x-title"),
        ({"headers": {"x-title": 3}}, "x-title"),
        ({"headers": {"x title": "a"}}, "x title"),
        ({"base_url": "https://[::1"}, "host"),
        ({"base_url": "https://example.com:abc/v1"}, "port"),
        ({"base_url": "https://example.com:99999/v1"}, "port"),
        ({"base_url": "https://example.com\n.org/v1"}, "characters"),
        ({"base_url": "https://exam ple.com/v1"}, "characters"),
        ({"base_url": "https://" + "a" * 64 + "/v1"}, "host"),
        ({"base_url": "https://xn--/v1"}, "host"),
        ({"base_url": "https://../v1"}, "host"),
        ({"base_url": "https://example.com/v1?key=abc"}, "query"),
    ],
)
def test_arguments_that_do_not_fit_are_named(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Client(**{"model": "m", **arguments})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}, b"bytes"])
def test_a_body_that_json_cannot_hold_is_named_before_anything_is_sent(value: Any) -> None:
    client = Client("gpt-5", key="k", extra_body={"more": value})
    with pytest.raises(UsageError, match="extra_body"):
        next(client.stream(request()))


def test_an_http_client_that_was_closed_is_named() -> None:
    http = httpx.Client()
    client = Client("gpt-5", key="k", http=http)
    http.close()
    with pytest.raises(UsageError, match="closed"):
        next(client.stream(request()))


def test_a_server_without_a_row_is_described_by_a_row_of_the_caller() -> None:
    own = Preset(
        "mine", "chat", "http://127.0.0.1:9/v1", max_tokens_field="max_new_tokens", usage_option=False
    )
    plan = Client("m", own).plan(request(max_output_tokens=5))
    assert plan.body["max_new_tokens"] == 5
    assert "stream_options" not in plan.body


def test_an_http_client_of_the_other_kind_is_named() -> None:
    with httpx.Client() as synchronous, pytest.raises(UsageError, match="other kind"):
        AsyncClient("m", http=synchronous)
    with pytest.raises(UsageError, match="other kind"):
        Client("m", http=httpx.AsyncClient())
