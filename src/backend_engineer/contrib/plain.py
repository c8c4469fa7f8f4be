"""Any function as a model client: it takes the request and returns text, pieces of text, or events.

Owns: the two adapters, synchronous and asynchronous.
Must never know: providers, networks.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import TypeAlias

from backend_engineer.clients import ModelEvent, ModelRequest, estimate_usage
from backend_engineer.contract import Ending
from backend_engineer.errors import ProtocolViolation

__all__ = ["AsyncFunctionClient", "FunctionClient"]

Pieces: TypeAlias = str | Iterable[str | ModelEvent]
AsyncPieces: TypeAlias = AsyncIterable[str | ModelEvent] | Awaitable[Pieces]

_DROPPED = ("reasoning_effort: left to the function", "verbosity: left to the function")


class _Spoken:
    """What a function's pieces add up to; one that ends by itself is complete, as a function has no wire to lose."""

    def __init__(self, request: ModelRequest, name: str) -> None:
        self._request = request
        self._said: list[str] = []
        self.start = ModelEvent(kind="start", model=name, dropped=_DROPPED)
        self.ended = False

    def event(self, piece: str | ModelEvent) -> ModelEvent | None:
        if isinstance(piece, str):
            self._said.append(piece)
            return ModelEvent(kind="text", text=piece) if piece else None
        if not isinstance(piece, ModelEvent):
            raise ProtocolViolation(
                f"The function gave a {type(piece).__name__}.", hint="Give text or ModelEvent values."
            )
        if piece.kind == "start":
            return None
        self.ended = piece.kind in ("end", "error")
        if piece.kind == "text":
            self._said.append(piece.text)
        return piece

    def end(self) -> ModelEvent:
        usage = estimate_usage(self._request, "".join(self._said))
        return ModelEvent(kind="end", ending=Ending.COMPLETE, usage=usage)


class FunctionClient:
    """A client made of a function `request -> str`, or of one that yields text or events.

    profile: the prompt dialect. name: what records call the model. Usage is an estimate and marked as such.
    """

    def __init__(
        self, function: Callable[[ModelRequest], Pieces], *, profile: str = "plain", name: str = "function"
    ) -> None:
        self._function, self.profile, self.name = function, profile, name

    def stream(self, request: ModelRequest, /) -> Iterator[ModelEvent]:
        """Call the function and yield what it says."""
        spoken = _Spoken(request, self.name)
        yield spoken.start
        pieces = self._function(request)
        for piece in (pieces,) if isinstance(pieces, str) else pieces:
            event = spoken.event(piece)
            if event is not None:
                yield event
            if spoken.ended:
                return
        yield spoken.end()


class AsyncFunctionClient:
    """The same for a coroutine function, or for an asynchronous generator."""

    def __init__(
        self,
        function: Callable[[ModelRequest], AsyncPieces],
        *,
        profile: str = "plain",
        name: str = "function",
    ) -> None:
        self._function, self.profile, self.name = function, profile, name

    async def stream(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        """Call the function and yield what it says."""
        spoken = _Spoken(request, self.name)
        yield spoken.start
        async for piece in _flattened(self._function(request)):
            event = spoken.event(piece)
            if event is not None:
                yield event
            if spoken.ended:
                return
        yield spoken.end()


async def _flattened(pieces: AsyncPieces) -> AsyncIterator[str | ModelEvent]:
    if isinstance(pieces, AsyncIterable):
        async for piece in pieces:
            yield piece
        return
    said = await pieces
    for piece in (said,) if isinstance(said, str) else said:
        yield piece
