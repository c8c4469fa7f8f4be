"""Findings about migrations that were run, for a folder that is judged apart from any change.

Owns: which outcome of a pair is a finding, its code and its words.
Must never know: databases, export formats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from backend_engineer.contract import Category, FindingType, Severity, Subject
from backend_engineer.outputs import Finding, MigrationReport, PairOutcome, PairVerdict, Report, Where
from backend_engineer.outputs.migration_report import FileProblem

__all__ = ["pair_findings", "report_of"]


class _Kind(NamedTuple):
    """One way in which a pair can be wrong."""

    code: str
    title: str
    severity: Severity
    clauses: tuple[str, ...]
    recommendation: str
    is_so: Callable[[PairOutcome], bool]
    on_rollback: bool = True


def _ended(verdict: PairVerdict) -> Callable[[PairOutcome], bool]:
    return lambda pair: pair.verdict is verdict


def _fails_on_rows(pair: PairOutcome) -> bool:
    return pair.populated in ("forward-failed", "rollback-failed")


_RUN = ("FLOW-03", "MIGR-02")
# The codes are those of the rules that say the same about a change, so that a baseline knows both.
_KINDS: tuple[_Kind, ...] = (
    _Kind("EXE002", "The migration fails", Severity.CRITICAL, _RUN, "Mend the forward script until it runs on the schema before it.", _ended(PairVerdict.FORWARD_FAILED), False),
    _Kind("EXE002", "The rollback fails", Severity.CRITICAL, _RUN, "Mend the rollback until it runs on what the forward script built.", lambda pair: pair.verdict is PairVerdict.ROLLBACK_FAILED and not pair.stopped_as_stated),
    _Kind("EXE002", "The rollback does not bring the schema back", Severity.CRITICAL, _RUN, "Undo in the rollback what the forward script did.", lambda pair: pair.verdict is PairVerdict.DIFFERENT and not pair.irreversible),
    _Kind("EXE002", "The rollback brings the schema back in another form", Severity.INFO, _RUN, "Nothing must be done; a comparison of dumps will show the difference.", lambda pair: pair.verdict in (PairVerdict.COLUMN_ORDER, PairVerdict.REPRESENTATION)),
    _Kind("EXE002", "The migration fails after its rollback", Severity.CRITICAL, _RUN, "Have the rollback remove all that the forward script makes.", _ended(PairVerdict.REAPPLY_FAILED)),
    _Kind("EXE002", "The scripts fail on a database with rows", Severity.MAJOR, _RUN, "Mend the scripts so that they run where rows stand already.", lambda pair: _fails_on_rows(pair) and not pair.rows_may_be_to_blame, False),
    _Kind("EXE002", "The scripts fail on a database with rows", Severity.MINOR, _RUN, "Ask whether real rows can hold such values: those of the run were made up.", lambda pair: _fails_on_rows(pair) and pair.rows_may_be_to_blame, False),
    _Kind("EXE002", "Rows are lost or changed on the way there and back", Severity.MINOR, _RUN, "Keep the data, or annotate the step with `-- IRREVERSIBLE: reason; recovery`.", lambda pair: pair.rows in ("lost", "changed") and not pair.irreversible),
    _Kind("EXE002", "The rollback leaves settings behind that no schema holds", Severity.MAJOR, _RUN, "Take the setting back in the rollback.", lambda pair: bool(pair.settings) and not pair.irreversible),
    _Kind("MIG011", "A script cannot run in the transaction that its runner wraps it in", Severity.MAJOR, _RUN, "Put the statement into a script of its own and switch that script's transaction off.", lambda pair: pair.runner == "fails", False),
    _Kind("MIG011", "A script runs statement by statement only", Severity.MINOR, _RUN, "Ask how the runner sends the script; a script of one statement runs everywhere.", lambda pair: pair.runner == "may-fail", False),
    _Kind("EXE003", "A check fails after the migration", Severity.MAJOR, ("MIGR-04",), "Mend the check or the migration.", lambda pair: pair.verify_after == "fail", False),
    _Kind("EXE003", "A VERIFY section cannot fail", Severity.MINOR, ("MIGR-04",), "Check something that only the migration makes true.", lambda pair: pair.verify_before == "pass" or pair.verify_after_rollback == "pass", False),
    _Kind("MIG068", "A script tries what a scratch database forbids", Severity.CRITICAL, ("FLOW-03",), "Take the statement out of the migration.", lambda pair: bool(pair.refused), False),
)  # fmt: skip


# What a file's problem is called, how much it weighs, and what to do; none of them was found by running.
_PROBLEMS: dict[str, tuple[str, str, Severity, str]] = {
    "duplicate": ("MIG003", "A migration's version is taken", Severity.MAJOR, "Give the migration a version of its own."),
    "same-version": ("MIG003", "Two migrations have one version", Severity.MINOR, "Ask whether the runner goes by the whole name."),
    "marker": ("MIG010", "The migration's own tool does not take the file", Severity.MAJOR, "Write the markers as the tool wants them."),
    "unpaired": ("MIG001", "A rollback has no forward script", Severity.MINOR, "Name both scripts alike, or remove the rollback."),
    "unread": ("MIG001", "A script was not read as a migration", Severity.MINOR, "Name it as its runner wants it, or keep it elsewhere."),
    "program": ("EXE002", "A migration is a program and was not run", Severity.INFO, "Have its own tool run it."),
}  # fmt: skip


def report_of(migrations: MigrationReport) -> Report:
    """The pairs' defects as a report without verdicts: only pairs were judged, no clause of a change."""
    findings = [finding for pair in migrations.pairs for finding in pair_findings(pair)]
    findings += [_of_file(problem) for problem in migrations.problems if problem.code in _PROBLEMS]
    notes = (migrations.not_checked,) if migrations.not_checked else ()
    return Report(findings=tuple(findings), notes=notes, subjects=(Subject.CHANGE,))


