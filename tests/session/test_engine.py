"""Facts about a session as its driver sees it: effects, ids, streams, answers."""

import json
from typing import Any

import pytest

from backend_engineer import Session, gather
from backend_engineer.clients import Completion, ErrorFacts, ModelEvent
from backend_engineer.contract import Ending, Status
from backend_engineer.errors import RateLimited, SessionError, UsageError
from backend_engineer.outputs import Clarification, Usage
from backend_engineer.session import CallModel, Done, Failed, Notice, ReadFiles, State, Wait


def test_phase_by_phase_every_phase_is_a_call_of_its_own(stage: Any) -> None:
    done = stage.drive(stage.session())
    assert stage.phases == ["plan", "self-check", "implement", "verify"]
    # Between checks a rule may ask for more files of the base.
    assert stage.kinds[:5] == ["call-model", "call-model", "read-files", "call-model", "verify"]
    assert set(stage.kinds[5:]) <= {"read-files", "call-model"}
    assert done.result.status is Status.READY


def test_a_single_call_brings_everything_and_sees_every_file_of_the_base(stage: Any) -> None:
    done = stage.drive(stage.session(calls="single"))
    assert stage.phases == ["all"]
    assert "unrelated" in stage.author.requests[0].messages[-1].content
    assert done.result.status is Status.READY


def test_both_ways_end_in_the_same_change(stage: Any) -> None:
    by_phases = stage.drive(stage.session()).result
    at_once = stage.drive(stage.session(calls="single")).result
    assert [(f.path, f.content, f.action) for f in by_phases.changes[0]] == [
        (f.path, f.content, f.action) for f in at_once.changes[0]
    ]


def test_exactly_the_files_that_the_plan_modifies_are_read_and_sealed_into_the_prompt(
    stage: Any, service: Any
) -> None:
    session = stage.session()
    effect = stage.drive(session, until="read-files")
    assert (effect.paths, effect.purpose) == ((service.path,), "implement")
    stage.drive(session)
    assert "# an older service" in stage.author.requests[2].messages[-1].content
    assert "unrelated\n" not in stage.author.requests[2].messages[-1].content.replace("unrelated.txt", "")


def test_actions_and_base_hashes_follow_the_base(stage: Any, service: Any) -> None:
    change = stage.drive(stage.session()).result.changes[0]
    assert change.base == stage.tree.fingerprint
    assert {file.path for file in change if file.action == "modify"} == {service.path}
    assert change.get(service.path).base_hash == stage.tree.hash(service.path)


def test_without_a_base_nothing_is_read(stage: Any) -> None:
    stage.drive(stage.session(base=None))
    assert "read-files" not in stage.kinds


def test_the_digest_of_a_base_is_enough(stage: Any) -> None:
    assert stage.drive(stage.session(base=stage.tree.digest())).result.status is Status.READY


def test_a_mapping_of_texts_is_a_base_too(stage: Any) -> None:
    assert stage.session(base=stage.tree.texts()).dump() == stage.session().dump()


@pytest.mark.parametrize("base", ["src", 3, b"x", ["a.py"]])
def test_a_session_reads_no_folder(stage: Any, base: Any) -> None:
    with pytest.raises(UsageError, match="no source tree"):
        stage.session(base=base)


def test_ids_are_unique_and_the_same_for_the_same_run(stage: Any) -> None:
    stage.drive(stage.session())
    first, stage.ids = stage.ids, []
    stage.drive(stage.session())
    assert first == stage.ids
    assert len(set(first)) == len(first)


def test_another_run_has_other_ids_and_a_run_can_be_named(stage: Any) -> None:
    assert stage.session().pending().id != stage.session(calls="single").pending().id
    assert stage.session(run="order-7").pending().id == "order-7:1:call-model"


def test_pending_is_the_same_effect_until_it_is_answered(stage: Any) -> None:
    session = stage.session()
    assert session.pending() == session.pending()


