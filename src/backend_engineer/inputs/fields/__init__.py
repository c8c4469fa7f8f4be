"""Why each field is needed, which clause asks for it, and the minimal safe answers to offer.

Owns: the table of fields that gaps are worded from.
Must never know: how gaps are found, merged or shown.

An offered value is safe when taking it can break nothing that the requester has not said: it states an
absence, or the narrower of two choices. Where no such value exists the option only describes the shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from backend_engineer.inputs.fields.facts import FieldFacts, facts, shape
from backend_engineer.inputs.fields.model import DATA_MODEL
from backend_engineer.inputs.fields.operation import OPS_GUIDES, PERF_TARGETS, REQUEST, SECURITY_POLICY
from backend_engineer.inputs.fields.system import API_CONTRACT, TECH_SPEC

__all__ = ["FIELDS", "PROSE", "FieldFacts", "facts_of"]

FIELDS: Mapping[str, FieldFacts] = MappingProxyType(
    {
        **TECH_SPEC,
        **API_CONTRACT,
        **DATA_MODEL,
        **SECURITY_POLICY,
        **PERF_TARGETS,
        **OPS_GUIDES,
        **REQUEST,
    }
)
"""Facts by the field's path, `*` standing for any index."""

_CLAUSES = {
    "tech_spec": "INPT-02",
    "api_contract": "INPT-03",
    "data_model": "INPT-04",
    "security_policy": "INPT-05",
    "perf_targets": "INPT-06",
    "ops_guides": "INPT-07",
    "request": "FLOW-01",
}

PROSE = frozenset(
    {
        "tech_spec/error_handling",
        "tech_spec/layout/*/purpose",
        "api_contract/authorization",
        "api_contract/rate_limits",
        "api_contract/exceptions/*/reason",
        "data_model/entities/*/retention",
        "data_model/entities/*/constraints/*",
        *(name for name in FIELDS if name.startswith(("security_policy/", "ops_guides/"))),
        "perf_targets/peak_load",
        "perf_targets/latency",
        "perf_targets/caching",
        "request/title",
        "request/description",
        "request/acceptance/*",
    }
)
"""Fields that hold sentences: there `todo` is a placeholder, while an entity may well be named so."""


def facts_of(pattern: str) -> FieldFacts:
    """The facts of a field, or those that any other field of its document shares."""
    found = FIELDS.get(pattern)
    if found is not None:
        return found
    return facts(
        _CLAUSES[pattern.partition("/")[0]],
        "What stands here is neither a value nor left out, so that nobody can tell what is meant.",
        shape("State the value"),
        shape("Leave the field out where it is optional"),
    )