def _of_file(problem: FileProblem) -> Finding:
    code, title, severity, recommendation = _PROBLEMS[problem.code]
    return Finding(
        type=FindingType.EVIDENCE,
        category=Category.MIGRATIONS,
        severity=severity,
        title=title,
        where=Where(path=problem.path),
        evidence=problem.message,
        recommendation=recommendation,
        code=code,
        clauses=("MIGR-02",),
    ).with_fingerprint()


def pair_findings(pair: PairOutcome) -> Iterator[Finding]:
    """What is wrong with one pair, the most basic defect first."""
    for kind in _KINDS:
        if kind.is_so(pair):
            path = (pair.rollback or pair.forward) if kind.on_rollback else pair.forward
            yield Finding(
                type=FindingType.EVIDENCE,
                category=Category.MIGRATIONS,
                severity=kind.severity,
                title=kind.title,
                where=Where(path=path),
                evidence="\n".join(_evidence(kind, pair)) or f"{pair.migration}: {pair.verdict}",
                recommendation=kind.recommendation,
                code=kind.code,
                clauses=kind.clauses,
            ).with_fingerprint()


def _evidence(kind: _Kind, pair: PairOutcome) -> tuple[str, ...]:
    if kind.code == "EXE003":
        seen = f"before {pair.verify_before}, after {pair.verify_after}, rolled back {pair.verify_after_rollback}"
        return (f"{pair.migration}: {seen}", *filter(None, (pair.verify_message,)))
    if kind.code == "MIG068":
        return pair.refused
    if kind.code == "MIG011":
        return (pair.runner_message,)
    if kind.title.endswith("no schema holds"):
        return pair.settings
    if kind.title.startswith("Rows"):
        return pair.row_differences
    if kind.title.endswith("with rows"):
        return tuple(filter(None, (pair.populated_message,)))
    return (*filter(None, (pair.message,)), *pair.differences)
