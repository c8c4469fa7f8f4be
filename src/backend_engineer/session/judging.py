"""The change is run, checked, repaired, reviewed, and concluded.

Owns: the states EXECUTE, CHECK, REVIEW and CONCLUDE (PROT-05).
Must never know: how anything is run, what a rule checks, how a prompt is worded.
"""

from __future__ import annotations

from typing import Any

from backend_engineer.contract import Ending, Phase
from backend_engineer.inputs import NotApplicable
from backend_engineer.migrations import discover
from backend_engineer.outputs import CommandReport, MigrationReport, Report
from backend_engineer.parsing import Reply
from backend_engineer.rules import RunFacts, check
from backend_engineer.session.assembling import assembled
from backend_engineer.session.calling import open_call
from backend_engineer.session.effects import CallModel, ReadFiles, Verify
from backend_engineer.session.ending import run_facts
from backend_engineer.session.kit import Kit
from backend_engineer.session.mending import review_faults, to_mend, wanted_paths
from backend_engineer.session.merging import planned_paths
from backend_engineer.session.planning import passed
from backend_engineer.session.state import Part, SessionState
from backend_engineer.session.states import Outcome
from backend_engineer.session.tree import AskingTree, tree_of

__all__ = [
    "enter_check",
    "enter_conclude",
    "enter_execute",
    "enter_review",
    "executed",
    "reviewed",
]


def enter_execute(state: SessionState, kit: Kit) -> Verify | Outcome:
    """Have the migrations and the commands of the change run, if it has any."""
    files = state.part.accepted
    scripts = {file.path: file.content for file in files if file.content is not None}
    migrations = bool(len(discover(scripts)))
    commands = _commands(state)
    if not migrations and not commands:
        return Outcome.EXECUTED
    return Verify(
        id="",
        files=files,
        migrations=migrations,
        **_conventions(state),
        commands=commands,
        earlier=tuple(part.accepted for part in state.done),
    )


def _conventions(state: SessionState) -> dict[str, Any]:
    """What the TechSpec says of the database and of how migrations are run."""
    assert state.inputs is not None
    database, given = state.inputs.tech_spec.database, state.inputs.tech_spec.migrations
    said: dict[str, Any] = {}
    if not isinstance(database, NotApplicable):
        said["dialect"] = database.dialect
    if not isinstance(given, NotApplicable):
        said.update(folder=given.folder, transactional=given.transactional)
    return said


def _commands(state: SessionState) -> dict[str, tuple[str, ...]]:
    assert state.inputs is not None
    given = state.inputs.tech_spec.commands
    if isinstance(given, NotApplicable):
        return {}
    named = {"tests": given.tests, "types": given.types, "lint": given.lint}
    return {kind: argv for kind, argv in named.items() if not isinstance(argv, NotApplicable)}


def executed(state: SessionState, kit: Kit, reports: tuple[MigrationReport | CommandReport, ...]) -> Outcome:
    """Keep the reports; none means that nothing was run, and the clauses stay unchecked."""
    state.part.verified = reports
    return Outcome.EXECUTED


def enter_check(state: SessionState, kit: Kit) -> ReadFiles | Outcome:
    """Run the rules; what files can mend is asked for again, a bounded number of times."""
    part = state.part
    # The review that writes the findings document comes after this check.
    later = () if part.review is not None else ("FND001",)
    report = _checked(state, kit, None, later)
    if isinstance(report, ReadFiles):
        return report
    part.report = report
    kit.tell("report", _words(report), findings=report.findings)
    found = to_mend(report, part.verified)
    if found and not state.reason and part.repairs < state.settings.limits.repairs:
        part.repairs += 1
        part.task, part.findings = "repair", found
        planned = planned_paths(state.plan, part.number)
        part.wanted, part.open = wanted_paths(found, part.accepted, planned)
        # The review and the reports spoke of files that are about to change.
        part.review, part.attestations, part.verified = None, (), ()
        kit.tell("repair", f"{len(found)} finding(s) go back to the model: {found[0].title}.", findings=found)
        return Outcome.BROKEN
    part.findings = tuple(item for item in report.findings if item.violates)
    return Outcome.SOUND


def _checked(
    state: SessionState, kit: Kit, facts: RunFacts | None, ignore: tuple[str, ...] = ()
) -> Report | ReadFiles:
    """The report, or the files of the base that the rules turned out to need."""
    tree = tree_of(state)
    unreadable = frozenset(path for path, text in state.texts.items() if text is None)
    asking = (
        AskingTree(tree, unreadable | frozenset(state.base.binary if state.base else ())) if tree else None
    )
    report = check(
        assembled(state),
        inputs=state.inputs,
        base=asking,
        verified=state.part.verified,
        rules=kit.rules,
        ignore=ignore,
        parameters=state.parameters,
        run=facts,
        configuration=kit.configuration,
    )
    if asking is not None and state.base is not None:
        wanted = [path for path in asking.wanted if path in state.base.files and path not in state.texts]
        if wanted:
            return ReadFiles(id="", paths=tuple(wanted), purpose="check")
    return report


def _words(report: Report) -> str:
    return (
        f"Checked: {len(report.violated)} clause(s) violated, {len(report.unchecked)} not checked, "
        f"{len(report.findings)} finding(s)."
    )


def enter_review(state: SessionState, kit: Kit) -> CallModel | Outcome:
    """Have the change reviewed by the model, unless one answer held the review as well."""
    passed(state, Phase.VERIFY)
    if state.part.review is not None:
        return Outcome.REVIEWED
    return open_call(state, kit, "verify")


def reviewed(state: SessionState, kit: Kit, reply: Reply) -> Outcome:
    """Take attestations and findings; an answer without findings is asked for once more."""
    part = state.part
    if reply.attestations:
        part.attestations = reply.attestations
    whole = reply.findings is not None and reply.ending is Ending.COMPLETE
    if reply.findings is not None:
        part.review = reply.findings
    if not whole and part.reviews < state.settings.limits.reviews:
        part.reviews += 1
        part.review = None
        kit.tell("repair", "The review is asked for again: its findings document is missing or cut off.")
        return Outcome.AGAIN
    return Outcome.REVIEWED


def enter_conclude(state: SessionState, kit: Kit) -> ReadFiles | Outcome:
    """Give every clause its verdict; wrong attestations go back once, and a split series goes on."""
    part = state.part
    report = _checked(state, kit, run_facts(state, part.report))
    if isinstance(report, ReadFiles):
        return report
    faults = review_faults(report)
    if faults and part.reviews < state.settings.limits.reviews and not state.reason:
        part.reviews += 1
        part.review, part.attestations, part.findings = None, (), faults
        kit.tell("repair", f"The review is asked for again: {faults[0].title}.", findings=faults)
        return Outcome.AGAIN
    part.report = report
    kit.tell("report", _words(report), findings=report.findings)
    violated = bool(report.violated) or any(item.violates for item in report.findings)
    if state.plan is not None and state.plan.parts > part.number and not violated and not state.reason:
        state.done = (*state.done, part)
        state.part = Part(number=part.number + 1)
        return Outcome.NEXT_PART
    return Outcome.CONCLUDED
