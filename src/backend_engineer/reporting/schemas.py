"""The JSON Schemas that this library publishes, made from the models that the code itself uses.

Owns: their names, `$id`s and versions.
Must never know: files; the shapes themselves (those are the models').
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from backend_engineer.errors import UsageError

__all__ = ["SCHEMA_NAMES", "schema", "schema_file"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
VERSION = 1


def _inputs() -> Any:
    from backend_engineer.inputs import StageInputs

    return StageInputs


def _request() -> Any:
    from backend_engineer.inputs import ChangeRequest

    return ChangeRequest


def _plan() -> Any:
    from backend_engineer.outputs.plan import PlanDocument

    return PlanDocument


def _clarification() -> Any:
    from backend_engineer.outputs import Clarification

    return Clarification


def _attestations() -> Any:
    from backend_engineer.outputs.attestation import Attestations

    return Attestations


def _findings() -> Any:
    from backend_engineer.outputs import ReviewFindings

    return ReviewFindings


def _result() -> Any:
    from backend_engineer.outputs import StageResult

    return StageResult


def _record() -> Any:
    from backend_engineer.outputs import RunRecord

    return RunRecord


def _session() -> Any:
    from backend_engineer.session import SessionState

    return SessionState


_MODELS: dict[str, tuple[Callable[[], Any], str]] = {
    "inputs": (_inputs, "The inputs of a run, complete"),
    "request": (_request, "The change that is wanted"),
    "plan": (_plan, "The plan block of a reply"),
    "clarification": (_clarification, "Every gap in the inputs, with options"),
    "attestations": (_attestations, "The attestations block of a reply"),
    "findings": (_findings, "The review findings document"),
    "result": (_result, "What a run ends with"),
    "record": (_record, "Everything needed to replay a run"),
    "session": (_session, "The saved state of a session"),
}

SCHEMA_NAMES: tuple[str, ...] = tuple(_MODELS)
"""The published schemas, by name."""


def schema_file(name: str) -> str:
    """The file name under which a schema is shipped, such as `findings.v1.schema.json`."""
    return f"{name}.v{VERSION}.schema.json"


@cache
def _build(name: str) -> dict[str, Any]:
    make, title = _MODELS[name]
    body = TypeAdapter(make()).json_schema()
    return {
        "$schema": DIALECT,
        "$id": f"urn:backend-engineer:schema:{name}:{VERSION}",
        **body,
        "title": title,
    }


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) with this name; `UsageError` when there is none."""
    UsageError.unless(name, str, "The schema's name")
    if name not in _MODELS:
        raise UsageError(f"There is no schema {name!r}.", hint=f"Take one of: {', '.join(SCHEMA_NAMES)}.")
    return dict(_build(name))
