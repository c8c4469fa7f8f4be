"""Faults of an OpenAPI document are found, named, and never raised."""

from __future__ import annotations

import copy
import json
import random
import time
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backend_engineer.apis import load_openapi, openapi_problems
from backend_engineer.apis.metaschema import flattened, violations

Data = dict[str, Any]


def _codes(document: Any) -> list[tuple[str, str]]:
    return [(item.code, item.pointer) for item in openapi_problems(document)]


def test_a_valid_document_of_any_version_has_no_problems(document: Data, newer: Data) -> None:
    assert openapi_problems(document) == []
    assert openapi_problems(newer) == []
    assert openapi_problems({**newer, "openapi": "3.2.0"}) == []


def _schemas(document: Data) -> Data:
    found: Data = document["components"]["schemas"]
    return found


_FAULTS: dict[str, tuple[Callable[[Data], Any], str, str]] = {
    "dangling reference": (lambda d: _schemas(d).update(A={"$ref": "#/no"}), "dangling-ref", "/components/schemas/A/$ref"),
    "dangling anchor": (lambda d: _schemas(d).update(A={"$ref": "#no"}), "dangling-ref", "/components/schemas/A/$ref"),
    "reference to itself": (lambda d: _schemas(d).update(A={"$ref": "#/components/schemas/A"}), "circular-ref", "/components/schemas/A/$ref"),
    "reference outside": (lambda d: _schemas(d).update(A={"$ref": "other.json#/A"}), "external-ref", "/components/schemas/A/$ref"),
    "allOf of itself": (lambda d: _schemas(d).update(A={"allOf": [{"$ref": "#/components/schemas/A"}]}), "circular-ref", "/components/schemas/A/allOf"),
    "path parameter not declared": (lambda d: d["paths"]["/users/{id}"].pop("parameters"), "path-parameter", "/paths/~1users~1{id}/get"),
    "path parameter not in the path": (lambda d: d["paths"]["/users/{id}"]["parameters"].append({"name": "x", "in": "path", "required": True, "schema": {"type": "string"}}), "path-parameter", "/paths/~1users~1{id}/parameters/1"),
    "operation id twice": (lambda d: d["paths"]["/users/{id}"]["get"].update(operationId="listUsers"), "duplicate-operation-id", "/paths/~1users~1{id}/get/operationId"),
    "clashing templates": (lambda d: d["paths"].update({"/users/{name}": {}}), "template-clash", "/paths/~1users~1{name}"),
    "security not declared": (lambda d: d["paths"]["/users"]["get"].update(security=[{"no": []}]), "undeclared-security", "/paths/~1users/get/security/0/no"),
    "global security not declared": (lambda d: d.update(security=[{"no": []}]), "undeclared-security", "/security/0/no"),
    "parameter twice": (lambda d: d["paths"]["/users"]["get"]["parameters"].append({"name": "cursor", "in": "query", "schema": {"type": "integer"}}), "duplicate-parameter", "/paths/~1users/get/parameters/2"),
    "required names no property": (lambda d: _schemas(d)["Page"]["required"].append("no"), "required-unnamed", "/components/schemas/Page/required/1"),
    "default of another type": (lambda d: d["components"]["parameters"]["Limit"]["schema"].update(default="x"), "default-type", "/components/parameters/Limit/schema/default"),
    "default outside of the enum": (lambda d: _schemas(d)["User"]["properties"]["role"].update(default="x"), "default-type", "/components/schemas/User/properties/role/default"),
    "no title": (lambda d: d["info"].pop("title"), "meta-schema", "/info"),
    "no responses": (lambda d: d["paths"]["/users/{id}"]["get"].pop("responses"), "meta-schema", "/paths/~1users~1{id}/get"),
    "a field that does not exist": (lambda d: d["paths"]["/users"]["get"].update(operationID="x"), "meta-schema", "/paths/~1users/get"),
    "a type that does not exist": (lambda d: _schemas(d)["Page"].update(type="map"), "meta-schema", "/components/schemas/Page/type"),
    "a status that does not exist": (lambda d: d["paths"]["/users"]["get"]["responses"].update({"20": {"description": "x"}}), "meta-schema", "/paths/~1users/get/responses"),
    "a key as text and number": (lambda d: d["paths"]["/users"]["get"]["responses"].update({200: {"description": "x"}}), "key-twice", "/paths/~1users/get/responses/200"),
    "a type list in 3.0": (lambda d: _schemas(d)["Page"].update(type=["object"]), "meta-schema", "/components/schemas/Page/type"),
}  # fmt: skip


