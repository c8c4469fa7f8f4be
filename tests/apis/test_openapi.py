"""OpenAPI documents read into operations."""

from __future__ import annotations

from typing import Any

import pytest

from backend_engineer.apis import load_openapi, template_of
from backend_engineer.errors import InvalidDocument

Data = dict[str, Any]


def test_operations_come_in_the_order_of_the_document(document: Data) -> None:
    assert [item.route for item in load_openapi(document).operations] == [
        "GET /users",
        "POST /users",
        "GET /users/{id}",
    ]


def test_parameters_of_the_path_pass_down_and_give_way_to_the_operations_own(document: Data) -> None:
    document["paths"]["/users/{id}"]["get"]["parameters"] = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    ]
    operation = load_openapi(document).operation("get", "/users/{user}")
    assert operation is not None
    assert [(item.name, item.schema) for item in operation.parameters] == [("id", {"type": "integer"})]


def test_references_to_parameters_are_followed(document: Data) -> None:
    operation = load_openapi(document).operations[0]
    limit = operation.parameter("query", "limit")
    assert limit is not None
    assert limit.pointer == "/components/parameters/Limit"


def test_header_names_are_found_in_any_case(document: Data) -> None:
    operation = load_openapi(document).operations[1]
    assert operation.parameter("header", "idempotency-key") is not None
    assert operation.parameter("query", "CURSOR") is None


def test_the_documents_security_holds_where_an_operation_states_none(document: Data) -> None:
    listing, creating, _ = load_openapi(document).operations
    assert listing.security == ({"bearer": []},)
    assert creating.security == ({"bearer": []}, {"key": []})


def test_an_empty_security_list_is_not_the_same_as_none_stated(document: Data) -> None:
    document["paths"]["/users"]["get"]["security"] = []
    assert load_openapi(document).operations[0].security == ()
    del document["security"]
    assert load_openapi(document).operations[2].security is None


def test_responses_know_whether_they_are_failures(document: Data) -> None:
    assert [(item.status, item.is_error) for item in load_openapi(document).operations[0].responses] == [
        ("200", False),
        ("429", True),
        ("default", True),
    ]


def test_integer_status_keys_are_read_as_text(document: Data) -> None:
    responses = document["paths"]["/users/{id}"]["get"]["responses"]
    responses[200] = responses.pop("200")
    assert load_openapi(document).operations[2].response("200") is not None


def test_media_types_are_lower_case_and_bare(document: Data) -> None:
    body = document["paths"]["/users"]["post"]["requestBody"]["content"]
    body["Application/JSON; charset=utf-8"] = body.pop("application/json")
    assert [item.type for item in load_openapi(document).operations[1].body] == ["application/json"]


def test_methods_of_3_2_are_read(document: Data) -> None:
    document["openapi"] = "3.2.0"
    path = document["paths"]["/users"]
    path["query"] = {"responses": {"200": {"description": "Found."}}}
    path["additionalOperations"] = {"COPY": {"responses": {"200": {"description": "Copied."}}}}
    assert [item.method for item in load_openapi(document).operations[:4]] == ["GET", "POST", "QUERY", "COPY"]


def test_a_reference_that_leads_nowhere_is_resolved_to_none(document: Data) -> None:
    api = load_openapi(document)
    for reference in ("#/nowhere", "other.yaml", "#/components/schemas/Loop"):
        document["components"]["schemas"]["Loop"] = {"$ref": "#/components/schemas/Loop"}
        assert api.resolve({"$ref": reference}) is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "openapi: 3.0.0",
        3,
        {},
        {"swagger": "2.0"},
        {"openapi": "2.0"},
        {"openapi": "4.0.0"},
        {"openapi": 3.1},
        {"openapi": "3.0.0\n"},
    ],
)
def test_what_is_not_openapi_3_is_refused(value: Any) -> None:
    with pytest.raises(InvalidDocument, match=r"OpenAPI|Swagger|openapi"):
        load_openapi(value)


def test_a_document_that_is_too_deep_is_refused(document: Data) -> None:
    deep: Any = {}
    for _ in range(500):
        deep = {"items": deep}
    document["components"]["schemas"]["Deep"] = deep
    with pytest.raises(InvalidDocument, match="levels deep"):
        load_openapi(document)


@pytest.mark.parametrize(
    ("path", "template"), [("/a/{b}", "/a/{}"), ("/a", "/a"), ("/{a}-{b}/c", "/{}-{}/c")]
)
def test_templates_forget_the_names_of_parameters(path: str, template: str) -> None:
    assert template_of(path) == template
