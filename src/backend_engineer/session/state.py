"""All that a session knows, as one JSON document; its schema is versioned by `format`.

Owns: the shape of a saved session, and the figures that bound a run.
Must never know: how any of it changes.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend_engineer.clients.protocol import ErrorFacts, ModelRequest
from backend_engineer.contract import Ending, Parameters
from backend_engineer.inputs import ChangeRequest, StageInputs
from backend_engineer.outputs import (
    Attestation,
    Clarification,
    CommandReport,
    Exchange,
    FileChange,
    Finding,
    MigrationReport,
    Plan,
    Report,
    ReviewFindings,
    Usage,
)
from backend_engineer.session.effects import Effect
from backend_engineer.session.states import State
from backend_engineer.workspace import TreeDigest

__all__ = ["FORMAT", "Call", "Limits", "Part", "SessionState", "Settings"]

FORMAT = 1
"""The version of the saved form; a session of another version is refused."""


class Limits(BaseModel):
    """How often a session tries again, and what it may spend.

    plans: how often a plan is asked for once more. continuations: how often a cut answer is continued, for each
    part. repairs: how often files are asked for again, for each part. reviews: the same for the review.
    questions: how often the model may ask back. remarks: how often a person may send a plan back. stalls: how often
    a person may answer without closing a gap. tokens: the most tokens in all, None for no limit; checked
    before each call, with streams that were broken off counted as estimates. prompt_tokens: the most tokens of
    one prompt. output_tokens: the most tokens of one answer, None for the model's own limit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    plans: int = Field(default=2, ge=0)
    continuations: int = Field(default=4, ge=0)
    repairs: int = Field(default=2, ge=0)
    reviews: int = Field(default=1, ge=0)
    questions: int = Field(default=2, ge=0)
    remarks: int = Field(default=5, ge=0)
    stalls: int = Field(default=3, ge=0)
    tokens: int | None = Field(default=None, ge=1)
    prompt_tokens: int | None = Field(default=None, ge=1)
    output_tokens: int | None = Field(default=None, ge=1)


class Settings(BaseModel):
    """What the caller chose for the whole run.

    calls: `phases`, one call for each, or `single`. approve: whether a person sees the plan first. dialect: of
    the prompts. lean: prompts hold only what their phase needs. structured: an answer that is one JSON part carries
    its schema. keyed: whether seals depend on a secret key.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    calls: Literal["phases", "single"] = "phases"
    approve: bool = False
    dialect: str = "claude"
    lean: bool = False
    structured: bool = False
    keyed: bool = False
    limits: Limits = Limits()


class Call(BaseModel):
    """The model call that is under way or was the last one.

    task: the prompt's phase. text: what was received so far. sequence: number of the last event that was taken.
    high: a high surrogate that waits for its other half. detail: the provider's words on the ending. stopped: why
    the session broke the stream off.
    """

    model_config = ConfigDict(extra="forbid")

    task: str
    request: ModelRequest
    seal: str = ""
    attempt: int = 1
    text: str = ""
    reasoning: str = ""
    sequence: int | None = None
    high: int | None = None
    model: str = ""
    ending: Ending | None = None
    detail: str = ""
    usage: Usage | None = None
    error: ErrorFacts | None = None
    stopped: tuple[Finding, ...] = ()


class Part(BaseModel):
    """The change that is being made: the only one, or one of a split series.

    number: from 1. task: what the next call does (`implement`, `all`, `repair`, `continue`). accepted: files that
    stay. cut: a file that was cut off, to be continued. findings: what a repair is about, wanted: the paths it
    asks for, open: whether every file may come again. sources: the places in the exchanges of the answers that
    brought files; lines of files, validations and diagnostics count through these answers one after the other.
    validations, diagnostics: as `[path, text, line]` and `[code, message, line]`.
    """

    model_config = ConfigDict(extra="forbid")

    number: int = 1
    task: Literal["implement", "all", "repair", "continue"] = "implement"
    accepted: tuple[FileChange, ...] = ()
    cut: FileChange | None = None
    findings: tuple[Finding, ...] = ()
    wanted: tuple[str, ...] = ()
    open: bool = False
    sources: tuple[int, ...] = ()
    continuations: int = 0
    repairs: int = 0
    reviews: int = 0
    verified: tuple[MigrationReport | CommandReport, ...] = ()
    validations: tuple[tuple[str | None, str, int], ...] = ()
    diagnostics: tuple[tuple[str, str, int], ...] = ()
    attestations: tuple[Attestation, ...] = ()
    review: ReviewFindings | None = None
    report: Report | None = None


class SessionState(BaseModel):
    """A saved session.

    run: the beginning of every effect's id. step: how many effects were handed out; the pending one has this
    number. raw: inputs with gaps as plain data, answers: what a person said to the gaps; inputs: the whole,
    once there are no gaps. texts: files of the base that were read. gaps, asked, optionless: pointers, as the facts of the
    run name them. asking: the model's own questions. plan_findings: why the plan is asked for once more.
    approved: the plan that a person agreed to. done: the finished parts of a split series.
    """

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    library_version: str
    contract_version: str
    run: str
    settings: Settings
    parameters: Parameters
    state: State = State.CONTEXT
    step: int = 0
    pending: Effect | None = None

    raw: dict[str, Any]
    answers: dict[str, Any] = Field(default_factory=dict)
    inputs: StageInputs | None = None
    request: ChangeRequest | None = None
    base: TreeDigest | None = None
    texts: dict[str, str | None] = Field(default_factory=dict)

    gaps: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    optionless: tuple[str, ...] = ()
    asking: Clarification | None = None
    questions: int = 0
    stalls: int = 0

    checklist: tuple[str, ...] = ()
    plan: Plan | None = None
    plan_findings: tuple[Finding, ...] = ()
    plans: int = 0
    remarks: int = 0
    self_checked: bool = False
    approved: Plan | None = None

    call: Call | None = None
    part: Part = Part()
    done: tuple[Part, ...] = ()

    usage: Usage = Usage()
    exchanges: tuple[Exchange, ...] = ()
    fingerprints: dict[str, str] = Field(default_factory=dict)
    model: str = ""
    endings: tuple[Ending, ...] = ()
    dropped: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    reason: str = ""
    clarification: Clarification | None = None
    error: ErrorFacts | None = None
