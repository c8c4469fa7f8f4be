"""How each effect but the model call is carried out, the same for both drivers.

Owns: reading the base, asking, approving, verifying, and the error that a failed run raises.
Must never know: clients, threads, event loops.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backend_engineer import errors
from backend_engineer.clients import to_error
from backend_engineer.contract import Status
from backend_engineer.drivers.laid_over import laid_over
from backend_engineer.errors import BackendEngineerError, ReplyUnusable
from backend_engineer.inputs import partial
from backend_engineer.outputs import Change, Clarification, CommandReport, MigrationReport, StageResult
from backend_engineer.session import Failed, ReadFiles, Session, Verify, WatcherEvent
from backend_engineer.verification import CommandRunner, verify_commands, verify_migrations
from backend_engineer.workspace import SourceTree

__all__ = ["Base", "Hands", "Watch", "begun", "failure", "tree_from"]

Base = SourceTree | Mapping[str, str] | str | os.PathLike[str]
"""What a base can be given as: a tree, a mapping of path to text, or a folder."""

Watch = Callable[[WatcherEvent], object]
"""A watcher: called with each event as it happens."""


@dataclass(frozen=True, slots=True)
class Hands:
    """What a driver was given to carry effects out with.

    base: the tree. database: where migrations are run: `sqlite`, `postgresql` or a DSN; None means SQLite when the
    TechSpec says SQLite, and otherwise not at all. runner: runs the project's commands; None means not at all.
    verify: carries the whole effect out instead; False means that nothing is run.
    """

    base: SourceTree | None = None
    database: str | None = None
    runner: CommandRunner | None = None
    verify: Callable[[Verify], Any] | bool | None = None

    def read(self, effect: ReadFiles) -> dict[str, str | None]:
        """The texts of the files that the session asks for."""
        return {path: self.base.get(path) if self.base is not None else None for path in effect.paths}

    def run(self, effect: Verify) -> Any:
        """The reports of what was run; an empty list when nothing was."""
        if callable(self.verify):
            return self.verify(effect)
        if self.verify is False:
            return ()
        reports: list[MigrationReport | CommandReport] = []
        change = Change(effect.files, origin="reply")
        base = laid_over(self.base, effect.earlier)
        database = self.database or ("sqlite" if effect.dialect == "sqlite" else None)
        if effect.migrations and database is not None:
            reports.append(_migrations(effect, change, base, database))
        if effect.commands and self.runner is not None:
            reports.append(_commands(effect, change, base, self.runner))
        return reports


# A check that this machine cannot run must not throw away what the model made: it is said to be not checked.


def _migrations(effect: Verify, change: Change, base: SourceTree | None, database: str) -> MigrationReport:
    try:
        return verify_migrations(
            change, database, base=base, folder=effect.folder, transactional=effect.transactional
        )
    except BackendEngineerError as error:
        return MigrationReport(dialect=effect.dialect or "", not_checked=str(error))


def _commands(
    effect: Verify, change: Change, base: SourceTree | None, runner: CommandRunner
) -> CommandReport:
    try:
        return verify_commands(change, base, effect.commands, runner)
    except BackendEngineerError as error:
        return CommandReport(runner=type(runner).__name__, not_checked=str(error))


def tree_from(base: Base | None) -> SourceTree | None:
    """The base as a tree."""
    if base is None or isinstance(base, SourceTree):
        return base
    if isinstance(base, Mapping):
        return SourceTree.from_mapping(base)
    return SourceTree.from_directory(base)


def begun(
    inputs: Any, base: SourceTree | None, client: Any, options: Mapping[str, Any]
) -> Session | StageResult:
    """The session of a run; a clarification in place of inputs is a result at once."""
    if isinstance(inputs, Clarification):
        return StageResult(
            status=Status.NEEDS_CLARIFICATION, clarification=inputs, reason="The inputs have gaps."
        )
    given = dict(options)
    dialect = given.pop("dialect", None) or _dialect_of(client)
    return Session(
        partial(inputs).data if isinstance(inputs, (str, os.PathLike)) else inputs,
        base=base,
        dialect=dialect,
        **given,
    )


def _dialect_of(client: Any) -> str:
    """The prompt dialect that a client's `profile` names."""
    profile = getattr(client, "profile", None)
    if isinstance(profile, str):
        return profile
    named = getattr(profile, "dialect", None)
    return named if isinstance(named, str) else "claude"


def failure(session: Session, effect: Failed) -> BackendEngineerError:
    """The error that a failed run raises; `result` on it holds what there is: changes, usage, record."""
    error: BackendEngineerError
    kind = getattr(errors, effect.error.kind, None)
    if isinstance(session.error, BackendEngineerError):
        error = session.error
    elif isinstance(kind, type) and issubclass(kind, errors.ClientError):
        error = to_error(effect.error)
    elif kind is ReplyUnusable:
        error = ReplyUnusable(effect.error.message)
    else:
        error = BackendEngineerError(f"{effect.error.kind}: {effect.error.message}")
    error.result = effect.result
    return error
