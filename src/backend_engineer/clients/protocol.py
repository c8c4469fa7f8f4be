"""What a model client is: one method that turns a request into events.

Owns: `ModelRequest`, `Message`, `ModelEvent`, the two protocols, and the fold of a stream into a completion.
Must never know: any provider, HTTP, prompts' structure, sessions.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
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
    "afold",
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
    were not sent as asked) to start. `detail` of an end says in words why it is not `complete`, where the provider
    or the client knows. After `end` or `error` nothing comes; a stream without either ended as `dropped`.
    """

    kind: Literal["start", "text", "reasoning", "end", "error"]
    text: str = ""
    ending: Ending | None = None
    usage: Usage | None = None
    error: ErrorFacts | None = None
    model: str = ""
    request_id: str = ""
    dropped: tuple[str, ...] = ()
    detail: str = ""


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
    """A whole answer, folded from a stream; the fields are those of the events."""

    text: str
    reasoning: str = ""
    ending: Ending
    usage: Usage = Usage()
    model: str = ""
    request_id: str = ""
    dropped: tuple[str, ...] = ()
    detail: str = ""
    error: ErrorFacts | None = None


class _Folding:
    """What a stream has said so far; a stream that stops here without a terminal event was dropped."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.reasoning: list[str] = []
        self.facts: dict[str, Any] = {"ending": Ending.DROPPED}

    def add(self, event: ModelEvent) -> None:
        if event.kind == "text":
            self.text.append(event.text)
        elif event.kind == "reasoning":
            self.reasoning.append(event.text)
        elif event.kind == "start":
            self.facts.update(model=event.model, request_id=event.request_id, dropped=event.dropped)
        elif event.kind == "end":
            ending = event.ending or Ending.DROPPED
            self.facts.update(ending=ending, usage=event.usage or Usage(), detail=event.detail)
        else:
            self.facts.update(error=event.error, usage=event.usage or Usage())

    def completion(self) -> Completion:
        return Completion(text="".join(self.text), reasoning="".join(self.reasoning), **self.facts)


def fold(events: Iterable[ModelEvent]) -> Completion:
    """Fold a stream into a completion; without a terminal event the ending is `dropped`."""
    folding = _Folding()
    for event in events:
        folding.add(event)
    return folding.completion()


async def afold(events: AsyncIterable[ModelEvent]) -> Completion:
    """The same for a stream of asyncio."""
    folding = _Folding()
    async for event in events:
        folding.add(event)
    return folding.completion()
