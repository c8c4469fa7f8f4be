"""What running the change's own commands showed: tests, type checks, lint (FLOW-10).

Owns: the outcome of each command before and after the change, and what of it is new.
Must never know: subprocesses, folders, runners, how a summary is read.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

from backend_engineer.outputs.value import Value

__all__ = ["CommandOutcome", "CommandReport", "SuiteSummary"]

_SHOWN = 5
# What divides a test's name from the file or class that holds it.
_DIVIDERS = re.compile(r"::|[.#/] ?| > | › |: ")


class SuiteSummary(Value):
    """What a command's own summary says of one run.

    run: how many tests ran and could fail, so neither skipped nor expected to fail; None where the summary
    counts no tests. failed: tests that failed, and files that could not be read as tests; for lint and type
    checks the problems. skipped: tests left out, or expected to fail. failing: what failed, by name, as far
    as the output names it. partial: it stopped before all of its tests had run.
    """

    run: int | None = None
    failed: int = 0
    skipped: int = 0
    failing: tuple[str, ...] = ()
    partial: bool = False

    @property
    def named(self) -> bool:
        """Whether all that failed is named."""
        return len(self.failing) >= self.failed

    @property
    def empty(self) -> bool:
        """It found no test that ran and nothing that failed."""
        return self.run == 0 and self.failed == 0


class CommandOutcome(Value):
    """One command, once on the base and once with the change.

    kind: `tests`, `types` or `lint`. argv: the command. before: exit code on the base, None where it
    was not run, could not be started or did not end. after: exit code with the change, None where it could
    not be started or did not end. timed_out, before_timed_out: it was stopped at the time limit, with the change or on the base. output: the end of what it printed, redacted.
    seconds: wall time with the change. tests_run: how many tests its own summary counts, None if unknown.
    summary, summary_before: what its output counts, None where nothing in it can be counted. truncated: the
    earlier part of a long output was dropped before it was counted. summary_missing: it is a runner that
    ends with a summary, and no summary was found. not_run: why it could not be run at all.
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
    summary: SuiteSummary | None = None
    summary_before: SuiteSummary | None = None
    truncated: bool = False
    summary_missing: bool = False
    not_run: str = ""

    @property
    def failed_by_change(self) -> bool:
        """It fails with the change, and what fails did not fail before it, or was not run."""
        return bool(self.new_failure)

    @property
    def failed_before(self) -> bool:
        """It failed on the base; having found no test there is no failure."""
        if self.before in (0, None):
            return self.before_timed_out
        return self.summary_before is None or not self.summary_before.empty

    @property
    def new_failure(self) -> str:
        """In words, what fails with the change and did not before; empty if nothing does, or it cannot be told."""
        if self.after == 0 or self.not_run:
            return ""
        if not self.failed_before:
            if self.before is None:
                return "it was not run before the change"
            if self.before != 0:
                empty = self.summary is not None and self.summary.empty and self.after == self.before
                return "" if empty else f"it ended with {self.before} before the change, having found no test"
            return "it ended with 0 before the change"
        if self.before_timed_out:
            return ""
        if self.after is None or self.before is None:
            now = "did not end" if self.timed_out else "could not be run"
            return f"it {now}, and ended with {self.before} before the change"
        return self._newly(self.before, self.after)

    def _newly(self, before: int, after: int) -> str:
        old, new = self.summary_before, self.summary
        graver = _weight(after) > _weight(before)
        codes = f"it ended with {before} before the change"
        if new is None:
            if old is not None and not self.truncated:
                return f"{codes} and with a summary, which it does not reach any more"
            return codes if old is None and graver and not self.truncated else ""
        if old is None or old.partial:
            return ""
        fresh = _fresh(old, new) if old.named else []
        if fresh:
            more = f" and {len(fresh) - _SHOWN} more" if len(fresh) > _SHOWN else ""
            return f"what did not fail before the change: {', '.join(fresh[:_SHOWN])}{more}"
        if new.failed > old.failed:
            return f"{new.failed} failed, and {old.failed} before the change"
        return codes if new.failed == old.failed and graver else ""

    @property
    def unsettled(self) -> str:
        """Why nobody can tell whether what fails with the change failed before it as well; empty if it can be told."""
        if self.after == 0 or self.not_run or self.failed_by_change or not self.failed_before:
            return ""
        if self.before_timed_out:
            return "it did not end before the change, so that nobody knows what failed then"
        if self.summary is None or self.summary_before is None:
            return "nothing in its output can be counted, so that a new failure looks like the old one"
        if self.summary.partial or self.summary_before.partial:
            return "it stops at its first failure, so that nobody knows what fails behind it"
        return ""


def _weight(code: int) -> int:
    """What ended by a signal ended worse than with any code."""
    return code if code >= 0 else 1000 - code


def _fresh(old: SuiteSummary, new: SuiteSummary) -> list[str]:
    """The names that fail in the new run only; one that only moved to another file or class is not new."""
    before, after = Counter(old.failing), Counter(new.failing)
    gone = Counter(_tail(name) for name in (before - after).elements())
    fresh: list[str] = []
    for name in sorted((after - before).elements()):
        if gone[_tail(name)]:
            gone[_tail(name)] -= 1
        else:
            fresh.append(name)
    return fresh


def _tail(name: str) -> str:
    return _DIVIDERS.split(name)[-1]


class CommandReport(Value):
    """All commands of one run; `not_checked` says why nothing ran, `change` is the change's hash."""

    outcomes: tuple[CommandOutcome, ...] = ()
    not_checked: str = ""
    runner: str = ""
    change: str = ""
