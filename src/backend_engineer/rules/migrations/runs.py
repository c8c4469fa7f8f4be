"""Whether a run is proof for the change that is judged: on its database system, and on its base.

Owns: why a report counts for less than proof.
Must never know: how a report was made, verdicts, any particular rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from backend_engineer.migrations import Migration
from backend_engineer.migrations.conventions import dialect_of_path
from backend_engineer.outputs import MigrationReport, text_hash

__all__ = ["why_no_proof"]

_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def why_no_proof(
    report: MigrationReport,
    forward: str,
    stated: str | None,
    earlier: Iterable[Migration],
    text_of: Callable[[str], str | None],
) -> str:
    """Why a report is no proof for a migration, empty where it is one.

    forward: its script. stated: TechSpec's database. earlier: the migrations of the base in the same series.
    text_of: the text that a path has after the change. What a report does not tell is not held against it.
    """
    wanted = {stated, dialect_of_path(forward)} - {None}
    if wanted and report.dialect not in wanted:
        ran = _NAMES.get(report.dialect, report.dialect or "no database")
        says = (
            f"TechSpec says {_NAMES.get(stated, stated)}" if stated else f"`{forward}` is for {wanted.pop()}"
        )
        return f"its migrations were run on {ran}, and {says}"
    return next(_other_base(report, earlier, text_of), "")


def _other_base(
    report: MigrationReport, earlier: Iterable[Migration], text_of: Callable[[str], str | None]
) -> Iterator[str]:
    if report.earlier is None:
        return
    for path, ran in report.earlier.items():
        text = text_of(path)
        if text is None or text_hash(text) != ran:
            yield f"its migrations were run on another base: `{path}` {'is not in this one' if text is None else 'has another text here'}"
    for item in earlier:
        path = item.forward.path
        if item.forward.runnable and path not in report.earlier and path not in report.files:
            yield f"its migrations were run on another base: `{path}`, which stands in this one, was not run before them"
