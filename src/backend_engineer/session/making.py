"""The files: the base is read, the change is written, cut answers are continued, what failed is asked for again.

Owns: the states READ and IMPLEMENT (PROT-04).
Must never know: how a file is judged, how a prompt is worded.
"""

from __future__ import annotations

from collections.abc import Sequence

from backend_engineer.contract import Ending, Phase
from backend_engineer.outputs import Finding
from backend_engineer.parsing import Reply
from backend_engineer.session.assembling import shifted
from backend_engineer.session.calling import open_call, unusable
from backend_engineer.session.effects import CallModel, ReadFiles
from backend_engineer.session.kit import Kit
from backend_engineer.session.mending import finding
from backend_engineer.session.merging import Taken, missing, planned_paths, take, with_files
from backend_engineer.session.planning import ask_back, passed
from backend_engineer.session.state import SessionState
from backend_engineer.session.states import Outcome
from backend_engineer.session.tree import standing

__all__ = ["enter_implement", "enter_read", "files_read", "implemented"]


def enter_read(state: SessionState, kit: Kit) -> ReadFiles | Outcome:
    """Ask for the texts that the next answer starts from: those that the plan modifies, or all without a plan."""
    part = state.part
    part.task = "all" if state.plan is None else "implement"
    if state.base is None:
        return Outcome.READ
    if state.plan is None:
        paths = list(state.base.files)
    else:
        sources = [
            file.previous_path or file.path
            for file in state.plan.files
            if file.part == part.number and file.action != "add"
        ]
        paths = [path for path in sources if standing(state).get(path) == state.base.files.get(path)]
    wanted = [path for path in paths if path in state.base.files and path not in state.base.binary]
    wanted = [path for path in dict.fromkeys(wanted) if path not in state.texts]
    return ReadFiles(id="", paths=tuple(wanted), purpose="implement") if wanted else Outcome.READ


def files_read(state: SessionState, kit: Kit, texts: dict[str, str | None]) -> Outcome:
    """Keep the texts."""
    state.texts = {**state.texts, **texts}
    return Outcome.READ


def enter_implement(state: SessionState, kit: Kit) -> CallModel | Outcome:
    """Ask for files: all of them, the rest of a cut answer, or those that have to be mended."""
    passed(state, Phase.IMPLEMENT)
    return open_call(state, kit, state.part.task)


def implemented(state: SessionState, kit: Kit, reply: Reply) -> Outcome:
    """Take the files of an answer, and decide whether more has to be asked for."""
    call = state.call
    assert call is not None
    if not reply.files and reply.plan is None and (back := ask_back(state, reply)) is not None:
        return back
    if call.task == "all":
        _take_rest(state, reply)
    reply = shifted(state, reply)
    taken = take(state, reply, call.stopped, agreed=call.task != "all")
    _keep(state, kit, reply, taken)
    if call.stopped:
        return _stopped(state, kit, call.stopped)
    if reply.ending is not Ending.COMPLETE and state.part.continuations < state.settings.limits.continuations:
        state.part.continuations += 1
        state.part.task = "continue"
        where = f" in {state.part.cut.path}" if state.part.cut is not None else ""
        kit.tell("continue", f"The answer was cut off{where} and goes on.")
        return Outcome.AGAIN
    return _complete(state, kit)


def _take_rest(state: SessionState, reply: Reply) -> None:
    """What an answer to all phases at once holds besides files."""
    state.checklist = reply.checklist or state.checklist
    if reply.plan is not None:
        state.plan = reply.plan
        passed(state, Phase.PLAN)
        if reply.plan.security and reply.plan.slo:
            state.self_checked = True
            passed(state, Phase.SELF_CHECK)
    passed(state, Phase.IMPLEMENT)


def _keep(state: SessionState, kit: Kit, reply: Reply, taken: Taken) -> None:
    part = state.part
    for path, reason in taken.aside:
        kit.tell("set-aside", f"{path} is set aside: {reason}.", path=path)
        state.dropped = tuple(dict.fromkeys((*state.dropped, f"file {path}: {reason}")))
    part.accepted, part.cut = taken.accepted, taken.cut
    fresh = set(taken.fresh)
    kept = [item for item in part.validations if item[0] not in fresh]
    given = [(item.path, item.text, item.line) for item in reply.validations]
    part.validations = (*kept, *given)
    given_diagnostics = [(item.code, item.message, item.line) for item in reply.diagnostics]
    part.diagnostics = (*(part.diagnostics if part.task == "continue" else ()), *given_diagnostics)
    if state.settings.calls == "single":
        # Phase by phase, the review is a call of its own, which sees the files with their line numbers.
        part.attestations = reply.attestations or part.attestations
        part.review = reply.findings or part.review
    if state.plan is not None and part.task == "repair":
        state.plan = with_files(state.plan, part.accepted, part.number)
    if reply.files or not part.sources:
        part.sources = (*part.sources, len(state.exchanges) - 1)


def _stopped(state: SessionState, kit: Kit, stopped: Sequence[Finding]) -> Outcome:
    """A streaming rule broke the answer off: what is still missing is asked for, with the reason."""
    wanted = missing(state)
    named = [item.where.path for item in stopped if item.where.path]
    allowed = planned_paths(state.plan, state.part.number)
    wanted = tuple(dict.fromkeys((*wanted, *(path for path in named if not allowed or path in allowed))))
    return _ask_again(state, kit, (*stopped, *_absent(missing(state))), wanted)


def _complete(state: SessionState, kit: Kit) -> Outcome:
    """The answer is over; go on when nothing of the plan is missing."""
    absent = list(missing(state))
    if state.part.cut is not None and state.part.cut.path not in absent:
        absent.append(state.part.cut.path)
    if absent:
        return _ask_again(state, kit, _absent(absent), tuple(absent))
    if not state.part.accepted:
        empty = finding(
            "The answer holds no file",
            "No fenced block with a `file:` header could be read.",
            "Give each file in a fenced block whose first line is its header.",
            clauses=("OUTF-02",),
        )
        return _ask_again(state, kit, (empty,), ())
    return Outcome.IMPLEMENTED


def _absent(paths: Sequence[str]) -> tuple[Finding, ...]:
    return tuple(
        finding(
            "A planned file is missing",
            f"The plan lists `{path}`, no answer held it whole.",
            "Emit the file.",
            path=path,
            clauses=("PROT-02",),
        )
        for path in paths
    )


def _ask_again(state: SessionState, kit: Kit, found: tuple[Finding, ...], wanted: tuple[str, ...]) -> Outcome:
    part = state.part
    if part.repairs < state.settings.limits.repairs:
        part.repairs += 1
        part.task, part.findings, part.cut = "repair", found, None
        part.wanted, part.open = wanted, False
        kit.tell("repair", f"Files are asked for again: {found[0].title}.", findings=found)
        return Outcome.AGAIN
    if not part.accepted:
        return unusable(state, f"No usable file came: {found[0].title}. {found[0].evidence}")
    part.findings = found
    state.reason = f"{found[0].title}: {found[0].evidence}"
    return Outcome.IMPLEMENTED
