"""The end of a run as values: the result and the record.

Owns: how the state of a session becomes a `StageResult` and a `RunRecord`.
Must never know: how the run got there.
"""

from __future__ import annotations

from backend_engineer.contract import IDENTITY, Phase, Status
from backend_engineer.outputs import Change, CommandReport, Report, ReviewFindings, RunRecord, StageResult
from backend_engineer.rules import RunFacts
from backend_engineer.session.assembling import change_of
from backend_engineer.session.handing import handoffs
from backend_engineer.session.state import SessionState

__all__ = ["all_changes", "record_of", "result_of", "run_facts"]


def all_changes(document: SessionState) -> tuple[Change, ...]:
    """Every change of the run, in order; the one that is being made last, if it holds files."""
    finished = [change_of(document, part) for part in document.done]
    last = change_of(document)
    return (*finished, last) if last.files else tuple(finished)


def record_of(document: SessionState) -> RunRecord:
    """What replays the run."""
    return RunRecord(
        library_version=document.library_version,
        contract_version=document.contract_version,
        model=document.model,
        fingerprints=document.fingerprints,
        exchanges=document.exchanges,
    )


def run_facts(document: SessionState, report: Report | None) -> RunFacts:
    """The history of the run, as the rules about the run ask for it."""
    plan = document.plan
    open_gaps = () if document.inputs is not None else document.gaps
    return RunFacts(
        phases=tuple(Phase(name) for name in document.phases),
        gaps=document.gaps,
        asked=document.asked,
        optionless=document.optionless,
        unresolved=open_gaps,
        self_checked=document.self_checked,
        security_notes=len(plan.security) if plan is not None else 0,
        slo_notes=len(plan.slo) if plan is not None else 0,
        findings=document.part.review,
        handoffs=handoffs(plan, all_changes(document), document.inputs, report),
        earlier=tuple(path for part in document.done for path in change_of(document, part).paths),
    )


def result_of(document: SessionState) -> StageResult:
    """The result of the run as it stands."""
    report = _report(document)
    changes = all_changes(document)
    status = _status(document, report)
    return StageResult(
        status=status,
        changes=changes,
        plan=document.plan,
        report=report,
        review_findings=_review(document, report, status),
        clarification=document.clarification,
        handoffs=handoffs(document.plan, changes, document.inputs, report),
        usage=document.usage,
        record=record_of(document),
        reason=document.reason or (_unsettled(document) if status is Status.BLOCKED else ""),
        dropped=document.dropped,
        endings=document.endings,
    )


def _report(document: SessionState) -> Report | None:
    """The report of the last part, with the findings of the earlier ones before its own."""
    reports = [part.report for part in (*document.done, document.part) if part.report is not None]
    if not reports:
        return None
    if len(reports) == 1:
        return reports[0]
    rows = []
    for row in reports[-1].verdicts:
        same = [item for report in reports for item in report.verdicts if item.clause == row.clause]
        rows.append(min(same, key=lambda item: item.verdict.rank))
    return Report(
        findings=tuple(item for report in reports for item in report.findings),
        verdicts=tuple(rows),
        suppressed=tuple(item for report in reports for item in report.suppressed),
        notes=tuple(dict.fromkeys(note for report in reports for note in report.notes)),
        subjects=reports[-1].subjects,
    )


def _status(document: SessionState, report: Report | None) -> Status:
    if document.clarification is not None:
        return Status.NEEDS_CLARIFICATION
    if document.reason or document.error is not None or report is None:
        return Status.BLOCKED
    violated = bool(report.violated) or any(item.violates for item in report.findings)
    return Status.BLOCKED if violated or _unsettled(document) else Status.READY


def _unsettled(document: SessionState) -> str:
    """Which command fails with nobody able to tell whether the change is to blame: such a run is not ready."""
    for part in (*document.done, document.part):
        for report in part.verified:
            for outcome in report.outcomes if isinstance(report, CommandReport) else ():
                if outcome.unsettled:
                    command = " ".join(outcome.argv)
                    return f"`{command}` fails, and whether it is by the change cannot be told: {outcome.unsettled}."
    return ""


def _review(document: SessionState, report: Report | None, status: Status) -> ReviewFindings | None:
    """What the reviewing model and the rules found, in one document."""
    parts = (*document.done, document.part)
    given = [item for part in parts if part.review is not None for item in part.review.findings]
    own = list(report.findings) if report is not None else []
    if report is None and not given:
        return None
    seen: set[tuple[str, str, str]] = set()
    merged = []
    for item in (*own, *given):
        key = (item.title, item.where.path, item.where.lines)
        if key not in seen:
            seen.add(key)
            merged.append(item)
    return ReviewFindings(tool=IDENTITY.id, version=IDENTITY.version, status=status, findings=tuple(merged))
