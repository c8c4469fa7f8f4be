"""Whether a report of a run belongs to the change that is judged.

Owns: the comparison of a report's hashes with the change's files.
Must never know: how a report was made, verdicts.
"""

from __future__ import annotations

import hashlib

from backend_engineer.outputs import Change, MigrationReport, PairOutcome, text_hash
from backend_engineer.rules.reading import sorted_files
from backend_engineer.rules.rule import Context

__all__ = ["change_hash", "foreign_scripts", "pairs_or_reasons"]


def change_hash(change: Change) -> str:
    """The hash by which a command report names its change: paths, actions and contents, sorted by path."""
    digest = hashlib.sha256()
    for file in sorted(change, key=lambda item: item.path):
        digest.update(repr((file.path, file.action, file.previous_path, file.hash)).encode())
    return digest.hexdigest()


def foreign_scripts(context: Context, report: MigrationReport) -> str | None:
    """Why a migration report is not about this change, None if it is."""
    files = sorted_files(context)
    for file in (*files.migrations, *files.rollbacks):
        if file.content is None or not file.path.endswith(".sql"):
            continue
        if file.path not in report.files:
            return f"the report does not cover `{file.path}`"
        if report.files[file.path] != text_hash(file.content):
            return f"the report ran another text of `{file.path}` than the change holds"
    return None


def pairs_or_reasons(context: Context) -> tuple[list[PairOutcome], list[str]]:
    """The pairs of every report that is about this change, and for each other report why it says nothing."""
    reasons: list[str] = []
    pairs: list[PairOutcome] = []
    for report in context.migration_reports:
        if report.not_checked and not report.pairs:
            reasons.append(f"nothing was run: {report.not_checked}")
        elif (reason := foreign_scripts(context, report)) is not None:
            reasons.append(reason)
        else:
            pairs += report.pairs
    if not context.migration_reports:
        reasons.append("its migrations were not run; pass the report of `verify_migrations` in `verified=`")
    return pairs, reasons
