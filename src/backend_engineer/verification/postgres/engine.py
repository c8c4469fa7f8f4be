"""Running PostgreSQL migrations: in one transaction where that is the same, else on copies of the database.

Owns: the order of the steps in both modes, and when the one has to give way to the other.
Must never know: SQLite, folders, how a server is started, what a verdict means.

In one transaction a pair costs some milliseconds and leaves no trace. It is not the same where a script
begins or ends transactions itself, or where the server says that a statement cannot run like that; such
pairs run on copies, each script as its runner would send it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from backend_engineer.migrations import Migration
from backend_engineer.outputs import PairOutcome
from backend_engineer.verification.limits import Limits
from backend_engineer.verification.outcomes import Observation, outcome_of
from backend_engineer.verification.postgres.catalog import read_catalog
from backend_engineer.verification.postgres.job import NOT_IN_ONE_TRANSACTION, Job, job_of
from backend_engineer.verification.postgres.populated import MadeUpRows
from backend_engineer.verification.postgres.prepared import end_session, still_prepared
from backend_engineer.verification.postgres.roles import roles_named
from backend_engineer.verification.postgres.scratch import Scratch, open_scratch
from backend_engineer.verification.postgres.sending import (
    Copies,
    ScriptFailed,
    check,
    database_errors,
    first_line,
    send_in_transaction,
)
from backend_engineer.verification.postgres.settings import read_settings
from backend_engineer.verification.scripts import Piece
from backend_engineer.verification.snapshots import Snapshot, schema_lines

__all__ = ["run_postgres"]

Progress = Callable[[PairOutcome], None]


def run_postgres(
    chains: Sequence[Sequence[Migration]],
    checked: frozenset[str],
    dsn: str | None,
    *,
    seed: int | str | None,
    scratch_copy: bool,
    limits: Limits,
    progress: Progress,
) -> tuple[str, list[list[PairOutcome]], tuple[str, ...], list[str]]:
    """Run chains, each on a database of its own; pairs whose place is in `checked` are judged.

    Returns the server's version, the outcomes of each chain, the schema that all forward scripts build,
    and notes on earlier scripts that failed.
    """
    schema: list[str] = []
    notes: list[str] = []
    with open_scratch(dsn, scratch_copy=scratch_copy, limits=limits) as scratch:
        scratch.admit(roles_named(_texts(chains)))
        found = [_run_chain(scratch, chain, checked, seed, progress, schema, notes) for chain in chains]
        return scratch.version, found, tuple(schema), notes


def _texts(chains: Sequence[Sequence[Migration]]) -> Iterator[str]:
    for item in (item for chain in chains for item in chain):
        yield from (script.sql for script in (item.forward, item.rollback) if script and script.runnable)


def _run_chain(
    scratch: Scratch,
    migrations: Sequence[Migration],
    checked: frozenset[str],
    seed: int | str | None,
    progress: Progress,
    schema: list[str],
    notes: list[str],
) -> list[PairOutcome]:
    chain = _Chain(scratch, seed)
    outcomes: list[PairOutcome] = []
    try:
        for item in migrations:
            if not item.forward.runnable:
                continue
            if item.place not in checked:
                # A copy of the caller's database holds what earlier migrations built.
                failure = None if scratch.template != "template0" else chain.build(item)
                if failure is not None:
                    notes.append(f"{item.key}: {failure}")
                continue
            outcome = outcome_of(item, chain.pair(item))
            outcomes.append(outcome)
            progress(outcome)
        schema.extend(schema_lines(chain.schema()))
        return outcomes
    finally:
        chain.close()
        scratch.drop_all()


class _Chain:
    """The database that holds what the forward scripts made so far, with one connection."""

    def __init__(self, scratch: Scratch, seed: int | str | None) -> None:
        self.scratch = scratch
        self.rows = MadeUpRows(scratch, seed) if seed is not None else None
        self.name = scratch.create()
        self.link = scratch.connect(self.name)
        self._schema: Snapshot | None = None
        self._settings: dict[str, str] | None = None

    def close(self) -> None:
        self.link.close()

    def schema(self) -> Snapshot:
        """The schema as it stands, read once."""
        if self._schema is None:
            self._schema = read_catalog(self.link)
        return self._schema

    def settings(self) -> dict[str, str]:
        """What is set for the database and the role, read once."""
        if self._settings is None:
            self._settings = read_settings(self.link)
        return self._settings

    def build(self, migration: Migration) -> str | None:
        """Run a forward script for good; the failure's words, or None."""
        job = job_of(migration)
        self._schema = self._settings = None
        try:
            if job.fits:
                try:
                    self.link.execute("BEGIN")
                    send_in_transaction(self.scratch, self.link, job.forward)
                    self.link.execute("COMMIT")
                    return None
                except ScriptFailed as failure:
                    if failure.code not in NOT_IN_ONE_TRANSACTION:
                        return failure.words
                except database_errors():
                    self.link.close()
            self._on_copy(job.forward)
        except ScriptFailed as failure:
            return failure.words
        finally:
            self._settle()
        return None

    def _on_copy(self, pieces: tuple[Piece, ...]) -> None:
        """Run pieces as their runner would on a copy, which becomes the chain when all went well."""
        copies = Copies(self.scratch, self.release())
        try:
            name = copies.run(pieces)
            self.scratch.drop(self.name)
            self.name = name
        finally:
            self.take(self.name)

    def release(self) -> str:
        """Give the connection up, so that the database can be copied; the database's name."""
        self.link.close()
        return self.name

    def take(self, name: str) -> None:
        """Go on with this database."""
        self.name = name
        self.link = self.scratch.connect(name)

    def _settle(self) -> None:
        """Bring the connection back to what it was, whatever a script set or left open."""
        if self.link.closed or self.link.broken:
            self.take(self.name)
            return
        if self.link.info.transaction_status != 0:
            self.link.rollback()
        end_session(self.link)
        if not still_prepared(self.link):
            self.link.close()
            self.take(self.name)

    def pair(self, migration: Migration) -> Observation:
        """Judge one migration; afterwards the chain holds its forward script and nothing else."""
        began = time.perf_counter()
        job = job_of(migration)
        before, settings = self.schema(), self.settings()
        seen: Observation | None = None
        if job.fits:
            try:
                seen = self._in_one_transaction(job, before)
            except ScriptFailed as failure:
                if failure.code not in NOT_IN_ONE_TRANSACTION:
                    raise
            except database_errors():
                # A script took the connection along, or what the comparison keeps on it: its transaction is lost.
                self.link.close()
            finally:
                self._settle()
        if seen is None:
            try:
                seen = self._on_copies(job, before)
            except database_errors() as error:
                words = f"The scripts leave a database on which nothing can be compared: {first_line(error)}"
                seen = Observation(before=before, mode="clone", not_run=words, forward_error=words)
        self._schema = before if seen.forward_error is not None else seen.after
        seen.settings_before, self._settings = settings, None
        seen.seconds = time.perf_counter() - began
        return seen

    def _in_one_transaction(self, job: Job, before: Snapshot) -> Observation | None:
        """What was seen, or None where rows and scripts in one transaction may have disturbed each other."""
        link, scratch = self.link, self.scratch
        seen = Observation(before=before, mode="transaction")
        link.execute("BEGIN")
        seen.verify_before = check(scratch, link, job.verify)
        if (
            self.rows is not None
            and job.rollback is not None
            and not self.rows.in_transaction(link, job, seen)
        ):
            return None
        try:
            send_in_transaction(scratch, link, job.forward)
        except ScriptFailed as failure:
            _note(seen, "forward_error", failure)
            return seen
        end_session(link)
        seen.after = read_catalog(link)
        seen.verify_after = check(scratch, link, job.verify)
        if job.rollback is not None:
            link.execute("SAVEPOINT backend_engineer_forward_done")
            _back_and_again(scratch, link, job, seen)
            link.execute("ROLLBACK TO backend_engineer_forward_done")
        try:
            link.execute("COMMIT")
        except database_errors() as error:
            seen.forward_error = f"{job.forward[-1].path}: at COMMIT: {first_line(error)}"
        return seen

    def _on_copies(self, job: Job, before: Snapshot) -> Observation:
        seen = Observation(before=before, mode="clone")
        source = self.release()
        copies = Copies(self.scratch, source)
        # Databases are copied, but the role that scripts may set something for is one for all of them.
        kept = start = self.scratch.kept
        try:
            with copies.open(source) as link:
                seen.verify_before = check(self.scratch, link, job.verify)
            try:
                forward = copies.run(job.forward)
            except ScriptFailed as failure:
                _note(seen, "forward_error", failure)
                return seen
            seen.as_sent, kept = copies.as_sent, self.scratch.kept
            with copies.open(forward) as link:
                seen.after = read_catalog(link)
                seen.verify_after = check(self.scratch, link, job.verify)
            if job.rollback is not None:
                self._copied_rollback(Copies(self.scratch, forward), job, seen)
                if self.rows is not None:
                    self.scratch.keep(start)
                    self.rows.on_copies(copies, job, seen)
            self.scratch.drop(source)
            self.name = forward
            return seen
        finally:
            self.scratch.keep(kept)
            self.take(self.name)

    def _copied_rollback(self, copies: Copies, job: Job, seen: Observation) -> None:
        assert job.rollback is not None
        try:
            name = copies.run(job.rollback)
        except ScriptFailed as failure:
            _note(seen, "rollback_error", failure)
            return
        seen.as_sent = seen.as_sent or copies.as_sent
        with copies.open(name) as link:
            seen.restored, seen.settings_after = read_catalog(link), read_settings(link)
            seen.verify_rollback = check(self.scratch, link, job.verify)
        try:
            copies.run_on(name, job.forward)
            with copies.open(name) as link:
                seen.again = read_catalog(link)
        except ScriptFailed as failure:
            seen.again_error = failure.words
        self.scratch.drop(name)


def _note(seen: Observation, name: str, failure: ScriptFailed) -> None:
    if seen.mode == "transaction" and failure.code in NOT_IN_ONE_TRANSACTION:
        raise failure
    setattr(seen, name, failure.words)
    if failure.refused and failure.refused not in seen.refused:
        seen.refused.append(failure.refused)


def _back_and_again(scratch: Scratch, link: Any, job: Job, seen: Observation) -> None:
    assert job.rollback is not None
    try:
        send_in_transaction(scratch, link, job.rollback)
    except ScriptFailed as failure:
        _note(seen, "rollback_error", failure)
        return
    end_session(link)
    seen.restored, seen.settings_after = read_catalog(link), read_settings(link)
    seen.verify_rollback = check(scratch, link, job.verify)
    try:
        send_in_transaction(scratch, link, job.forward)
    except ScriptFailed as failure:
        _note(seen, "again_error", failure)
        return
    end_session(link)
    seen.again = read_catalog(link)
