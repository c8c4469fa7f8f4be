"""The Chat Completions protocol of OpenAI, which most compatible servers speak.

Owns: how its request is written, and what its chunks mean.
Must never know: HTTP libraries, the other protocols, any one compatible server (those are presets).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend_engineer.clients.settling import Settled
from backend_engineer.clients.wires.wire import (
    Answer,
    Payload,
    Piece,
    Wire,
    count,
    items,
    mapping,
    put,
    string,
    violation,
)
from backend_engineer.contract import Ending
from backend_engineer.outputs import Usage

__all__ = ["WIRE"]

_FINISH = {
    "stop": Ending.COMPLETE,
    "length": Ending.TRUNCATED,
    "content_filter": Ending.FILTERED,
    "tool_calls": Ending.PAUSED,
    "function_call": Ending.PAUSED,
}


def build(settled: Settled) -> Payload:
    """The body of a request; the system messages are one, because some servers refuse several."""
    preset = settled.target.preset
    messages = [{"role": message.role, "content": message.content} for message in settled.messages]
    if settled.system:
        system = "\n\n".join(message.content for message in settled.system)
        messages.insert(0, {"role": "system", "content": system})
    body: Payload = {"model": settled.target.model, "messages": messages, "stream": settled.target.streaming}
    put(body, preset.max_tokens_field, settled.cap)
    put(body, preset.effort_field, settled.effort)
    put(body, "verbosity", settled.verbosity)
    if settled.schema is not None:
        form = {
            "name": settled.schema_name,
            "schema": settled.schema,
            "strict": preset.structured == "strict",
        }
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    put(body, "prompt_cache_key", settled.cache_key)
    if preset.store:
        body["store"] = False
    if settled.target.streaming and preset.usage_option:
        body["stream_options"] = {"include_usage": True}
        if preset.obfuscation:
            body["stream_options"]["include_obfuscation"] = False
    return body


def translate(answer: Answer, name: str, payload: Payload) -> list[Piece]:
    """What one chunk adds to the answer."""
    if payload.get("error") or name == "error":
        answer.fail(payload)
        return []
    answer.begun = True
    if not answer.model:
        answer.model = string(payload, "model")
    if payload.get("usage"):
        answer.usage = _usage(mapping(payload, "usage"))
    pieces: list[Piece] = []
    for choice in items(payload, "choices"):
        if choice.get("index", 0) != 0:
            raise violation("The server sent a second choice, which nobody asked for.")
        pieces += _pieces(answer, mapping(choice, "delta"))
        if pieces and answer.ending is not None:
            raise violation("The server sent text after it had said how the answer ended.")
        if choice.get("finish_reason") is not None:
            _finish(answer, string(choice, "finish_reason"))
    return pieces


def read(answer: Answer, payload: Payload) -> list[Piece]:
    """What a whole answer says."""
    if payload.get("error"):
        answer.fail(payload)
        return []
    answer.model = string(payload, "model")
    answer.usage = _usage(mapping(payload, "usage")) if payload.get("usage") else None
    choices = items(payload, "choices")
    if not choices:
        raise violation("The server sent an answer without a choice.")
    pieces = _pieces(answer, mapping(choices[0], "message"))
    _finish(answer, string(choices[0], "finish_reason"))
    answer.finished = True
    return pieces


def _pieces(answer: Answer, delta: Mapping[str, Any]) -> list[Piece]:
    pieces: list[Piece] = []
    # A server that sends both names of the reasoning field sends the same text twice.
    for name in answer.target.preset.reasoning_fields:
        if name in delta and (reasoning := string(delta, name)):
            pieces.append(("reasoning", reasoning))
            break
    if delta.get("refusal"):
        answer.refusal.append(string(delta, "refusal"))
    if text := string(delta, "content"):
        pieces.append(("text", text))
    return pieces


def _finish(answer: Answer, reason: str) -> None:
    if not reason or answer.ending is not None:
        return
    if answer.refusal:
        answer.end(Ending.REFUSED, "".join(answer.refusal))
    else:
        ending = _FINISH.get(reason, Ending.DROPPED)
        answer.end(ending, "" if ending is Ending.COMPLETE else f"finish_reason {reason}")


def _usage(usage: Mapping[str, Any]) -> Usage:
    read_from = mapping(usage, "prompt_tokens_details")
    return Usage(
        calls=1,
        input_tokens=count(usage, "prompt_tokens"),
        cached_tokens=count(read_from, "cached_tokens"),
        cache_write_tokens=count(read_from, "cache_write_tokens"),
        output_tokens=count(usage, "completion_tokens"),
        reasoning_tokens=count(mapping(usage, "completion_tokens_details"), "reasoning_tokens"),
    )


WIRE = Wire("chat", "/chat/completions", build, translate, read, sentinel=True)
