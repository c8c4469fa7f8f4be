"""What a session asks its driver to do, as frozen JSON values, each with an id that is stable over a save.

Owns: the eight effects.
Must never know: how an effect is carried out, when it is handed out.

An id is `RUN:STEP:KIND`; it is the same when the session is saved, loaded and asked again, and so serves as an
idempotency key, a topic or a signal's name.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from backend_engineer.clients.protocol import ErrorFacts, ModelRequest
from backend_engineer.outputs import Clarification, FileChange, Plan, StageResult
from backend_engineer.outputs.value import Value

__all__ = [
    "ApprovePlan",
    "AskHuman",
    "CallModel",
    "Done",
    "Effect",
    "Failed",
    "ReadFiles",
    "Verify",
    "Wait",
]


class CallModel(Value):
    """Call the model and pass its events to `Session.stream`, or its completion to `Session.feed`.

    request: what to send; its id stays the same when a call is tried again. attempt: 1 for the first try.
    """

    kind: Literal["call-model"] = "call-model"
    id: str
    request: ModelRequest
    attempt: int = 1


class AskHuman(Value):
    """Ask a person. Answer with a mapping of pointer to value (some or all), or None when nobody answers.

    clarification: the gaps with their options. answer_schema: JSON Schema of the answer.
    """

    kind: Literal["ask-human"] = "ask-human"
    id: str
    clarification: Clarification
    answer_schema: dict[str, Any]


class ApprovePlan(Value):
    """Show the plan. Answer with True, with False, or with a text that says what to plan differently."""

    kind: Literal["approve-plan"] = "approve-plan"
    id: str
    plan: Plan


class ReadFiles(Value):
    """Read files of the base. Answer with a mapping of path to text, None for a file that is no text.

    purpose: `implement` (the files that the plan modifies, or all of them for a single call) or `check` (what
    the rules look at besides).
    """

    kind: Literal["read-files"] = "read-files"
    id: str
    paths: tuple[str, ...]
    purpose: Literal["implement", "check"]


class Verify(Value):
    """Run the change's migrations and commands. Answer with the reports; an empty list means: not run.

    files: the change. migrations: whether it holds migrations; dialect, folder and transactional: the TechSpec's
    word on them, None where it has none. commands: `tests`, `types` and `lint` as argument lists, those that the TechSpec names. earlier: the changes
    of a split series that come before this one.
    """

    kind: Literal["verify"] = "verify"
    id: str
    files: tuple[FileChange, ...]
    migrations: bool
    dialect: str | None = None
    folder: str | None = None
    transactional: bool | None = None
    commands: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    earlier: tuple[tuple[FileChange, ...], ...] = ()


class Wait(Value):
    """Wait before the call is tried again; `reason` names what failed. Answer with anything."""

    kind: Literal["wait"] = "wait"
    id: str
    seconds: float
    reason: str


class Done(Value):
    """The end of the run."""

    kind: Literal["done"] = "done"
    id: str
    result: StageResult


class Failed(Value):
    """The run cannot go on: the error as a value, and what there is of a result (record and usage included)."""

    kind: Literal["failed"] = "failed"
    id: str
    error: ErrorFacts
    result: StageResult


Effect = Annotated[
    CallModel | AskHuman | ApprovePlan | ReadFiles | Verify | Wait | Done | Failed,
    Field(discriminator="kind"),
]