def test_an_answer_to_an_effect_of_the_past_is_ignored(stage: Any) -> None:
    session = stage.session()
    stage.drive(session, until="read-files")
    before = session.dump()
    for effect_id in stage.ids:
        assert session.feed(effect_id, "anything") == ()
        assert session.stream(effect_id, 0, ModelEvent(kind="text", text="late")) == ()
    assert session.dump() == before


@pytest.mark.parametrize("effect_id", ["", "x", "x:1:call-model", "9999", None])
def test_an_effect_that_was_never_handed_out_is_a_named_error(stage: Any, effect_id: Any) -> None:
    session = stage.session()
    before = session.dump()
    with pytest.raises(SessionError):
        session.feed(effect_id, "x")
    assert session.dump() == before


def test_an_effect_of_the_future_is_a_named_error(stage: Any) -> None:
    session = stage.session(run="r")
    with pytest.raises(SessionError, match="waits for its answer"):
        session.feed("r:9:verify", ())


def test_an_event_that_comes_twice_counts_once(stage: Any) -> None:
    session = stage.session()
    effect_id = session.pending().id
    for number, text in ((0, "- one\n"), (1, "- two\n"), (1, "- two\n"), (0, "- one\n"), (2, "- three\n")):
        session.stream(effect_id, number, ModelEvent(kind="text", text=text))
    assert session.dump()["call"]["text"] == "- one\n- two\n- three\n"


def test_an_event_out_of_sequence_is_a_named_error_and_changes_nothing(stage: Any) -> None:
    session = stage.session()
    effect_id = session.pending().id
    session.stream(effect_id, 0, ModelEvent(kind="text", text="a"))
    before = session.dump()
    for number in (2, -1, True, "1", 1.0, None):
        with pytest.raises(SessionError):
            session.stream(effect_id, number, ModelEvent(kind="text", text="b"))
    assert session.dump() == before


def test_events_may_be_counted_from_one(stage: Any) -> None:
    session = stage.session()
    session.stream(session.pending().id, 1, ModelEvent(kind="text", text="a"))
    session.stream(session.pending().id, 2, {"kind": "text", "text": "b"})
    assert session.dump()["call"]["text"] == "ab"


@pytest.mark.parametrize("event", [None, 3, "text", {"kind": "text", "txt": "x"}, {"kind": "unknown"}, []])
def test_what_is_no_event_is_a_named_error(stage: Any, event: Any) -> None:
    session = stage.session()
    with pytest.raises(SessionError, match="not a model event"):
        session.stream(session.pending().id, 0, event)


def test_only_a_call_takes_a_stream(stage: Any) -> None:
    session = stage.session()
    effect = stage.drive(session, until="read-files")
    with pytest.raises(SessionError, match="takes no stream"):
        session.stream(effect.id, 0, ModelEvent(kind="text", text="a"))


@pytest.mark.parametrize(
    "form",
    [
        lambda text: text,
        lambda text: Completion(text=text, ending=Ending.COMPLETE),
        lambda text: {"text": text, "ending": "complete"},
    ],
)
def test_a_call_can_be_answered_whole(stage: Any, form: Any) -> None:
    session = stage.session()
    session.feed(session.pending().id, form(stage.author.reply(session.pending().request)))
    assert session.state is State.SELF_CHECK


def test_a_whole_answer_takes_the_place_of_what_was_streamed(stage: Any) -> None:
    session = stage.session()
    effect = session.pending()
    session.stream(effect.id, 0, ModelEvent(kind="text", text="half a rep"))
    session.feed(effect.id, stage.author.reply(effect.request))
    assert session.state is State.SELF_CHECK


def test_halves_of_a_surrogate_pair_are_joined_and_lone_ones_replaced(stage: Any) -> None:
    session = stage.session()
    effect_id = session.pending().id
    for number, text in enumerate(("a\ud83d", "\ude00b\ud800", "c")):
        session.stream(effect_id, number, ModelEvent(kind="text", text=text))
        json.dumps(session.dump(), ensure_ascii=False).encode()
    assert session.dump()["call"]["text"] == "a\U0001f600b\ufffdc"


