"""Findings about migrations that were run, for a folder that is judged apart from any change.

Owns: the findings of a folder; what is wrong with a pair is said where the rules read it too.
Must never know: databases, export formats.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity, Subject
from backend_engineer.outputs import Finding, MigrationReport, PairOutcome, Report, Where
from backend_engineer.outputs.migration_report import FileProblem
from backend_engineer.rules.executed.defects import Defect, defects_of

__all__ = ["file_finding", "pair_findings", "report_of"]


def _refused(pair: PairOutcome) -> tuple[str, ...]:
    return pair.refused


def _runner(pair: PairOutcome) -> tuple[str, ...]:
    return (pair.runner_message,)


# What other rules say from a change's text and a run together; here the run alone says it.
_ALSO: tuple[Defect, ...] = (
    Defect("MIG011", "A script cannot run in the transaction that its runner wraps it in", Severity.MAJOR, "Put the statement into a script of its own and switch that script's transaction off.", lambda pair: pair.runner == "fails", _runner, on_rollback=False),
    Defect("MIG011", "A script runs statement by statement only", Severity.MINOR, "Ask how the runner sends the script; a script of one statement runs everywhere.", lambda pair: pair.runner == "may-fail", _runner, on_rollback=False),
    Defect("MIG068", "A script tries what a scratch database forbids", Severity.CRITICAL, "Take the statement out of the migration.", lambda pair: bool(pair.refused), _refused, on_rollback=False, clauses=("FLOW-03",)),
)  # fmt: skip


# What a file's problem is called, how much it weighs, and what to do; none of them was found by running.
_PROBLEMS: dict[str, tuple[str, str, Severity, str]] = {
    "duplicate": ("MIG003", "A migration's version is taken", Severity.MAJOR, "Give the migration a version of its own."),
    "same-version": ("MIG003", "Two migrations have one version", Severity.MINOR, "Ask whether the runner goes by the whole name."),
    "marker": ("MIG010", "The migration's own tool does not take the file", Severity.MAJOR, "Write the markers as the tool wants them."),
    "cut": ("MIG010", "The migration's tool cuts a statement in the middle", Severity.MINOR, "Put the statement between the tool's own marks, or ask whether the project has a runner of its own."),
    "unpaired": ("MIG001", "A rollback has no forward script", Severity.MINOR, "Name both scripts alike, or remove the rollback."),
    "unread": ("MIG001", "A script was not read as a migration", Severity.MINOR, "Name it as its runner wants it, or keep it elsewhere."),
    "program": ("EXE002", "A migration is a program and was not run", Severity.INFO, "Have its own tool run it."),
}  # fmt: skip


def report_of(migrations: MigrationReport) -> Report:
    """The pairs' defects as a report without verdicts: only pairs were judged, no clause of a change."""
    findings = [finding for pair in migrations.pairs for finding in pair_findings(pair)]
    findings += [file_finding(problem) for problem in migrations.problems]
    notes = (migrations.not_checked,) if migrations.not_checked else ()
    return Report(findings=tuple(findings), notes=notes, subjects=(Subject.CHANGE,))


def file_finding(problem: FileProblem) -> Finding:
    """What is wrong with a file before anything runs."""
    code, title, severity, recommendation = _PROBLEMS.get(problem.code, _PROBLEMS["unread"])
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
    for defect in (*defects_of(pair), *(item for item in _ALSO if item.is_so(pair))):
        if not defect.excused(pair):
            yield Finding(
                type=FindingType.EVIDENCE,
                category=Category.MIGRATIONS,
                severity=defect.severity,
                title=defect.title,
                where=Where(path=defect.path_of(pair)),
                evidence="\n".join(defect.seen(pair)),
                recommendation=defect.recommendation,
                code=defect.code,
                clauses=defect.clauses,
            ).with_fingerprint()
