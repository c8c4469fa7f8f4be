"""Two OpenAPI documents are held against each other: each drift is found as itself, and nothing else is."""

from __future__ import annotations

import contextlib
import copy
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_engineer.apis import compare_openapi, load_openapi
from backend_engineer.errors import InvalidDocument

Data = dict[str, Any]
_USERS, _USER = "/paths/~1users", "/components/schemas/User"


def _found(contract: Data, emitted: Data) -> list[tuple[str, str]]:
    return [(item.kind, item.pointer) for item in compare_openapi(contract, emitted)]


def _listing(document: Data) -> Data:
    found: Data = document["paths"]["/users"]["get"]
    return found


def _user(document: Data) -> Data:
    found: Data = document["components"]["schemas"]["User"]
    return found


def _drop_page_field(document: Data) -> None:
    del document["components"]["schemas"]["Page"]["properties"]["next_cursor"]


# Drift -> what it does to the emitted document, and what must be said. A drift turned round, done to
# the contract, must be said the other way round.
_DRIFTS: dict[str, tuple[Callable[[Data], Any], str, str]] = {
    "operation dropped": (lambda d: d["paths"]["/users"].pop("post"), "missing", f"{_USERS}/post"),
    "path dropped": (lambda d: d["paths"].pop("/users/{id}"), "missing", "/paths/~1users~1{id}/get"),
    "security dropped": (lambda d: _listing(d).update(security=[]), "missing", f"{_USERS}/get"),
    "alternative security dropped": (lambda d: d["paths"]["/users"]["post"]["security"].pop(), "missing", f"{_USERS}/post/security"),
    "idempotency key dropped": (lambda d: d["paths"]["/users"]["post"]["parameters"].pop(), "missing", f"{_USERS}/post/parameters/0"),
    "shared parameter dropped": (lambda d: _listing(d)["parameters"].pop(), "missing", "/components/parameters/Limit"),
    "default answer dropped": (lambda d: _listing(d)["responses"].pop("default"), "missing", f"{_USERS}/get/responses/default"),
    "429 dropped": (lambda d: _listing(d)["responses"].pop("429"), "missing", f"{_USERS}/get/responses/429"),
    "answer's header dropped": (lambda d: _listing(d)["responses"]["200"].pop("headers"), "missing", f"{_USERS}/get/responses/200"),
    "answer's body dropped": (lambda d: _listing(d)["responses"]["200"].pop("content"), "missing", f"{_USERS}/get/responses/200/content/application~1json"),
    "request body dropped": (lambda d: d["paths"]["/users"]["post"].pop("requestBody"), "missing", f"{_USERS}/post/requestBody"),
    "field dropped": (_drop_page_field, "missing", "/components/schemas/Page/properties/next_cursor"),
    "enum value dropped": (lambda d: _user(d)["properties"]["role"]["enum"].pop(), "missing", f"{_USER}/properties/role"),
    "enum dropped": (lambda d: _user(d)["properties"]["role"].pop("enum"), "missing", f"{_USER}/properties/role"),
    "bound dropped": (lambda d: d["components"]["parameters"]["Limit"]["schema"].pop("maximum"), "missing", "/components/parameters/Limit/schema/maximum"),
    "format dropped": (lambda d: _user(d)["properties"]["id"].pop("format"), "missing", f"{_USER}/properties/id/format"),
    "items dropped": (lambda d: _user(d)["properties"]["friends"].pop("items"), "missing", f"{_USER}/properties/friends/items"),
    "branch added": (lambda d: _user(d)["properties"]["contact"]["oneOf"].append({"type": "integer"}), "extra", f"{_USER}/properties/contact/oneOf/2"),
}  # fmt: skip
_CHANGES: dict[str, tuple[Callable[[Data], Any], str]] = {
    "type": (lambda d: d["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"].update(type="integer"), "/components/schemas/Error/properties/error/properties/code"),
    "required field": (lambda d: _user(d)["required"].append("role"), f"{_USER}/properties/role"),
    "nullable": (lambda d: _user(d)["properties"]["nickname"].pop("nullable"), f"{_USER}/properties/nickname"),
    "required parameter": (lambda d: _listing(d)["parameters"][0].update(required=True), f"{_USERS}/get/parameters/0"),
    "style of a parameter": (lambda d: _listing(d)["parameters"][0].update(allowReserved=True), f"{_USERS}/get/parameters/0"),
    "required body": (lambda d: d["paths"]["/users"]["post"]["requestBody"].pop("required"), f"{_USERS}/post/requestBody"),
    "default": (lambda d: d["components"]["parameters"]["Limit"]["schema"].update(default=50), "/components/parameters/Limit/schema/default"),
    "bound": (lambda d: d["components"]["parameters"]["Limit"]["schema"].update(minimum=0), "/components/parameters/Limit/schema/minimum"),
    "closed object": (lambda d: _user(d).pop("additionalProperties"), _USER),
    "operation id": (lambda d: _listing(d).update(operationId="all"), f"{_USERS}/get/operationId"),
    "deprecation": (lambda d: _listing(d).update(deprecated=True), f"{_USERS}/get"),
    "type of a path parameter": (lambda d: d["paths"]["/users/{id}"]["parameters"][0]["schema"].update(type="integer"), "/paths/~1users~1{id}/parameters/0/schema"),
}  # fmt: skip


