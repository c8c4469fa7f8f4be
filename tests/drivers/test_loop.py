"""Facts about `run` and `arun`."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from backend_engineer import Session, arun, gather, run
from backend_engineer.clients import ErrorFacts, ModelEvent
from backend_engineer.clients.replay import AsyncReplayClient, ReplayClient
from backend_engineer.contract import Ending, Status
from backend_engineer.drivers import aresume, resume
from backend_engineer.errors import (
    AuthenticationFailed,
    BackendEngineerError,
    ProtocolViolation,
    RecordMismatch,
    ReplyUnusable,
    RunnerFailed,
    UsageError,
)
from backend_engineer.outputs import CommandReport, MigrationReport, StageResult


def no_sleep(seconds: float) -> None:
    return None


def both(model: Any, amodel: Any, inputs: Any, **options: Any) -> StageResult:
    """Run both drivers; they must end the same."""
    result = run(inputs, client=model, **options)
    other = asyncio.run(arun(inputs, client=amodel, **options))
    assert other == result
    return result


@pytest.mark.parametrize("calls", ["phases", "single"])
def test_both_drivers_come_to_the_same_ready_result(
    model: Any, amodel: Any, built: Any, tree: Any, calls: str
) -> None:
    result = both(model, amodel, built.inputs, base=tree, calls=calls, verify=False)
    assert result.status is Status.READY
    assert {file.path: file.content for file in result.changes[0]} == {
        file.path: file.content for file in built.change
    }


def test_a_base_may_be_a_tree_a_mapping_or_a_folder(
    model: Any, built: Any, tree: Any, tmp_path: Path
) -> None:
    for path, text in built.base.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(text.encode())
    results = [
        run(built.inputs, client=model, base=base, verify=False)
        for base in (tree, built.base, tmp_path, str(tmp_path))
    ]
    assert len({result.changes[0].base for result in results}) == 1
    assert all(result == results[0] for result in results)


def test_inputs_may_be_a_folder(model: Any, built: Any, tmp_path: Path) -> None:
    data = json.loads(built.inputs.model_dump_json())
    for name, document in data.items():
        if name not in ("request", "upstream"):
            (tmp_path / f"{name}.json").write_text(json.dumps(document))
    (tmp_path / "change_request.json").write_text(json.dumps(data["request"]))
    assert run(tmp_path, client=model, base=built.base, verify=False).status is Status.READY


def test_a_run_with_gaps_and_nobody_to_ask_needs_clarification(model: Any, amodel: Any, built: Any) -> None:
    data = json.loads(built.inputs.model_dump_json())
    del data["ops_guides"]
    result = both(model, amodel, data)
    assert result.status is Status.NEEDS_CLARIFICATION
    assert result.clarification is not None
    assert model.requests == []


def test_a_clarification_in_place_of_inputs_is_the_result(model: Any) -> None:
    found = gather({"tech_spec": {}})
    result = run(found, client=model)
    assert (result.status, result.clarification) == (Status.NEEDS_CLARIFICATION, found)


def test_a_run_without_a_request_needs_clarification(model: Any, built: Any) -> None:
    inputs = built.inputs.model_copy(update={"request": None})
    result = run(inputs, client=model)
    assert [gap.pointer for gap in result.clarification.gaps] == ["/request"]
    assert (
        run(inputs, client=model, base=built.base, request=built.inputs.request, verify=False).status
        is Status.READY
    )


def test_whoever_is_asked_answers(model: Any, amodel: Any, built: Any) -> None:
    data = json.loads(built.inputs.model_dump_json())
    del data["perf_targets"]["latency"]

    def ask(clarification: Any) -> Any:
        return {gap.pointer: "p95 below 90 ms" for gap in clarification.gaps}

    async def ask_later(clarification: Any) -> Any:
        await asyncio.sleep(0)
        return ask(clarification)

    assert run(data, client=model, base=built.base, ask=ask, verify=False).status is Status.READY
    later = asyncio.run(arun(data, client=amodel, base=built.base, ask=ask_later, verify=False))
    assert later.status is Status.READY


def test_the_plan_is_shown_to_whoever_approves(model: Any, built: Any) -> None:
    seen = []
    result = run(built.inputs, client=model, approve=lambda plan: seen.append(plan) or False)
    assert (seen, result.status) == ([built.plan], Status.BLOCKED)


def test_the_watcher_sees_the_run_from_its_first_call_on(model: Any, built: Any) -> None:
    kinds: list[str] = []
    run(built.inputs, client=model, verify=False, watch=lambda event: kinds.append(event.kind))
    assert kinds[:3] == ["state", "state", "call"]
    assert kinds.index("plan") < kinds.index("file-closed") < kinds.index("report") < kinds.index("ended")


def test_migrations_are_run_on_sqlite_only_when_the_inputs_say_sqlite(
    model: Any, built: Any, tree: Any
) -> None:
    ran: list[Any] = []

    def note(result: StageResult) -> Any:
        [entry] = [item for item in result.record.exchanges if item.kind == "verify"]
        ran.append(entry.answer["reports"])
        return ran[-1]

    dialect = built.inputs.tech_spec.database.dialect
    reports = note(run(built.inputs, client=model, base=tree))
    assert bool(reports) == (dialect == "sqlite")
    database = built.inputs.tech_spec.database.model_copy(update={"dialect": "sqlite"})
    spec = built.inputs.tech_spec.model_copy(update={"database": database})
    inputs = built.inputs.model_copy(update={"tech_spec": spec})
    [report] = note(run(inputs, client=model, base=tree))
    assert MigrationReport.model_validate(report).dialect == "sqlite"
    assert note(run(inputs, client=model, base=tree, verify=False)) == []


def test_commands_are_run_by_the_runner_that_the_caller_passes(
    model: Any, amodel: Any, built: Any, tree: Any
) -> None:
    from backend_engineer.verification import CommandResult

    class Runner:
        def __init__(self) -> None:
            self.calls: list[tuple[str, ...]] = []

        def run(self, argv: Any, folder: Any, **limits: Any) -> CommandResult:
            self.calls.append(tuple(argv))
            return CommandResult(exit_code=0, output="12 passed", seconds=0.0, timed_out=False)

    runner = Runner()
    result = run(built.inputs, client=model, base=tree, runner=runner)
    [entry] = [item for item in result.record.exchanges if item.kind == "verify"]
    reports = [item for item in entry.answer["reports"] if "outcomes" in item]
    assert CommandReport.model_validate(reports[0]).outcomes
    assert runner.calls


@pytest.mark.parametrize("error", [RunnerFailed, RuntimeError, OSError])
def test_a_check_that_cannot_be_run_here_leaves_its_clauses_unchecked_with_the_reason(
    model: Any, built: Any, tree: Any, error: type[Exception]
) -> None:
    class Broken:
        def run(self, argv: Any, **limits: Any) -> Any:
            raise error("the container did not start")

    result = run(
        built.inputs,
        client=model,
        base=tree,
        database="postgresql://nobody@127.0.0.1:9/none",
        runner=Broken(),
    )
    assert len(result.changes) == 1
    reports = next(item.answer["reports"] for item in result.record.exchanges if item.kind == "verify")
    assert "the container did not start" in reports[1]["not_checked"]
    assert reports[0]["not_checked"]
    assert "MIGR-02" in result.report.unchecked


def test_a_run_is_not_ready_while_nobody_can_tell_whose_failure_it_is(
    model: Any, built: Any, tree: Any
) -> None:
    from backend_engineer.verification import CommandResult

    class Failing:
        def run(self, argv: Any, **limits: Any) -> CommandResult:
            return CommandResult(exit_code=1, output="it went wrong", seconds=0.0)

    result = run(built.inputs, client=model, base=tree, runner=Failing())
    assert result.status is Status.BLOCKED
    assert "whether it is by the change cannot be told" in result.reason
    assert "FLOW-10" in result.report.unchecked


def test_own_verification_takes_the_place_of_the_librarys(model: Any, amodel: Any, built: Any) -> None:
    seen: list[str] = []

    def verify(effect: Any) -> Any:
        seen.append(effect.kind)
        return ()

    async def averify(effect: Any) -> Any:
        seen.append(effect.kind)
        return ()

    run(built.inputs, client=model, base=built.base, verify=verify)
    asyncio.run(arun(built.inputs, client=amodel, base=built.base, verify=averify))
    assert seen == ["verify", "verify"]


def test_a_busy_provider_is_waited_for(model: Any, amodel: Any, built: Any) -> None:
    busy = ErrorFacts(kind="RateLimited", message="slow", retryable=True, retry_after=3.5)
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    model.before = amodel.before = lambda number, request: (
        [ModelEvent(kind="error", error=busy)] if number == 1 else None
    )
    run(built.inputs, client=model, verify=False, sleep=waits.append)
    asyncio.run(arun(built.inputs, client=amodel, verify=False, sleep=sleep))
    assert waits == [3.5, 3.5]


def test_an_error_that_the_client_raises_is_the_runs_error_and_carries_the_result(
    model: Any, amodel: Any, built: Any
) -> None:
    def fail(number: int, request: Any) -> Any:
        if request.phase == "verify":
            raise AuthenticationFailed("the key expired", status=401)
        return None

    model.before = amodel.before = fail
    with pytest.raises(AuthenticationFailed, match="the key expired") as caught:
        run(built.inputs, client=model, base=built.base, verify=False)
    result = vars(caught.value)["result"]
    assert caught.value.status == 401
    assert (len(result.changes[0]), result.usage.calls) == (len(built.change), 4)
    with pytest.raises(AuthenticationFailed):
        asyncio.run(arun(built.inputs, client=amodel, base=built.base, verify=False))


def test_a_model_that_never_plans_is_an_unusable_reply(model: Any, built: Any) -> None:
    model.before = lambda number, request: [
        ModelEvent(kind="text", text="no"),
        ModelEvent(kind="end", ending=Ending.COMPLETE),
    ]
    with pytest.raises(ReplyUnusable):
        run(built.inputs, client=model)


def test_a_prompt_that_does_not_fit_is_the_named_error_with_its_facts(model: Any, built: Any) -> None:
    from backend_engineer.errors import BudgetExceeded

    with pytest.raises(BudgetExceeded) as caught:
        run(built.inputs, client=model, limits={"prompt_tokens": 100})
    assert caught.value.per_section


def test_a_stream_without_an_end_is_gone_on_with(model: Any, amodel: Any, built: Any) -> None:
    from backend_engineer.parsing import write_reply

    def dropped(number: int, request: Any) -> Any:
        if request.phase != "implement":
            return None
        files = built.change.with_files(built.change.files[:5])
        return [ModelEvent(kind="text", text=write_reply(files))]

    model.before = amodel.before = dropped
    result = both(model, amodel, built.inputs, base=built.base, verify=False)
    assert result.status is Status.READY
    assert [request.phase for request in model.requests].count("continue") == 1


def test_every_stream_is_closed(model: Any, amodel: Any, built: Any) -> None:
    both(model, amodel, built.inputs, base=built.base, verify=False)
    assert (model.closed, amodel.closed) == (len(model.requests), len(amodel.requests))


def test_cancelling_closes_the_stream(amodel: Any, built: Any) -> None:
    started = asyncio.Event()

    class Slow(type(amodel)):  # type: ignore[misc]
        async def stream(self, request: Any, /) -> Any:
            try:
                yield ModelEvent(kind="text", text="- one\n")
                started.set()
                await asyncio.sleep(60)
            finally:
                self.closed += 1

    client = Slow(built)

    async def main() -> None:
        task = asyncio.create_task(arun(built.inputs, client=client))
        await asyncio.wait_for(started.wait(), 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert client.closed == 1


def test_a_saved_session_is_carried_on_where_it_stood(model: Any, amodel: Any, built: Any, tree: Any) -> None:
    straight = run(built.inputs, client=model, base=tree, verify=False)
    session = Session(built.inputs, base=tree)
    effect = session.pending()
    session.feed(effect.id, "".join(event.text for event in model.events(effect.request)))
    document = json.dumps(session.dump())
    result = resume(Session.load(document), client=model, base=tree, verify=False)
    again = asyncio.run(aresume(Session.load(document), client=amodel, base=tree, verify=False))
    assert result == again
    assert (result.status, result.changes) == (straight.status, straight.changes)


def test_a_session_saved_in_the_middle_of_a_stream_is_gone_on_with(model: Any, built: Any, tree: Any) -> None:
    session = Session(built.inputs, base=tree, calls="single")
    session.feed(session.pending().id, dict(built.base))
    effect = session.pending()
    text = "".join(event.text for event in model.events(effect.request))
    session.stream(effect.id, 0, ModelEvent(kind="text", text=text[: len(text) // 2]))
    result = resume(Session.load(json.dumps(session.dump())), client=model, base=tree, verify=False)
    assert result.status is Status.READY
    assert {file.path for file in result.changes[0]} == set(built.change.paths)


def test_approval_that_nobody_can_give_is_a_named_error(model: Any, built: Any) -> None:
    session = Session(built.inputs, approve=True)
    with pytest.raises(UsageError, match="approve"):
        resume(session, client=model)


@pytest.mark.parametrize("calls", ["phases", "single"])
def test_the_record_of_a_run_replays_it(model: Any, built: Any, tree: Any, calls: str) -> None:
    result = run(built.inputs, client=model, base=tree, calls=calls, verify=False)
    record = type(result.record).model_validate_json(result.record.model_dump_json())
    again = run(built.inputs, client=ReplayClient(record), base=tree, calls=calls, verify=False)
    later = asyncio.run(
        arun(built.inputs, client=AsyncReplayClient(record), base=tree, calls=calls, verify=False)
    )
    assert again == later
    assert (again.status, again.changes, again.usage, again.report) == (
        result.status,
        result.changes,
        result.usage,
        result.report,
    )


def test_a_record_refuses_a_run_with_other_inputs_and_says_what_moved(
    model: Any, built: Any, tree: Any
) -> None:
    result = run(built.inputs, client=model, base=tree, verify=False)
    request = built.inputs.request.model_copy(update={"title": "Something else"})
    with pytest.raises(RecordMismatch) as caught:
        run(built.inputs, request=request, client=ReplayClient(result.record), base=tree)
    assert caught.value.moved == ("request",)
    policy = built.inputs.security_policy.model_copy(update={"crypto": "TLS 1.3 only, and nothing else"})
    other = built.inputs.model_copy(update={"security_policy": policy})
    with pytest.raises(RecordMismatch) as caught:
        run(other, client=ReplayClient(result.record), base=tree)
    assert set(caught.value.moved) == {"inputs", "request"}


def test_bad_inputs_are_named_errors(model: Any, tmp_path: Path) -> None:
    (tmp_path / "tech_spec.json").write_text("{")
    for inputs in (tmp_path, tmp_path / "absent", {"tech_sepc": {}}, 3):
        with pytest.raises(BackendEngineerError):
            run(inputs, client=model)


def test_the_dialect_is_the_one_that_the_client_names(model: Any, built: Any) -> None:
    model.profile = "plain"
    run(built.inputs, client=model, base=built.base, verify=False)
    plain = model.requests[0].messages
    del model.profile
    run(built.inputs, client=model, verify=False, dialect="gpt")
    assert model.requests[4].messages != plain


def test_what_a_clients_own_code_raises_is_named_chained_and_keeps_the_result(
    model: Any, amodel: Any, built: Any
) -> None:
    def fail(number: int, request: Any) -> Any:
        if request.phase == "verify":
            raise ValueError("Authorization: Bearer key-of-mine")
        return None

    model.before = amodel.before = fail
    for call in (
        lambda: run(built.inputs, client=model, base=built.base, verify=False),
        lambda: asyncio.run(arun(built.inputs, client=amodel, base=built.base, verify=False)),
    ):
        with pytest.raises(ProtocolViolation, match="raised ValueError") as caught:
            call()
        result = vars(caught.value)["result"]
        assert isinstance(caught.value.__cause__, ValueError)
        assert len(result.changes[0]) == len(built.change)
        assert "key-of-mine" not in str(caught.value) + result.model_dump_json()


def test_an_interrupt_in_a_client_passes_through(model: Any, built: Any) -> None:
    def interrupt(number: int, request: Any) -> Any:
        raise KeyboardInterrupt

    model.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        run(built.inputs, client=model, base=built.base, verify=False)
