"""Facts about the context phase: gaps of the inputs and questions of the model."""

import json
from typing import Any

import jsonschema
import pytest

from backend_engineer.contract import Status
from backend_engineer.errors import BackendEngineerError, SessionError
from backend_engineer.session import AskHuman, CallModel, Done, State


@pytest.fixture
def documents(stage: Any) -> dict[str, Any]:
    return json.loads(stage.built.inputs.model_dump_json())


def test_a_missing_field_is_asked_for_before_any_call(stage: Any, documents: Any) -> None:
    del documents["perf_targets"]["latency"]
    effect = stage.session(inputs=documents).pending()
    assert isinstance(effect, AskHuman)
    assert [gap.pointer for gap in effect.clarification.gaps] == ["/perf_targets/latency"]
    assert all(gap.options for gap in effect.clarification.gaps)


def test_a_missing_request_is_asked_for_with_the_other_gaps(stage: Any, documents: Any) -> None:
    del documents["request"]
    documents["tech_spec"]["error_handling"] = "TBD"
    pointers = [gap.pointer for gap in stage.session(inputs=documents).pending().clarification.gaps]
    assert pointers == ["/tech_spec/error_handling", "/request"]


def test_a_request_beside_the_inputs_fills_the_gap(stage: Any, documents: Any) -> None:
    request = documents.pop("request")
    assert isinstance(stage.session(inputs=documents, request=request).pending(), CallModel)


def test_the_schema_of_the_question_accepts_its_own_options(stage: Any, documents: Any) -> None:
    del documents["perf_targets"]["latency"]
    effect = stage.session(inputs=documents).pending()
    jsonschema.Draft202012Validator.check_schema(effect.answer_schema)
    [gap] = effect.clarification.gaps
    for option in gap.options:
        if option.value is not None:
            jsonschema.validate({gap.pointer: option.value}, effect.answer_schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({}, effect.answer_schema)


def test_answers_lead_on_to_the_plan_and_into_the_inputs(stage: Any, documents: Any) -> None:
    del documents["perf_targets"]["latency"]
    session = stage.session(inputs=documents)
    session.feed(session.pending().id, {"/perf_targets/latency": "p95 below 77 ms"})
    assert session.state is State.PLAN
    assert "p95 below 77 ms" in session.pending().request.messages[-1].content


def test_some_answers_leave_the_other_gaps_to_be_asked_again(stage: Any, documents: Any) -> None:
    del documents["perf_targets"]["latency"]
    del documents["perf_targets"]["caching"]
    session = stage.session(inputs=documents)
    first = session.pending()
    session.feed(first.id, {"/perf_targets/latency": "p95 below 77 ms"})
    again = session.pending()
    assert [gap.pointer for gap in again.clarification.gaps] == ["/perf_targets/caching"]
    assert again.id != first.id
    session.feed(again.id, {"/perf_targets/caching": {"not_applicable": "nothing is read twice"}})
    assert session.state is State.PLAN


@pytest.mark.parametrize("whole", [True, False])
def test_the_wanted_change_can_be_given_as_an_answer(stage: Any, documents: Any, whole: bool) -> None:
    request = documents.pop("request")
    if not whole:
        del documents["perf_targets"]["latency"]
    session = stage.session(inputs=documents)
    session.feed(session.pending().id, {"/request": request})
    if not whole:
        session.feed(session.pending().id, {"/perf_targets/latency": "p95 below 77 ms"})
    assert session.state is State.PLAN
    assert request["title"] in session.pending().request.messages[-1].content


@pytest.mark.parametrize("answer", [{}, {"/perf_targets/latency": "TBD"}])
def test_answers_that_close_no_gap_do_not_go_on_forever(stage: Any, documents: Any, answer: Any) -> None:
    del documents["perf_targets"]["latency"]
    stage.human = answer
    done = stage.drive(stage.session(inputs=documents))
    assert stage.kinds == ["ask-human"] * 3
    assert done.result.status is Status.NEEDS_CLARIFICATION


def test_nobody_to_ask_ends_the_run_with_the_questions(stage: Any, documents: Any) -> None:
    del documents["perf_targets"]["latency"]
    session = stage.session(inputs=documents)
    asked = session.pending().clarification
    session.feed(session.pending().id, None)
    done = session.pending()
    assert isinstance(done, Done)
    assert (done.result.status, done.result.clarification) == (Status.NEEDS_CLARIFICATION, asked)
    assert done.result.usage.calls == 0


@pytest.mark.parametrize(
    "answer",
    [
        3,
        "text",
        ["x"],
        {1: "x"},
        {"/nobody/asked": "x"},
        {"/perf_targets/latency": "x", "/tech_spec/stack": "y"},
    ],
)
def test_an_answer_to_something_else_is_refused_and_changes_nothing(
    stage: Any, documents: Any, answer: Any
) -> None:
    del documents["perf_targets"]["latency"]
    session = stage.session(inputs=documents)
    before = session.dump()
    with pytest.raises(SessionError):
        session.feed(session.pending().id, answer)
    assert session.dump() == before


def test_inputs_that_cannot_be_asked_about_are_a_named_error_at_once(stage: Any) -> None:
    for inputs in ({"tech_sepc": {}}, {"tech_spec": 3}, 3, {"tech_spec": {"error_handling": "\ud800"}}):
        with pytest.raises(BackendEngineerError):
            stage.session(inputs=inputs)


QUESTION = """I cannot go on.

```json
{"clarification": {"gaps": [{"pointer": "/questions/time-zone", "clause": "ROLE-02", "kind": "missing",
"reason": "Which time zone does the date have?", "options": [{"label": "UTC", "value": "UTC"}],
"answer_schema": {"type": "string"}}], "wording": {}}}
```
"""


def asking(stage: Any, phase: str, times: int = 1) -> None:
    stage.author.also[phase] = [lambda author, request: QUESTION] * times


@pytest.mark.parametrize(
    ("phase", "calls"), [("plan", "phases"), ("self-check", "phases"), ("all", "single")]
)
def test_a_question_of_the_model_goes_to_the_person_and_its_answer_into_later_prompts(
    stage: Any, phase: str, calls: str
) -> None:
    asking(stage, phase)
    stage.human = {"/questions/time-zone": "Always UTC, and nothing else"}
    session = stage.session(calls=calls)
    effect = stage.drive(session, until="ask-human")
    assert effect.clarification.gaps[0].reason == "Which time zone does the date have?"
    assert stage.drive(session).result.status is Status.READY
    assert "Always UTC, and nothing else" in stage.author.requests[-1].messages[-1].content


def test_a_model_that_keeps_asking_is_not_listened_to_forever(stage: Any) -> None:
    asking(stage, "plan", times=20)
    stage.human = {"/questions/time-zone": "UTC"}
    stage.drive(stage.session())
    assert stage.kinds.count("ask-human") == 2
    assert stage.kinds.count("call-model") < 10


def test_an_unanswered_question_of_the_model_pauses_the_run(stage: Any) -> None:
    asking(stage, "plan")
    assert stage.drive(stage.session()).result.status is Status.NEEDS_CLARIFICATION