@pytest.mark.parametrize("name", _DRIFTS)
def test_a_drift_is_found_as_exactly_itself(document: Data, name: str) -> None:
    drift, kind, pointer = _DRIFTS[name]
    emitted = copy.deepcopy(document)
    drift(emitted)
    assert _found(document, emitted) == [(kind, pointer)]


@pytest.mark.parametrize("name", _DRIFTS)
def test_the_same_drift_in_the_contract_is_found_the_other_way_round(document: Data, name: str) -> None:
    drift, kind, _ = _DRIFTS[name]
    contract = copy.deepcopy(document)
    drift(contract)
    other = {"missing": "extra", "extra": "missing"}[kind]
    assert [found for found, _ in _found(contract, document)] == [other]


@pytest.mark.parametrize("name", _CHANGES)
def test_a_change_is_found_as_exactly_itself(document: Data, name: str) -> None:
    drift, pointer = _CHANGES[name]
    emitted = copy.deepcopy(document)
    drift(emitted)
    assert _found(document, emitted) == [("changed", pointer)]


def test_an_undocumented_path_and_operation_are_extra(document: Data) -> None:
    emitted = copy.deepcopy(document)
    emitted["paths"]["/admin"] = {"get": {"responses": {"200": {"description": "x"}}}}
    emitted["paths"]["/users/{id}"]["delete"] = {"responses": {"204": {"description": "x"}}}
    assert _found(document, emitted) == [
        ("extra", "/paths/~1admin/get"),
        ("extra", "/paths/~1users~1{id}/delete"),
    ]


def test_a_message_names_the_place_and_what_to_do(document: Data) -> None:
    emitted = copy.deepcopy(document)
    _drop_page_field(emitted)
    message = compare_openapi(document, emitted)[0].message
    assert (
        message
        == "GET /users, answer 200, application/json lacks the property `next_cursor` of the contract: add it."
    )


# Drifts that neither hide another one nor are hidden by it.
_SEPARATE = (
    "alternative security dropped",
    "idempotency key dropped",
    "shared parameter dropped",
    "default answer dropped",
    "429 dropped",
    "answer's header dropped",
    "field dropped",
    "enum value dropped",
    "format dropped",
    "items dropped",
    "branch added",
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(_SEPARATE), unique=True, min_size=2, max_size=6))
def test_several_drifts_are_all_found_and_nothing_else(fresh: Callable[[], Data], names: list[str]) -> None:
    contract, emitted = fresh(), fresh()
    for name in names:
        _DRIFTS[name][0](emitted)
    assert sorted(_found(contract, emitted)) == sorted(_DRIFTS[name][1:] for name in names)


# What means the same is the same --------------------------------------------------------------


def test_a_document_equals_itself(document: Data, newer: Data) -> None:
    assert _found(document, copy.deepcopy(document)) == []
    assert _found(newer, copy.deepcopy(newer)) == []


def test_a_document_equals_its_newer_form(document: Data, newer: Data) -> None:
    assert _found(document, newer) == []
    assert _found(newer, document) == []
    assert _found({**newer, "openapi": "3.2.0"}, document) == []