def test_a_failure_that_may_pass_is_waited_for_and_the_same_request_sent_again(stage: Any) -> None:
    session = stage.session()
    effect = session.pending()
    session.feed(effect.id, RateLimited("slow down", status=429, retry_after=7.0))
    wait = session.pending()
    assert isinstance(wait, Wait)
    assert (wait.seconds, session.state) == (7.0, State.PLAN)
    session.feed(wait.id)
    again = session.pending()
    assert isinstance(again, CallModel)
    assert (again.request, again.attempt) == (effect.request, 2)
    assert again.id != effect.id
    assert stage.drive(session).result.status is Status.READY


def test_a_failure_that_does_not_pass_ends_the_run_with_its_facts(stage: Any) -> None:
    session = stage.session()
    error = ErrorFacts(kind="AuthenticationFailed", message="wrong key", retryable=False, status=401)
    session.feed(session.pending().id, error)
    failed = session.pending()
    assert isinstance(failed, Failed)
    assert (failed.error.kind, failed.error.status) == ("AuthenticationFailed", 401)
    assert failed.result.status is Status.BLOCKED


def test_a_provider_that_keeps_failing_is_given_up_after_a_bounded_number_of_tries(stage: Any) -> None:
    session = stage.session()
    calls = 0
    while not isinstance(effect := session.pending(), Failed):
        calls += isinstance(effect, CallModel)
        error = ErrorFacts(kind="Overloaded", message="busy", retryable=True, status=529)
        session.feed(effect.id, error if isinstance(effect, CallModel) else None)
    assert 2 <= calls <= 10


def test_waits_differ_from_run_to_run_without_a_clock(stage: Any) -> None:
    def first_wait(run: str) -> float:
        session = stage.session(run=run)
        session.feed(session.pending().id, ErrorFacts(kind="Overloaded", message="busy", retryable=True))
        return session.pending().seconds

    assert first_wait("a") == first_wait("a")
    assert len({first_wait(str(number)) for number in range(20)}) > 10


