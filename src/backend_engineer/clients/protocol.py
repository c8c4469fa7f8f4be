"""What a model client is: one method that turns a request into events.

Owns: `ModelRequest`, `Message`, `ModelEvent`, the two protocols, and the fold of a stream into a completion.
Must never know: any provider, HTTP, prompts' structure, sessions.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import Field

from backend_engineer.contract import Ending, Parameters
from backend_engineer.outputs import Usage
from backend_engineer.outputs.value import Value

__all__ = [
    "AsyncModelClient",
    "Completion",
    "ErrorFacts",
    "Message",
    "ModelClient",
    "ModelEvent",
    "ModelRequest",
    "fold",
]


class Message(Value):
    """One message: role `system`, `user` or `assistant`.

    cache_marks: offsets in `content` (characters) after which the prefix is worth caching.
    """

    role: Literal["system", "user", "assistant"]
    content: str
    cache_marks: tuple[int, ...] = ()


class ModelRequest(Value):
    """One call of a model.

    id: the effect's id, stable over retries (an idempotency key). phase: for logs and scripted clients.
    parameters: effort and verbosity; a client maps them to what its model takes and reports what it dropped.
    max_output_tokens: None means the model's own limit. schema_name, json_schema: the JSON part that the
    answer must hold, where the provider can enforce it. fingerprints: of the rendered prompt.
    """

    id: str
    phase: str
    messages: tuple[Message, ...]
    parameters: Parameters = Parameters()
    max_output_tokens: int | None = None
    schema_name: str | None = None
    json_schema: dict[str, Any] | None = None
    fingerprints: dict[str, str] = Field(default_factory=dict)


class ErrorFacts(Value):
    """An error as a value: the class name in `errors`, and the facts that `ClientError` carries."""

    kind: str
    message: str
    retryable: bool
    status: int | None = None
    provider_code: str | None = None
    request_id: str | None = None
    retry_after: float | None = None


class ModelEvent(Value):
    """One event of a stream.

    kind: `start`, `text`, `reasoning`, `end` or `error`; `text` belongs to text and reasoning, `ending` and
    `usage` to end (and usage to error, where it is known), `model`, `request_id` and `dropped` (parameters that
    were not sent as asked) to start. After `end` or `error` nothing comes; a stream without either ended as `dropped`.
    """

    kind: Literal["start", "text", "reasoning", "end", "error"]
    text: str = ""
    ending: Ending | None = None
    usage: Usage | None = None
    error: ErrorFacts | None = None
    model: str = ""
    request_id: str = ""
    dropped: tuple[str, ...] = ()


@runtime_checkable
class ModelClient(Protocol):
    """Anything with this one method is a client; `profile` (optional attribute) names the prompt dialect."""

    def stream(self, request: ModelRequest, /) -> Iterator[ModelEvent]:
        """Send the request and yield events as they come; errors are raised as `ClientError` or yielded."""
        ...


@runtime_checkable
class AsyncModelClient(Protocol):
    """The same for asyncio: `stream` returns an asynchronous iterator."""

    def stream(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        """Send the request and yield events as they come."""
        ...


class Completion(Value):
    """A whole answer, folded from a stream."""

    text: str
    reasoning: str = ""
    ending: Ending
    usage: Usage = Usage()
    model: str = ""
    request_id: str = ""
    dropped: tuple[str, ...] = ()
    error: ErrorFacts | None = None


def fold(events: Iterable[ModelEvent]) -> Completion:
    """Fold a stream into a completion; without a terminal event the ending is `dropped`."""
    text: list[str] = []
    reasoning: list[str] = []
    facts: dict[str, Any] = {"ending": Ending.DROPPED}
    for event in events:
        if event.kind == "text":
            text.append(event.text)
        elif event.kind == "reasoning":
            reasoning.append(event.text)
        elif event.kind == "start":
            facts.update(model=event.model, request_id=event.request_id, dropped=event.dropped)
        elif event.kind == "end":
            facts.update(ending=event.ending or Ending.DROPPED, usage=event.usage or Usage())
        else:
            facts.update(error=event.error, usage=event.usage or Usage())
    return Completion(text="".join(text), reasoning="".join(reasoning), **facts)