def _shuffled(node: Any, pick: random.Random) -> Any:
    """The same document with keys, required names, enums, types and branches in another order."""
    if isinstance(node, dict):
        keys = list(node)
        pick.shuffle(keys)
        found = {key: _shuffled(node[key], pick) for key in keys}
        for key in ("required", "enum", "oneOf", "anyOf", "allOf", "type", "security", "parameters"):
            if isinstance(found.get(key), list):
                pick.shuffle(found[key])
        return found
    return [_shuffled(item, pick) for item in node] if isinstance(node, list) else node


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**6))
def test_order_says_nothing(fresh: Callable[[], Data], seed: int) -> None:
    assert _found(fresh(), _shuffled(fresh(), random.Random(seed))) == []


def _inlined(document: Data, node: Any, depth: int) -> Any:
    if isinstance(node, list):
        return [_inlined(document, item, depth) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node and depth > 0:
        target = document
        for token in node["$ref"][2:].split("/"):
            target = target[token]
        return _inlined(document, target, depth - 1)
    return {key: _inlined(document, value, depth) for key, value in node.items()}


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_references_written_out_to_any_depth_are_the_same(document: Data, depth: int) -> None:
    inlined = {
        **_inlined(document, {k: v for k, v in document.items() if k != "components"}, depth),
        "components": document["components"],
    }
    assert _found(document, inlined) == []
    assert _found(inlined, document) == []


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda d: d["info"].update(title="Another", description="Words."),
        lambda d: _listing(d).update(summary="x", description="y", tags=["a"], externalDocs={"url": "https://docs.example"}),
        lambda d: _user(d).update(description="x", example={"id": "1"}, title="T"),
        lambda d: d.update(servers=[{"url": "https://other.example"}]),
        lambda d: d["paths"].update({"/users/{user}": d["paths"].pop("/users/{id}")}) or d["paths"]["/users/{user}"]["parameters"][0].update(name="user"),
        lambda d: d["paths"]["/users"]["post"]["parameters"][0].update(name="idempotency-KEY"),
        lambda d: _listing(d).update(security=d["security"]),
        lambda d: d["components"]["securitySchemes"].update(jwt=d["components"]["securitySchemes"].pop("bearer")) or d.update(security=[{"jwt": []}]) or d["paths"]["/users"]["post"].update(security=[{"jwt": []}, {"key": []}]),
        lambda d: _listing(d)["parameters"][0].update(style="form", explode=True, required=False),
        lambda d: _listing(d)["parameters"].append({"name": "Authorization", "in": "header", "schema": {"type": "string"}}),
        lambda d: d["components"]["schemas"].update(Unused={"type": "object"}),
        lambda d: _user(d)["properties"].update(id={"allOf": [{"type": "string", "format": "uuid"}], "description": "x"}),
        lambda d: _user(d)["properties"]["email"].update(minLength=0),
        lambda d: d["components"]["schemas"]["Page"].update(additionalProperties=True),
        lambda d: d["components"]["schemas"]["Page"].update(additionalProperties={}),
        lambda d: d["components"]["schemas"].update(Page={"allOf": [{"type": "object", "properties": {"next_cursor": d["components"]["schemas"]["Page"]["properties"]["next_cursor"]}}, {"type": "object", "required": ["items"], "properties": {"items": d["components"]["schemas"]["Page"]["properties"]["items"]}}]}),
        lambda d: _listing(d)["responses"]["200"]["content"].update({"application/JSON; charset=utf-8": _listing(d)["responses"]["200"]["content"].pop("application/json")}),
        lambda d: _user(d).update({"x-entity": "User"}),
    ],
)  # fmt: skip
def test_another_way_of_writing_the_same_is_no_difference(
    document: Data, rewrite: Callable[[Data], Any]
) -> None:
    emitted = copy.deepcopy(document)
    rewrite(emitted)
    assert emitted != document
    assert _found(document, emitted) == []
    assert _found(emitted, document) == []


