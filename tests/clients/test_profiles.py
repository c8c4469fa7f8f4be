"""Model profiles: both families that the source names, both wire protocols, and honest rows (META-02)."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.clients import PROFILES, Client, Message, ModelRequest, Preset, profile_for
from backend_engineer.clients.presets import PRESETS
from backend_engineer.clients.profiles import EFFORTS, UNKNOWN, UNKNOWN_CLAUDE, UNKNOWN_GPT
from backend_engineer.contract import Parameters, ReasoningEffort

REQUEST = ModelRequest(id="1", phase="plan", messages=(Message(role="user", content="x"),))


@pytest.mark.parametrize("name", ["gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-5-2025-08-07", "openai/gpt-5"])
def test_the_gpt_5_family_has_a_row(name: str) -> None:
    row = profile_for(name)
    assert (row.prefix, row.dialect, row.max_output) == ("gpt-5", "gpt", 128_000)
    assert row.efforts == ("minimal", "low", "medium", "high")
    assert row.verbosity
    assert not row.sampling


@pytest.mark.parametrize(
    ("name", "most", "calls"),
    [
        ("claude-3-opus-20240229", 4_096, "phases"),
        ("claude-3-haiku-20240307", 4_096, "phases"),
        ("claude-3-5-sonnet-20241022", 8_192, "phases"),
        ("claude-3-5-haiku-latest", 8_192, "phases"),
        ("claude-3-7-sonnet-20250219", 64_000, "single"),
    ],
)
def test_the_claude_3_family_has_rows_with_its_small_output(name: str, most: int, calls: str) -> None:
    row = profile_for(name)
    assert (row.dialect, row.max_output, row.calls, row.structured) == ("claude", most, calls, False)


@pytest.mark.parametrize(
    ("model", "preset", "url", "cap_field"),
    [
        ("gpt-5", "openai", "https://api.openai.com/v1/responses", "max_output_tokens"),
        ("gpt-5", "openai-chat", "https://api.openai.com/v1/chat/completions", "max_completion_tokens"),
        ("claude-3-5-sonnet-latest", "anthropic", "https://api.anthropic.com/v1/messages", "max_tokens"),
    ],
)
def test_both_families_are_spoken_to_in_their_own_protocol(
    model: str, preset: str, url: str, cap_field: str
) -> None:
    plan = Client(model, preset).plan(REQUEST.model_copy(update={"max_output_tokens": 2_000}))
    assert (plan.url, plan.body["model"], plan.body[cap_field]) == (url, model, 2_000)


def test_a_claude_3_model_is_asked_for_no_more_than_it_writes() -> None:
    plan = Client("claude-3-opus-20240229", "anthropic").plan(
        REQUEST.model_copy(update={"max_output_tokens": 100_000})
    )
    assert plan.body["max_tokens"] == 4_096
    assert any("max_output_tokens=100000" in word for word in plan.dropped)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("gpt-5.7", UNKNOWN_GPT),
        ("gpt-55", UNKNOWN_GPT),
        ("claude-nova-9", UNKNOWN_CLAUDE),
        ("llama-5-70b", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_a_name_that_nobody_knows_gets_the_conservative_row(name: str, row: object) -> None:
    assert profile_for(name) is row


@given(st.text(max_size=30))
def test_any_name_gets_a_row(name: str) -> None:
    assert profile_for(name).dialect in ("gpt", "claude", "plain")


def test_a_conservative_row_sends_nothing_optional() -> None:
    body = Client("gpt-99", "openai").plan(REQUEST).body
    assert set(body) == {"model", "input", "stream", "store", "stream_options"}


@pytest.mark.parametrize("row", PROFILES, ids=lambda row: row.prefix)
def test_every_row_says_when_and_where_it_was_verified(row: object) -> None:
    assert datetime.date.fromisoformat(row.verified_on) <= datetime.date(2027, 12, 31)  # type: ignore[attr-defined]
    assert row.source  # type: ignore[attr-defined]


@pytest.mark.parametrize("row", PROFILES, ids=lambda row: row.prefix)
@pytest.mark.parametrize("effort", list(ReasoningEffort))
def test_every_row_gets_an_effort_that_it_takes_or_none(row: object, effort: ReasoningEffort) -> None:
    preset = "anthropic" if row.dialect == "claude" else "openai"  # type: ignore[attr-defined]
    request = REQUEST.model_copy(update={"parameters": Parameters(reasoning_effort=effort)})
    plan = Client(row.prefix, preset).plan(request)  # type: ignore[attr-defined]
    sent = plan.body.get("reasoning", plan.body.get("output_config", {})).get("effort")
    efforts = row.efforts  # type: ignore[attr-defined]
    assert sent in efforts if efforts else sent is None
    if sent != effort and row.thinking != "budget":  # type: ignore[attr-defined]
        assert any(f"reasoning_effort={effort}" in word for word in plan.dropped)


def test_prefixes_are_unique_and_efforts_are_known_words() -> None:
    prefixes = [row.prefix for row in PROFILES]
    assert len(prefixes) == len(set(prefixes))
    assert {effort for row in PROFILES for effort in row.efforts} <= set(EFFORTS)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_every_preset_plans_a_request(preset: Preset) -> None:
    plan = Client("some-model", preset).plan(REQUEST)
    assert plan.url.startswith(preset.base_url)
    assert datetime.date.fromisoformat(preset.verified_on)
