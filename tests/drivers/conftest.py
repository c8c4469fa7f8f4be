"""Clients and inputs to drive: built material, and an author who answers every prompt as a good model would."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from backend_engineer import Change, SourceTree
from backend_engineer.clients import ModelEvent, ModelRequest
from backend_engineer.contract import Ending
from backend_engineer.parsing import write_reply
from backend_engineer.testing import Built, build


def answer(built: Built, request: ModelRequest) -> str:
    seal = (re.findall(r"SEAL for this answer: (\S+)", request.messages[-1].content) or [None])[-1]
    parts: dict[str, Any] = {
        "plan": {"checklist": built.checklist, "plan": built.plan},
        "self-check": {"plan": built.plan},
        "verify": {"attestations": built.attestations, "findings": built.findings},
    }
    if request.phase in parts:
        return write_reply(Change(), **parts[request.phase])
    whole = {"validations": built.validations, "seal": seal}
    if request.phase == "all":
        whole |= {**parts["plan"], **parts["verify"]}
    return write_reply(built.change, **whole)


@dataclass
class Model:
    """A client, sync; `before` may raise or yield other events for a request."""

    built: Built
    before: Callable[[int, ModelRequest], list[ModelEvent] | None] = lambda number, request: None
    requests: list[ModelRequest] = field(default_factory=list)
    closed: int = 0

    def events(self, request: ModelRequest) -> list[ModelEvent]:
        self.requests.append(request)
        other = self.before(len(self.requests), request)
        if other is not None:
            return other
        text = answer(self.built, request)
        pieces = [ModelEvent(kind="text", text=text[at : at + 500]) for at in range(0, len(text), 500)]
        return [ModelEvent(kind="start"), *pieces, ModelEvent(kind="end", ending=Ending.COMPLETE)]

    def stream(self, request: ModelRequest, /) -> Iterator[ModelEvent]:
        try:
            yield from self.events(request)
        finally:
            self.closed += 1


@dataclass
class AsyncModel(Model):
    """The same for asyncio."""

    async def stream(self, request: ModelRequest, /) -> AsyncIterator[ModelEvent]:  # type: ignore[override]
        try:
            for event in self.events(request):
                yield event
        finally:
            self.closed += 1


@pytest.fixture(scope="session")
def built() -> Built:
    return build(2)


@pytest.fixture
def model(built: Built) -> Model:
    return Model(built)


@pytest.fixture
def amodel(built: Built) -> AsyncModel:
    return AsyncModel(built)


@pytest.fixture
def tree(built: Built) -> SourceTree:
    return SourceTree.from_mapping(built.base)