def _with_schema(document: Data, schema: Any) -> Data:
    found = copy.deepcopy(document)
    found["components"]["schemas"]["Page"] = schema
    return found


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"type": ["string", "null"]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"anyOf": [{"$ref": "#/components/schemas/Error"}, {"type": "null"}]}, {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Error"}]}),
        ({"const": "a"}, {"enum": ["a"]}),
        ({"type": "integer", "enum": [1, 2]}, {"type": "integer", "enum": [2, 1.0]}),
        ({"type": "number", "exclusiveMinimum": 3}, {"exclusiveMinimum": 3.0, "type": "number"}),
        (True, {}),
        ({"type": "string", "contentEncoding": "base64"}, {"type": "string", "format": "byte"}),
        ({"$ref": "#/components/schemas/Error", "description": "x"}, {"$ref": "#/components/schemas/Error"}),
    ],
)  # fmt: skip
def test_two_forms_of_a_schema_are_the_same_in_3_1(newer: Data, left: Any, right: Any) -> None:
    assert _found(_with_schema(newer, left), _with_schema(newer, right)) == []
    assert _found(_with_schema(newer, right), _with_schema(newer, left)) == []


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"enum": [1]}, {"enum": [True]}),
        ({"enum": [0]}, {"enum": [False]}),
        ({"default": 0}, {"default": False}),
        ({"type": "integer"}, {"type": "number"}),
        (True, False),
        ({"type": "string"}, {}),
        ({"oneOf": [{"type": "number"}, {"type": "integer"}]}, {"anyOf": [{"type": "number"}, {"type": "integer"}]}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "string"}),
        ({"not": {"type": "string"}}, {"not": {"type": "integer"}}),
        ({"prefixItems": [{"type": "string"}]}, {"prefixItems": [{"type": "integer"}]}),
        ({"patternProperties": {"^a": {"type": "string"}}}, {"patternProperties": {"^b": {"type": "string"}}}),
        ({"additionalProperties": {"type": "string"}}, {"additionalProperties": {"type": "integer"}}),
        ({"additionalProperties": False}, {"additionalProperties": {"type": "integer"}}),
        ({"$ref": "#/components/schemas/Error", "minProperties": 2}, {"$ref": "#/components/schemas/Error"}),
        ({"allOf": [{"type": "object", "properties": {"a": {}}, "additionalProperties": False}, {"properties": {"b": {}}}]}, {"type": "object", "properties": {"a": {}, "b": {}}, "additionalProperties": False}),
        ({"discriminator": {"propertyName": "a"}}, {"discriminator": {"propertyName": "b"}}),
        ({"type": "string", "pattern": "a"}, {"type": "string", "pattern": "b"}),
        ({"if": {"type": "string"}}, {"if": {"type": "integer"}}),
    ],
)  # fmt: skip
def test_two_schemas_that_take_different_values_differ(newer: Data, left: Any, right: Any) -> None:
    assert _found(_with_schema(newer, left), _with_schema(newer, right))
    assert _found(_with_schema(newer, right), _with_schema(newer, left))


def test_circles_end_and_differences_in_them_are_found(document: Data) -> None:
    emitted = copy.deepcopy(document)
    user = _user(emitted)
    user["properties"]["friends"]["items"] = copy.deepcopy(user)
    assert _found(document, emitted) == []
    user["properties"]["friends"]["items"]["properties"]["email"]["type"] = "integer"
    assert [kind for kind, _ in _found(document, emitted)] == ["changed"]


def test_a_very_long_chain_of_references_is_followed_to_its_end(document: Data) -> None:
    schemas = document["components"]["schemas"]
    for number in range(3000):
        schemas[f"L{number}"] = {
            "type": "object",
            "properties": {"next": {"$ref": f"#/components/schemas/L{number + 1}"}},
        }
    schemas["L3000"] = {"type": "string"}
    schemas["Page"]["properties"]["chain"] = {"$ref": "#/components/schemas/L0"}
    emitted = copy.deepcopy(document)
    emitted["components"]["schemas"]["L3000"]["type"] = "integer"
    assert _found(document, emitted) == [("changed", "/components/schemas/L3000")]


def test_unions_of_unions_of_unions_are_compared(document: Data) -> None:
    schemas = document["components"]["schemas"]
    for number in range(60):
        schemas[f"U{number}"] = {
            "oneOf": [
                {"type": "string", "maxLength": number},
                {"$ref": f"#/components/schemas/U{number + 1}"},
            ]
        }
    schemas["U60"] = {"type": "object"}
    schemas["Page"]["properties"]["chain"] = {"$ref": "#/components/schemas/U0"}
    emitted = copy.deepcopy(document)
    assert _found(document, emitted) == []
    emitted["components"]["schemas"]["U60"]["type"] = "array"
    assert _found(document, emitted) == [("changed", "/components/schemas/U60")]


