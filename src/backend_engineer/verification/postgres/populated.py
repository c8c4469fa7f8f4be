"""Forward and rollback once more with rows in the tables, to see whether they come back as they were.

Owns: putting rows in, rich ones first and plain ones where scripts stumble over those, and reading them before and after.
Must never know: what a difference of rows means, schemas, which database goes on.
"""

from __future__ import annotations

from typing import Any

from backend_engineer.migrations import MigrationScript
from backend_engineer.verification.outcomes import Observation
from backend_engineer.verification.postgres.job import NOT_IN_ONE_TRANSACTION, Job
from backend_engineer.verification.postgres.prepared import end_session
from backend_engineer.verification.postgres.rows import Seeder, read_rows
from backend_engineer.verification.postgres.scratch import Scratch
from backend_engineer.verification.postgres.sending import (
    Copies,
    ScriptFailed,
    check,
    database_errors,
    first_line,
    send_in_transaction,
)
from backend_engineer.verification.scripts import pieces_of

__all__ = ["MadeUpRows"]


class MadeUpRows:
    """The rows of a run: made up from a number, or put in by a script of the caller's."""

    def __init__(self, scratch: Scratch, seed: int | str) -> None:
        self.scratch, self.seed = scratch, seed
        self.seeder = Seeder(seed if isinstance(seed, int) else 1)

    def in_transaction(self, link: Any, job: Job, seen: Observation) -> bool:
        """Forward and rollback with rows, everything taken back; False when a script failed."""
        assert job.rollback is not None
        failures: list[tuple[str, str]] = []
        for plain in self._kinds_of_rows:
            link.execute("SAVEPOINT backend_engineer_populated")
            failed = self._there_and_back(link, job, seen, plain=plain)
            if link.closed or link.broken:
                return False
            link.execute("ROLLBACK TO backend_engineer_populated")
            if failed is None:
                _on_plain_rows(seen, failures)
                return True
            failures.append(failed)
        return False

    def _there_and_back(
        self, link: Any, job: Job, seen: Observation, *, plain: bool
    ) -> tuple[str, str] | None:
        """Forward and rollback on made-up rows; which of them failed, and its words."""
        assert job.rollback is not None
        step = "forward"
        seen.verify_rows.clear()
        try:
            seen.rows_before = self._seeded(link, plain=plain)
            self._check_rows(link, job, seen)
            send_in_transaction(self.scratch, link, job.forward)
            end_session(link)
            self._check_rows(link, job, seen)
            step = "rollback"
            send_in_transaction(self.scratch, link, job.rollback)
            end_session(link)
            seen.rows_after = self._rows(link)
            self._check_rows(link, job, seen)
        except ScriptFailed as failure:
            if failure.code in NOT_IN_ONE_TRANSACTION:
                raise
            return step, failure.words
        return None

    @property
    def _kinds_of_rows(self) -> tuple[bool, ...]:
        """Whether made-up rows are plain, in the order in which they are tried; a script of one's own runs once."""
        return (True,) if isinstance(self.seed, str) else (False, True)

    def _seeded(self, link: Any, *, plain: bool) -> dict[str, Any]:
        """Put rows in and read them; triggers and policies of the scripts may run meanwhile."""
        if isinstance(self.seed, str):
            send_in_transaction(
                self.scratch, link, pieces_of(MigrationScript("seed", self.seed), "postgresql")
            )
        else:
            with self.scratch.watched(link):
                self.seeder.seed(link, plain=plain)
        return self._rows(link)

    def _check_rows(self, link: Any, job: Job, seen: Observation) -> None:
        if job.verify is not None:
            seen.verify_rows.append(check(self.scratch, link, job.verify))

    def _rows(self, link: Any) -> dict[str, Any]:
        with self.scratch.watched(link):
            return read_rows(link)

    def on_copies(self, copies: Copies, job: Job, seen: Observation) -> None:
        failures: list[tuple[str, str]] = []
        for plain in self._kinds_of_rows:
            failed = self._copied_there_and_back(copies, job, seen, plain=plain)
            if failed is None or failed[0] == "seed":
                _on_plain_rows(seen, failures)
                return
            failures.append(failed)
        seen.populated_error = failures[-1]

    def _copied_there_and_back(
        self, copies: Copies, job: Job, seen: Observation, *, plain: bool
    ) -> tuple[str, str] | None:
        assert job.rollback is not None
        name = copies.copy()
        step = "seed"
        seen.verify_rows.clear()
        try:
            with copies.open(name) as link:
                link.execute("BEGIN")
                seen.rows_before = self._seeded(link, plain=plain)
                link.execute("COMMIT")
                self._check_rows(link, job, seen)
            step = "forward"
            copies.run_on(name, job.forward)
            if job.verify is not None:
                with copies.open(name) as link:
                    self._check_rows(link, job, seen)
            step = "rollback"
            copies.run_on(name, job.rollback)
            with copies.open(name) as link:
                seen.rows_after = self._rows(link)
                self._check_rows(link, job, seen)
        except (ScriptFailed, database_errors()) as failure:
            if step == "seed":
                seen.rows_before = None
            return step, failure.words if isinstance(failure, ScriptFailed) else first_line(failure)
        finally:
            self.scratch.drop(name)
        return None


def _on_plain_rows(seen: Observation, failures: list[tuple[str, str]]) -> None:
    """What it means that scripts ran on plain rows and not on those that hold what is easy to lose."""
    for step, words in failures:
        if step == "forward":
            seen.plain_rows = words
        else:
            seen.populated_error = (step, words)