@pytest.mark.parametrize("name", _FAULTS)
def test_a_fault_is_found_where_it_is_and_nothing_else_is(document: Data, name: str) -> None:
    spoil, code, pointer = _FAULTS[name]
    spoil(document)
    assert _codes(document) == [(code, pointer)]


@pytest.mark.parametrize("name", sorted(set(_FAULTS) - {"no responses", "a type list in 3.0"}))
def test_the_fault_is_found_in_3_1_as_well(newer: Data, name: str) -> None:
    spoil, code, pointer = _FAULTS[name]
    spoil(newer)
    assert (code, pointer) in _codes(newer)
    assert {place for _, place in _codes(newer)} == {pointer}


def test_nullable_is_a_leftover_in_3_1(newer: Data) -> None:
    _schemas(newer)["Page"]["nullable"] = True
    assert _codes(newer) == [("nullable", "/components/schemas/Page/nullable")]


def test_a_property_may_be_called_as_a_keyword_is(document: Data, newer: Data) -> None:
    for found in (document, newer):
        _schemas(found)["Odd"] = {
            "type": "object",
            "properties": {
                name: {"type": "string"}
                for name in (
                    "$ref",
                    "properties",
                    "required",
                    "nullable",
                    "default",
                    "example",
                    "allOf",
                    "items",
                    "x-a",
                )
            },
        }
        assert openapi_problems(found) == []


def test_examples_are_data_and_not_looked_into(document: Data) -> None:
    _schemas(document)["Page"]["example"] = {"$ref": "#/nowhere", "required": ["x"], "properties": {}}
    document["paths"]["/users"]["get"]["x-thing"] = {"$ref": "#/nowhere"}
    assert openapi_problems(document) == []


def test_schemas_that_lead_round_in_a_circle_through_properties_are_fine(document: Data) -> None:
    assert _schemas(document)["User"]["properties"]["friends"]["items"] == {
        "$ref": "#/components/schemas/User"
    }
    assert openapi_problems(document) == []


def test_a_required_name_may_be_described_in_another_part_of_a_composition(document: Data) -> None:
    _schemas(document)["Both"] = {
        "allOf": [
            {"$ref": "#/components/schemas/Page"},
            {"type": "object", "properties": {"a": {}}, "required": ["items"]},
        ]
    }
    assert openapi_problems(document) == []


def test_anchors_are_followed_in_3_1(newer: Data) -> None:
    _schemas(newer)["Page"]["$anchor"] = "page"
    _schemas(newer)["Other"] = {"$ref": "#page"}
    assert openapi_problems(newer) == []


def test_a_message_says_what_to_do_and_stays_short(document: Data) -> None:
    for spoil, _, _ in _FAULTS.values():
        found = copy.deepcopy(document)
        spoil(found)
        for problem in openapi_problems(found):
            assert len(problem.message) < 300
            assert problem.message.endswith(".")


@pytest.mark.parametrize(
    "value", [None, True, 3, 1.5, "x", [], {}, {"openapi": None}, {"openapi": "9"}, {"swagger": "2.0"}, [{}]]
)
def test_what_is_not_a_document_is_a_problem_and_no_error(value: Any) -> None:
    assert len(openapi_problems(value)) == 1


_LEAF = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats()
    | st.text(max_size=4)
    | st.sampled_from(["#/components/schemas/A", "object", "3.0.0", "\ud800", "{", "path", "query"])
)
_KEYS = st.sampled_from(
    ["$ref", "openapi", "info", "paths", "components", "schemas", "A", "properties", "required", "allOf", "items", "type", "get", "/a/{b}",
     "parameters", "responses", "200", "default", "content", "security", "securitySchemes", "name", "in", "operationId", "enum", "nullable", "x-a",
     "$id", "$anchor", "discriminator", "callbacks", "headers"]
) | st.integers(200, 202) | st.text(max_size=3)  # fmt: skip
_ANY = st.recursive(
    _LEAF,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_ANY, _ANY, st.sampled_from(["3.0.0", "3.1.0", "3.2.0"]))
@example([], [], "3.0.0")
def test_no_value_whatever_makes_the_search_raise(paths: Any, components: Any, version: str) -> None:
    document = {"openapi": version, "info": {}, "paths": paths, "components": components, "security": paths}
    openapi_problems(paths)
    for problem in openapi_problems(document):
        assert problem.message
    load_openapi(document)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), junk=_ANY)
