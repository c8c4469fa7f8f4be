"""Facts about a saved session: any moment survives, any stream can be cut, saved and resumed."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_engineer import Session
from backend_engineer.clients import Completion, ErrorFacts, ModelEvent
from backend_engineer.contract import Ending
from backend_engineer.errors import BackendEngineerError, SessionError, UsageError
from backend_engineer.outputs import CommandReport, MigrationReport
from backend_engineer.session import EFFECTS, FINAL, CallModel, Done, Failed, SessionState, State


def reloaded(session: Session, **options: Any) -> Session:
    """Through JSON text and back."""
    return Session.load(json.loads(json.dumps(session.dump(), ensure_ascii=True)), **options)


def ways(stage: Any) -> Iterator[tuple[str, Session]]:
    """Sessions in every state, each with a name."""
    documents = json.loads(stage.built.inputs.model_dump_json())
    del documents["perf_targets"]["latency"]
    yield "context", stage.session(inputs=documents)
    session = stage.session(approve=True)
    seen: set[str] = set()
    for _ in range(40):
        name = f"{session.state.value}/{session.pending().kind}"
        if name not in seen:
            seen.add(name)
            yield name, reloaded(session)
        if session.state in FINAL:
            break
        stage.step(session)
    failed = stage.session()
    failed.feed(failed.pending().id, ErrorFacts(kind="AuthenticationFailed", message="no", retryable=False))
    yield "failed", failed
    waiting = stage.session()
    waiting.feed(waiting.pending().id, ErrorFacts(kind="Overloaded", message="busy", retryable=True))
    yield "plan/wait", waiting
    streaming = stage.session()
    streaming.stream(streaming.pending().id, 0, ModelEvent(kind="text", text="- one\n- tw"))
    yield "plan/streaming", streaming
    single = stage.session(calls="single")
    yield "single", single
    checking = stage.session()
    checking._state.base = stage.tree.digest()
    yield "fresh", checking


def test_every_state_and_every_kind_of_effect_is_among_the_ways(stage: Any) -> None:
    found = list(ways(stage))
    states = {session.state for _, session in found}
    # CHECK and CONCLUDE stand still only where a rule needs a file that was not read.
    assert states >= set(State) - {State.CHECK, State.CONCLUDE}
    kinds = {session.pending().kind for _, session in found}
    assert kinds == {kind for kinds in EFFECTS.values() for kind in kinds}


def test_a_state_hands_out_only_the_effects_that_the_table_allows(stage: Any) -> None:
    for name, session in ways(stage):
        assert session.pending().kind in EFFECTS[session.state], name


def test_every_state_survives_saving_and_loading(stage: Any) -> None:
    for name, session in ways(stage):
        again = reloaded(session)
        assert again.dump() == session.dump(), name
        assert again.pending() == session.pending(), name
        assert again.state is session.state, name


def test_a_run_that_is_saved_and_loaded_before_every_step_ends_the_same(stage: Any) -> None:
    straight = stage.drive(stage.session(approve=True))
    session = stage.session(approve=True)
    while session.state not in FINAL:
        session = reloaded(session)
        stage.step(session)
    assert session.pending() == straight


_ONCE: dict[str, Any] = {}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_stream_can_be_cut_saved_and_resumed_anywhere_with_the_same_end(
    stage: Any, data: st.DataObject
) -> None:
    if "single" not in _ONCE:
        _ONCE["single"] = json.dumps(stage.session(calls="single").dump())
        _ONCE["straight"] = stage.drive(Session.load(_ONCE["single"]))
    session, straight = Session.load(_ONCE["single"]), _ONCE["straight"]
    while session.state not in FINAL:
        effect = session.pending()
        if not isinstance(effect, CallModel):
            session.feed(effect.id, stage.answer(effect))
            continue
        text = stage.author.usual(effect.request)
        cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        for number, piece in enumerate(pieces):
            session.stream(effect.id, number, ModelEvent(kind="text", text=piece))
            session = reloaded(session)
            # A queue that delivers at least once brings the same event again.
            session.stream(effect.id, number, ModelEvent(kind="text", text=piece))
        usage = {"calls": 1, "input_tokens": 100, "output_tokens": 50}
        session.stream(effect.id, len(pieces), {"kind": "end", "ending": "complete", "usage": usage})
    ours = session.pending().result.model_dump(exclude={"record"})
    theirs = straight.result.model_dump(exclude={"record"})
    assert ours == theirs


def test_the_saved_form_keeps_to_its_json_schema(stage: Any) -> None:
    schema = SessionState.model_json_schema(mode="serialization")
    validator = jsonschema.Draft202012Validator(schema)
    for name, session in ways(stage):
        assert not list(validator.iter_errors(json.loads(json.dumps(session.dump())))), name


def test_a_session_of_another_format_is_refused(stage: Any) -> None:
    document = stage.session().dump()
    with pytest.raises(SessionError, match="format 1"):
        Session.load({**document, "format": 2})


@pytest.mark.parametrize("document", ["", "{", "[]", "null", {}, {"format": 1}, None, 3, [], "\ud800"])
def test_what_is_no_saved_session_is_a_named_error(document: Any) -> None:
    with pytest.raises(SessionError, match="not a saved session"):
        Session.load(document)


def test_a_damaged_document_never_ends_in_a_traceback(stage: Any) -> None:
    whole = stage.session().dump()
    for key in whole:
        for value in (None, 3, "x", [], {}, [{}], {"kind": "done"}):
            document = copy.deepcopy(whole)
            document[key] = value
            try:
                session = Session.load(document)
                session.pending()
            except BackendEngineerError:
                pass


def test_a_seal_key_is_not_saved_and_has_to_be_passed_again(stage: Any) -> None:
    session = stage.session(seal_key=b"a secret of the deployment")
    text = json.dumps(session.dump())
    assert "a secret of the deployment" not in text
    with pytest.raises(UsageError, match="seal key"):
        Session.load(text)
    assert reloaded(session, seal_key=b"a secret of the deployment").pending() == session.pending()


# Every state times every input

COMPLETIONS = [Completion(text="", ending=ending) for ending in Ending] + [
    Completion(text="prose without anything", ending=ending) for ending in Ending
]
ANSWERS = [
    None, True, False, 0, "", "text", b"bytes", [], {}, {"x": 1}, {"/request": {}}, [1], object(),
    MigrationReport(dialect="sqlite"), (MigrationReport(dialect="sqlite"), CommandReport()), *COMPLETIONS,
    ErrorFacts(kind="RateLimited", message="m", retryable=True), ErrorFacts(kind="Nonsense", message="m", retryable=False),
    {"text": "x", "ending": "complete"}, {"text": "x", "ending": "nowhere"}, float("nan"), "\ud800", {"a": "\ud800"},
]  # fmt: skip
EVENTS = [
    *(ModelEvent(kind=kind) for kind in ("start", "text", "reasoning", "end", "error")),
    *(ModelEvent(kind="end", ending=ending) for ending in Ending),
    {"kind": "text", "text": "x"}, {"kind": "nothing"}, None, 7, "text",
]  # fmt: skip


def outcome(session: Session, give: Any) -> None:
    """Give an input: a known state or a named error, and in both cases a session that can be saved."""
    before = session.dump()
    try:
        give(session)
    except BackendEngineerError:
        assert session.dump() == before
    assert session.state in set(State)
    assert session.pending().kind in EFFECTS[session.state]
    json.dumps(session.dump(), ensure_ascii=False).encode()


@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
def test_every_state_takes_or_refuses_every_answer(stage: Any, answer: Any) -> None:
    for document in saved(stage):
        session = Session.load(document)
        outcome(session, lambda session: session.feed(session.pending().id, answer))


@pytest.mark.parametrize("event", EVENTS, ids=range(len(EVENTS)))
def test_every_state_takes_or_refuses_every_event(stage: Any, event: Any) -> None:
    for document in saved(stage):
        session = Session.load(document)
        following = 1 if session.streaming else 0
        outcome(session, lambda session, n=following: session.stream(session.pending().id, n, event))


_SAVED: list[str] = []


def saved(stage: Any) -> list[str]:
    """The ways as text, made once: loading is what the tests are about."""
    if not _SAVED:
        _SAVED.extend(json.dumps(session.dump()) for _, session in ways(stage))
    return _SAVED


# Purity

_PROGRAM = """
import sys, runpy
namespace = runpy.run_path(sys.argv[1])
built, base = namespace["modifying"](namespace["build"](1))
def drive():
    stage = namespace["Stage"](built, namespace["Author"](built), namespace["SourceTree"].from_mapping(base))
    return stage.drive(stage.session())
