"""Recorded streams give the declared text, ending and usage, however their bytes are cut and whatever library carries them."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_engineer.clients import AsyncClient, Client, Completion, Message, ModelRequest, afold, fold

STREAMS = Path(__file__).parent / "streams"
EXPECTED: dict[str, dict[str, Any]] = json.loads((STREAMS / "expected.json").read_text())
REQUEST = ModelRequest(id="1", phase="plan", messages=(Message(role="user", content="Hello?"),))


class Chunks(httpx.SyncByteStream):
    def __init__(self, data: bytes, cuts: list[int]) -> None:
        edges = [0, *sorted(cuts), len(data)]
        self._parts = [data[a:b] for a, b in itertools.pairwise(edges)]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)


def answered(name: str, cuts: list[int]) -> Completion:
    data = (STREAMS / name).read_bytes()

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Chunks(data, cuts))

    with httpx.Client(transport=httpx.MockTransport(handle)) as http:
        client = Client("gpt-5", EXPECTED[name]["preset"], key="k", http=http)
        return fold(client.stream(REQUEST))


def check(name: str, answer: Completion) -> None:
    expected = EXPECTED[name]
    assert answer.error is None
    assert (answer.text, str(answer.ending)) == (expected["text"], expected["ending"])
    assert answer.reasoning == expected.get("reasoning", "")
    assert answer.usage.model_dump() == {"calls": 1, "estimated_tokens": 0, **expected["usage"]}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recorded_stream_gives_its_declared_answer(name: str) -> None:
    check(name, answered(name, []))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_stream_that_comes_byte_by_byte_gives_the_same(name: str) -> None:
    size = len((STREAMS / name).read_bytes())
    check(name, answered(name, list(range(1, size))))


@settings(max_examples=40, deadline=None)
@given(name=st.sampled_from(sorted(EXPECTED)), seed=st.integers(0, 2**32), count=st.integers(1, 60))
def test_any_cutting_of_a_stream_gives_the_same(name: str, seed: int, count: int) -> None:
    size = len((STREAMS / name).read_bytes())
    check(name, answered(name, random.Random(seed).choices(range(size), k=count)))


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(sorted(EXPECTED)), place=st.floats(0, 0.999))
def test_a_stream_that_is_cut_short_is_never_complete(name: str, place: float) -> None:
    data = (STREAMS / name).read_bytes()
    # What follows the terminal event may be lost without harm.
    last = max(
        data.rfind(b'"finish_reason":"'), data.rfind(b"event: message_stop"), data.rfind(b"event: response.")
    )
    short = data[: int(last * place)]
    http = httpx.Client(
        transport=httpx.MockTransport(
            lambda _: httpx.Response(200, headers={"content-type": "text/event-stream"}, content=short)
        )
    )
    with http:
        answer = fold(Client("gpt-5", EXPECTED[name]["preset"], key="k", http=http).stream(REQUEST))
    assert str(answer.ending) == "dropped"
    assert EXPECTED[name]["text"].startswith(answer.text)


@settings(max_examples=150, deadline=None)
@given(
    preset=st.sampled_from(["openai", "openai-chat", "anthropic"]),
    data=st.binary(max_size=400),
    wrap=st.booleans(),
)
def test_no_bytes_of_a_server_raise(preset: str, data: bytes, wrap: bool) -> None:
    body = b"data: " + data + b"\n\n" if wrap else data
    http = httpx.Client(
        transport=httpx.MockTransport(
            lambda _: httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)
        )
    )
    with http:
        answer = fold(Client("m", preset, key="k", http=http).stream(REQUEST))
    assert str(answer.ending) == "dropped"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "index",
                    "delta",
                    "text",
                    "content",
                    "choices",
                    "usage",
                    "error",
                    "message",
                    "response",
                    "output",
                    "item",
                    "content_block",
                    "stop_reason",
                    "finish_reason",
                    "code",
                    "status",
                    "input_tokens",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
TYPES = st.sampled_from(
    [
        *(
            "message_start",
            "content_block_start",
            "content_block_delta",
            "message_delta",
            "message_stop",
            "error",
        ),
        *(
            "response.created",
            "response.output_text.delta",
            "response.completed",
            "response.failed",
            "response.incomplete",
        ),
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    preset=st.sampled_from(["openai", "openai-chat", "anthropic"]),
    events=st.lists(st.tuples(TYPES, st.dictionaries(st.sampled_from(["delta", "index", "message", "response", "choices", "usage", "error", "content_block"]), JSON, max_size=4)), max_size=6),
    streaming=st.booleans(),
)  # fmt: skip
def test_events_of_any_shape_end_in_one_terminal_event(
    preset: str, events: list[tuple[str, dict[str, Any]]], streaming: bool
) -> None:
    payloads = [{**payload, "type": kind} for kind, payload in events]
    body = "".join(f"data: {json.dumps(payload)}\n\n" for payload in payloads)
    whole = json.dumps(payloads[0] if payloads else {})
    media = "text/event-stream" if streaming else "application/json"
    http = httpx.Client(
        transport=httpx.MockTransport(
            lambda _: httpx.Response(
                200, headers={"content-type": media}, content=body if streaming else whole
            )
        )
    )
    with http:
        seen = list(Client("m", preset, key="k", http=http, streaming=streaming).stream(REQUEST))
    assert [event.kind for event in seen if event.kind in ("end", "error")] == [seen[-1].kind]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_client_of_httpx2_that_is_passed_in_works(name: str) -> None:
    httpx2 = pytest.importorskip("httpx2")
    data = (STREAMS / name).read_bytes()
    sent: list[Any] = []

    def handle(request: Any) -> Any:
        sent.append(request)
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=data)

    with httpx2.Client(transport=httpx2.MockTransport(handle)) as http:
        check(name, fold(Client("gpt-5", EXPECTED[name]["preset"], key="k", http=http).stream(REQUEST)))
    assert sent[0].headers["accept-encoding"] == "identity"


def test_a_broken_connection_of_httpx2_is_an_error_event() -> None:
    httpx2 = pytest.importorskip("httpx2")

    def handle(request: Any) -> Any:
        raise httpx2.ConnectError("no route")

    with httpx2.Client(transport=httpx2.MockTransport(handle)) as http:
        answer = fold(Client("gpt-5", key="k", http=http).stream(REQUEST))
    assert answer.error is not None
    assert answer.error.kind == "ConnectionFailed"


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_the_asynchronous_client_works_with_both_libraries(library: str) -> None:
    import asyncio

    module: Any = pytest.importorskip(library)
    name = "messages-complete.sse"
    data = (STREAMS / name).read_bytes()

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 7):
            yield data[start : start + 7]

    async def handle(request: Any) -> Any:
        return module.Response(200, headers={"content-type": "text/event-stream"}, content=parts())

    async def call() -> Completion:
        async with module.AsyncClient(transport=module.MockTransport(handle)) as http:
            return await afold(AsyncClient("claude-opus-5", "anthropic", key="k", http=http).stream(REQUEST))

    check(name, asyncio.run(call()))


def from_bytes(preset: str, body: bytes) -> Completion:
    headers = {"content-type": "text/event-stream"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, content=body))
    with httpx.Client(transport=transport) as http:
        return fold(Client("gpt-5", preset, key="k", http=http).stream(REQUEST))


FIRST = b'data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}\n\n'


@pytest.mark.parametrize("fault", [b"data: \xff\n\n", b"data: {\n\n", b'data: {"choices": 7}\n\n'])
def test_text_that_came_in_the_same_piece_as_a_fault_is_kept(fault: bytes) -> None:
    answer = from_bytes("openai-chat", FIRST + fault)
    assert answer.text == "Hello"
    assert answer.error is not None
    assert answer.error.kind == "ProtocolViolation"


def test_a_stream_that_breaks_off_is_charged_for_what_came_and_not_for_what_was_announced() -> None:
    data = (STREAMS / "messages-complete.sse").read_bytes()
    answer = from_bytes("anthropic", data[: data.index(b"event: message_delta")])
    heard = -(-(len(EXPECTED["messages-complete.sse"]["text"]) + len("First the schema.")) // 3)
    assert (answer.usage.input_tokens, answer.usage.cached_tokens) == (412, 256)
    assert answer.usage.output_tokens == answer.usage.estimated_tokens == heard > 1


def test_a_compatible_server_that_trims_the_text_it_repeats_loses_no_answer() -> None:
    events = [
        {"type": "response.output_text.delta", "delta": "Hello \n"},
        {
            "type": "response.completed",
            "response": {
                "status": "completed",
                "output": [{"type": "message", "content": [{"type": "output_text", "text": "Hello"}]}],
            },
        },
    ]
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()
    assert str(from_bytes("llama.cpp-responses", body).ending) == "complete"
    assert from_bytes("openai", body).error is not None
