"""Clients that replay what was recorded, and refuse a prompt that is not the recorded one.

Owns: `ReplayClient` and `AsyncReplayClient`.
Must never know: prompts, the session, how a record comes about.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend_engineer.clients.protocol import ErrorFacts, ModelEvent, ModelRequest
from backend_engineer.contract import Ending
from backend_engineer.errors import RecordMismatch, UsageError
from backend_engineer.outputs import Exchange, RunRecord, Usage

__all__ = ["AsyncReplayClient", "ReplayClient", "ReplaySource"]

ReplaySource = RunRecord | str | Mapping[str, str | Sequence[str]]
"""What can be replayed: a record, one reply for every call, or replies by phase."""

_CHUNK = 64


@dataclass(frozen=True, slots=True)
class _Take:
    """One recorded answer, and the request that it belongs to as far as that is known."""

    text: str
    phase: str = ""
    fingerprints: Mapping[str, str] | None = None
    ending: Ending = Ending.COMPLETE
    usage: Usage | None = None
    error: ErrorFacts | None = None
    model: str = ""


class _Tape:
    """The recorded answers and how far they were played; shared by both clients."""

    def __init__(self, source: ReplaySource) -> None:
        self._takes: list[_Take] = []
        self._by_phase: dict[str, list[str]] | None = None
        self._text: str | None = None
        self._at = 0
        self.label = ""
        if isinstance(source, RunRecord):
            self.label = source.label
            self._takes = [_take(item) for item in source.exchanges if item.kind == "call-model"]
            if not self._takes:
                raise UsageError("The record holds no model call.", hint="Record a run that called a model.")
        elif isinstance(source, str):
            self._text = source
        elif isinstance(source, Mapping):
            self._by_phase = {
                str(phase): [texts] if isinstance(texts, str) else list(texts)
                for phase, texts in source.items()
            }
        else:
            raise UsageError(
                f"{type(source).__name__} cannot be replayed.",
                hint="Pass a RunRecord, a text, or texts by phase.",
            )

    def next(self, request: ModelRequest) -> _Take:
        """The answer to a request; raises `RecordMismatch` when it is not the recorded one."""
        if self._text is not None:
            return _Take(self._text)
        if self._by_phase is not None:
            return self._of_phase(request)
        if self._at >= len(self._takes):
            raise RecordMismatch(
                f"The record holds {len(self._takes)} call(s); the run makes one more, for {request.phase}.",
                moved=("calls",),
                hint="Record the run again.",
            )
        take = self._takes[self._at]
        self._compare(take, request)
        self._at += 1
        return take

    def _compare(self, take: _Take, request: ModelRequest) -> None:
        number = self._at + 1
        if take.phase != request.phase:
            raise RecordMismatch(
                f"Call {number} of the record was made for {take.phase}, the run makes it for {request.phase}.",
                moved=("phase",),
                hint="Record the run again.",
            )
        recorded = take.fingerprints or {}
        moved = [
            name
            for name in sorted({*recorded, *request.fingerprints})
            if recorded.get(name) != request.fingerprints.get(name)
        ]
        if moved:
            raise RecordMismatch(
                f"The prompt of call {number} ({request.phase}) is not the recorded one; "
                f"what moved: {', '.join(moved)}.",
                moved=moved,
                hint="If the change was meant, record the run again; otherwise take back what moved.",
            )

    def _of_phase(self, request: ModelRequest) -> _Take:
        assert self._by_phase is not None
        texts = self._by_phase.get(request.phase)
        if not texts:
            known = ", ".join(sorted(self._by_phase)) or "none"
            raise RecordMismatch(
                f"There is no recorded reply for the phase {request.phase} (there are: {known}).",
                moved=("phase",),
                hint="Record a reply for this phase.",
            )
        return _Take(texts.pop(0) if len(texts) > 1 else texts[0])


def _take(exchange: Exchange) -> _Take:
    request: Mapping[str, Any] = exchange.request
    answer: Mapping[str, Any] = exchange.answer
    return _Take(
        text=str(answer.get("text", "")),
        phase=str(request.get("phase", "")),
        fingerprints=dict(request.get("fingerprints") or {}),
        ending=Ending(answer.get("ending", Ending.COMPLETE)),
        usage=Usage.model_validate(answer["usage"]) if answer.get("usage") else None,
        error=ErrorFacts.model_validate(answer["error"]) if answer.get("error") else None,
        model=str(answer.get("model", "")),
    )


def _events(take: _Take, model: str, chunk: int) -> Iterator[ModelEvent]:
    yield ModelEvent(kind="start", model=take.model or model)
    for start in range(0, len(take.text), chunk):
        yield ModelEvent(kind="text", text=take.text[start : start + chunk])
    if take.error is not None:
        yield ModelEvent(kind="error", error=take.error, usage=take.usage)
    else:
        yield ModelEvent(kind="end", ending=take.ending, usage=take.usage)


class ReplayClient:
    """Answers from a record, calling nobody.

    source: a `RunRecord`, whose calls are answered in order, each only to the prompt that it was recorded with; a
    text, which answers every call; or texts by phase, several of them in order and the last one again. Only a record
    knows prompts; a text answers any. chunk: characters of each text event, so that a run shows as if it streamed.
    label: what kind of record it is, as the record says. model: the name that the start event carries.

    Raises `RecordMismatch`, whose `moved` names the fingerprints that differ, for a prompt that is not the recorded
    one, a phase without a recorded reply, or a call beyond the record's end.
    """

    def __init__(self, source: ReplaySource, *, chunk: int = _CHUNK, model: str = "replay") -> None:
        if chunk < 1:
            raise UsageError("A chunk has at least one character.")
        self._tape, self._chunk, self._model = _Tape(source), chunk, model
        self.label = self._tape.label

    def stream(self, request: ModelRequest, /) -> Iterator[ModelEvent]:
        """The recorded answer to this request as events."""
        yield from _events(self._tape.next(request), self._model, self._chunk)


class AsyncReplayClient:
    """The same for asyncio."""

    def __init__(self, source: ReplaySource, *, chunk: int = _CHUNK, model: str = "replay") -> None:
        if chunk < 1:
            raise UsageError("A chunk has at least one character.")
        self._tape, self._chunk, self._model = _Tape(source), chunk, model
        self.label = self._tape.label

    async def stream(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:
        """The recorded answer to this request as events."""
        for event in _events(self._tape.next(request), self._model, self._chunk):
            yield event
            # Between two events others get their turn, as they would while a network is waited for.
            await asyncio.sleep(0)
