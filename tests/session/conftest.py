"""A stage to test sessions on: built inputs, and an author who answers every prompt as a good model would."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from backend_engineer import Change, FileChange, Session, SourceTree
from backend_engineer.clients import ModelEvent, ModelRequest
from backend_engineer.contract import Ending
from backend_engineer.outputs import Plan, Usage
from backend_engineer.parsing import write_reply
from backend_engineer.session import AskHuman, CallModel, Done, Failed, ReadFiles, Verify, WatcherEvent
from backend_engineer.testing import Built, build

SEAL = re.compile(r"SEAL for this answer: (\S+)")


def seal_in(request: ModelRequest) -> str | None:
    found = SEAL.findall(request.messages[-1].content)
    return found[-1] if found else None


@dataclass
class Author:
    """Answers by phase; `also` overrides or edits single answers, each once for each entry."""

    built: Built
    also: dict[str, list[Callable[[Author, ModelRequest], str]]] = field(default_factory=dict)
    requests: list[ModelRequest] = field(default_factory=list)

    def reply(self, request: ModelRequest) -> str:
        self.requests.append(request)
        waiting = self.also.get(request.phase)
        if waiting:
            return waiting.pop(0)(self, request)
        return self.usual(request)

    def usual(self, request: ModelRequest) -> str:
        built, seal = self.built, seal_in(request)
        if request.phase in ("plan", "split"):
            return write_reply(Change(), checklist=built.checklist, plan=built.plan)
        if request.phase == "self-check":
            return write_reply(Change(), plan=built.plan)
        if request.phase == "verify":
            return write_reply(Change(), attestations=built.attestations, findings=built.findings)
        if request.phase == "all":
            return replace_seal(built, seal)
        return self.files(request, *self.asked(request))

    def asked(self, request: ModelRequest) -> tuple[str, ...]:
        """The paths that the prompt's task asks for, or all files."""
        task = request.messages[-1].content.rsplit("Task", 1)[-1]
        wanted = task.partition("Emit these files again")[2].partition("\n- Mend")[0]
        named = re.findall(r"^- `(.+)`$", wanted, re.MULTILINE)
        return tuple(named) or self.built.change.paths

    def files(self, request: ModelRequest, *paths: str) -> str:
        chosen = tuple(file for file in self.built.change.files if file.path in paths)
        validations = {path: text for path, text in self.built.validations.items() if path in paths}
        return write_reply(Change(chosen), validations=validations, seal=seal_in(request))


def replace_seal(built: Built, seal: str | None) -> str:
    return write_reply(
        built.change,
        checklist=built.checklist,
        plan=built.plan,
        validations=built.validations,
        attestations=built.attestations,
        findings=built.findings,
        seal=seal,
    )


def events(text: str, ending: Ending = Ending.COMPLETE, chunk: int = 997) -> list[ModelEvent]:
    pieces = [ModelEvent(kind="text", text=text[at : at + chunk]) for at in range(0, len(text), chunk)]
    usage = Usage(calls=1, input_tokens=100, output_tokens=50)
    return [ModelEvent(kind="start", model="m"), *pieces, ModelEvent(kind="end", ending=ending, usage=usage)]


@dataclass
class Stage:
    """What a test needs: the built material, sessions over it, and a loop that answers them."""

    built: Built
    author: Author
    tree: SourceTree
    human: Any = None
    reports: Any = ()
    approval: Any = True
    kinds: list[str] = field(default_factory=list)
    told: list[WatcherEvent] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    def session(self, **options: Any) -> Session:
        options.setdefault("base", self.tree)
        return Session(options.pop("inputs", self.built.inputs), **options)

    def answer(self, effect: Any) -> Any:
        if isinstance(effect, ReadFiles):
            return {path: self.tree.get(path) for path in effect.paths}
        if isinstance(effect, AskHuman):
            return self.human(effect.clarification) if callable(self.human) else self.human
        if isinstance(effect, Verify):
            return self.reports(effect) if callable(self.reports) else self.reports
        if effect.kind == "approve-plan":
            return self.approval.pop(0) if isinstance(self.approval, list) else self.approval
        return None

    def step(self, session: Session) -> None:
        effect = session.pending()
        self.kinds.append(effect.kind)
        self.ids.append(effect.id)
        if not isinstance(effect, CallModel):
            self.told += session.feed(effect.id, self.answer(effect))
            return
        for number, event in enumerate(events(self.author.reply(effect.request))):
            self.told += session.stream(effect.id, number, event)
            if session.pending().id != effect.id:
                return

    def drive(self, session: Session, until: str = "", limit: int = 60) -> Any:
        """Answer every effect until one of the kind `until`, or the end."""
        for _ in range(limit):
            effect = session.pending()
            if isinstance(effect, (Done, Failed)) or effect.kind == until:
                return effect
            self.step(session)
        raise AssertionError(f"no end after {limit} effects: {self.kinds}")

    @property
    def phases(self) -> list[str]:
        return [request.phase for request in self.author.requests]


def modifying(built: Built) -> tuple[Built, dict[str, str]]:
    """The built change with its service file modified instead of added, and the base that holds the old one."""
    path = next(file.path for file in built.change.files if file.section and file.section.position == 4)
    base = {**built.base, path: "# an older service\n", "notes/unrelated.txt": "unrelated\n"}
    files = tuple(
        replace(file, action="modify") if file.path == path else file for file in built.change.files
    )
    assert built.plan is not None
    rows = tuple(
        row.model_copy(update={"action": "modify"}) if row.path == path else row for row in built.plan.files
    )
    plan: Plan = built.plan.model_copy(update={"files": rows})
    return replace(built, base=base, change=built.change.with_files(files), plan=plan), base


@pytest.fixture(scope="session")
def material() -> tuple[Built, Mapping[str, str]]:
    return modifying(build(1))


@pytest.fixture
def stage(material: tuple[Built, dict[str, str]]) -> Stage:
    built, base = material
    return Stage(built, Author(built), SourceTree.from_mapping(base))


@pytest.fixture
def service(material: tuple[Built, dict[str, str]]) -> FileChange:
    """The one file that the built plan modifies."""
    return next(file for file in material[0].change.files if file.action == "modify")
