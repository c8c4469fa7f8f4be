"""A session under random treatment: right and wrong answers, late ones, repeats, cuts, saving and loading."""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backend_engineer import Session
from backend_engineer.clients import Completion, ErrorFacts, ModelEvent
from backend_engineer.contract import Ending
from backend_engineer.errors import BackendEngineerError
from backend_engineer.session import EFFECTS, FINAL, CallModel, Done, State


def _conftest() -> Any:
    """The stage of this folder; a state machine takes no fixtures."""
    name = "session_conftest_for_machine"
    if name not in sys.modules:
        path = Path(__file__).with_name("conftest.py")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


kit = _conftest()
BUILT, BASE = kit.modifying(kit.build(1))
RETRYABLE = ErrorFacts(kind="Overloaded", message="busy", retryable=True)


class SessionMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.stage = kit.Stage(BUILT, kit.Author(BUILT), kit.SourceTree.from_mapping(BASE))
        self.session: Session
        self.handed_out: list[str] = []
        self.sequence = 0

    @initialize(calls=st.sampled_from(["phases", "single"]), approve=st.booleans(), gaps=st.booleans())
    def begin(self, calls: str, approve: bool, gaps: bool) -> None:
        documents = json.loads(BUILT.inputs.model_dump_json())
        if gaps:
            del documents["perf_targets"]["latency"]
            self.stage.human = {"/perf_targets/latency": "p95 below 80 ms"}
        self.session = self.stage.session(inputs=documents, calls=calls, approve=approve)
        self.note()

    def note(self) -> None:
        effect_id = self.session.pending().id
        if not self.handed_out or self.handed_out[-1] != effect_id:
            assert effect_id not in self.handed_out
            self.handed_out.append(effect_id)
            self.sequence = 0

    def alive(self) -> bool:
        return self.session.state not in FINAL

    def calling(self) -> bool:
        return isinstance(self.session.pending(), CallModel)

    def try_(self, *arguments: Any, stream: bool = False) -> None:
        before = self.session.dump()
        try:
            (self.session.stream if stream else self.session.feed)(*arguments)
        except BackendEngineerError:
            assert self.session.dump() == before
        self.note()

    @precondition(lambda self: self.alive() and not self.session.streaming)
    @rule()
    def answer_well(self) -> None:
        self.stage.step(self.session)
        self.note()

    @precondition(lambda self: self.alive() and self.calling())
    @rule(count=st.integers(1, 2000))
    def stream_some(self, count: int) -> None:
        effect = self.session.pending()
        text = self.stage.author.usual(effect.request)
        have = self.session.dump()["call"]["text"]
        self.try_(
            effect.id,
            self.sequence,
            ModelEvent(kind="text", text=text[len(have) : len(have) + count]),
            stream=True,
        )
        self.sequence += self.session.pending().id == effect.id

    @precondition(lambda self: self.alive() and self.calling())
    @rule(ending=st.sampled_from(list(Ending)))
    def end_stream(self, ending: Ending) -> None:
        effect = self.session.pending()
        self.try_(effect.id, self.sequence, ModelEvent(kind="end", ending=ending), stream=True)

    @precondition(lambda self: self.alive() and self.calling())
    @rule(error=st.sampled_from([RETRYABLE, RETRYABLE, RETRYABLE.model_copy(update={"retryable": False})]))
    def fail(self, error: ErrorFacts) -> None:
        self.try_(self.session.pending().id, error)

    @precondition(lambda self: self.alive())
    @rule(answer=st.sampled_from([None, True, "no", {}, [], 3, Completion(text="?", ending=Ending.COMPLETE)]))
    def answer_anything(self, answer: Any) -> None:
        self.try_(self.session.pending().id, answer)

    @rule(data=st.data())
    def repeat_something_late(self, data: st.DataObject) -> None:
        late = self.handed_out[:-1]
        if late:
            effect_id = data.draw(st.sampled_from(late))
            before = self.session.dump()
            assert self.session.feed(effect_id, "late") == ()
            assert self.session.stream(effect_id, 0, ModelEvent(kind="text", text="late")) == ()
            assert self.session.dump() == before

    @rule(effect_id=st.sampled_from(["", "x:1:verify", "nobody"]))
    def answer_what_was_never_asked(self, effect_id: str) -> None:
        self.try_(effect_id, "x")

    @rule()
    def save_and_load(self) -> None:
        before = self.session.dump()
        self.session = Session.load(json.dumps(before))
        assert self.session.dump() == before

    @invariant()
    def a_known_state_with_an_allowed_effect(self) -> None:
        if hasattr(self, "session"):
            assert self.session.state in set(State)
            assert self.session.pending().kind in EFFECTS[self.session.state]

    @invariant()
    def never_more_than_fifteen_files_and_never_a_half_one(self) -> None:
        if hasattr(self, "session"):
            accepted = self.session._state.part.accepted
            assert len(accepted) <= 15
            assert all(file.status != "truncated" for file in accepted)

    @invariant()
    def what_is_done_is_a_result(self) -> None:
        if hasattr(self, "session") and isinstance(effect := self.session.pending(), Done):
            assert effect.result.status in ("ready", "blocked", "needs_clarification")


SessionMachine.TestCase.settings = settings(
    max_examples=16, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestSessionMachine = SessionMachine.TestCase
