"""Whether a report of a run belongs to the change that is judged.

Owns: the comparison of a report's hashes with the change's files.
Must never know: how a report was made, verdicts.
"""

from __future__ import annotations

import hashlib

from backend_engineer.outputs import Change, MigrationReport, text_hash
from backend_engineer.rules.reading import sorted_files
from backend_engineer.rules.rule import Context

__all__ = ["change_hash", "foreign_scripts", "migrations_not_checked"]


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


def migrations_not_checked(context: Context) -> str | None:
    """Why the run of the migrations says nothing about this change, None if it does."""
    report = context.migration_report
    if report is None:
        return "its migrations were not run; pass the report of `verify_migrations` in `verified=`"
    if report.not_checked and not report.pairs:
        return f"nothing was run: {report.not_checked}"
    return foreign_scripts(context, report)
