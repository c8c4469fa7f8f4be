"""What a repair is about: which findings can be mended by files, and which files that takes.

Owns: the choice of findings and paths for a repair, and findings from reports of what was really run.
Must never know: prompts, how a repair is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from backend_engineer.contract import Category, FindingType, Severity
from backend_engineer.outputs import (
    CommandReport,
    FileChange,
    Finding,
    MigrationReport,
    PairOutcome,
    PairVerdict,
    Report,
    Where,
)
from backend_engineer.paths import is_test_path

__all__ = ["failures", "finding", "mendable", "review_faults", "to_mend", "wanted_paths"]

# Findings about the prose around the files, which no file can mend, by the beginning of the rule's code.
_PROSE = ("CHK", "PLN", "TRC", "ORD001")
_REVIEW = ("ATT", "FND")
# Findings about files that are not there: refused, not applied, or never written.
_ABSENT = ("SHP", "PTH", "PAT")
_FAILED = frozenset(
    (
        PairVerdict.DIFFERENT,
        PairVerdict.ROLLBACK_FAILED,
        PairVerdict.FORWARD_FAILED,
        PairVerdict.REAPPLY_FAILED,
    )
)
_OUTPUT_LINES = 60


def finding(
    title: str,
    evidence: str,
    recommendation: str,
    *,
    path: str = "",
    category: Category = Category.PLAN,
    severity: Severity = Severity.MAJOR,
    clauses: tuple[str, ...] = (),
    code: str | None = None,
) -> Finding:
    """A finding of the session itself, with its fingerprint."""
    made = Finding(
        type=FindingType.EVIDENCE,
        category=category,
        severity=severity,
        title=title,
        where=Where(path=path),
        evidence=evidence,
        recommendation=recommendation,
        clauses=clauses,
        code=code,
    )
    return made.with_fingerprint()


def mendable(found: Finding) -> bool:
    """Whether asking for files again can mend it."""
    return found.violates and not (found.code or "").startswith(_PROSE + _REVIEW)


def review_faults(report: Report) -> tuple[Finding, ...]:
    """Violations by attestations and by the findings document, which a new review can mend."""
    return tuple(item for item in report.findings if item.violates and (item.code or "").startswith(_REVIEW))


def to_mend(report: Report, verified: Iterable[MigrationReport | CommandReport]) -> tuple[Finding, ...]:
    """The findings of a repair: what rules found, and what really ran and failed, with its own words."""
    found = [item for item in report.findings if mendable(item)]
    run = failures(verified)
    # What ran says more than the rule that reports it: its finding stands for both.
    spoken = {item.where.path for item in run if item.where.path}
    rest = [
        item for item in found if not (item.category is Category.MIGRATIONS and item.where.path in spoken)
    ]
    return (*rest, *run)


def failures(verified: Iterable[MigrationReport | CommandReport]) -> tuple[Finding, ...]:
    """Findings for every pair and command that failed, with the server's message or the end of the output."""
    found: list[Finding] = []
    for report in verified:
        if isinstance(report, MigrationReport):
            found += [_pair(pair) for pair in report.pairs if pair.verdict in _FAILED]
        else:
            found += [
                finding(
                    f"The project's {outcome.kind} command fails with the change",
                    _end_of(outcome.output) or "It printed nothing.",
                    "Mend the cause; do not weaken what the command checks.",
                    category=Category.TESTING,
                    clauses=("FLOW-10",),
                )
                for outcome in report.outcomes
                if outcome.failed_by_change
            ]
    return tuple(found)


def _pair(pair: PairOutcome) -> Finding:
    titles = {
        PairVerdict.FORWARD_FAILED: "The forward script fails",
        PairVerdict.ROLLBACK_FAILED: "The rollback fails",
        PairVerdict.REAPPLY_FAILED: "The forward script fails after its own rollback",
        PairVerdict.DIFFERENT: "The rollback does not restore the schema",
    }
    evidence = pair.message or "\n".join(pair.differences) or "The server gave no message."
    path = pair.forward if pair.verdict is PairVerdict.FORWARD_FAILED else pair.rollback or pair.forward
    return finding(
        titles[pair.verdict],
        f"{evidence}",
        "Mend the script so that forward, rollback and forward again leave what they must.",
        path=path,
        category=Category.MIGRATIONS,
        clauses=("MIGR-02",),
    )


def _end_of(output: str) -> str:
    return "\n".join(output.rstrip().split("\n")[-_OUTPUT_LINES:])


def wanted_paths(
    findings: Sequence[Finding], accepted: Sequence[FileChange], planned: Sequence[str]
) -> tuple[tuple[str, ...], bool]:
    """The paths that a repair asks for, and whether all files are open because nobody can say which is to blame.

    A finding without a place counts for the files that its evidence names. One that names none, or tests alone
    (the test that fails is rarely the file that is wrong), opens everything, unless it is about what is absent:
    then new files mend it, and what was accepted stays pinned.
    """
    wanted: dict[str, None] = {}
    known = [file.path for file in accepted]
    for item in findings:
        path = item.where.path
        if path and (path in known or path in planned):
            wanted[path] = None
            continue
        if (item.code or "").startswith(_ABSENT):
            continue
        named = [path for path in known if _names(item.evidence, path)]
        if all(is_test_path(path) for path in named):
            return (), True
        wanted.update(dict.fromkeys(named))
    return tuple(wanted), False


def _names(text: str, path: str) -> bool:
    return re.search(rf"(?<![\w./-]){re.escape(path)}(?![\w-])", text) is not None
