"""What documents say against each other is asked, and what they merely leave unsaid is not."""

from __future__ import annotations

import copy
import sys
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from backend_engineer.inputs import StageInputs, gather, merge_answers
from backend_engineer.outputs import Clarification, Gap

Data = dict[str, Any]


def _document(data: Data) -> Data:
    found: Data = data["api_contract"]["document"]
    return found


def _only(data: Data) -> Gap:
    found = gather(data)
    assert isinstance(found, Clarification), "no gap was found"
    assert len(found.gaps) == 1, [(gap.pointer, gap.reason) for gap in found.gaps]
    for option in found.gaps[0].options:
        if option.value is not None:
            Draft202012Validator(found.gaps[0].answer_schema).validate(option.value)
    return found.gaps[0]


def _take_first_option(data: Data) -> StageInputs | Clarification:
    gap = _only(data)
    value = next(option.value for option in gap.options if option.value is not None)
    return merge_answers(data, {gap.pointer: value})


def _add_invoices(data: Data) -> None:
    document = _document(data)
    document["components"]["schemas"]["Invoice"] = {
        "type": "object",
        "properties": {"id": {"type": "string"}},
    }
    read = copy.deepcopy(document["paths"]["/users/{id}"])
    read["get"]["operationId"] = "getInvoice"
    read["get"]["responses"]["200"]["content"]["application/json"]["schema"] = {
        "$ref": "#/components/schemas/Invoice"
    }
    document["paths"]["/invoices/{id}"] = read


def test_an_entity_that_only_the_api_names_is_asked_about(complete: Data) -> None:
    _add_invoices(complete)
    gap = _only(complete)
    assert (gap.kind, gap.clause) == ("contradiction", "INPT-04")
    assert gap.pointer == "/api_contract/document/components/schemas/Invoice/x-entity"
    assert isinstance(_take_first_option(complete), StageInputs)


def test_adding_the_entity_to_the_data_model_settles_it(complete: Data) -> None:
    _add_invoices(complete)
    invoice = {**complete["data_model"]["entities"][0], "name": "Invoice", "table": "invoices"}
    merged = merge_answers(complete, {"/data_model/entities/2": invoice})
    assert isinstance(merged, StageInputs)


def test_an_entity_is_found_under_its_table_and_in_either_number(complete: Data) -> None:
    _add_invoices(complete)
    invoice = {**complete["data_model"]["entities"][0], "name": "Bill", "table": "INVOICES"}
    complete["data_model"]["entities"].append(invoice)
    assert isinstance(gather(complete), StageInputs)


def test_schemas_that_no_path_names_are_not_asked_about(complete: Data) -> None:
    document = _document(complete)
    document["components"]["schemas"]["Health"] = {"type": "object"}
    document["paths"]["/health"] = {
        "get": {
            "responses": {
                "200": {
                    "description": "Up.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}},
                }
            }
        }
    }
    assert isinstance(gather(complete), StageInputs)


def test_a_schema_that_says_which_entity_it_is_must_name_one(complete: Data) -> None:
    _document(complete)["components"]["schemas"]["User"]["x-entity"] = "Person"
    assert _only(complete).pointer.endswith("/schemas/User/x-entity")
    assert isinstance(merge_answers(complete, {_only(complete).pointer: "User"}), StageInputs)


def test_a_data_model_that_does_not_apply_contradicts_nothing(complete: Data) -> None:
    complete["data_model"] = {"entities": {"not_applicable": "another service keeps the data"}}
    assert isinstance(gather(complete), StageInputs)


@pytest.mark.parametrize("route", ["GET /orders", "DELETE /users/{id}", "/nowhere", "GET /users/{id}/posts"])
def test_an_objective_for_a_route_that_does_not_exist_is_asked_about(complete: Data, route: str) -> None:
    complete["perf_targets"]["slos"][0]["route"] = route
    gap = _only(complete)
    assert (gap.pointer, gap.clause) == ("/perf_targets/slos/0/route", "INPT-06")
    assert isinstance(merge_answers(complete, {gap.pointer: "GET /users"}), StageInputs)


