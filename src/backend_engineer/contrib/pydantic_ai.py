"""Any model of pydantic-ai as a model client.

Owns: the change of a request into its messages, and of its stream into our events.
Must never know: which provider stands behind the model.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from queue import Queue
from threading import Thread
from typing import Any

from backend_engineer.clients import ModelEvent, ModelRequest
from backend_engineer.clients.failures import failure, from_answer
from backend_engineer.clients.settling import with_schema_in_words
from backend_engineer.contract import Ending
from backend_engineer.errors import MissingExtra
from backend_engineer.outputs import Usage

__all__ = ["AsyncPydanticAIClient", "PydanticAIClient"]

_ENDINGS = {
    "stop": Ending.COMPLETE,
    "length": Ending.TRUNCATED,
    "content_filter": Ending.FILTERED,
    "tool_call": Ending.PAUSED,
    "error": Ending.DROPPED,
}
_BY_CLASS = {
    "ModelQuotaExceededError": "QuotaExceeded",
    "ModelRateLimitError": "RateLimited",
    "ModelTimeoutError": "TimedOut",
    "ModelRequestTimeout": "TimedOut",
    "ModelConnectionError": "ConnectionFailed",
    "ModelUnavailableError": "Overloaded",
    "ModelServerError": "Overloaded",
    "ModelAuthenticationError": "AuthenticationFailed",
    "ModelRequestRejectedError": "RequestRejected",
    "UnexpectedModelBehavior": "ProtocolViolation",
}
"""The error classes of pydantic-ai, by name: which of them there are depends on its version."""


class AsyncPydanticAIClient:
    """An asynchronous client. model: a model of pydantic-ai, or its name there, such as `openai:gpt-5`.

    profile: the prompt dialect. settings: more of pydantic-ai's model settings. Raises `MissingExtra` when
    pydantic-ai is not installed.
    """

    def __init__(self, model: Any, *, profile: str = "plain", settings: dict[str, Any] | None = None) -> None:
        self._library = _library()
        self._model, self.profile, self._settings = model, profile, dict(settings or {})

    def __repr__(self) -> str:
        return f"AsyncPydanticAIClient({self.name!r})"

    @property
    def name(self) -> str:
        """The model's name in pydantic-ai."""
        return self._model if isinstance(self._model, str) else str(self._model.model_name)

    def _arguments(self, request: ModelRequest) -> dict[str, Any]:
        settings = dict(self._settings)
        if request.max_output_tokens is not None:
            settings["max_tokens"] = request.max_output_tokens
        settings.setdefault("thinking", str(request.parameters.reasoning_effort))
        asked = with_schema_in_words(request) if request.json_schema is not None else request.messages
        return {"model": self._model, "messages": _messages(self._library, asked), "model_settings": settings}

    def _start(self, request: ModelRequest) -> ModelEvent:
        dropped = [
            f"reasoning_effort={request.parameters.reasoning_effort}: handed on as `thinking`; what the provider got is not known",
            f"verbosity={request.parameters.verbosity}: pydantic-ai has no such setting",
        ]
        if request.json_schema is not None:
            dropped.append("json_schema: asked for in words")
        return ModelEvent(kind="start", model=self.name, dropped=tuple(dropped))

    def _event(self, event: Any) -> ModelEvent | None:
        parts = self._library.messages
        if isinstance(event, parts.PartStartEvent):
            part, text = event.part, getattr(event.part, "content", "")
            said, thought = isinstance(part, parts.TextPart), isinstance(part, parts.ThinkingPart)
        elif isinstance(event, parts.PartDeltaEvent):
            delta, text = event.delta, getattr(event.delta, "content_delta", "")
            said, thought = isinstance(delta, parts.TextPartDelta), isinstance(delta, parts.ThinkingPartDelta)
        else:
            return None
        if not text or not (said or thought):
            return None
        return ModelEvent(kind="text" if said else "reasoning", text=text)

    def _end(self, response: Any) -> ModelEvent:
        reason = response.finish_reason
        # Not every model of pydantic-ai says why it stopped; what it does not say is not called complete.
        ending = _ENDINGS.get(reason or "", Ending.DROPPED)
        detail = "" if ending is Ending.COMPLETE else f"finish_reason {reason or 'not given'}"
        return ModelEvent(kind="end", ending=ending, usage=_usage(response.usage), detail=detail)

    def _error(self, error: Exception) -> ModelEvent:
        status = getattr(error, "status_code", None)
        named = (_BY_CLASS.get(ancestor.__name__) for ancestor in type(error).__mro__)
        kind, code = next(filter(None, named), None), None
        if status is not None:
            body = json.dumps(getattr(error, "body", None), default=str).encode()
            read = from_answer(status, {}, body, now=0.0)
            # The body may say that the account is empty; the provider's own words stay out, they may hold a key.
            kind = read.kind if kind is None or read.kind == "QuotaExceeded" else kind
            code = read.provider_code if read.kind == "QuotaExceeded" else None
        facts = failure(
            kind or "ConnectionFailed",
            f"pydantic-ai could not carry the call ({type(error).__name__}, status {status or 'unknown'}).",
            status=status,
            provider_code=code,
        )
        return ModelEvent(kind="error", error=facts)

    async def stream(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        """Send the request and yield events as they come."""
        yield self._start(request)
        try:
            async with self._library.direct.model_request_stream(**self._arguments(request)) as stream:
                async for event in stream:
                    translated = self._event(event)
                    if translated is not None:
                        yield translated
                end = self._end(stream.get())
        except self._library.exceptions.AgentRunError as error:
            if type(error).__name__ == "ContentFilterError":
                end = ModelEvent(kind="end", ending=Ending.FILTERED, detail="content_filter")
            else:
                end = self._error(error)
        except _connection_errors() as error:
            # What breaks while the answer is read is not wrapped by pydantic-ai.
            end = self._error(error)
        yield end


class PydanticAIClient:
    """A synchronous client: it runs the asynchronous one on a thread of its own, for as long as the call lasts."""

    def __init__(self, model: Any, *, profile: str = "plain", settings: dict[str, Any] | None = None) -> None:
        self._inner = AsyncPydanticAIClient(model, profile=profile, settings=settings)
        self.profile = profile

    def __repr__(self) -> str:
        return f"PydanticAIClient({self._inner.name!r})"

    def stream(self, request: ModelRequest, /) -> Iterator[ModelEvent]:
        """Send the request and yield events as they come."""
        said: Queue[ModelEvent | BaseException | None] = Queue()
        ready: Queue[Callable[[], object]] = Queue()

        async def carry() -> None:
            loop, task = asyncio.get_running_loop(), asyncio.current_task()
            if task is not None:
                ready.put(lambda: loop.call_soon_threadsafe(task.cancel))
            async for event in self._inner.stream(request):
                said.put(event)

        def run() -> None:
            try:
                asyncio.run(carry())
            except BaseException as error:  # noqa: BLE001  handed over: it is raised in the reader's thread
                said.put(error)
            else:
                said.put(None)
            finally:
                # Where no event loop could be made, nothing is there to be cancelled, and nobody waits for it.
                ready.put(lambda: None)

        thread = Thread(target=run, name="pydantic-ai call", daemon=True)
        thread.start()
        cancel = ready.get()
        try:
            while (event := said.get()) is not None:
                if isinstance(event, BaseException):
                    raise event
                yield event
        finally:
            with suppress(RuntimeError):  # the loop may have closed by itself
                cancel()
            thread.join()


def _connection_errors() -> tuple[type[Exception], ...]:
    """What the HTTP libraries that pydantic-ai may use raise when a connection breaks."""
    loaded = (sys.modules.get(name) for name in ("httpx", "httpx2"))
    return (OSError, *(library.TransportError for library in loaded if library is not None))


def _library() -> Any:
    try:
        import pydantic_ai
        import pydantic_ai.direct
    except ImportError as error:
        raise MissingExtra("pydantic-ai", "pydantic-ai-slim", "A model of pydantic-ai") from error
    return pydantic_ai


def _messages(library: Any, messages: Any) -> list[Any]:
    parts = library.messages
    made: list[Any] = []
    for message in messages:
        if message.role == "assistant":
            made.append(parts.ModelResponse(parts=[parts.TextPart(message.content)]))
        else:
            part = parts.SystemPromptPart if message.role == "system" else parts.UserPromptPart
            made.append(parts.ModelRequest(parts=[part(message.content)]))
    return made


def _usage(usage: Any) -> Usage:
    return Usage(
        calls=1,
        input_tokens=usage.input_tokens,
        cached_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        output_tokens=usage.output_tokens,
        reasoning_tokens=int(usage.details.get("reasoning_tokens", 0)),
    )
