"""The plan: asked for, checked before a line of code, approved by a person, held against policy and objectives.

Owns: the states PLAN, APPROVE and SELF_CHECK (PROT-02, PROT-03).
Must never know: files' contents, how a prompt is worded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from backend_engineer.contract import Category, Phase
from backend_engineer.errors import UnsafePath
from backend_engineer.outputs import Change, Finding, Plan, PlannedFile
from backend_engineer.parsing import Reply
from backend_engineer.paths import check_path
from backend_engineer.rules import check
from backend_engineer.session.asking import questions_of
from backend_engineer.session.calling import open_call, unusable
from backend_engineer.session.effects import ApprovePlan, CallModel
from backend_engineer.session.kit import Kit
from backend_engineer.session.mending import finding
from backend_engineer.session.state import SessionState
from backend_engineer.session.states import Outcome
from backend_engineer.session.tree import standing

__all__ = [
    "ask_back",
    "enter_approve",
    "enter_plan",
    "enter_self_check",
    "passed",
    "plan_answered",
    "plan_problems",
    "planned",
    "self_checked",
]

_PLAN_RULES = ("CAP001", "CHK001", "PLN002", "TRC001")
"""The rules that judge a plan before there are files."""


def passed(state: SessionState, *phases: Phase) -> None:
    """Note that the run has gone through these phases of the protocol."""
    state.phases = tuple(dict.fromkeys((*state.phases, *(phase.value for phase in phases))))


def enter_plan(state: SessionState, kit: Kit) -> CallModel | Outcome:
    """Ask for the plan; a plan that is too large and may be split is asked to be split."""
    passed(state, Phase.PLAN)
    too_large = any(item.code == "CAP001" for item in state.plan_findings)
    split = state.plan is not None and too_large and state.parameters.split
    return open_call(state, kit, "split" if split else "plan")


def planned(state: SessionState, kit: Kit, reply: Reply) -> Outcome:
    """Take the plan, or ask once more with what is wrong with it."""
    back = ask_back(state, reply) if reply.plan is None else None
    if back is not None:
        return back
    state.checklist = reply.checklist or state.checklist
    problems = _problems(state, reply.plan)
    state.plan = reply.plan or state.plan
    state.plan_findings = problems
    if not problems:
        return Outcome.PLANNED
    state.plans += 1
    if state.plans <= state.settings.limits.plans:
        kit.tell("repair", f"The plan is asked for again: {problems[0].title}.", findings=problems)
        return Outcome.AGAIN
    if state.plan is None:
        return unusable(state, "No answer held a plan.", "Use a stronger model, or allow longer answers.")
    state.reason = f"The plan is still wrong: {problems[0].title}. {problems[0].evidence}".strip()
    return Outcome.BLOCKED


def ask_back(state: SessionState, reply: Reply) -> Outcome | None:
    """Go to the person with what the model asks; None when it asks nothing or has asked too often."""
    asked = questions_of(reply)
    if asked is None or state.questions >= state.settings.limits.questions:
        return None
    state.questions += 1
    state.asking = asked
    return Outcome.QUESTION


def _problems(state: SessionState, plan: Plan | None) -> tuple[Finding, ...]:
    if plan is None:
        return (
            finding(
                "The answer holds no plan",
                "No JSON block with the root `plan` could be read.",
                "Give the plan as one JSON block of the documented shape.",
                clauses=("PROT-02",),
                code="PLN001",
            ),
        )
    return plan_problems(state, plan)


def plan_problems(state: SessionState, plan: Plan) -> tuple[Finding, ...]:
    """What stands against a plan: by the rules that need no files, and by the tree it starts from."""
    change = Change(origin="reply")
    reply = Reply(change=change, checklist=state.checklist, plan=plan)
    report = check(reply, inputs=state.inputs, rules=_PLAN_RULES, parameters=state.parameters)
    found = [item for item in report.findings if item.violates]
    return (*found, *_against_tree(state, plan))


def _against_tree(state: SessionState, plan: Plan) -> Iterator[Finding]:
    if not plan.files:
        yield _wrong(
            "The plan lists no file", "", "`files` is empty.", "List every file that the change touches."
        )
    if plan.parts > 1 and not state.parameters.split:
        yield _wrong(
            "The plan splits the work",
            "",
            f"It has {plan.parts} parts.",
            "Plan one change; nobody allowed a split.",
        )
    known = standing(state) if state.base is not None else None
    before: set[str] = set()
    for file in plan.files:
        yield from _against_file(file, known, before)
        before.add(file.path)


def _against_file(
    file: PlannedFile, known: Mapping[str, str] | None, before: Collection[str]
) -> Iterator[Finding]:
    """What stands against one row: its path, and its action by the tree and the rows before it."""
    if file.path in before:
        yield _wrong("The plan lists a file twice", file.path, file.path, "List each file once.")
    try:
        check_path(file.path)
    except UnsafePath as error:
        yield _wrong(
            "The plan names a path that is refused", file.path, error.reason, "Use a path in the tree."
        )
        return
    source = file.previous_path if file.action == "rename" else file.path
    if source is None:
        yield _wrong("A rename without its old path", file.path, file.path, "Give `previous_path`.")
    elif known is None:
        return
    elif file.action == "add" and file.path in known:
        yield _wrong(
            "The plan would add a file that exists",
            file.path,
            f"The source tree has `{file.path}`.",
            "Use `modify`, so that its present text is given to you.",
        )
    elif file.action != "add" and source not in known and source not in before:
        yield _wrong(
            f"The plan would {file.action} a file that does not exist",
            file.path,
            f"The source tree has no `{source}`.",
            "Use `add`, or name a file of the source tree.",
        )


def _wrong(title: str, path: str, evidence: str, recommendation: str) -> Finding:
    return finding(title, evidence, recommendation, path=path, clauses=("PROT-02",), code="PLN900")


def enter_approve(state: SessionState, kit: Kit) -> ApprovePlan | Outcome:
    """Show the plan to a person, where the caller wants that."""
    assert state.plan is not None
    if not state.settings.approve or _same_files(state.approved, state.plan):
        return Outcome.APPROVED
    return ApprovePlan(id="", plan=state.plan)


def _same_files(one: Plan | None, other: Plan) -> bool:
    return one is not None and one.files == other.files


def plan_answered(state: SessionState, kit: Kit, answer: bool | str) -> Outcome:
    """Take the person's word on the plan."""
    if answer is True:
        state.approved = state.plan
        return Outcome.APPROVED
    if answer is False:
        state.reason = "The plan was declined."
        return Outcome.BLOCKED
    state.remarks += 1
    if state.remarks > state.settings.limits.remarks:
        state.reason = "The plan was sent back too often."
        return Outcome.BLOCKED
    remark = finding(
        "The reader of the plan wants something else",
        str(answer),
        "Plan anew as the remark says.",
        category=Category.PLAN,
    )
    state.plan_findings = (remark,)
    state.self_checked = False
    return Outcome.REJECTED


def enter_self_check(state: SessionState, kit: Kit) -> CallModel | Outcome:
    """Have the plan held against SecurityPolicy and PerfTargets before any code."""
    if state.self_checked:
        return Outcome.CHECKED
    passed(state, Phase.SELF_CHECK)
    return open_call(state, kit, "self-check")


def self_checked(state: SessionState, kit: Kit, reply: Reply) -> Outcome:
    """Take the checked plan; one that has become wrong is asked for again, and in the end the old one stands."""
    back = ask_back(state, reply) if reply.plan is None else None
    if back is not None:
        return back
    problems = _problems(state, reply.plan)
    if problems or reply.plan is None:
        state.plans += 1
        if state.plans <= state.settings.limits.plans:
            state.plan_findings = problems
            kit.tell("repair", f"The self-check is asked for again: {problems[0].title}.", findings=problems)
            return Outcome.AGAIN
        state.plan_findings = ()
        return Outcome.CHECKED
    before, state.plan = state.plan, reply.plan
    state.plan_findings = ()
    state.self_checked = True
    altered = before is None or not _same_files(before, state.plan)
    return Outcome.CHANGED if state.settings.approve and altered else Outcome.CHECKED
