"""The inputs are the six documents of the header and the list, and each asks for its own fields (META-04)."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from backend_engineer.contract import IDENTITY
from backend_engineer.inputs import (
    APIContract,
    ChangeRequest,
    DataModel,
    NotApplicable,
    OpsGuides,
    PerfTargets,
    SecurityPolicy,
    StageInputs,
    TechSpec,
)

FIELDS: dict[type[BaseModel], set[str]] = {
    TechSpec: {"stack", "layout", "error_handling", "database", "migrations", "commands"},
    APIContract: {"kind", "document", "authorization", "rate_limits", "pagination"},
    DataModel: {"entities"},
    SecurityPolicy: {"authentication", "authorization", "crypto", "compliance", "logging"},
    PerfTargets: {"slos", "peak_load", "latency", "caching"},
    OpsGuides: {"alerts", "runbooks", "rollout", "rollback"},
    ChangeRequest: {"title", "description", "acceptance"},
}


def test_the_bundle_holds_the_documents_of_the_header_and_the_ops_guides() -> None:
    required = {name for name, field in StageInputs.model_fields.items() if field.is_required()}
    types = {StageInputs.model_fields[name].annotation.__name__ for name in required}  # type: ignore[union-attr]
    assert types == {*IDENTITY.inputs_schema, "OpsGuides"}


@pytest.mark.parametrize("document", FIELDS, ids=lambda item: item.__name__)
def test_a_document_requires_its_fields_and_defaults_none_of_them(document: type[BaseModel]) -> None:
    assert {name for name, field in document.model_fields.items() if field.is_required()} == FIELDS[document]


@pytest.mark.parametrize("document", FIELDS, ids=lambda item: item.__name__)
def test_a_document_cannot_be_changed_and_takes_no_unknown_field(document: type[BaseModel]) -> None:
    assert document.model_config["frozen"] is True
    assert document.model_config["extra"] == "forbid"


def test_not_applicable_is_a_full_answer_with_its_reason() -> None:
    absent = NotApplicable("the service keeps no data")
    assert DataModel(entities=absent).entities == absent
    assert absent.reason == "the service keeps no data"
    assert (
        DataModel.model_validate({"entities": {"not_applicable": "the service keeps no data"}}).entities
        == absent
    )


def test_not_applicable_without_a_reason_is_refused() -> None:
    with pytest.raises(ValidationError):
        NotApplicable("")
