"""Whether a report of a run belongs to the change that is judged.

Owns: the comparison of a report's hashes with the change's files, and the reasons why it shows less than it says.
Must never know: how a report was made, verdicts.
"""

from __future__ import annotations

from backend_engineer.outputs import MigrationReport, PairOutcome, text_hash
from backend_engineer.rules.migrations.pairs import examine
from backend_engineer.rules.reading import sorted_files
from backend_engineer.rules.rule import Context

__all__ = ["pairs_or_reasons", "uncovered_scripts"]


def uncovered_scripts(context: Context) -> list[str]:
    """Why the reports, taken together, are not about every script of this change; empty if they are."""
    files = sorted_files(context)
    reasons: list[str] = []
    for file in (*files.migrations, *files.rollbacks):
        if file.content is None or not file.path.endswith(".sql"):
            continue
        ran = {report.files[file.path] for report in _with_pairs(context) if file.path in report.files}
        if not ran:
            reasons.append(f"the report does not cover `{file.path}`")
        elif text_hash(file.content) not in ran:
            reasons.append(f"the report ran another text of `{file.path}` than the change holds")
    return reasons


def _with_pairs(context: Context) -> list[MigrationReport]:
    return [report for report in context.migration_reports if report.pairs or not report.not_checked]


def pairs_or_reasons(context: Context) -> tuple[list[PairOutcome], list[str]]:
    """The pairs whose scripts are those of this change, and why what else the change holds was not run.

    Each report may be about a part of the change: one database of several, one service of several.
    """
    if not context.migration_reports:
        return [], ["its migrations were not run; pass the report of `verify_migrations` in `verified=`"]
    told = _with_pairs(context)
    silent = [report for report in context.migration_reports if report not in told]
    reasons = [f"nothing was run: {report.not_checked}" for report in silent]
    if told:
        reasons += uncovered_scripts(context)[:1]
    # What they found counts all the same.
    reasons += examine(context).unproven
    texts = {file.path: file.hash for file in context.change if file.content is not None}
    if any(texts and texts.keys().isdisjoint(report.files) for report in told):
        reasons.append("a report is about none of the change's scripts")
    pairs = [
        pair
        for report in told
        for pair in report.pairs
        if all(
            report.files.get(path) == texts[path]
            for path in (pair.forward, pair.rollback)
            if path is not None and path in texts
        )
    ]
    return pairs, reasons
