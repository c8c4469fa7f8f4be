"""`verify_migrations`: every forward script really run, its rollback too, and the databases compared.

Owns: the public call, choosing the engine, and the report.
Must never know: how an engine runs a script, rules, prompts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from backend_engineer.errors import MissingExtra, UsageError
from backend_engineer.migrations import Migration
from backend_engineer.outputs import MigrationReport, PairOutcome, PairVerdict, text_hash
from backend_engineer.outputs.migration_report import LintNote
from backend_engineer.verification.limits import Limits
from backend_engineer.verification.outcomes import MADE_BY_ROLLBACK, Observation, outcome_of
from backend_engineer.verification.selection import Selection, select

__all__ = ["verify_migrations"]

_DIALECTS = {"sqlite": "sqlite", "sqlite3": "sqlite", "postgresql": "postgresql", "postgres": "postgresql"}


def verify_migrations(
    migrations: Any,
    database: Any,
    *,
    base: Any = None,
    seed: int | str | None = 1,
    commands: Any = None,
    runner: Any = None,
    folder: str | None = None,
    transactional: bool | None = None,
    scratch_copy: bool = False,
    limits: Limits | None = None,
    progress: Callable[[PairOutcome], None] | None = None,
    links: Mapping[str, Path] | None = None,
) -> MigrationReport:
    """Run each migration forward, back and forward again on scratch databases, and report what differs.

    migrations: a Change, a folder, a SourceTree, a mapping of path -> text, or a MigrationSet.
    database: `"sqlite"`, `"postgresql"` (a throw-away server is started), a PostgreSQL DSN, or a
        TechSpec, whose database, folder and transaction rule are then taken. It is never guessed.
    base: what the change starts from; its migrations run forward only, before and between.
    seed: a number that makes synthetic rows, the text of a script that inserts rows, or None for none.
    commands: `{"forward": [...], "rollback": [...]}` or a preset's name, for migrations that another
        tool runs; needs a `runner`.
    folder: where the migrations stand. transactional: whether the runner wraps scripts.
    scratch_copy: a DSN's database that holds objects may be copied and the pairs run on the copy.
    progress: called with each outcome as it is known. links: with `commands`, folders that the tool needs and no
        tree holds, linked into its scratch project under that path; `node_modules` of a folder that is
        passed as `migrations` or `base` is linked without being named.

    What cannot be run is said in `not_checked`: MySQL, a database that nobody named, no migrations.
    Raises MissingExtra without psycopg, ServerUnavailable where no server can be reached or started,
    DatabaseNotEmpty for a DSN whose database holds objects, UsageError for arguments that do not fit.
    """
    nothing = type(None)
    UsageError.unless(seed, (int, str, nothing), "seed")
    UsageError.unless(folder, (str, nothing), "folder")
    UsageError.unless(transactional, (bool, nothing), "transactional")
    UsageError.unless(limits, (Limits, nothing), "limits")
    name, conventions = _database_of(database)
    if conventions is not None:
        folder = folder or conventions.folder
        transactional = conventions.transactional if transactional is None else transactional
    if name is None:
        return MigrationReport(
            dialect="",
            not_checked="No database was named: state TechSpec's database, or pass `database`.",
        )
    dialect = "postgresql" if _is_dsn(name) else _DIALECTS.get(name.lower())
    if dialect is None:
        # Another engine's URL may hold a password.
        engine = name.partition("://")[0]
        return MigrationReport(
            dialect=engine.lower(),
            not_checked=f"{engine} migrations are not run: scratch databases exist for PostgreSQL and SQLite only.",
        )
    chosen = limits or Limits()
    tell = progress or (lambda outcome: None)
    if commands is not None:
        if isinstance(seed, str):
            raise UsageError(
                "A tool's migrations take no seed script.", hint="Pass a number for made-up rows, or None."
            )
        from backend_engineer.verification.tools import verify_with_tool

        return verify_with_tool(migrations, name, dialect, base, commands, runner, seed, chosen, tell, links)
    selection = select(migrations, base, dialect=dialect, folder=folder, transactional=transactional)
    if not selection.checked:
        return _nothing(selection, dialect)
    return _run(selection, name, dialect, seed, scratch_copy, chosen, tell)


def _database_of(database: Any) -> tuple[str | None, Any]:
    """The engine's name or DSN, and TechSpec's migration conventions where a TechSpec was given."""
    if database is None or isinstance(database, str):
        return database or None, None
    if hasattr(database, "tech_spec"):
        return _database_of(database.tech_spec)
    if hasattr(database, "database"):
        inner, _ = _database_of(database.database)
        conventions = getattr(database, "migrations", None)
        return inner, (conventions if hasattr(conventions, "folder") else None)
    if hasattr(database, "dialect"):
        return str(database.dialect), None
    if hasattr(database, "not_applicable"):
        return None, None
    raise UsageError(
        f"A database cannot be told from {type(database).__name__}.",
        hint='Pass "sqlite", "postgresql", a PostgreSQL DSN or a TechSpec.',
    )


# The words of libpq's own form; all of them may be left out but one.
_LIBPQ = re.compile(r"^\s*(?:host|hostaddr|port|dbname|user|password|passfile|service|ssl\w+|options)\s*=")


def _is_dsn(name: str) -> bool:
    return name.startswith(("postgresql://", "postgres://")) or _LIBPQ.search(name) is not None


def _nothing(selection: Selection, dialect: str) -> MigrationReport:
    foreign = sorted({tool for _, tool in selection.migrations.foreign})
    if foreign:
        reason = (
            f"The migrations are programs of {', '.join(foreign)}: pass `commands` (a preset's name or a pair of "
            "commands) and a runner to have that tool run them."
        )
    elif len(selection.migrations):
        reason = "No migration is new or changed against the base."
    else:
        reason = "No migration was found: name the folder, or use a layout that docs/migrations.md lists."
    return MigrationReport(dialect=dialect, not_checked=reason, problems=selection.problems)


def _run(
    selection: Selection,
    name: str,
    dialect: str,
    seed: int | str | None,
    scratch_copy: bool,
    limits: Limits,
    progress: Callable[[PairOutcome], None],
) -> MigrationReport:
    every = [selection.migrations.of_series(series) for series in selection.migrations.series]
    chains = [chain for chain in every if any(item.place in selection.checked for item in chain)]
    found: list[list[PairOutcome]] = []
    schema: list[str] = []
    notes: list[str] = []
    if dialect == "sqlite":
        import sqlite3

        from backend_engineer.verification.sqlite.engine import run_sqlite

        version = sqlite3.sqlite_version
        for chain in chains:
            pairs, built, said = run_sqlite(
                chain, selection.checked, seed=seed, limits=limits, progress=progress
            )
            found.append(pairs)
            schema.extend(built)
            notes.extend(said)
    else:
        from backend_engineer.verification.postgres.engine import run_postgres

        version, found, all_built, notes = run_postgres(
            chains,
            selection.checked,
            name if _is_dsn(name) else None,
            seed=seed,
            scratch_copy=scratch_copy,
            limits=limits,
            progress=progress,
        )
        schema.extend(all_built)
    programs = {path.rpartition("/")[0]: tool for path, tool in selection.migrations.foreign}
    outcomes = [
        outcome
        for chain, pairs in zip(chains, found, strict=True)
        for outcome in _in_order(chain, selection.checked, pairs, programs.get(chain[0].series, ""), notes)
    ]
    return MigrationReport(
        dialect=dialect,
        server_version=version,
        pairs=tuple(outcomes),
        schema_after=tuple(schema),
        lint=_lint(selection) if dialect == "postgresql" else (),
        not_checked=f"Earlier migrations failed: {'; '.join(notes[:3])}" if notes else "",
        files=_hashes(selection),
        earlier=_earlier(selection, chains),
        problems=selection.problems,
    )


def _in_order(
    chain: Sequence[Migration],
    checked: frozenset[str],
    found: list[PairOutcome],
    tool: str,
    failed: Sequence[str],
) -> list[PairOutcome]:
    """The outcomes in the chain's order; `tool` names whose programs stand among its scripts, if any do.

    failed: `key: words` of the earlier scripts that were to build what is judged, and did not run.
    """
    by_key = {(item.forward, item.migration): item for item in found}
    ordered: list[PairOutcome] = []
    cause = f"programs of {tool}, which are not run" if tool else ""
    for item in chain:
        if item.place not in checked:
            if not cause and any(_is_of(item, words) for words in failed):
                cause = item.key
            continue
        outcome = by_key.get((item.forward.path, item.key))
        if outcome is None:
            reason = (
                "The forward script is a program, not SQL: its own tool has to run it."
                if not item.forward.runnable
                else "It was not reached."
            )
            outcome = outcome_of(item, Observation(not_run=reason))
        if cause and _lacks(outcome):
            update: dict[str, Any] = {
                "verdict": PairVerdict.NOT_RUN,
                "message": f"It follows on {cause}: {outcome.message}",
                "differences": (),
            }
            outcome = outcome.model_copy(update=update)
        elif not cause and _built_nothing(outcome):
            cause = outcome.migration
        ordered.append(outcome)
    return ordered


def _is_of(item: Migration, words: str) -> bool:
    return words.startswith(f"{item.key}: ") and item.forward.path in words


def _lint(selection: Selection) -> tuple[LintNote, ...]:
    """What an installed linter says of the forward scripts; nothing where it is not installed."""
    from backend_engineer.verification.linting import lint_postgres

    chosen = [
        item for item in selection.migrations if item.place in selection.checked and item.forward.runnable
    ]
    notes: list[LintNote] = []
    try:
        for wrapped in (True, False):
            scripts: dict[str, str] = {}
            for item in chosen:
                if (item.transactional is not False) == wrapped:
                    # One file may hold many migrations, each at its own line.
                    above = scripts.get(item.forward.path, "")
                    gap = "\n" * (item.forward.line - 1 - above.count("\n"))
                    scripts[item.forward.path] = above + gap + item.forward.sql
            notes.extend(lint_postgres(scripts, in_transaction=wrapped))
    except MissingExtra:
        return ()
    return tuple(notes)


_MISSING = re.compile(r"does not exist|no such (?:table|column|index)|is not present")
# A forward script with IF EXISTS passes where its table was never made, and its rollback cannot.
# A column or constraint "of relation" that is missing says that the table itself is there.
_NO_TABLE = re.compile(r"(?<!of )(?:relation|schema) \"[^\"]*\" does not exist|no such table")


def _lacks(outcome: PairOutcome) -> bool:
    """Whether something is not there that a script stopped at, or that it drops where it stands, and its rollback makes."""
    if outcome.verdict is PairVerdict.DIFFERENT:
        return outcome.message == MADE_BY_ROLLBACK
    if outcome.verdict is PairVerdict.ROLLBACK_FAILED:
        return _NO_TABLE.search(outcome.message) is not None
    return outcome.verdict is PairVerdict.FORWARD_FAILED and _MISSING.search(outcome.message) is not None


def _built_nothing(outcome: PairOutcome) -> bool:
    """Whether later migrations lack what this one was to make."""
    if outcome.verdict is PairVerdict.NOT_RUN:
        back = outcome.rollback or ""
        of_rollback = back != outcome.forward and bool(back) and f"{back}:" in outcome.message
        return not (outcome.message.endswith("the forward script ran.") or of_rollback)
    return outcome.verdict is PairVerdict.FORWARD_FAILED


def _earlier(selection: Selection, chains: Sequence[Sequence[Migration]]) -> dict[str, str]:
    """The forward scripts that only build what the judged ones start from."""
    judged = {path for item in selection.migrations if item.place in selection.checked for path in item.paths}
    paths = [item.forward.path for chain in chains for item in chain if item.place not in selection.checked]
    return {
        path: text_hash(selection.files[path])
        for path in paths
        if path in selection.files and path not in judged
    }


def _hashes(selection: Selection) -> dict[str, str]:
    paths = [path for item in selection.migrations if item.place in selection.checked for path in item.paths]
    return {path: text_hash(selection.files[path]) for path in paths if path in selection.files}
