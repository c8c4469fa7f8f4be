"""The vendors' own SDK packages read the recorded streams as we do: the same text, usage and ending."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend_engineer.clients import Client, Completion, Message, ModelRequest, fold

STREAMS = Path(__file__).parent / "streams"
EXPECTED: dict[str, dict[str, Any]] = json.loads((STREAMS / "expected.json").read_text())
REQUEST = ModelRequest(id="1", phase="plan", messages=(Message(role="user", content="Hello?"),))


def transport_for(package: str, first_with_httpx2: int, name: str) -> Any:
    """A client of the HTTP library that the installed SDK builds on, which plays one recorded stream."""
    sdk: Any = pytest.importorskip(package, reason=f"the package {package} is not installed")
    library: Any = httpx
    if int(sdk.__version__.split(".")[0]) >= first_with_httpx2:
        library = importlib.import_module("httpx2")
    data = (STREAMS / name).read_bytes()
    headers = {"content-type": "text/event-stream"}
    return library.Client(
        transport=library.MockTransport(lambda _: library.Response(200, headers=headers, content=data))
    )


def ours(name: str) -> Completion:
    data = (STREAMS / name).read_bytes()
    headers = {"content-type": "text/event-stream"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, content=data))
    with httpx.Client(transport=transport) as http:
        return fold(Client("gpt-5", EXPECTED[name]["preset"], key="k", http=http).stream(REQUEST))


def named(start: str) -> list[str]:
    return [name for name in EXPECTED if name.startswith(start)]


CHAT_ENDINGS = {"stop": "complete", "length": "truncated", "content_filter": "filtered"}


@pytest.mark.parametrize("name", named("chat-"))
def test_the_sdk_of_openai_reads_chat_streams_as_we_do(name: str) -> None:
    http = transport_for("openai", 3, name)
    import openai

    text, refusal, finish, usage = "", "", "", None
    with openai.OpenAI(api_key="k", http_client=http) as sdk:
        for chunk in sdk.chat.completions.create(
            model="gpt-5", messages=[{"role": "user", "content": "x"}], stream=True
        ):
            usage = chunk.usage or usage
            for choice in chunk.choices:
                text += choice.delta.content or ""
                refusal += choice.delta.refusal or ""
                finish = choice.finish_reason or finish
    answer = ours(name)
    assert answer.text == text
    assert str(answer.ending) == ("refused" if refusal else CHAT_ENDINGS[finish])
    assert usage is not None
    counts = (answer.usage.input_tokens, answer.usage.output_tokens)
    assert counts == (usage.prompt_tokens, usage.completion_tokens)
    assert sum(counts) == usage.total_tokens
    assert usage.prompt_tokens_details is not None
    assert answer.usage.cached_tokens == usage.prompt_tokens_details.cached_tokens
    assert usage.completion_tokens_details is not None
    assert answer.usage.reasoning_tokens == usage.completion_tokens_details.reasoning_tokens


@pytest.mark.parametrize("name", named("responses-"))
def test_the_sdk_of_openai_reads_responses_streams_as_we_do(name: str) -> None:
    http = transport_for("openai", 3, name)
    import openai

    text, final = "", None
    with openai.OpenAI(api_key="k", http_client=http) as sdk:
        for event in sdk.responses.create(model="gpt-5", input="x", stream=True):
            if event.type == "response.output_text.delta":
                text += event.delta
            elif event.type in ("response.completed", "response.incomplete"):
                final = event.response
    answer = ours(name)
    assert final is not None
    assert answer.text == text == final.output_text
    assert str(answer.ending) == {"completed": "complete", "incomplete": "truncated"}[str(final.status)]
    usage = final.usage
    assert usage is not None
    counts = (answer.usage.input_tokens, answer.usage.output_tokens)
    assert counts == (usage.input_tokens, usage.output_tokens)
    assert sum(counts) == usage.total_tokens
    assert answer.usage.cached_tokens == usage.input_tokens_details.cached_tokens
    assert answer.usage.reasoning_tokens == usage.output_tokens_details.reasoning_tokens


MESSAGE_ENDINGS = {
    "end_turn": "complete",
    "max_tokens": "truncated",
    "refusal": "refused",
    "pause_turn": "paused",
}


@pytest.mark.parametrize("name", named("messages-"))
def test_the_sdk_of_anthropic_reads_messages_streams_as_we_do(name: str) -> None:
    http = transport_for("anthropic", 2, name)
    import anthropic

    with (
        anthropic.Anthropic(api_key="k", http_client=http) as sdk,
        sdk.messages.stream(
            model="claude-opus-5", max_tokens=64, messages=[{"role": "user", "content": "x"}]
        ) as stream,
    ):
        final = stream.get_final_message()
    answer = ours(name)
    assert answer.text == "".join(block.text for block in final.content if block.type == "text")
    assert answer.reasoning == "".join(b.thinking for b in final.content if b.type == "thinking")
    assert str(answer.ending) == MESSAGE_ENDINGS[str(final.stop_reason)]
    usage = final.usage
    read, written = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
    assert answer.usage.input_tokens == usage.input_tokens + read + written
    assert (answer.usage.cached_tokens, answer.usage.cache_write_tokens) == (read, written)
    assert answer.usage.output_tokens == usage.output_tokens
