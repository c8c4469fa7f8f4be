"""What documents say against each other, against the stage's defaults, or against themselves.

Owns: the list of cross-checks, each with the fields that it reads, and `contradictions`.
Must never know: missing fields, how answers are merged, the rules that judge a change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from backend_engineer.apis.openapi import ApiDocument, load_openapi, version_of
from backend_engineer.apis.pointers import MISSING, follow, split
from backend_engineer.inputs.contradictions.contract import contract_faults
from backend_engineer.inputs.contradictions.defaults import exceptions_to_defaults, paging_against_contract
from backend_engineer.inputs.contradictions.finding import Contradiction
from backend_engineer.inputs.contradictions.model import (
    columns_that_are_missing,
    database_against_stack,
    entities_of_the_api,
)
from backend_engineer.inputs.contradictions.objectives import objectives_without_route
from backend_engineer.inputs.sources import RawInputs
from backend_engineer.outputs.clarification import Gap

__all__ = ["contradictions"]

_Check = Callable[[Mapping[str, Any], ApiDocument | None], Iterator[Contradiction]]

_CHECKS: tuple[tuple[_Check, tuple[str, ...]], ...] = (
    (database_against_stack, ("/tech_spec/stack", "/tech_spec/database")),
    (contract_faults, ("/api_contract/kind", "/api_contract/document")),
    (exceptions_to_defaults, ("/api_contract/document",)),
    (paging_against_contract, ("/api_contract/document", "/api_contract/pagination")),
    (entities_of_the_api, ("/api_contract/document", "/data_model/entities")),
    (columns_that_are_missing, ("/data_model/entities",)),
    (objectives_without_route, ("/api_contract/document", "/perf_targets/slos")),
)


def contradictions(raw: RawInputs, gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    """Every contradiction between what was given; a check whose fields have gaps of their own must wait."""
    open_pointers = tuple(gap.pointer for gap in gaps)
    api = _api(raw)
    found: dict[str, Contradiction] = {}
    for check, reads in _CHECKS:
        if any(_touches(pointer, open_pointers) for pointer in reads) or not _given(raw, reads):
            continue
        for item in check(raw.data, api):
            earlier = found.get(item.pointer)
            found[item.pointer] = (
                item if earlier is None else replace(earlier, reason=f"{earlier.reason} {item.reason}")
            )
    return tuple(item.gap(raw) for item in found.values())


def _api(raw: RawInputs) -> ApiDocument | None:
    contract = raw.data.get("api_contract", {})
    document = contract.get("document")
    return (
        load_openapi(document)
        if version_of(document) is not None and contract.get("kind") == "openapi"
        else None
    )


def _given(raw: RawInputs, reads: tuple[str, ...]) -> bool:
    return all(follow(raw.data, split(pointer)) is not MISSING for pointer in reads)


def _touches(pointer: str, others: tuple[str, ...]) -> bool:
    return any(
        pointer == other or pointer.startswith(other + "/") or other.startswith(pointer + "/")
        for other in others
    )
