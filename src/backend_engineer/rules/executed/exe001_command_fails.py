"""The project's tests, type checks and lint, really run, do not fail because of the change.

Owns: this rule and its examples.
Must never know: other rules, how a command is run.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.outputs import Change, CommandOutcome, CommandReport, FileChange, SuiteSummary
from backend_engineer.paths import is_test_path
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

__all__ = ["RULE"]

_LAST = 600
# FLOW-10 can be judged by reading alone; only a report that was given has a say in its verdict, so the
# rule serves no clause of its own.
_CLAUSES = ("FLOW-10",)
_OLD = {
    "tests": "The tests fail as before",
    "types": "The type check fails as before",
    "lint": "The lint fails as before",
}
_NAMES = {"tests": "tests fail", "types": "type check fails", "lint": "lint fails"}


def _check(context: Context) -> Iterable[Hit | Silence]:
    for report in context.command_reports:
        if report.change != context.change.hash:
            reason = "the command report is about another change; run the commands on this one."
            yield Silence(Verdict.NOT_CHECKED, reason, _CLAUSES)
        elif report.not_checked and not report.outcomes:
            yield Silence(Verdict.NOT_CHECKED, report.not_checked, _CLAUSES)
        for item in report.outcomes if report.change == context.change.hash else ():
            yield from _about(item, context.change)


def _about(item: CommandOutcome, change: Change) -> Iterable[Hit | Silence]:
    name = f"`{' '.join(item.argv)}`"
    if item.not_run:
        yield Silence(Verdict.NOT_CHECKED, f"{name} was not run: {item.not_run}", _CLAUSES)
        return
    if item.failed_by_change:
        yield Hit(
            "",
            f"{name} {_ended(item)} with the change; {item.new_failure}.\n{item.output.strip()[-_LAST:]}",
            title=f"The {_NAMES[item.kind]} with the change",
            clauses=_CLAUSES,
        )
        return
    if item.unsettled:
        yield Silence(
            Verdict.NOT_CHECKED,
            f"{name} fails with the change and failed before it: {item.unsettled}.",
            _CLAUSES,
        )
    elif item.after != 0 and item.failed_before:
        reason = f"{name} fails, and failed before the change as well."
        yield Hit("", reason, title=_OLD[item.kind], severity=Severity.INFO, clauses=_CLAUSES)
        yield Silence(Verdict.NEEDS_REVIEW, reason, _CLAUSES)
    if item.kind == "tests":
        yield from _what_ran(item, name, change)


def _ended(item: CommandOutcome) -> str:
    if item.timed_out:
        return "did not end in time"
    return f"ended with {item.after}" if item.after is not None else "could not be run"


def _what_ran(item: CommandOutcome, name: str, change: Change) -> Iterable[Hit | Silence]:
    """Whether as many tests ran as before: what passes because it does not run shows nothing."""
    old, new = item.summary_before, item.summary
    ran_before = old.run if old is not None else None
    if item.tests_run == 0 and (new is None or new.failed == 0):
        if old is not None and old.empty and old.skipped and new is not None and new.skipped:
            reason = (
                f"{name} leaves all of its tests out, as it did before the change: what they need is absent."
            )
            yield Silence(Verdict.NOT_CHECKED, reason, _CLAUSES)
        else:
            yield Hit(
                "",
                f"{name} ran no test." + (f" Before the change it ran {ran_before}." if ran_before else ""),
                title="The tests are empty",
                severity=Severity.MAJOR,
                clauses=_CLAUSES,
            )
    elif new is None and item.after == 0 and ran_before:
        reason = f"{name} ended with 0 and no summary, and before the change with one of {ran_before} tests"
        if item.before == 0 and not item.truncated:
            yield _fewer(f"{reason}.", Severity.MAJOR)
        else:
            yield Silence(Verdict.NOT_CHECKED, f"{reason}: whether any ran cannot be told.", _CLAUSES)
    elif item.summary_missing and item.after == 0:
        reason = f"{name} ended with 0 and without the summary that it ends with: whether a test ran cannot be told."
        yield Silence(Verdict.NOT_CHECKED, reason, _CLAUSES)
    elif new is not None and new.run is not None and ran_before is not None and new.run < ran_before:
        reason = f"{name} ran {new.run} tests, and {ran_before} before the change"
        touched = _changed_tests(change)
        if touched:
            yield _fewer(f"{reason}; the change alters `{touched}`.", Severity.MINOR)
            reason += f"; whether `{touched}` may lose them is for a reviewer."
            yield Silence(Verdict.NEEDS_REVIEW, reason, _CLAUSES)
        else:
            yield _fewer(f"{reason}, and takes no test away that it knows of.", Severity.MAJOR)


def _fewer(evidence: str, severity: Severity) -> Hit:
    return Hit(
        "",
        evidence,
        title="Fewer tests run with the change",
        recommendation="Have every test run that ran before, or take away openly what is not needed any more.",
        severity=severity,
        clauses=_CLAUSES,
    )


def _changed_tests(change: Change) -> str:
    """A file of tests that the change takes away or alters, so that fewer may well be meant."""
    for file in change:
        path = file.previous_path or file.path
        if file.action != "add" and is_test_path(path) and not path.endswith("conftest.py"):
            return path
    return ""


_FILES = {"docs/fees.md": "# Fees\n"}
_HASH = Change(tuple(FileChange(path, text) for path, text in _FILES.items())).hash


def _report(*outcomes: CommandOutcome) -> tuple[CommandReport]:
    return (CommandReport(outcomes=outcomes, runner="example", change=_HASH),)


def _ran(**facts: object) -> CommandOutcome:
    return CommandOutcome.model_validate(
        {"kind": "tests", "argv": ("make", "test"), "before": 0, "after": 0, **facts}
    )


def _summary(run: int, failed: int = 0) -> SuiteSummary:
    return SuiteSummary(run=run, failed=failed)


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
        Example(
            files=_FILES,
            verified=_report(_ran(tests_run=14, summary_before=_summary(12), summary=_summary(14))),
            note="and there are more of them",
        ),
    ),
    invalid=(
        Example(files=_FILES, verified=_report(_ran(after=1, output="1 failed")), note="they passed before"),
        Example(
            files=_FILES,
            verified=_report(_ran(before=None, after=None, timed_out=True)),
            note="they do not end",
        ),
        Example(
            files=_FILES,
            verified=_report(
                _ran(before=1, after=1, summary_before=_summary(40, 1), summary=_summary(46, 7))
            ),
            note="one failed before, seven do now",
        ),
        Example(
            files=_FILES,
            verified=_report(_ran(tests_run=1, summary_before=_summary(51), summary=_summary(1))),
            note="51 tests ran before, one does now",
        ),
    ),
)