@pytest.mark.parametrize(
    "route",
    [
        "GET /users",
        "GET /users/{id}",
        "/users/{any}",
        "GET /users?limit=5",
        "GET /users/*",
        "/*",
        "send-mails",
        "nightly job",
    ],
)
def test_an_objective_for_a_route_or_a_job_is_no_contradiction(complete: Data, route: str) -> None:
    complete["perf_targets"]["slos"][0]["route"] = route
    assert isinstance(gather(complete), StageInputs)


_SERVERS: list[tuple[list[Data], str]] = [
    ([{"url": "https://shop.example/v1"}], "GET /users"),
    ([{"url": "https://shop.example/v1/"}], "GET /v1/users"),
    ([{"url": "/v1"}, {"url": "/v2"}], "GET /v2/users"),
    (
        [{"url": "https://shop.example/{release}", "variables": {"release": {"default": "v3"}}}],
        "GET /v3/users",
    ),
]


@pytest.mark.parametrize(("servers", "route"), _SERVERS)
@pytest.mark.parametrize("holder", ["document", "path"])
def test_an_objective_may_name_the_servers_path_in_front(
    complete: Data, servers: list[Data], route: str, holder: str
) -> None:
    document = _document(complete)
    (document if holder == "document" else document["paths"]["/users"])["servers"] = servers
    complete["perf_targets"]["slos"][0]["route"] = route
    assert isinstance(gather(complete), StageInputs)


@pytest.mark.parametrize("servers", [[{"url": "https://shop.example/v1"}], [{"url": "v9"}], []])
def test_an_objective_with_a_path_in_front_that_no_server_has_is_asked_about(
    complete: Data, servers: list[Data]
) -> None:
    _document(complete)["servers"] = servers
    complete["perf_targets"]["slos"][0]["route"] = "GET /v9/users"
    assert not isinstance(gather(complete), StageInputs)