def test_junk_anywhere_in_a_valid_document_makes_nothing_raise(
    fresh: Callable[[], Data], seed: int, junk: Any
) -> None:
    document, pick = fresh(), random.Random(seed)
    node: Any = document
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = pick.choice(keys)
        if not isinstance(node[key], (dict, list)) or not node[key] or pick.random() < 0.2:
            node[key] = junk
            break
        node = node[key]
    openapi_problems(document)


def test_deep_nesting_is_a_problem_and_no_error(document: Data) -> None:
    for depth in (150, 5000):
        deep: Any = {"type": "string"}
        for _ in range(depth):
            deep = {"type": "array", "items": deep}
        _schemas(document)["Deep"] = deep
        assert {code for code, _ in _codes(document)} <= {"too-deep"}


@pytest.mark.parametrize("version", ["3.0", "3.1", "3.2"])
def test_the_flattened_meta_schemas_hold_no_dynamic_reference_and_no_dangling_one(version: str) -> None:
    schema = flattened(version)
    text = json.dumps(schema)
    assert '"$dynamicRef": "#' not in text
    for reference in {part.split('"')[0] for part in text.split('"$ref": "')[1:]}:
        node: Any = schema
        for token in reference.removeprefix("#/").split("/"):
            node = node[token]


# Held against another validator -----------------------------------------------------------------


def _other(document: Data) -> bool | None:
    """Whether another validator takes the document; None where it raises instead of answering."""
    validators = pytest.importorskip(
        "openapi_spec_validator", reason="the other validator is a development tool"
    )
    found = {"3.0": validators.OpenAPIV30SpecValidator, "3.1": validators.OpenAPIV31SpecValidator}[
        document["openapi"][:3]
    ]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return not list(found(document).iter_errors())
    except Exception:
        return None


_SILENT_THERE = {
    "required-unnamed",
    "undeclared-security",
    "template-clash",
    "duplicate-parameter",
    "nullable",
    "default-type",
}


@pytest.mark.parametrize("name", [None, *_FAULTS])
def test_another_validator_agrees_on_what_it_looks_at(document: Data, newer: Data, name: str | None) -> None:
    for found in (document, newer):
        if name is not None:
            _FAULTS[name][0](found)
        if any(code == "key-twice" for code, _ in _codes(found)):
            continue
        theirs, ours = _other(found), openapi_problems(found)
        if theirs is False:
            assert ours
        if theirs is True:
            assert {item.code for item in ours} <= _SILENT_THERE


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10**6))
def test_another_validator_agrees_on_documents_with_parts_taken_out(
    fresh: Callable[[], Data], seed: int
) -> None:
    document, pick = fresh(), random.Random(seed)
    for _ in range(pick.randint(1, 3)):
        node: Any = document
        while isinstance(node, (dict, list)) and node:
            key = pick.choice(list(node) if isinstance(node, dict) else list(range(len(node))))
            if not isinstance(node[key], (dict, list)) or not node[key] or pick.random() < 0.25:
                del node[key]
                break
            node = node[key]
    if not isinstance(document.get("openapi"), str):
        return
    theirs, ours = _other(document), openapi_problems(document)
    if theirs is False:
        assert ours
    if theirs is True:
        assert {item.code for item in ours} <= _SILENT_THERE


def test_the_vocabularies_are_checked_in_3_1_as_the_other_validator_does(newer: Data) -> None:
    for key, value in (
        ("minLength", -1),
        ("pattern", 3),
        ("items", 5),
        ("required", "x"),
        ("type", "text"),
        ("enum", {}),
        ("properties", []),
        ("multipleOf", 0),
        ("xml", 1),
        ("discriminator", {}),
    ):
        found = copy.deepcopy(newer)
        _schemas(found)["Page"][key] = value
        assert list(violations("3.1", found)), key


@pytest.mark.parametrize(("version", "limit"), [("3.0.3", 100), ("3.1.0", 400), ("3.2.0", 400)])
def test_the_validity_of_ten_operations_is_quickly_known(
    document: Data, newer: Data, version: str, limit: int
) -> None:
    found = document if version == "3.0.3" else {**newer, "openapi": version}
    read = found["paths"].pop("/users/{id}")
    for number in range(8):
        copied = copy.deepcopy(read)
        copied["get"]["operationId"] = f"get{number}"
        found["paths"][f"/things{number}/{{id}}"] = copied
    assert len(load_openapi(found).operations) == 10
    openapi_problems(found)
    times = []
    for _ in range(5):
        start = time.process_time()
        assert openapi_problems(found) == []
        times.append((time.process_time() - start) * 1000)
    # The least CPU time of several runs: a busy machine must not decide.
    assert min(times) < limit
