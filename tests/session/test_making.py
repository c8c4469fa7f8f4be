"""Facts about files on their way: the gate, cut answers, repairs, pins, split series, the budget."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_engineer import Change, FileChange, Parameters, Section, Session
from backend_engineer.clients import Completion, ErrorFacts, ModelEvent
from backend_engineer.contract import Ending, Status
from backend_engineer.diffs import make_diff
from backend_engineer.outputs import (
    CommandOutcome,
    CommandReport,
    MigrationReport,
    PairOutcome,
    PairVerdict,
    PlannedFile,
    Usage,
)
from backend_engineer.parsing import write_reply
from backend_engineer.session import CallModel, Done, Failed, State

SECRET = "AKIA" + "Z7QWTRYU3PLKJ2HX"  # put together here, so that no scanner takes this file for a leak


def contents(result: Any, number: int = 0) -> dict[str, str | None]:
    return {file.path: file.content for file in result.changes[number]}


@pytest.fixture
def wanted(stage: Any) -> dict[str, str | None]:
    return {file.path: file.content for file in stage.built.change.files}


_SAVED: dict[str, str] = {}


def at_implement(stage: Any, **options: Any) -> Any:
    """A session that waits for its files; made once for equal options, because planning is not what is tested."""
    key = repr(sorted(options.items()))
    if key not in _SAVED:
        session = stage.session(**options)
        while session.state is not State.IMPLEMENT:
            stage.step(session)
        _SAVED[key] = json.dumps(session.dump())
    return Session.load(_SAVED[key])


def send(session: Any, text: str, ending: Ending | None = Ending.COMPLETE, chunk: int = 50) -> bool:
    """Stream a text into the pending call; whether the session broke it off."""
    effect_id = session.pending().id
    for number, at in enumerate(range(0, len(text), chunk)):
        session.stream(effect_id, number, ModelEvent(kind="text", text=text[at : at + chunk]))
        if session.pending().id != effect_id:
            return True
    if ending is None:
        session.feed(effect_id, None)
    else:
        number = (len(text) + chunk - 1) // chunk
        session.stream(effect_id, number, ModelEvent(kind="end", ending=ending))
    return False


def written(stage: Any, session: Any, *files: FileChange) -> str:
    """An answer with these files, in the order given, sealed as the pending prompt asks."""
    found = re.findall(r"SEAL for this answer: (\S+)", session.pending().request.messages[-1].content)
    return write_reply(
        Change(files), validations={file.path: "read again." for file in files}, seal=found[-1]
    )


# The gate


def test_a_secret_ends_the_call_at_once_and_the_files_before_it_stay(stage: Any) -> None:
    session = at_implement(stage)
    files = list(stage.built.change.files)
    key = SECRET
    text = written(
        stage, session, *files[:2], replace(files[2], content=f'KEY = "{key}"\nlate = 1\n'), *files[3:]
    )
    assert send(session, text)
    effect = session.pending()
    assert (effect.request.phase, session.dump()["endings"][-1]) == ("repair", "aborted")
    prompt = effect.request.messages[-1].content
    assert key not in prompt
    assert f"- `{files[2].path}`" in prompt.partition("Emit these files again")[2]
    assert f"- `{files[0].path}`" in prompt.partition("accepted and stay")[2].partition("Emit")[0]
    assert stage.drive(session).result.status is Status.READY


def test_a_migration_after_code_ends_the_call_and_the_code_stays(stage: Any) -> None:
    session = at_implement(stage)
    files = stage.built.change.files
    code = next(file for file in files if file.section is Section.SERVICES)
    assert send(session, written(stage, session, code, *files[:1]))
    assert session.pending().request.phase == "repair"
    done = stage.drive(session)
    assert done.result.status is Status.READY
    assert done.result.changes[0].paths[0] == files[0].path


def test_the_sixteenth_file_ends_the_call_and_what_was_planned_stays(stage: Any, wanted: Any) -> None:
    session = at_implement(stage)
    extra = [
        FileChange(f"docs/extra_{number}.md", "x\n", section=Section.DOCS, action="add")
        for number in range(16)
    ]
    assert send(session, written(stage, session, *stage.built.change.files, *extra))
    done = stage.drive(session)
    assert contents(done.result) == wanted
    assert (
        "CAP001" in {item.code for item in session.dump()["call"]["stopped"]}
        or done.result.status is Status.READY
    )


def test_an_aborted_stream_is_charged_as_an_estimate(stage: Any) -> None:
    session = at_implement(stage)
    before = session.dump()["usage"]["estimated_tokens"]
    extra = [FileChange(f"docs/e_{n}.md", "x\n", section=Section.DOCS, action="add") for n in range(16)]
    send(session, written(stage, session, *extra))
    assert session.dump()["usage"]["estimated_tokens"] > before


def test_an_answer_that_keeps_breaking_a_streaming_rule_blocks_the_run(stage: Any) -> None:
    files = list(stage.built.change.files)
    bad = (*files[:2], replace(files[2], content=f'KEY = "{SECRET}"\n'))

    def again(author: Any, request: Any) -> str:
        return write_reply(Change(bad), seal=None)

    stage.author.also = {"implement": [again], "repair": [again] * 9}
    done = stage.drive(stage.session())
    assert isinstance(done, Done)
    assert done.result.status is Status.BLOCKED
    assert stage.phases.count("repair") == 2
    assert SECRET not in done.result.model_dump_json(exclude={"record"})


# Cut answers


def test_a_cut_answer_goes_on_from_the_file_and_line_where_it_stopped(stage: Any, wanted: Any) -> None:
    session = at_implement(stage)
    files = stage.built.change.files
    text = written(stage, session, *files)
    cut_file = files[4]
    lines = (cut_file.content or "").split("\n")
    assert lines[4]
    at = text.index(cut_file.content or "") + len("\n".join(lines[:4])) + 3
    assert not send(session, text[:at], Ending.TRUNCATED)
    effect = session.pending()
    assert effect.request.phase == "continue"
    prompt = effect.request.messages[-1].content
    assert f"`{cut_file.path}` after line 4" in prompt
    assert effect.request.messages[-1].role == "user"
    rest = replace(cut_file, content="\n".join(lines[4:]))
    send(session, written(stage, session, rest, *files[5:]))
    assert contents(stage.drive(session).result) == wanted


def continued(stage: Any, text: str, at: int, ending: Ending | None) -> dict[str, str | None]:
    """Cut the implement answer at a place, let the author go on as the prompt asks; the final contents."""
    session = at_implement(stage)
    files = stage.built.change.files
    if not send(session, text[:at], ending, chunk=400):
        call = session.pending()
        if isinstance(call, CallModel) and call.request.phase == "continue":
            part = session.dump()["part"]
            have = {item["path"] for item in part["accepted"]}
            left = [file for file in files if file.path not in have]
            if part["cut"] is not None:
                count = part["cut"]["content"].count("\n")
                cut = next(file for file in left if file.path == part["cut"]["path"])
                rest = replace(
                    cut, content="".join(f"{line}\n" for line in (cut.content or "").split("\n")[:-1][count:])
                )
                left = [rest, *(file for file in left if file is not cut)]
            send(session, written(stage, session, *left), chunk=400)
    done = stage.drive(session)
    assert isinstance(done, Done), done.error
    return contents(done.result)


@settings(max_examples=16, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 1), ending=st.sampled_from([Ending.TRUNCATED, Ending.PAUSED, Ending.DROPPED, None]))
def test_wherever_an_answer_is_cut_the_result_is_the_same(
    stage: Any, where: float, ending: Ending | None
) -> None:
    session = at_implement(stage)
    text = written(stage, session, *stage.built.change.files)
    at = max(1, int(where * len(text)))
    wanted = {file.path: file.content for file in stage.built.change.files}
    assert continued(stage, text, at, ending) == wanted


def test_an_answer_that_is_always_cut_ends_after_a_bounded_number_of_calls(stage: Any) -> None:
    session = at_implement(stage)
    calls = 0
    while not isinstance(effect := session.pending(), Done | Failed):
        if isinstance(effect, CallModel) and effect.request.phase in ("implement", "continue", "repair"):
            calls += 1
            send(session, "Let me think about", Ending.TRUNCATED)
        else:
            stage.step(session)
    assert calls < 20
    assert isinstance(effect, Failed)
    assert effect.error.kind == "ReplyUnusable"


# Repairs


def broken(stage: Any, path: str, old: str, new: str) -> None:
    """Let the first answer hold an edited file."""

    def reply(author: Any, request: Any) -> str:
        edited = author.built.edit(path, old, new)
        fresh = type(author)(edited)
        return str(fresh.usual(request))

    stage.author.also["implement"] = [reply]


def failing(stage: Any, *reports: Any) -> None:
    """The first verification gives these reports, the next ones nothing."""
    waiting = [reports]
    stage.reports = lambda effect: waiting.pop() if waiting else ()


def pair(verdict: PairVerdict, **facts: Any) -> MigrationReport:
    outcome = PairOutcome(
        migration="m", forward=facts.pop("forward"), rollback=facts.pop("rollback"), verdict=verdict, **facts
    )
    return MigrationReport(dialect="postgresql", pairs=(outcome,))


def scripts(stage: Any) -> dict[str, str]:
    forward, rollback = (file.path for file in stage.built.change.files[:2])
    return {"forward": forward, "rollback": rollback}


def test_a_rollback_that_fails_goes_back_with_the_words_of_the_server(stage: Any, wanted: Any) -> None:
    failing(
        stage, pair(PairVerdict.ROLLBACK_FAILED, message='relation "nope" does not exist', **scripts(stage))
    )
    done = stage.drive(stage.session())
    assert stage.phases == ["plan", "self-check", "implement", "repair", "verify"]
    prompt = stage.author.requests[3].messages[-1].content
    assert 'relation \\"nope\\" does not exist' in prompt or 'relation "nope" does not exist' in prompt
    assert f"- `{scripts(stage)['rollback']}`" in prompt.partition("Emit these files again")[2]
    assert stage.kinds.count("verify") == 2
    assert contents(done.result) == wanted


def test_a_schema_that_is_not_restored_goes_back_with_the_difference(stage: Any) -> None:
    failing(stage, pair(PairVerdict.DIFFERENT, differences=("- column users.paused_at",), **scripts(stage)))
    stage.drive(stage.session())
    assert "- column users.paused_at" in stage.author.requests[3].messages[-1].content


def test_a_test_that_fails_goes_back_with_the_end_of_its_output(stage: Any) -> None:
    service = next(file.path for file in stage.built.change.files if file.section is Section.SERVICES)
    output = "first line\n" * 90 + f'File "{service}", line 3\nAssertionError: 3 != 4\n'
    outcome = CommandOutcome(kind="tests", argv=("run",), before=0, after=1, output=output)
    failing(stage, CommandReport(outcomes=(outcome,)))
    stage.drive(stage.session())
    prompt = stage.author.requests[3].messages[-1].content
    assert "AssertionError: 3 != 4" in prompt
    assert prompt.count("first line") < 80
    assert f"- `{service}`\n" in prompt.partition("Emit these files again")[2]


def test_a_test_that_failed_before_the_change_is_not_blamed_on_it(stage: Any) -> None:
    outcome = CommandOutcome(kind="tests", argv=("run",), before=1, after=1, output="old trouble")
    failing(stage, CommandReport(outcomes=(outcome,)))
    stage.drive(stage.session())
    assert "repair" not in stage.phases


def test_a_repair_cannot_touch_what_is_pinned(stage: Any, wanted: Any) -> None:
    failing(stage, pair(PairVerdict.ROLLBACK_FAILED, message="no", **scripts(stage)))
    pinned = stage.built.change.files[-1].path

    def meddling(author: Any, request: Any) -> str:
        fresh = type(author)(author.built.append(pinned, "\nmeddled with\n"))
        return str(fresh.files(request, scripts(stage)["rollback"], pinned))

    stage.author.also["repair"] = [meddling]
    done = stage.drive(stage.session())
    assert contents(done.result) == wanted
    assert any(event.kind == "set-aside" and event.path == pinned for event in stage.told)


def test_a_repair_that_never_helps_ends_blocked_with_the_change_and_the_report(stage: Any) -> None:
    report = pair(PairVerdict.ROLLBACK_FAILED, message="still no", **scripts(stage))
    stage.reports = lambda effect: (report.model_copy(update={"files": hashes(effect)}),)
    done = stage.drive(stage.session())
    assert stage.phases.count("repair") == 2
    assert done.result.status is Status.BLOCKED
    assert "MIGR-02" in done.result.report.violated
    assert len(done.result.changes) == 1


def hashes(effect: Any) -> dict[str, str]:
    return {file.path: file.hash for file in effect.files if file.path.endswith(".sql")}


def test_a_planned_file_that_did_not_come_is_asked_for(stage: Any, wanted: Any) -> None:
    missing = stage.built.change.paths[3]

    def short(author: Any, request: Any) -> str:
        return str(author.files(request, *(path for path in author.built.change.paths if path != missing)))

    stage.author.also["implement"] = [short]
    done = stage.drive(stage.session())
    assert stage.phases == ["plan", "self-check", "implement", "repair", "verify"]
    assert contents(done.result) == wanted


def test_a_file_that_nobody_planned_is_set_aside(stage: Any, wanted: Any) -> None:
    def more(author: Any, request: Any) -> str:
        fresh = type(author)(author.built.add(Section.DOCS, "docs/more.md", "# More\n"))
        return str(fresh.usual(request))

    stage.author.also["implement"] = [more]
    done = stage.drive(stage.session())
    assert contents(done.result) == wanted
    assert any("docs/more.md" in line for line in done.result.dropped)


def test_prose_in_place_of_files_is_asked_again_and_ends_as_an_unusable_reply(stage: Any) -> None:
    stage.author.also = {
        "implement": [lambda author, request: "Here is how I would do it."],
        "repair": [lambda author, request: "As I said."] * 9,
    }
    failed = stage.drive(stage.session())
    assert isinstance(failed, Failed)
    assert failed.error.kind == "ReplyUnusable"
    assert failed.result.usage.calls == 5


def test_a_review_without_findings_is_asked_for_once_more(stage: Any) -> None:
    stage.author.also["verify"] = [lambda author, request: "All fine."]
    done = stage.drive(stage.session())
    assert stage.phases[-2:] == ["verify", "verify"]
    assert done.result.status is Status.READY


def test_an_attestation_that_does_not_stand_goes_back_once(stage: Any) -> None:
    def lying(author: Any, request: Any) -> str:
        wrong = tuple(
            item.model_copy(update={"quote": "no such words"}) for item in author.built.attestations
        )
        return write_reply(Change(), attestations=wrong, findings=author.built.findings)

    stage.author.also["verify"] = [lying] * 9
    done = stage.drive(stage.session())
    assert stage.phases.count("verify") == 2
    assert done.result.status is Status.BLOCKED


# Diffs against the base


def test_a_diff_is_applied_to_the_file_that_was_read(stage: Any, wanted: Any, service: Any) -> None:
    def as_diff(author: Any, request: Any) -> str:
        body = make_diff(stage.tree.get(service.path), service.content, service.path)
        text = str(author.usual(request))
        start = text.index("\n", text.index(f"file: {service.path}")) + 1
        fence = text.rindex("```", 0, start)
        whole = text[start : start + len(service.content)]
        assert whole == service.content
        head = text[fence:start].split("\n", 1)
        return text[:fence] + "```diff\n" + head[1] + body + text[start + len(service.content) :]

    stage.author.also["implement"] = [as_diff]
    assert contents(stage.drive(stage.session()).result) == wanted


# A split series


def split(stage: Any) -> Any:
    """The built change in two parts: the second modifies a file of the first and adds documentation."""
    built = stage.built
    readme = "docs/part_two.md"
    rows = (
        *built.plan.files,
        PlannedFile(path=readme, action="add", section=Section.DOCS, purpose="p", part=2),
    )
    plan = built.plan.model_copy(update={"files": rows})
    page = FileChange(readme, "# Part two\n", section=Section.DOCS, action="add")
    stage.author.built = replace(built, plan=plan)

    def part(author: Any, request: Any) -> str:
        if "part 2 of 2" in request.messages[-1].content:
            fresh = type(author)(replace(built, change=Change((page,)), validations={readme: "x"}))
        else:
            fresh = type(author)(built)
        return str(fresh.files(request, *fresh.built.change.paths))

    stage.author.also["implement"] = [part, part]

    def review(author: Any, request: Any) -> str:
        claims = (
            built.attestations if "change/" + built.change.paths[0] in request.messages[-1].content else ()
        )
        return write_reply(Change(), attestations=claims, findings=built.findings)

    stage.author.also["verify"] = [review] * 6
    return stage


def test_a_split_plan_becomes_a_series_of_changes(stage: Any, wanted: Any) -> None:
    done = split(stage).drive(stage.session(parameters=Parameters(split=True)))
    assert len(done.result.changes) == 2
    assert contents(done.result, 0) == wanted
    assert contents(done.result, 1) == {"docs/part_two.md": "# Part two\n"}


def test_the_last_part_of_a_series_may_hand_on_what_earlier_parts_brought(stage: Any) -> None:
    result = split(stage).drive(stage.session(parameters=Parameters(split=True))).result
    assert [item for item in result.report.findings if item.code == "HND001"] == []
    assert result.handoffs is not None
    assert set(result.handoffs.devops.files) & set(result.changes[0].paths)


def test_one_answer_to_a_split_plan_brings_the_first_part_and_the_rest_is_asked_for(
    stage: Any, wanted: Any
) -> None:
    split(stage)
    page = FileChange("docs/part_two.md", "# Part two\n", section=Section.DOCS, action="add")

    def everything(author: Any, request: Any) -> str:
        both = replace(author.built, change=Change((*author.built.change.files, page)))
        return str(type(author)(both).usual(request))

    stage.author.also["all"] = [everything]
    stage.author.also["implement"].pop()
    done = stage.drive(stage.session(calls="single", parameters=Parameters(split=True)))
    assert [contents(done.result, number) for number in range(2)] == [
        wanted,
        {"docs/part_two.md": "# Part two\n"},
    ]


def test_the_second_part_starts_from_what_the_first_one_left(stage: Any) -> None:
    session = split(stage).session(parameters=Parameters(split=True))
    while not (session.state is State.IMPLEMENT and session.dump()["part"]["number"] == 2):
        stage.step(session)
    listing = session.pending().request.messages[-1].content
    assert stage.built.change.paths[0] in listing


# The budget


def test_no_call_is_made_that_the_budget_does_not_allow(stage: Any) -> None:
    done = stage.session(limits={"tokens": 50}).pending()
    assert isinstance(done, Done)
    assert done.result.status is Status.BLOCKED
    assert "token budget" in done.result.reason
    assert done.result.usage.calls == 0


def test_a_call_is_not_made_again_when_the_failed_one_used_the_budget_up(stage: Any) -> None:
    session = stage.session(limits={"tokens": 40_000})
    first = session.pending()
    busy = ErrorFacts(kind="Overloaded", message="busy", retryable=True, status=503)
    half = Usage(calls=1, input_tokens=20_000)
    session.stream(first.id, 0, ModelEvent(kind="error", error=busy, usage=half))
    session.feed(session.pending().id)
    again = session.pending()
    assert again.request.id == first.request.id
    assert again.request.max_output_tokens <= first.request.max_output_tokens - 20_000
    session.stream(again.id, 0, ModelEvent(kind="error", error=busy, usage=half))
    session.feed(session.pending().id)
    done = session.pending()
    assert isinstance(done, Done)
    assert done.result.status is Status.BLOCKED
    assert "token budget" in done.result.reason
    assert done.result.usage.calls == 2


def test_an_answer_gets_no_more_tokens_than_are_left(stage: Any) -> None:
    first = stage.session(limits={"tokens": 40_000}).pending().request
    assert first.max_output_tokens is not None
    assert 0 < first.max_output_tokens < 40_000
    assert (
        stage.session(limits={"tokens": 40_000, "output_tokens": 900}).pending().request.max_output_tokens
        == 900
    )


def test_a_budget_that_runs_out_on_the_way_keeps_what_was_made(stage: Any) -> None:
    session = at_implement(stage, limits={"tokens": 60_000})
    text = written(stage, session, *stage.built.change.files)
    session.feed(
        session.pending().id,
        Completion(text=text, ending=Ending.COMPLETE, usage=Usage(input_tokens=59_000, output_tokens=900)),
    )
    done = stage.drive(session)
    assert done.result.status is Status.BLOCKED
    assert len(done.result.changes[0]) == len(stage.built.change)
