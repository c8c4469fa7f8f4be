"""The five phases of the stage, the ways a model's answer can end, and the cap on files.

Owns: these three small tables.
Must never know: how a phase is prompted or carried out.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["ENDINGS", "FILE_CAP", "PHASES", "Ending", "Phase"]


class Phase(StrEnum):
    """One step of the interaction protocol (PROT-01 to PROT-05)."""

    CONTEXT = "context"
    PLAN = "plan"
    SELF_CHECK = "self-check"
    IMPLEMENT = "implement"
    VERIFY = "verify"


PHASES: tuple[Phase, ...] = tuple(Phase)


class Ending(StrEnum):
    """How a model's answer ended; anything but `complete` means that it may be cut."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    REFUSED = "refused"
    FILTERED = "filtered"
    PAUSED = "paused"
    DROPPED = "dropped"
    ABORTED = "aborted"


ENDINGS: tuple[Ending, ...] = tuple(Ending)

FILE_CAP = 15
"""The most files a change may touch (CONS-02): distinct paths of any action, a rename counted once."""
