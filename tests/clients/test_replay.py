"""Facts about the clients that replay a record."""

import asyncio
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.clients import (
    AsyncModelClient,
    Completion,
    ErrorFacts,
    Message,
    ModelClient,
    ModelRequest,
    afold,
    fold,
)
from backend_engineer.clients.replay import AsyncReplayClient, ReplayClient, ReplaySource
from backend_engineer.contract import Ending
from backend_engineer.errors import RecordMismatch, UsageError
from backend_engineer.outputs import Exchange, RunRecord, Usage

PRINTS = {"contract": "c", "inputs": "i", "parameters": "p", "request": "r"}


def request(phase: str = "plan", prints: Mapping[str, str] = PRINTS) -> ModelRequest:
    return ModelRequest(
        id="x", phase=phase, messages=(Message(role="user", content="hello"),), fingerprints=dict(prints)
    )


def exchange(text: str, phase: str = "plan", **answer: object) -> Exchange:
    return Exchange(
        id="e",
        kind="call-model",
        request={"phase": phase, "fingerprints": PRINTS, "attempt": 1},
        answer={"text": text, "ending": "complete", **answer},
    )


def record(*exchanges: Exchange) -> RunRecord:
    return RunRecord(label="hand-written", exchanges=exchanges)


def played(source: ReplaySource, *requests: ModelRequest) -> list[Completion]:
    """Replay with both clients; they must agree."""

    async def later() -> list[Completion]:
        slow = AsyncReplayClient(source)
        return [await afold(slow.stream(item)) for item in requests]

    client = ReplayClient(source)
    quick = [fold(client.stream(item)) for item in requests]
    assert quick == asyncio.run(later())
    return quick


def test_both_clients_keep_the_protocol() -> None:
    assert isinstance(ReplayClient("x"), ModelClient)
    assert isinstance(AsyncReplayClient("x"), AsyncModelClient)


def test_a_record_answers_its_calls_in_order_and_leaves_other_effects_out() -> None:
    other = Exchange(id="h", kind="ask-human", answer={"answer": {}})
    first, second = played(
        record(exchange("one"), other, exchange("two", "verify")), request(), request("verify")
    )
    assert (first.text, second.text, first.ending) == ("one", "two", Ending.COMPLETE)


def test_ending_usage_model_and_error_are_replayed_as_recorded() -> None:
    usage = Usage(calls=1, input_tokens=7, output_tokens=3)
    error = ErrorFacts(kind="Overloaded", message="busy", retryable=True, status=529)
    [cut] = played(
        record(exchange("x", ending="truncated", usage=usage.model_dump(), model="m-1")), request()
    )
    [failed] = played(record(exchange("x", ending="dropped", error=error.model_dump())), request())
    assert (cut.ending, cut.usage, cut.model) == (Ending.TRUNCATED, usage, "m-1")
    assert (failed.error, failed.ending) == (error, Ending.DROPPED)


@pytest.mark.parametrize("name", sorted(PRINTS))
def test_another_prompt_is_refused_and_the_fingerprint_that_moved_is_named(name: str) -> None:
    client = ReplayClient(record(exchange("one")))
    with pytest.raises(RecordMismatch, match=name) as caught:
        fold(client.stream(request(prints={**PRINTS, name: "other"})))
    assert caught.value.moved == (name,)


def test_a_fingerprint_that_the_record_lacks_counts_as_moved() -> None:
    with pytest.raises(RecordMismatch) as caught:
        fold(ReplayClient(record(exchange("one"))).stream(request(prints={**PRINTS, "templates": "t"})))
    assert caught.value.moved == ("templates",)


def test_a_refused_call_does_not_use_up_its_answer() -> None:
    client = ReplayClient(record(exchange("one")))
    with pytest.raises(RecordMismatch):
        fold(client.stream(request("verify")))
    assert fold(client.stream(request())).text == "one"


def test_a_call_beyond_the_end_of_the_record_is_refused() -> None:
    client = ReplayClient(record(exchange("one")))
    fold(client.stream(request()))
    with pytest.raises(RecordMismatch, match="1 call") as caught:
        fold(client.stream(request()))
    assert caught.value.moved == ("calls",)


def test_a_text_answers_every_call() -> None:
    assert [item.text for item in played("reply", request(), request("all", {}))] == ["reply", "reply"]


def test_texts_by_phase_come_in_order_and_the_last_one_again() -> None:
    source = {"plan": "p", "implement": ["one", "two"]}
    phases = ["plan", "implement", "implement", "implement", "plan"]
    assert [item.text for item in played(source, *map(request, phases))] == ["p", "one", "two", "two", "p"]


def test_a_phase_without_a_recorded_text_is_refused() -> None:
    with pytest.raises(RecordMismatch, match="verify") as caught:
        fold(ReplayClient({"plan": "p"}).stream(request("verify")))
    assert caught.value.moved == ("phase",)


def test_the_label_of_the_record_can_be_shown() -> None:
    assert ReplayClient(record(exchange("x"))).label == "hand-written"
    assert AsyncReplayClient("x").label == ""


@pytest.mark.parametrize("source", [RunRecord(), 3, None, ["x"]])
def test_what_cannot_be_replayed_is_a_named_error(source: object) -> None:
    with pytest.raises(UsageError):
        ReplayClient(source)  # type: ignore[arg-type]


@given(st.text(max_size=300), st.integers(1, 50))
def test_any_text_comes_back_whole_in_pieces_of_the_asked_size(text: str, chunk: int) -> None:
    events = list(ReplayClient(text, chunk=chunk).stream(request()))
    pieces = [event.text for event in events if event.kind == "text"]
    assert "".join(pieces) == text
    assert all(len(piece) == chunk for piece in pieces[:-1])
    assert [events[0].kind, events[-1].kind] == ["start", "end"]
