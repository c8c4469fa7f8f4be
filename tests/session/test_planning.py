"""Facts about the plan: asked again when wrong, approved, held against policy and objectives."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend_engineer import Change, Parameters, Section
from backend_engineer.contract import Status
from backend_engineer.errors import SessionError
from backend_engineer.outputs import Plan, PlannedFile
from backend_engineer.parsing import write_reply
from backend_engineer.session import Failed


def with_plan(stage: Any, *plans: Any, phase: str = "plan") -> None:
    """Let the author give these plans first; a callable alters the built one."""

    def one(plan: Any) -> Callable[[Any, Any], str]:
        def reply(author: Any, request: Any) -> str:
            if isinstance(plan, str):
                return plan
            made = plan(author.built.plan) if callable(plan) else plan
            return write_reply(Change(), checklist=author.built.checklist, plan=made)

        return reply

    stage.author.also[phase] = [one(plan) for plan in plans]


def altered(**fields: Any) -> Callable[[Plan], Plan]:
    return lambda plan: plan.model_copy(update=fields)


def first_file(**fields: Any) -> Callable[[Plan], Plan]:
    def alter(plan: Plan) -> Plan:
        return plan.model_copy(update={"files": (plan.files[0].model_copy(update=fields), *plan.files[1:])})

    return alter


def more_files(count: int, part: int = 1) -> Callable[[Plan], Plan]:
    def alter(plan: Plan) -> Plan:
        rows = tuple(
            PlannedFile(path=f"docs/page_{n}.md", action="add", section="Docs", purpose="p", part=part)
            for n in range(count)
        )
        return plan.model_copy(update={"files": (*plan.files, *rows)})

    return alter


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("I would rather talk about the weather.", "holds no plan"),
        (altered(files=()), "lists no file"),
        (first_file(action="modify"), "does not exist"),
        (first_file(action="delete"), "does not exist"),
        (first_file(path="notes/unrelated.txt"), "add a file that exists"),
        (first_file(path="../outside.sql"), "refused"),
        (first_file(action="rename"), "without its old path"),
        (first_file(part=2), "splits the work"),
        (more_files(12), "more than 15 files"),
        (lambda plan: plan.model_copy(update={"files": (*plan.files, plan.files[0])}), "twice"),
        (lambda plan: plan.model_copy(update={"files": plan.files[::-1]}), ""),
    ],
)
def test_a_wrong_plan_is_asked_for_again_with_what_is_wrong(stage: Any, wrong: Any, words: str) -> None:
    with_plan(stage, wrong)
    done = stage.drive(stage.session())
    assert stage.phases[:2] == ["plan", "plan"]
    assert words in stage.author.requests[1].messages[-1].content
    assert done.result.status is Status.READY


def test_a_plan_that_stays_wrong_blocks_the_run_before_any_code(stage: Any) -> None:
    with_plan(stage, *[more_files(12)] * 9)
    done = stage.drive(stage.session())
    assert stage.phases == ["plan"] * 3
    assert (done.result.status, done.result.changes) == (Status.BLOCKED, ())
    assert "more than 15 files" in done.result.reason


def test_a_model_that_never_plans_ends_as_an_unusable_reply(stage: Any) -> None:
    with_plan(stage, *["Nothing."] * 9)
    failed = stage.drive(stage.session())
    assert isinstance(failed, Failed)
    assert failed.error.kind == "ReplyUnusable"


def test_an_approved_plan_goes_on(stage: Any) -> None:
    stage.drive(stage.session(approve=True))
    assert stage.kinds[:3] == ["call-model", "approve-plan", "call-model"]


def test_a_declined_plan_blocks_the_run(stage: Any) -> None:
    stage.approval = False
    done = stage.drive(stage.session(approve=True))
    assert (done.result.status, done.result.reason) == (Status.BLOCKED, "The plan was declined.")


def test_a_remark_on_the_plan_is_planned_in(stage: Any) -> None:
    stage.approval = ["Please keep the old column as well.", True]
    done = stage.drive(stage.session(approve=True))
    assert stage.phases[:3] == ["plan", "plan", "self-check"]
    assert "Please keep the old column as well." in stage.author.requests[1].messages[-1].content
    assert done.result.status is Status.READY


def test_a_person_who_is_never_content_ends_the_run(stage: Any) -> None:
    stage.approval = "Once more, please."
    done = stage.drive(stage.session(approve=True))
    assert stage.kinds.count("approve-plan") == 6
    assert (done.result.status, done.result.reason) == (Status.BLOCKED, "The plan was sent back too often.")


@pytest.mark.parametrize("answer", [None, "", "  ", 1, {"approved": True}])
def test_an_unclear_word_on_the_plan_is_refused(stage: Any, answer: Any) -> None:
    session = stage.session(approve=True)
    effect = stage.drive(session, until="approve-plan")
    with pytest.raises(SessionError):
        session.feed(effect.id, answer)


def test_files_that_the_self_check_adds_are_shown_to_the_person_again(stage: Any) -> None:
    original = stage.built.plan
    with_plan(stage, lambda plan: original)
    stage.author.built = stage.built.add(Section.DOCS, "docs/page_0.md", "# Page\n")
    stage.drive(stage.session(approve=True))
    assert stage.kinds[:5] == ["call-model", "approve-plan", "call-model", "approve-plan", "read-files"]


def test_the_self_checked_plan_is_the_one_that_counts(stage: Any) -> None:
    with_plan(stage, altered(security=(), slo=()))
    result = stage.drive(stage.session()).result
    assert result.plan.security == stage.built.plan.security


def test_a_self_check_without_a_plan_is_asked_again_and_then_left_undone(stage: Any) -> None:
    with_plan(stage, altered(security=(), slo=()))
    with_plan(stage, *["Looks fine to me."] * 9, phase="self-check")
    result = stage.drive(stage.session()).result
    assert stage.phases.count("self-check") == 3
    assert "PROT-03" in result.report.violated


def test_a_plan_that_is_too_large_may_be_split_when_the_caller_says_so(stage: Any) -> None:
    with_plan(stage, more_files(12))
    with_plan(stage, more_files(12, part=2), phase="split")
    stage.drive(stage.session(parameters=Parameters(split=True)), until="read-files")
    assert stage.phases == ["plan", "split", "self-check"]


def test_the_plan_is_json_in_the_effect(stage: Any) -> None:
    effect = stage.drive(stage.session(approve=True), until="approve-plan")
    assert Plan.model_validate(json.loads(effect.plan.model_dump_json())) == stage.built.plan


def test_an_answer_of_one_json_part_carries_its_schema_when_that_is_asked_for(stage: Any) -> None:
    with_plan(stage, json.dumps({"plan": stage.built.plan.model_dump(mode="json")}), phase="self-check")
    done = stage.drive(stage.session(structured=True))
    schemas = {request.phase: request.schema_name for request in stage.author.requests}
    assert schemas == {"plan": None, "self-check": "plan", "implement": None, "verify": None}
    assert stage.author.requests[1].json_schema is not None
    assert done.result.status is Status.READY