def test_a_failure_in_the_middle_of_a_text_is_gone_on_from_and_never_sent_again(stage: Any) -> None:
    session = stage.session()
    while session.state is not State.IMPLEMENT:
        stage.step(session)
    effect = session.pending()
    text = stage.author.usual(effect.request)
    session.stream(effect.id, 0, ModelEvent(kind="text", text=text[: len(text) // 2]))
    broke = ErrorFacts(kind="ConnectionFailed", message="reset", retryable=True)
    session.stream(effect.id, 1, ModelEvent(kind="error", error=broke))
    assert session.pending().request.phase == "continue"


@pytest.mark.parametrize("ending", [Ending.REFUSED, Ending.FILTERED])
def test_a_refusal_ends_the_run_as_an_unusable_reply(stage: Any, ending: Ending) -> None:
    session = stage.session()
    session.feed(session.pending().id, Completion(text="I will not.", ending=ending, detail="policy 7"))
    assert session.pending().error.kind == "ReplyUnusable"
    assert "policy 7" in session.pending().error.message


def test_a_stream_that_ends_before_any_text_is_tried_again(stage: Any) -> None:
    session = stage.session()
    session.feed(session.pending().id, None)
    assert isinstance(session.pending(), Wait)


def test_an_answer_without_any_text_at_the_token_limit_says_what_to_do(stage: Any) -> None:
    session = stage.session()
    session.feed(session.pending().id, Completion(text="", ending=Ending.TRUNCATED))
    assert "output tokens" in session.pending().error.message


@pytest.mark.parametrize("answer", [3, None, {"path": 4}, ["x"], "text"])
def test_an_answer_of_the_wrong_form_is_refused_and_changes_nothing(stage: Any, answer: Any) -> None:
    session = stage.session()
    effect = stage.drive(session, until="read-files")
    before = session.dump()
    with pytest.raises(SessionError):
        session.feed(effect.id, answer)
    assert session.dump() == before


def test_a_text_that_is_not_the_one_of_the_base_is_refused(stage: Any) -> None:
    session = stage.session()
    effect = stage.drive(session, until="read-files")
    assert isinstance(effect, ReadFiles)
    with pytest.raises(SessionError, match="not what it was"):
        session.feed(effect.id, dict.fromkeys(effect.paths, "someone edited it\n"))
    session.feed(effect.id, stage.answer(effect))
    assert session.state is State.IMPLEMENT


def test_reports_that_are_none_are_refused(stage: Any) -> None:
    session = stage.session()
    effect = stage.drive(session, until="verify")
    for answer in ("fine", 3, [{"passed": True}], {"x": 1}):
        with pytest.raises(SessionError):
            session.feed(effect.id, answer)


def test_the_verify_effect_carries_the_change_its_dialect_and_the_commands(stage: Any) -> None:
    effect = stage.drive(stage.session(), until="verify")
    assert [file.path for file in effect.files] == list(stage.built.change.paths)
    assert effect.migrations
    assert effect.dialect == stage.built.inputs.tech_spec.database.dialect
    assert set(effect.commands) <= {"tests", "types", "lint"}


def test_the_watcher_is_told_what_happens_as_it_happens(stage: Any) -> None:
    session = stage.session()
    assert [event.kind for event in session.told] == ["state", "state", "call"]
    stage.drive(session)
    kinds = [event.kind for event in stage.told]
    for kind in ("checklist", "plan", "file-opened", "file-closed", "report", "ended"):
        assert kind in kinds
    assert kinds.index("plan") < kinds.index("file-opened") < kinds.index("report") < kinds.index("ended")
    assert all(event.text for event in stage.told if isinstance(event, Notice))


def test_only_the_phases_that_write_code_show_files(stage: Any) -> None:
    stage.author.also["plan"] = [
        lambda author, request: author.usual(request) + author.files(request, *author.asked(request))
    ]
    session = stage.session()
    stage.drive(session, until="read-files")
    assert not {"file-opened", "file-closed", "text"} & {event.kind for event in stage.told}


def test_usage_adds_up_over_all_calls(stage: Any) -> None:
    usage = stage.drive(stage.session()).result.usage
    assert (usage.calls, usage.input_tokens, usage.output_tokens, usage.estimated_tokens) == (4, 400, 200, 0)


def test_a_call_whose_usage_nobody_says_is_charged_as_an_estimate(stage: Any) -> None:
    session = stage.session()
    session.feed(session.pending().id, stage.author.reply(session.pending().request))
    usage = Usage.model_validate(session.dump()["usage"])
    assert usage.estimated_tokens == usage.input_tokens + usage.output_tokens > 100


def test_what_a_client_dropped_stands_in_the_result(stage: Any) -> None:
    session = stage.session()
    session.stream(session.pending().id, 0, ModelEvent(kind="start", model="m-9", dropped=("temperature",)))
    done = stage.drive(session)
    assert isinstance(done, Failed | Done)
    assert "parameter (plan): temperature" in done.result.dropped


def test_a_clarification_in_place_of_inputs_is_a_named_error(stage: Any) -> None:
    found = gather({"tech_spec": {}})
    assert isinstance(found, Clarification)
    with pytest.raises(UsageError, match="clarification"):
        Session(found)


def test_an_unknown_way_of_calling_is_a_named_error(stage: Any) -> None:
    with pytest.raises(UsageError, match="phases"):
        stage.session(calls="twice")


def test_an_error_of_this_library_inside_a_step_ends_the_run_with_its_name(stage: Any) -> None:
    session = stage.session(limits={"prompt_tokens": 10})
    failed = session.pending()
    assert isinstance(failed, Failed)
    assert failed.error.kind == "BudgetExceeded"
    assert type(session.error).__name__ == "BudgetExceeded"


def test_a_final_session_ignores_everything(stage: Any) -> None:
    session = stage.session()
    done = stage.drive(session)
    assert session.feed(done.id, "x") == ()
    assert session.pending() == done