def test_another_error_format_is_asked_once_and_recorded(complete: Data) -> None:
    document = _document(complete)
    problem = {
        "application/problem+json": {
            "schema": {"type": "object", "properties": {"title": {"type": "string"}}}
        }
    }
    for item in document["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                operation["responses"]["default"] = {"description": "A problem.", "content": problem}
    gap = _only(complete)
    assert (gap.pointer, gap.kind, gap.clause) == ("/api_contract/exceptions/APID-03", "exception", "APID-03")
    merged = _take_first_option(complete)
    assert isinstance(merged, StageInputs)
    assert [(item.clause, item.follows) for item in merged.api_contract.exceptions] == [
        ("APID-03", "rfc9457")
    ]


def test_an_envelope_through_all_of_is_the_envelope(complete: Data) -> None:
    schemas = _document(complete)["components"]["schemas"]
    schemas["Details"] = {"type": "object", "properties": {"details": {"type": "object"}}}
    inner = schemas["Error"]["properties"]["error"]
    del inner["properties"]["details"]
    schemas["Error"]["properties"]["error"] = {"allOf": [inner, {"$ref": "#/components/schemas/Details"}]}
    assert isinstance(gather(complete), StageInputs)


def test_answers_without_a_body_are_no_other_format(complete: Data) -> None:
    for item in _document(complete)["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                operation["responses"]["default"] = {"description": "A failure."}
    assert isinstance(gather(complete), StageInputs)


@pytest.mark.parametrize("style", ["offset", "page", "none"])
def test_another_paging_is_asked_once_and_recorded(complete: Data, style: str) -> None:
    complete["api_contract"]["pagination"] = {"style": style}
    assert _only(complete).pointer == "/api_contract/exceptions/APID-04"
    assert isinstance(_take_first_option(complete), StageInputs)


def test_mutators_without_a_key_are_asked_about_once(complete: Data) -> None:
    del _document(complete)["paths"]["/users"]["post"]["parameters"]
    gap = _only(complete)
    assert gap.pointer == "/api_contract/exceptions/APID-02"
    assert "POST /users" in gap.reason
    assert isinstance(_take_first_option(complete), StageInputs)


def test_a_patch_with_a_precondition_needs_no_key(complete: Data) -> None:
    read = _document(complete)["paths"]["/users/{id}"]
    read["patch"] = {
        "parameters": [{"name": "if-match", "in": "header", "schema": {"type": "string"}}],
        "responses": {"204": {"description": "Changed."}},
    }
    assert isinstance(gather(complete), StageInputs)


def test_two_exceptions_may_be_answered_in_either_order(complete: Data) -> None:
    del _document(complete)["paths"]["/users"]["post"]["parameters"]
    complete["api_contract"]["pagination"] = {"style": "offset"}
    found = gather(complete)
    assert isinstance(found, Clarification)
    answers = {gap.pointer: gap.options[0].value for gap in found.gaps}
    backwards = dict(reversed(answers.items()))
    assert merge_answers(complete, answers) == merge_answers(complete, backwards)
    one = {gap.pointer: gap.options[0].value for gap in found.gaps[:1]}
    left = merge_answers(complete, one)
    assert isinstance(left, Clarification)
    assert [gap.pointer for gap in left.gaps] == [found.gaps[1].pointer]


def test_an_answer_to_an_exception_takes_the_place_of_a_placeholder(complete: Data) -> None:
    complete["api_contract"]["pagination"] = {"style": "offset"}
    complete["api_contract"]["exceptions"] = "TBD"
    answer = {"clause": "APID-04", "follows": "offset", "reason": "clients rely on it"}
    merged = merge_answers(complete, {"/api_contract/exceptions/APID-04": answer})
    assert isinstance(merged, StageInputs)
    assert [item.follows for item in merged.api_contract.exceptions] == ["offset"]


def test_a_recorded_exception_is_not_asked_again(complete: Data) -> None:
    complete["api_contract"]["pagination"] = {"style": "offset"}
    complete["api_contract"]["exceptions"] = [
        {"clause": "APID-04", "follows": "offset", "reason": "clients rely on it"}
    ]
    assert isinstance(gather(complete), StageInputs)


def test_cursor_paging_beside_an_offset_parameter_is_a_contradiction(complete: Data) -> None:
    _document(complete)["paths"]["/users"]["get"]["parameters"][0]["name"] = "offset"
    gap = _only(complete)
    assert (gap.pointer, gap.kind) == ("/api_contract/pagination", "contradiction")


def test_a_dialect_that_the_stack_does_not_speak_is_asked_about(complete: Data) -> None:
    complete["tech_spec"]["database"] = {"dialect": "mysql"}
    assert _only(complete).pointer == "/tech_spec/database/dialect"
    assert isinstance(_take_first_option(complete), StageInputs)


def test_a_stack_without_a_database_contradicts_no_dialect(complete: Data) -> None:
    complete["tech_spec"]["stack"] = [{"name": "python", "kind": "language"}]
    complete["tech_spec"]["database"] = {"dialect": "mysql"}
    assert isinstance(gather(complete), StageInputs)


def test_a_relation_to_no_entity_is_asked_about(complete: Data) -> None:
    complete["data_model"]["entities"][1]["relations"][0]["entity"] = "Usr"
    gap = _only(complete)
    assert gap.pointer == "/data_model/entities/1/relations/0/entity"
    assert gap.options[0].value == "User"


@pytest.mark.parametrize(
    ("place", "pointer"),
    [
        (("indexes", 0, "columns"), "/data_model/entities/0/indexes/0/columns"),
        (("relations", 0, "references"), "/data_model/entities/1/relations/0/references"),
    ],
)
def test_a_column_that_no_field_has_is_asked_about(
    complete: Data, place: tuple[str, int, str], pointer: str
) -> None:
    entity = complete["data_model"]["entities"][int(pointer.split("/")[3])]
    entity[place[0]][place[1]][place[2]] = ["nowhere"]
    assert _only(complete).pointer == pointer


def test_an_index_over_an_expression_is_no_contradiction(complete: Data) -> None:
    complete["data_model"]["entities"][0]["indexes"][0]["columns"] = ["lower(email)"]
    assert isinstance(gather(complete), StageInputs)


def test_two_entities_of_one_name_are_asked_about(complete: Data) -> None:
    complete["data_model"]["entities"][1]["name"] = "User"
    assert "/data_model/entities/1/name" in {gap.pointer for gap in gather(complete).gaps}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("spoil", "pointer"),
    [
        (lambda d: d["paths"]["/users/{id}"]["get"]["responses"].update({"404": {"$ref": "#/nowhere"}}), "/paths/~1users~1{id}/get/responses/404/$ref"),
        (lambda d: d["components"]["schemas"].update({"A": {"$ref": "#/components/schemas/A"}}), "/components/schemas/A/$ref"),
        (lambda d: d["paths"]["/users/{id}"]["get"].update({"operationId": "listUsers"}), "/paths/~1users~1{id}/get/operationId"),
        (lambda d: d.update({"security": [{"bearer": []}]}), "/components/securitySchemes/bearer"),
        (lambda d: d["info"].pop("version"), "/info"),
        (lambda d: d["paths"].update({"/users/{name}": {}}), "/paths/~1users~1{name}"),
    ],
)  # fmt: skip
def test_a_fault_of_the_contract_itself_is_a_gap(complete: Data, spoil: Any, pointer: str) -> None:
    spoil(_document(complete))
    gap = _only(complete)
    assert (gap.pointer, gap.kind) == ("/api_contract/document" + pointer, "invalid")


def test_declaring_the_security_scheme_settles_its_gap(complete: Data) -> None:
    _document(complete)["security"] = [{"bearer": []}]
    gap = _only(complete)
    assert isinstance(
        merge_answers(complete, {gap.pointer: {"type": "http", "scheme": "bearer"}}), StageInputs
    )


def test_another_reference_settles_the_gap_of_a_dangling_one(complete: Data) -> None:
    _document(complete)["paths"]["/users/{id}"]["get"]["responses"]["default"] = {
        "$ref": "#/components/responses/No"
    }
    gap = _only(complete)
    merged = merge_answers(complete, {gap.pointer: "#/paths/~1users/get/responses/default"})
    assert isinstance(merged, StageInputs)


def test_an_openapi_contract_given_as_text_is_a_gap(complete: Data) -> None:
    complete["api_contract"]["document"] = "openapi: 3.0.3"
    assert _only(complete).pointer == "/api_contract/document"


def test_a_graphql_schema_with_a_fault_is_a_gap(complete: Data) -> None:
    complete["api_contract"] |= {"kind": "graphql", "document": "type Query { me: User }"}
    gap = _only(complete)
    assert gap.pointer == "/api_contract/document"
    assert "Unknown type" in gap.reason


def test_a_valid_graphql_schema_is_complete(complete: Data) -> None:
    complete["api_contract"] |= {"kind": "graphql", "document": "type Query { me: ID }"}
    assert isinstance(gather(complete), StageInputs)


def test_an_objective_for_a_graphql_operation_must_name_one(complete: Data) -> None:
    complete["api_contract"] |= {"kind": "graphql", "document": "type Query { me: ID }"}
    complete["perf_targets"]["slos"][0]["route"] = "query you"
    gap = _only(complete)
    assert gap.pointer == "/perf_targets/slos/0/route"
    assert isinstance(merge_answers(complete, {gap.pointer: "query me"}), StageInputs)


def test_a_graphql_contract_given_as_an_object_is_a_gap(complete: Data) -> None:
    complete["api_contract"] |= {"kind": "graphql", "document": {"type": "Query"}}
    assert _only(complete).pointer == "/api_contract/document"


def test_without_the_graphql_extra_a_schema_is_left_for_the_rules(
    complete: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "graphql", None)
    complete["api_contract"] |= {"kind": "graphql", "document": "type Query { me: User }"}
    complete["perf_targets"]["slos"][0]["route"] = "query you"
    assert isinstance(gather(complete), StageInputs)
