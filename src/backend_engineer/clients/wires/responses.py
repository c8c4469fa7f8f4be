"""The Responses protocol of OpenAI.

Owns: how its request is written, and what its events mean.
Must never know: HTTP libraries, the other protocols.

Its last event repeats the whole text, which shows deltas that were lost, doubled or out of order.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
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

_INCOMPLETE = {
    "max_output_tokens": Ending.TRUNCATED,
    "max_messages": Ending.TRUNCATED,
    "content_filter": Ending.FILTERED,
    "steered": Ending.PAUSED,
}


def build(settled: Settled) -> Payload:
    """The body of a request."""
    preset = settled.target.preset
    body: Payload = {
        "model": settled.target.model,
        "input": [{"role": message.role, "content": message.content} for message in settled.messages],
        "stream": settled.target.streaming,
    }
    if settled.system:
        body["instructions"] = "\n\n".join(message.content for message in settled.system)
    put(body, preset.max_tokens_field, settled.cap)
    put(body, preset.effort_field, settled.effort)
    put(body, "text.verbosity", settled.verbosity)
    if settled.schema is not None:
        form = {"type": "json_schema", "name": settled.schema_name, "schema": settled.schema}
        put(body, "text.format", {**form, "strict": preset.structured == "strict"})
    put(body, "prompt_cache_key", settled.cache_key)
    if preset.store:
        body["store"] = False
    if preset.obfuscation and settled.target.streaming:
        body["stream_options"] = {"include_obfuscation": False}
    return body


def translate(answer: Answer, name: str, payload: Payload) -> list[Piece]:
    """What one event adds to the answer; unknown events add nothing."""
    number = payload.get("sequence_number")
    if answer.target.preset.sequenced and isinstance(number, int):
        if number == answer.number:
            return []
        if number < answer.number:
            raise violation(f"Event {number} came after event {answer.number}.")
        answer.number = number
    handler = _HANDLERS.get(string(payload, "type") or name)
    return handler(answer, payload) if handler else []


def read(answer: Answer, payload: Payload) -> list[Piece]:
    """What a whole answer says."""
    if payload.get("error"):
        answer.fail(payload)
        return []
    answer.model = string(payload, "model")
    text, refusal = _said(payload)
    answer.refusal.append(refusal)
    reasoning = "".join(
        string(part, "text")
        for item in items(payload, "output")
        if item.get("type") == "reasoning"
        for part in (*items(item, "summary"), *items(item, "content"))
    )
    answer.note(text)
    _ended(answer, payload)
    return [("reasoning", reasoning), ("text", text)]


def _begun(answer: Answer, payload: Payload) -> list[Piece]:
    answer.begun = True
    answer.model = string(mapping(payload, "response"), "model") or answer.model
    return []


def _text(answer: Answer, payload: Payload) -> list[Piece]:
    text = string(payload, "delta", required=True)
    answer.note(text)
    return [("text", text)]


def _reasoning(answer: Answer, payload: Payload) -> list[Piece]:
    return [("reasoning", string(payload, "delta", required=True))]


def _refusal(answer: Answer, payload: Payload) -> list[Piece]:
    answer.refusal.append(string(payload, "delta", required=True))
    return []


def _terminal(answer: Answer, payload: Payload) -> list[Piece]:
    response = mapping(payload, "response", required=True)
    # A server that only speaks like the vendor may trim what it repeats, and a whole answer would be lost for that.
    if answer.target.preset.sequenced and not _repeated(answer, _said(response)[0]):
        raise violation("The text that came in pieces is not the text that the last event repeats.")
    answer.model = string(response, "model") or answer.model
    _ended(answer, response)
    return []


def _repeated(answer: Answer, text: str) -> bool:
    """Whether this is the text that came; nothing to compare with counts as such."""
    if not text:
        return True
    return (len(text), zlib.crc32(text.encode("utf-8", "surrogatepass"))) == (answer.length, answer.checksum)


def _ended(answer: Answer, response: Mapping[str, Any]) -> None:
    answer.finished = True
    answer.usage = _usage(mapping(response, "usage")) if response.get("usage") else None
    status = string(response, "status")
    if status == "failed" or response.get("error"):
        answer.fail({"error": response.get("error") or {}})
    elif status == "incomplete":
        reason = string(mapping(response, "incomplete_details"), "reason")
        answer.end(_INCOMPLETE.get(reason, Ending.TRUNCATED), f"incomplete: {reason or 'no reason given'}")
    elif "".join(answer.refusal):
        answer.end(Ending.REFUSED, "".join(answer.refusal))
    elif any(item.get("type") in ("function_call", "custom_tool_call") for item in items(response, "output")):
        answer.end(Ending.PAUSED, "the model calls a tool that it was not given")
    elif status == "completed":
        answer.end(Ending.COMPLETE)
    else:
        answer.end(
            Ending.ABORTED if status == "cancelled" else Ending.DROPPED, f"status {status or 'not given'}"
        )


def _failed(answer: Answer, payload: Payload) -> list[Piece]:
    response = mapping(payload, "response")
    if response.get("usage"):
        answer.usage = _usage(mapping(response, "usage"))
    answer.fail({"error": mapping(response, "error")} if response else payload)
    return []


def _said(response: Mapping[str, Any]) -> tuple[str, str]:
    """Text and refusal of a whole response."""
    parts = [
        part
        for item in items(response, "output")
        if item.get("type") == "message"
        for part in items(item, "content")
    ]
    text = "".join(string(part, "text") for part in parts if part.get("type") == "output_text")
    return text, "".join(string(part, "refusal") for part in parts if part.get("type") == "refusal")


def _usage(usage: Mapping[str, Any]) -> Usage:
    read_from = mapping(usage, "input_tokens_details")
    return Usage(
        calls=1,
        input_tokens=count(usage, "input_tokens"),
        cached_tokens=count(read_from, "cached_tokens"),
        cache_write_tokens=count(read_from, "cache_write_tokens"),
        output_tokens=count(usage, "output_tokens"),
        reasoning_tokens=count(mapping(usage, "output_tokens_details"), "reasoning_tokens"),
    )


_HANDLERS: dict[str, Callable[[Answer, Payload], list[Piece]]] = {
    "response.created": _begun,
    "response.queued": _begun,
    "response.in_progress": _begun,
    "response.output_text.delta": _text,
    "response.refusal.delta": _refusal,
    "response.reasoning_summary_text.delta": _reasoning,
    "response.reasoning_text.delta": _reasoning,
    "response.completed": _terminal,
    "response.incomplete": _terminal,
    "response.failed": _failed,
    "error": _failed,
}

WIRE = Wire("responses", "/responses", build, translate, read)
