"""What running the change's own commands showed: tests, type checks, lint (FLOW-10).

Owns: the outcome of each command before and after the change.
Must never know: subprocesses, folders, runners.
"""

from __future__ import annotations

from typing import Literal

from backend_engineer.outputs.value import Value

__all__ = ["CommandOutcome", "CommandReport"]


class CommandOutcome(Value):
    """One command, once on the base and once with the change.

    kind: `tests`, `types` or `lint`. argv: the command. before: exit code on the base, None where it
    was not run or did not end. after: exit code with the change, None where it was not run or did not end.
    timed_out, before_timed_out: it was stopped at the time limit, with the change or on the base. output: the end of what it printed, redacted.
    seconds: wall time with the change. tests_run: how many tests its own summary counts, None if unknown.
    """

    kind: Literal["tests", "types", "lint"]
    argv: tuple[str, ...]
    before: int | None = None
    after: int | None = None
    timed_out: bool = False
    before_timed_out: bool = False
    output: str = ""
    seconds: float = 0.0
    tests_run: int | None = None

    @property
    def failed_by_change(self) -> bool:
        """It fails with the change and did not fail, or was not run, before it."""
        return self.after != 0 and self.before in (0, None) and not self.before_timed_out


class CommandReport(Value):
    """All commands of one run; `not_checked` says why nothing ran, `change` is the change's hash."""

    outcomes: tuple[CommandOutcome, ...] = ()
    not_checked: str = ""
    runner: str = ""
    change: str = ""
