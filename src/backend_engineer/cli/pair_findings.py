"""Findings about migrations that were run, for a folder that is judged apart from any change.

Owns: which outcome of a pair is a finding, its code and its words.
Must never know: databases, export formats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from backend_engineer.contract import Category, FindingType, Severity, Subject
from backend_engineer.outputs import Finding, MigrationReport, PairOutcome, PairVerdict, Report, Where

__all__ = ["report_of"]


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


_RUN = ("MIGR-02", "FLOW-03")
_KINDS: tuple[_Kind, ...] = (
    _Kind("MIG060", "The forward script fails", Severity.BLOCKER, ("FLOW-03",), "Mend the script until it runs on an empty database that all earlier migrations built.", _ended(PairVerdict.FORWARD_FAILED), False),
    _Kind("MIG062", "The rollback fails", Severity.CRITICAL, _RUN, "Mend the rollback until it runs after its forward script.", _ended(PairVerdict.ROLLBACK_FAILED)),
    _Kind("MIG063", "The rollback does not restore the schema", Severity.MAJOR, _RUN, "Undo in the rollback everything that the forward script does, in reverse order.", _ended(PairVerdict.DIFFERENT)),
    _Kind("MIG063", "The rollback restores the schema in other words", Severity.INFO, _RUN, "Nothing must be done; a comparison of dumps will show the difference.", _ended(PairVerdict.REPRESENTATION)),
    _Kind("MIG064", "The forward script does not run again after its rollback", Severity.CRITICAL, _RUN, "Have the rollback take away everything that the forward script makes.", _ended(PairVerdict.REAPPLY_FAILED)),
    _Kind("MIG065", "VERIFY does not tell before from after", Severity.MAJOR, ("MIGR-04",), "Write checks that fail before the migration and pass after it.", lambda pair: pair.verify_after == "fail" or pair.verify_before == "pass" or pair.verify_after_rollback == "pass", False),
    _Kind("MIG066", "Rows are lost or altered by forward and rollback", Severity.MAJOR, ("MIGR-02",), "Keep the rows, or say so with `-- IRREVERSIBLE: reason; recovery`.", lambda pair: pair.rows in ("lost", "changed") and not pair.irreversible),
    _Kind("MIG068", "The script tries what a scratch database forbids", Severity.CRITICAL, ("FLOW-03",), "Take the statement out of the migration.", lambda pair: bool(pair.refused), False),
)  # fmt: skip


def report_of(migrations: MigrationReport) -> Report:
    """The pairs' defects as a report without verdicts: only pairs were judged, no clause of a change."""
    findings = tuple(finding for pair in migrations.pairs for finding in _findings(pair))
    notes = (migrations.not_checked,) if migrations.not_checked else ()
    return Report(findings=findings, notes=notes, subjects=(Subject.CHANGE,))


def _findings(pair: PairOutcome) -> Iterator[Finding]:
    for kind in _KINDS:
        if kind.is_so(pair):
            path = (pair.rollback or pair.forward) if kind.on_rollback else pair.forward
            yield Finding(
                type=FindingType.EVIDENCE,
                category=Category.MIGRATIONS,
                severity=kind.severity,
                title=kind.title,
                where=Where(path=path),
                evidence=_evidence(kind.code, pair),
                recommendation=kind.recommendation,
                code=kind.code,
                clauses=kind.clauses,
            ).with_fingerprint()


def _evidence(code: str, pair: PairOutcome) -> str:
    shown: tuple[str, ...] = {
        "MIG061": (pair.populated_message,) if pair.populated_message else (),
        "MIG065": (
            f"before: {pair.verify_before}",
            f"after: {pair.verify_after}",
            f"after the rollback: {pair.verify_after_rollback}",
        ),
        "MIG066": pair.row_differences,
        "MIG068": pair.refused,
    }.get(code, (*((pair.message,) if pair.message else ()), *pair.differences))
    return "\n".join(shown) or f"{pair.migration}: {pair.verdict}"