def test_a_change_inside_a_branch_that_many_unions_share_is_one_difference(document: Data) -> None:
    schemas = document["components"]["schemas"]
    for number in range(12):
        others = [{"$ref": f"#/components/schemas/B{(number + step) % 12}"} for step in range(1, 5)]
        kind = {"type": "string", "enum": [str(number)]}
        schemas[f"B{number}"] = {"type": "object", "properties": {"kind": kind, "next": {"oneOf": others}}}
    schemas["Page"]["properties"]["any"] = {
        "oneOf": [{"$ref": f"#/components/schemas/B{n}"} for n in range(12)]
    }
    emitted = copy.deepcopy(document)
    del emitted["components"]["schemas"]["B7"]["properties"]["kind"]
    emitted["components"]["schemas"]["Page"]["properties"]["any"]["oneOf"].reverse()
    assert _found(document, emitted) == [("missing", "/components/schemas/B7/properties/kind")]


def test_callbacks_and_webhooks_are_compared(newer: Data) -> None:
    call = {"{$request.body#/url}": {"post": {"responses": {"200": {"description": "x"}}}}}
    newer["paths"]["/users"]["post"]["callbacks"] = {"made": call}
    newer["webhooks"] = {"gone": {"post": {"responses": {"200": {"description": "x"}}}}}
    emitted = copy.deepcopy(newer)
    assert _found(newer, emitted) == []
    del emitted["webhooks"]
    emitted["paths"]["/users"]["post"]["callbacks"]["made"]["{$request.body#/url}"]["post"]["responses"][
        "500"
    ] = {"description": "x"}
    assert sorted(kind for kind, _ in _found(newer, emitted)) == ["extra", "missing"]


def test_documents_may_be_given_read(document: Data) -> None:
    assert compare_openapi(load_openapi(document), load_openapi(document)) == []


def test_what_is_not_openapi_is_refused(document: Data) -> None:
    with pytest.raises(InvalidDocument):
        compare_openapi(document, {"swagger": "2.0"})


_LEAF = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.text(max_size=3)
    | st.sampled_from(["#/components/schemas/User", "#/components/schemas/A", "object", "string"])
)
_KEYS = st.sampled_from(
    [
        "$ref",
        "properties",
        "required",
        "allOf",
        "oneOf",
        "anyOf",
        "items",
        "type",
        "enum",
        "const",
        "nullable",
        "not",
        "additionalProperties",
        "default",
        "a",
        "exclusiveMinimum",
        "minimum",
        "discriminator",
    ]
)
_SCHEMA = st.recursive(
    _LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=20,
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(schema=_SCHEMA, version=st.sampled_from(["3.0.0", "3.1.0"]))
def test_any_schema_whatever_equals_itself(fresh: Callable[[], Data], schema: Any, version: str) -> None:
    document = {**_with_schema(fresh(), schema), "openapi": version}
    document["components"]["schemas"]["A"] = {"allOf": [schema, {"$ref": "#/components/schemas/A"}]}
    assert _found(document, copy.deepcopy(document)) == []


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(left=_SCHEMA, right=_SCHEMA)
def test_a_difference_seen_one_way_is_seen_the_other_way(
    fresh: Callable[[], Data], left: Any, right: Any
) -> None:
    one, two = _with_schema(fresh(), left), _with_schema(fresh(), right)
    assert bool(_found(one, two)) == bool(_found(two, one))


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10**6), junk=_SCHEMA)
def test_junk_anywhere_in_a_document_makes_nothing_raise(
    fresh: Callable[[], Data], seed: int, junk: Any
) -> None:
    contract, emitted, pick = fresh(), fresh(), random.Random(seed)
    for document in (contract, emitted):
        # An operation id that only the emitted document gives is the one difference that is none.
        for item in document["paths"].values():
            for operation in item.values():
                if isinstance(operation, dict):
                    del operation["operationId"]
    node: Any = emitted
    while True:
        key: Any = pick.choice(list(node) if isinstance(node, dict) else list(range(len(node))))
        if not isinstance(node[key], (dict, list)) or not node[key] or pick.random() < 0.2:
            node[key] = junk
            break
        node = node[key]
    with contextlib.suppress(InvalidDocument):
        assert bool(compare_openapi(contract, emitted)) == bool(compare_openapi(emitted, contract))
        assert compare_openapi(emitted, copy.deepcopy(emitted)) == []
