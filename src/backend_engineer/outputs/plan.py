"""The plan of a change (PROT-02, FLOW-02).

Owns: the shape of the plan, its files, its traceability map and its word on the schema.
Must never know: how a plan is asked for or checked.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backend_engineer.contract import Section
from backend_engineer.outputs.change import Action
from backend_engineer.outputs.value import Value

__all__ = ["Plan", "PlanDocument", "PlannedFile", "SchemaChange", "Trace"]


class PlannedFile(Value):
    """A file that the change will touch: `part` (from 1) says in which part of a split plan."""

    path: str = Field(min_length=1)
    action: Action
    section: Section
    purpose: str
    previous_path: str | None = None
    part: int = Field(default=1, ge=1)


class Trace(Value):
    """One line of the traceability map: endpoint (`PATCH /users/{id}`), the service, the data it changes."""

    endpoint: str
    service: str
    data: tuple[str, ...]


class SchemaChange(Value):
    """Whether the schema changes: `migration`, or `none` with the reason why not (CONS-03)."""

    kind: Literal["migration", "none"]
    reason: str = ""


class Plan(Value):
    """What the change will do, before any code.

    summary: two or three sentences. files: migrations first, in section order.
    traceability: endpoint -> service -> data, one entry for each endpoint touched.
    schema_change: `migration`, or `none` with its reason.
    security, slo: what the self-check of the plan found against SecurityPolicy and PerfTargets (PROT-03).
    """

    summary: str
    files: tuple[PlannedFile, ...]
    traceability: tuple[Trace, ...] = ()
    schema_change: SchemaChange
    security: tuple[str, ...] = ()
    slo: tuple[str, ...] = ()

    @property
    def parts(self) -> int:
        """How many changes the plan asks for; 1 unless the work is split."""
        return max((file.part for file in self.files), default=1)


class PlanDocument(Value):
    """The JSON block that carries the plan in a reply."""

    plan: Plan