first = drive()
import random, time
def refuse(event, args):
    if event in ("open", "os.listdir", "os.scandir", "subprocess.Popen") or event.startswith(("socket.", "shutil.", "tempfile.")):
        raise SystemExit(f"a session reached for {event} {args[:1]}")
def no(*args, **kwargs):
    raise SystemExit("a session asked the clock or chance")
sys.addaudithook(refuse)
time.time = time.monotonic = time.perf_counter = time.sleep = random.random = random.getrandbits = no
second = drive()
print("same" if first == second else "different")
"""


def test_a_session_does_no_io_and_asks_neither_clock_nor_chance() -> None:
    conftest = os.path.join(os.path.dirname(__file__), "conftest.py")
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, conftest], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "same", done.stderr


def test_a_failed_session_says_why_after_loading_too(stage: Any) -> None:
    session = stage.session(limits={"prompt_tokens": 10})
    again = reloaded(session).pending()
    assert isinstance(again, Failed)
    assert again.error.kind == "BudgetExceeded"
    assert not isinstance(again, Done)


@pytest.mark.parametrize("state", ["context", "approve", "execute", "done", "failed", None])
def test_a_saved_call_in_a_state_that_makes_no_call_is_refused(stage: Any, state: str | None) -> None:
    saved = stage.session().dump()
    assert saved["pending"]["kind"] == "call-model"
    if state is None:
        del saved["state"]
    else:
        saved["state"] = state
    with pytest.raises(SessionError, match="hands out no call-model"):
        Session.load(saved)
