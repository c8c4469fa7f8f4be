"""The project's tests, type checks and lint, really run, do not fail because of the change.

Owns: this rule and its examples.
Must never know: other rules, how a command is run.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.outputs import Change, CommandOutcome, CommandReport, FileChange
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

__all__ = ["RULE"]

_LAST = 600
# FLOW-10 can be judged by reading alone; only a report that was given has a say in its verdict, so the
# rule serves no clause of its own.
_CLAUSES = ("FLOW-10",)
_NAMES = {"tests": "tests fail", "types": "type check fails", "lint": "lint fails"}


def _check(context: Context) -> Iterable[Hit | Silence]:
    for report in context.command_reports:
        if report.change != context.change.hash:
            reason = "the command report is about another change; run the commands on this one."
            yield Silence(Verdict.NOT_CHECKED, reason, _CLAUSES)
        elif report.not_checked and not report.outcomes:
            yield Silence(Verdict.NOT_CHECKED, report.not_checked, _CLAUSES)
        for item in report.outcomes if report.change == context.change.hash else ():
            yield from _about(item)


def _about(item: CommandOutcome) -> Iterable[Hit | Silence]:
    name = f"`{' '.join(item.argv)}`"
    if item.failed_by_change:
        ended = "did not end in time" if item.timed_out else f"ended with {item.after}"
        before = "and with 0 before it" if item.before == 0 else "and was not run before it"
        tail = item.output.strip()[-_LAST:]
        yield Hit(
            "",
            f"{name} {ended} with the change {before}.\n{tail}",
            title=f"The {_NAMES[item.kind]} with the change",
            clauses=_CLAUSES,
        )
    elif item.after != 0:
        yield Silence(Verdict.NEEDS_REVIEW, f"{name} fails, and failed before the change as well.", _CLAUSES)
    elif item.kind == "tests" and item.tests_run == 0:
        yield Hit(
            "", f"{name} ran no test.", title="The tests are empty", severity=Severity.MAJOR, clauses=_CLAUSES
        )


_FILES = {"docs/fees.md": "# Fees\n"}
_HASH = Change(tuple(FileChange(path, text) for path, text in _FILES.items())).hash


def _report(*outcomes: CommandOutcome) -> tuple[CommandReport]:
    return (CommandReport(outcomes=outcomes, runner="example", change=_HASH),)


def _ran(**facts: object) -> CommandOutcome:
    return CommandOutcome.model_validate(
        {"kind": "tests", "argv": ("make", "test"), "before": 0, "after": 0, **facts}
    )


RULE = Rule(
    code="EXE001",
    title="A command fails with the change",
    clauses=(),
    also=_CLAUSES,
    severity=Severity.CRITICAL,
    category=Category.TESTING,
    reason="Tests that were not run, or fail, show nothing.",
    recommendation="Mend the change until the command ends with 0.",
    check=_check,
    needs=(Need.COMMAND_REPORT,),
    valid=(
        Example(files=_FILES, verified=_report(_ran(tests_run=12)), note="the tests pass"),
        Example(
            files=_FILES,
            verified=_report(_ran(), _ran(kind="lint", argv=("make", "lint"))),
            note="and the lint",
        ),
    ),
    invalid=(
        Example(files=_FILES, verified=_report(_ran(after=1, output="1 failed")), note="they passed before"),
        Example(
            files=_FILES,
            verified=_report(_ran(before=None, after=None, timed_out=True)),
            note="they do not end",
        ),
    ),
)
