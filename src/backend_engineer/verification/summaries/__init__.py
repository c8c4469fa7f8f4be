"""What test runners, linters and type checkers say of their own run, read from what they print.

Owns: finding the summaries of an output, and adding them up.
Must never know: how a command is run, changes, verdicts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from backend_engineer.outputs import SuiteSummary
from backend_engineer.verification.summaries.problems import PROBLEMS
from backend_engineer.verification.summaries.runners import RUNNERS

__all__ = ["ends_with_a_summary", "summary_of"]

_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# No summary and no name is as long; what is longer may have been made to be slow to read.
_LONG = re.compile(r"^(.{600}).+$", re.MULTILINE)
_PATHS = re.compile(r".*[/\\]")


def summary_of(kind: Literal["tests", "types", "lint"], output: str) -> SuiteSummary | None:
    """What an output counts, all summaries in it added up; None where nothing in it can be counted."""
    text = _LONG.sub(r"\1", _COLOURS.sub("", output).replace("\r\n", "\n"))
    readers = [runner.read for runner in RUNNERS] if kind == "tests" else list(PROBLEMS)
    found = [counted for read in readers if (counted := read(text)) is not None]
    if not found:
        return None
    runs = [item.run for item in found if item.run is not None]
    return SuiteSummary(
        run=sum(runs) if runs else None,
        failed=sum(item.failed for item in found),
        skipped=sum(item.skipped for item in found),
        failing=tuple(sorted(name for item in found for name in item.failing)),
        partial=any(item.partial for item in found),
    )


def ends_with_a_summary(argv: Sequence[str]) -> bool:
    """Whether a command is a test runner that always ends with a summary, if it comes to its end at all."""
    words = [_PATHS.sub("", word).removesuffix(".exe").removesuffix(".js") for word in argv]
    return any(runner.started_by(words) for runner in RUNNERS)
