"""A plain function as a client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from backend_engineer.clients import (
    AsyncModelClient,
    Message,
    ModelClient,
    ModelEvent,
    ModelRequest,
    afold,
    fold,
)
from backend_engineer.contract import Ending
from backend_engineer.contrib.plain import AsyncFunctionClient, FunctionClient
from backend_engineer.errors import ProtocolViolation

REQUEST = ModelRequest(id="1", phase="plan", messages=(Message(role="user", content="Hello?"),))


def test_a_function_that_returns_text_is_a_client() -> None:
    client = FunctionClient(lambda request: request.messages[0].content.upper(), profile="gpt")
    assert isinstance(client, ModelClient)
    answer = fold(client.stream(REQUEST))
    assert (answer.text, answer.ending, client.profile) == ("HELLO?", Ending.COMPLETE, "gpt")
    assert answer.usage.estimated_tokens > 0


def test_a_function_may_yield_pieces_and_its_own_ending() -> None:
    def speak(request: ModelRequest) -> Iterator[str | ModelEvent]:
        yield "half"
        yield ModelEvent(kind="end", ending=Ending.TRUNCATED)
        yield "never"

    answer = fold(FunctionClient(speak).stream(REQUEST))
    assert (answer.text, answer.ending) == ("half", Ending.TRUNCATED)


def test_what_is_neither_text_nor_event_is_named() -> None:
    with pytest.raises(ProtocolViolation, match="int"):
        fold(FunctionClient(lambda request: [7]).stream(REQUEST))  # type: ignore[list-item]


def test_a_coroutine_function_and_an_asynchronous_generator_are_clients() -> None:
    async def whole(request: ModelRequest) -> str:
        return "whole"

    async def pieces(request: ModelRequest) -> AsyncIterator[str | ModelEvent]:
        yield "pie"
        yield "ces"

    for function in (whole, pieces):
        client = AsyncFunctionClient(function)
        assert isinstance(client, AsyncModelClient)
        answer = asyncio.run(afold(client.stream(REQUEST)))
        assert (answer.text, answer.ending) == (function.__name__, Ending.COMPLETE)
