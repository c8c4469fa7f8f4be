"""The caller's settings of a run (PARM-01 to PARM-03) and their defaults.

Owns: the parameters' values and meaning.
Must never know: how a provider or a prompt expresses them.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

__all__ = ["Modality", "Parameters", "ReasoningEffort", "Verbosity"]


class ReasoningEffort(StrEnum):
    """How much the model is asked to think and to re-check; never changes the contract (PARM-01)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Verbosity(StrEnum):
    """How much prose may stand around the files; never changes what the files hold (PARM-02)."""

    TERSE = "terse"
    BALANCED = "balanced"
    VERBOSE = "verbose"


class Modality(StrEnum):
    """What the stage emits (PARM-03)."""

    CODE = "code"


class Parameters(BaseModel):
    """The settings of a run.

    reasoning_effort: `low`, `medium` (default) or `high`.
    verbosity: `terse`, `balanced` (default) or `verbose`.
    modality: `code`, the only one.
    split: True when the caller has told the stage to split the work (CONS-02): a plan of more than
        15 files becomes an ordered series of changes, each of at most 15 files and whole in itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    reasoning_effort: ReasoningEffort = ReasoningEffort.MEDIUM
    verbosity: Verbosity = Verbosity.BALANCED
    modality: Modality = Modality.CODE
    split: bool = False
