"""A client inside a whole run: the session waits as the provider asks, and no key reaches the record."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import httpx
import pytest

from backend_engineer import SourceTree, run
from backend_engineer.clients import Client

EXAMPLE = Path(__file__).parents[2] / "examples" / "last-login"
KEY = "sk-key-of-a-run-0123456789"


def frame(delta: dict[str, str], finish: str | None = None) -> str:
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta, 'finish_reason': finish}]})}\n\n"


def test_a_busy_provider_is_asked_again_after_its_wait_and_the_key_stays_out_of_the_record() -> None:
    reply = (EXAMPLE / "hand-written" / "reply.md").read_text()
    pieces = [frame({"content": reply[start : start + 500]}) for start in range(0, len(reply), 500)]
    stream = "".join([*pieces, frame({}, "stop"), "data: [DONE]\n\n"])
    calls: list[httpx.Request] = []
    waits: list[float] = []

    def handle(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        if len(calls) == 1:
            return httpx.Response(
                503, headers={"retry-after": "3"}, json={"error": {"message": f"busy, {KEY}"}}
            )
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, text=stream)

    with httpx.Client(transport=httpx.MockTransport(handle)) as http:
        result = run(
            EXAMPLE / "spec",
            base=SourceTree.from_directory(EXAMPLE / "service"),
            client=Client("gpt-5", "openai-chat", key=KEY, http=http),
            calls="single",
            verify=False,
            sleep=waits.append,
        )
    assert (len(calls), waits, str(result.status)) == (2, [3.0], "ready")
    assert len(result.changes) == 1
    assert result.usage.calls == 2
    assert KEY not in result.model_dump_json()
    assert KEY not in repr(result)


@pytest.mark.parametrize("preset", ["vllm", "openai-chat"])
def test_what_a_client_did_not_send_as_asked_stands_in_the_result(preset: str) -> None:
    reply = (EXAMPLE / "hand-written" / "reply.md").read_text()
    stream = "".join([frame({"content": reply}), frame({}, "stop"), "data: [DONE]\n\n"])
    headers = {"content-type": "text/event-stream"}
    bodies: list[dict[str, object]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return httpx.Response(200, headers=headers, text=stream)

    with httpx.Client(transport=httpx.MockTransport(handle)) as http:
        result = run(
            EXAMPLE / "spec",
            base=SourceTree.from_directory(EXAMPLE / "service"),
            client=Client("gpt-5", preset, key=KEY, http=http),
            calls="single",
            verify=False,
        )
    named = {word for word in result.dropped if "verbosity" in word}
    assert ("verbosity" in bodies[0]) == (not named) == (preset == "openai-chat")


def test_a_run_without_tokens_left_sends_nothing() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        raise AssertionError("a request was sent")

    with httpx.Client(transport=httpx.MockTransport(handle)) as http:
        result = run(
            EXAMPLE / "spec",
            base=SourceTree.from_directory(EXAMPLE / "service"),
            client=Client("gpt-5", "openai-chat", key=KEY, http=http),
            limits={"tokens": 500},
            verify=False,
        )
    assert str(result.status) == "blocked"
    assert "token budget" in result.reason


def test_the_room_prints_nothing_by_itself() -> None:
    assert any(
        isinstance(h, logging.NullHandler) for h in logging.getLogger("backend_engineer.clients").handlers
    )
