"""The Messages protocol of Anthropic.

Owns: how its request is written, and what its events mean.
Must never know: HTTP libraries, the other protocols.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from backend_engineer.clients.settling import Settled, marked_pieces
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

_STOPS = {
    "end_turn": Ending.COMPLETE,
    "stop_sequence": Ending.COMPLETE,
    "max_tokens": Ending.TRUNCATED,
    "model_context_window_exceeded": Ending.TRUNCATED,
    "refusal": Ending.REFUSED,
    "pause_turn": Ending.PAUSED,
    "tool_use": Ending.PAUSED,
}


def build(settled: Settled) -> Payload:
    """The body of a request; texts are blocks, cut where a cache mark stands."""
    preset, profile = settled.target.preset, settled.target.profile
    marks = preset.cache == "marks" and profile.marks
    cut = marked_pieces((*settled.system, *settled.messages))
    blocks = [[_block(text, marked and marks) for text, marked in pieces] for pieces in cut]
    system = [block for message in blocks[: len(settled.system)] for block in message]
    said = zip(settled.messages, blocks[len(settled.system) :], strict=True)
    body: Payload = {
        "model": settled.target.model,
        preset.max_tokens_field: settled.cap,
        "messages": [{"role": message.role, "content": content} for message, content in said],
        "stream": settled.target.streaming,
    }
    if system:
        body["system"] = system
    if settled.thinking_budget is not None:
        body["thinking"] = {"type": "enabled", "budget_tokens": settled.thinking_budget}
    elif profile.thinking == "adaptive" and preset.effort_field is not None:
        body["thinking"] = {"type": "adaptive"}
    put(body, preset.effort_field, settled.effort)
    if settled.schema is not None:
        put(body, "output_config.format", {"type": "json_schema", "schema": settled.schema})
    return body


def _block(text: str, marked: bool) -> Payload:
    block: Payload = {"type": "text", "text": text}
    if marked:
        block["cache_control"] = {"type": "ephemeral"}
    return block


def translate(answer: Answer, name: str, payload: Payload) -> list[Piece]:
    """What one event adds to the answer; unknown events add nothing."""
    handler = _HANDLERS.get(string(payload, "type") or name)
    return handler(answer, payload) if handler else []


def read(answer: Answer, payload: Payload) -> list[Piece]:
    """What a whole answer says."""
    if payload.get("type") == "error" or payload.get("error"):
        answer.fail(payload)
        return []
    answer.model = string(payload, "model")
    pieces: list[Piece] = []
    for block in items(payload, "content"):
        pieces += _from_block(block)
    answer.usage = _usage(mapping(payload, "usage")) if payload.get("usage") else None
    _stopped(answer, payload)
    answer.finished = True
    return pieces


def _message_start(answer: Answer, payload: Payload) -> list[Piece]:
    if answer.begun:
        raise violation("The server began the message twice.")
    answer.begun = True
    message = mapping(payload, "message", required=True)
    answer.model = string(message, "model")
    if message.get("usage"):
        answer.usage = _usage(mapping(message, "usage"))
    return []


def _block_start(answer: Answer, payload: Payload) -> list[Piece]:
    _going_on(answer)
    index = _index(payload)
    if index in answer.blocks:
        raise violation(f"The server began content block {index} twice.")
    answer.blocks[index] = True
    return _from_block(mapping(payload, "content_block", required=True))


def _from_block(block: Mapping[str, Any]) -> list[Piece]:
    kind = block.get("type")
    if kind == "text":
        return [("text", string(block, "text"))]
    return [("reasoning", string(block, "thinking"))] if kind == "thinking" else []


def _block_delta(answer: Answer, payload: Payload) -> list[Piece]:
    _going_on(answer)
    index = _index(payload)
    if not answer.blocks.get(index):
        raise violation(f"The server went on with content block {index}, which is not open.")
    delta = mapping(payload, "delta", required=True)
    kind = delta.get("type")
    if kind == "text_delta":
        return [("text", string(delta, "text", required=True))]
    return [("reasoning", string(delta, "thinking", required=True))] if kind == "thinking_delta" else []


def _block_stop(answer: Answer, payload: Payload) -> list[Piece]:
    answer.blocks[_index(payload)] = False
    return []


def _message_delta(answer: Answer, payload: Payload) -> list[Piece]:
    delta = mapping(payload, "delta")
    if delta.get("stop_reason"):
        _stopped(answer, delta)
    if payload.get("usage"):
        # The counts are cumulative, and only those that moved are repeated.
        moved = _usage(mapping(payload, "usage")).model_dump()
        known = (answer.usage or Usage(calls=1)).model_dump()
        answer.usage = Usage(**{name: max(known[name], moved[name]) for name in known})
    return []


def _stopped(answer: Answer, message: Mapping[str, Any]) -> None:
    reason = string(message, "stop_reason")
    ending = _STOPS.get(reason, Ending.DROPPED)
    words = [f"stop_reason {reason or 'not given'}"]
    details = mapping(message, "stop_details")
    words += [string(details, key) for key in ("category", "explanation") if details.get(key)]
    answer.end(ending, "" if reason == "end_turn" else ": ".join(words))


def _message_stop(answer: Answer, payload: Payload) -> list[Piece]:
    answer.finished = True
    if answer.ending is Ending.COMPLETE and any(answer.blocks.values()):
        answer.end(Ending.TRUNCATED, "the message ended with a content block still open")
    return []


def _going_on(answer: Answer) -> None:
    if answer.ending is not None:
        raise violation("The server went on after it had said how the message ended.")


def _error(answer: Answer, payload: Payload) -> list[Piece]:
    answer.fail(payload)
    return []


def _index(payload: Payload) -> int:
    index = payload.get("index")
    if not isinstance(index, int):
        raise violation("The server sent a content block without its index.")
    return index


def _usage(usage: Mapping[str, Any]) -> Usage:
    """Input counts without its cached parts here, so they are added, as everywhere else."""
    read_tokens, written = (
        count(usage, "cache_read_input_tokens"),
        count(usage, "cache_creation_input_tokens"),
    )
    return Usage(
        calls=1,
        input_tokens=count(usage, "input_tokens") + read_tokens + written,
        cached_tokens=read_tokens,
        cache_write_tokens=written,
        output_tokens=count(usage, "output_tokens"),
        reasoning_tokens=count(mapping(usage, "output_tokens_details"), "thinking_tokens"),
    )


_HANDLERS: dict[str, Callable[[Answer, Payload], list[Piece]]] = {
    "message_start": _message_start,
    "content_block_start": _block_start,
    "content_block_delta": _block_delta,
    "content_block_stop": _block_stop,
    "message_delta": _message_delta,
    "message_stop": _message_stop,
    "error": _error,
}

WIRE = Wire("messages", "/v1/messages", build, translate, read)
