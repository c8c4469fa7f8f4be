"""The outcome of a check: findings, and one verdict for every clause in scope.

Owns: `Report`, `ClauseVerdict`, and what `ok` means.
Must never know: rules, or how a report is printed.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from backend_engineer.contract import CLAUSES, Status, Subject, Verdict
from backend_engineer.outputs.findings import Finding, ReviewFindings
from backend_engineer.outputs.value import Value

__all__ = ["ClauseVerdict", "Report"]


class ClauseVerdict(Value):
    """One clause's verdict with its reason, and the codes of the rules that served it."""

    clause: str
    verdict: Verdict
    reason: str
    rules: tuple[str, ...] = ()
    waived: str | None = None


class Report(Value):
    """What a check found.

    findings: in the order of the change, each with its code and fingerprint.
    verdicts: one for every clause whose subject was in the call, in the contract's order.
    suppressed: findings that a suppression with a reason took out, kept for the record.
    notes: what was not looked at and why, in plain sentences.
    """

    findings: tuple[Finding, ...] = ()
    verdicts: tuple[ClauseVerdict, ...] = ()
    suppressed: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    subjects: tuple[Subject, ...] = Field(default=())

    @property
    def clauses(self) -> Mapping[str, Verdict]:
        """Clause id -> verdict."""
        return {row.clause: row.verdict for row in self.verdicts}

    @property
    def unchecked(self) -> Mapping[str, str]:
        """Clause id -> reason, for every clause that was not checked and not waived by name."""
        return {
            row.clause: row.reason
            for row in self.verdicts
            if row.verdict is Verdict.NOT_CHECKED and row.waived is None
        }

    @property
    def violated(self) -> tuple[str, ...]:
        """Ids of the violated clauses; a waiver does not hide them."""
        return tuple(row.clause for row in self.verdicts if row.verdict is Verdict.VIOLATED)

    @property
    def ok(self) -> bool:
        """Nothing violated, and nothing in scope unchecked unless its id was waived by name."""
        return not self.violated and not self.unchecked and not any(item.violates for item in self.findings)

    @property
    def totals(self) -> Mapping[Subject, Mapping[Verdict, int]]:
        """For each subject in the call, how many clauses have which verdict."""
        table = {subject: dict.fromkeys(Verdict, 0) for subject in self.subjects}
        for row in self.verdicts:
            table.setdefault(CLAUSES[row.clause].subject, dict.fromkeys(Verdict, 0))[row.verdict] += 1
        return table

    def review_findings(self, status: Status | None = None) -> ReviewFindings:
        """The findings as the ReviewFindings document; `blocked` when something is violated."""
        failed = self.violated or any(item.violates for item in self.findings)
        chosen = status or (Status.BLOCKED if failed else Status.READY)
        return ReviewFindings.of(chosen, self.findings)
