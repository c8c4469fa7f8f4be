"""What can be watched of a call: one log record at its start and its end, and a span where OpenTelemetry is present.

Owns: the log records' fields, the table of span attributes, and the decision that prompts and answers stay out.
Must never know: keys, HTTP libraries, what a message says (unless content was asked for by name).

The attribute names follow the conventions for generative AI, version 0.1.0 of their own repository, all of which
are still marked as in development; hence a table here and no import of constants that move.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from backend_engineer.clients.call import Call
from backend_engineer.clients.protocol import ModelEvent

__all__ = ["ATTRIBUTES", "CONVENTIONS", "PIECES", "Telemetry", "Watch"]

CONVENTIONS = "semantic-conventions-genai 0.1.0"

ATTRIBUTES: dict[str, str] = {
    "operation": "gen_ai.operation.name",
    "provider": "gen_ai.provider.name",
    "model": "gen_ai.request.model",
    "max_tokens": "gen_ai.request.max_tokens",
    "effort": "gen_ai.request.reasoning.level",
    "stream": "gen_ai.request.stream",
    "server": "server.address",
    "call": "backend_engineer.call.id",
    "phase": "backend_engineer.phase",
    "request_id": "gen_ai.response.id",
    "answered_by": "gen_ai.response.model",
    "finish": "gen_ai.response.finish_reasons",
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
    "cached_tokens": "gen_ai.usage.cache_read.input_tokens",
    "cache_write_tokens": "gen_ai.usage.cache_write.input_tokens",
    "reasoning_tokens": "gen_ai.usage.reasoning.output_tokens",
    "error": "error.type",
    "content": "gen_ai.input.messages",
}
"""Our word for each attribute, and the convention's."""

_PROVIDERS = {"openai": "openai", "openai-chat": "openai", "anthropic": "anthropic"}

PIECES = frozenset({"text", "reasoning"})
"""The events that are not watched: they are many, and say nothing about the call."""

_log = logging.getLogger("backend_engineer.clients")
# Without a handler of the application `logging` would print warnings to stderr by itself.
_log.addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What is watched. spans: whether OpenTelemetry spans are made where its API is installed.
    content: whether the prompt is put into the span; off, because specifications are confidential.
    """

    spans: bool = True
    content: bool = False


class Watch:
    """The watching of one call; `finish` is called exactly once, however the call ends."""

    def __init__(self, telemetry: Telemetry, call: Call, *, began: float) -> None:
        self._began = began
        self._facts = _facts(call)
        self._first: float | None = None
        self._last: ModelEvent | None = None
        self._heard = ModelEvent(kind="start")
        self._span = _span(telemetry, call, self._facts)
        _log.info("model call starts", extra={"event": "model.call.start", **_labelled(self._facts)})

    def saw(self, event: ModelEvent) -> None:
        """Note the first event, which names the model that answers, and the last, which says how it ended."""
        if self._first is None:
            self._first = time.monotonic()
            self._heard = event
        if event.kind != "start":
            self._last = event

    def finish(self, now: float) -> None:
        """Write the last record and close the span."""
        facts: dict[str, Any] = {
            "answered_by": self._heard.model,
            "request_id": self._heard.request_id,
            **_outcome(self._last),
        }
        seconds = {"seconds": round(now - self._began, 6)}
        if self._first is not None:
            seconds["first_event_seconds"] = round(self._first - self._began, 6)
        level = logging.WARNING if facts.get("error") else logging.INFO
        labels = _labelled({**self._facts, **facts, **seconds})
        _log.log(level, "model call ends", extra={"event": "model.call.end", **labels})
        if self._span is not None:
            for name, value in facts.items():
                if name in ATTRIBUTES and value not in ("", None):
                    self._span.set_attribute(ATTRIBUTES[name], [value] if name == "finish" else value)
            if facts.get("error"):
                from opentelemetry.trace import StatusCode

                self._span.set_status(StatusCode.ERROR)
            self._span.end()


def _facts(call: Call) -> dict[str, Any]:
    settings, request = call.settings, call.request
    return {
        "operation": "chat",
        "provider": _PROVIDERS.get(settings.preset.name, settings.preset.name),
        "server": urlsplit(settings.base_url).hostname,
        "model": settings.model,
        "stream": settings.streaming,
        "effort": str(request.parameters.reasoning_effort),
        "call": request.id,
        "phase": request.phase,
        "max_tokens": call.plan.body.get(settings.preset.max_tokens_field, 0),
    }


def _outcome(terminal: ModelEvent | None) -> dict[str, Any]:
    if terminal is None:
        return {"finish": "aborted"}
    facts: dict[str, Any] = {"finish": str(terminal.ending or "error")}
    if terminal.error is not None:
        facts["error"] = terminal.error.kind
    if terminal.usage is not None:
        counts = terminal.usage.model_dump()
        facts.update({name: counts[name] for name in ATTRIBUTES if name in counts})
    return facts


def _labelled(facts: dict[str, Any]) -> dict[str, Any]:
    # A prefix, because `logging` refuses extra fields that bear the name of one of its own.
    return {f"model_{name}": value for name, value in facts.items()}


@cache
def _tracer() -> Any:
    """OpenTelemetry's tracer, or None where it is not installed; looked up once."""
    try:
        from opentelemetry import trace
    except ImportError:
        return None
    return trace.get_tracer("backend_engineer", schema_url=None)


def _span(telemetry: Telemetry, call: Call, facts: dict[str, Any]) -> Any:
    tracer = _tracer() if telemetry.spans else None
    if tracer is None:
        return None
    attributes = {ATTRIBUTES[name]: value for name, value in facts.items() if value not in ("", None)}
    if telemetry.content:
        attributes[ATTRIBUTES["content"]] = json.dumps(
            [{"role": message.role, "content": message.content} for message in call.request.messages]
        )
    # Not made the current span: a generator may be resumed in another context than the one that began it.
    return tracer.start_span(f"chat {call.settings.model}", attributes=attributes)
