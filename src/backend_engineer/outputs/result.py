"""The end of a run, and the record that replays it.

Owns: `StageResult`, `Usage`, `RunRecord` and its exchanges.
Must never know: sessions, drivers, clients.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from backend_engineer.contract import Ending, Status
from backend_engineer.outputs.change import Change
from backend_engineer.outputs.clarification import Clarification
from backend_engineer.outputs.findings import ReviewFindings
from backend_engineer.outputs.handoff import Handoffs
from backend_engineer.outputs.plan import Plan
from backend_engineer.outputs.report import Report
from backend_engineer.outputs.value import Value

__all__ = ["Exchange", "RunRecord", "StageResult", "Usage"]


class Usage(Value):
    """Tokens, added up the same way for every provider.

    input_tokens counts everything sent, cached parts included; cached_tokens is the part that was
    read from a cache; output_tokens counts everything received, reasoning included; estimated says
    how many of both are our estimate, because the stream ended before the provider said.
    """

    calls: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    estimated_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        mine, theirs = self.model_dump(), other.model_dump()
        return Usage(**{name: mine[name] + theirs[name] for name in mine})


class Exchange(Value):
    """One effect and its answer, as JSON; model calls carry the prompt's fingerprints and the reply text."""

    id: str
    kind: str
    request: dict[str, Any] = Field(default_factory=dict)
    answer: dict[str, Any] = Field(default_factory=dict)


class RunRecord(Value):
    """Everything needed to replay a run (its schema is versioned by `format`).

    label: what kind of record it is, shown wherever it is replayed (`hand-written` for the demo).
    fingerprints: of the first prompt: contract, inputs, parameters, request.
    """

    format: int = 1
    library_version: str = ""
    contract_version: str = ""
    label: str = ""
    model: str = ""
    fingerprints: dict[str, str] = Field(default_factory=dict)
    exchanges: tuple[Exchange, ...] = ()


class StageResult(Value):
    """What a run ends with.

    status: `ready` (complete and open for review), `needs_clarification` or `blocked`.
    changes: always a tuple; more than one only when the work was split.
    report: the verdicts. clarification: the questions, when that is the status.
    handoffs: for devops, QA and frontend, when there is a change. reason: why it is blocked.
    dropped: parameters a client did not send, and prompt sections that were shed.
    """

    status: Status
    changes: tuple[Change, ...] = ()
    plan: Plan | None = None
    report: Report | None = None
    review_findings: ReviewFindings | None = None
    clarification: Clarification | None = None
    handoffs: Handoffs | None = None
    usage: Usage = Usage()
    record: RunRecord = RunRecord()
    reason: str = ""
    dropped: tuple[str, ...] = ()
    endings: tuple[Ending, ...] = ()
