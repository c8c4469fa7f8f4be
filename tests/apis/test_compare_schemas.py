"""Schemas that are found equal accept the same values: a validator is asked about both."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from backend_engineer.apis import ApiDifference, compare_openapi

Data = dict[str, Any]

_TYPES = st.sampled_from(["string", "integer", "number", "object", "array", "boolean", "null"])
_VALUE = st.sampled_from([0, 1, 2, True, False, "a", "b", None])
_PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "type": st.one_of(_TYPES, st.lists(_TYPES, min_size=1, max_size=2, unique=True)),
    "enum": st.lists(_VALUE, min_size=1, max_size=2),
    "const": _VALUE,
    "minimum": st.integers(0, 2),
    "exclusiveMinimum": st.integers(0, 2),
    "maximum": st.integers(0, 2),
    "exclusiveMaximum": st.integers(0, 2),
    "minLength": st.integers(0, 2),
    "minItems": st.integers(0, 1),
    "uniqueItems": st.booleans(),
    "minContains": st.integers(0, 2),
    "dependentRequired": st.dictionaries(
        st.sampled_from("ab"), st.lists(st.sampled_from("abc"), max_size=2), max_size=1
    ),
    "$ref": st.sampled_from(["#/components/schemas/A", "#/components/schemas/B"]),
    "required": st.lists(st.sampled_from("ab"), max_size=2, unique=True),
    "title": st.just("T"),
}


def _deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    listed = st.lists(inner, min_size=1, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            **_PLAIN,
            "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "b$"]), inner, max_size=1),
            "additionalProperties": inner | st.just(False),
            "unevaluatedProperties": inner | st.just(False),
            "unevaluatedItems": inner | st.just(False),
            "items": inner,
            "prefixItems": listed,
            "contains": inner,
            "propertyNames": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "dependentSchemas": st.dictionaries(st.sampled_from("ab"), inner, max_size=1),
            "allOf": listed,
            "anyOf": listed,
            "oneOf": listed,
            "not": inner,
        },
    ).map(lambda schema: dict(list(schema.items())[-3:]))


_SMALL = st.fixed_dictionaries({}, optional=_PLAIN).map(lambda schema: dict(list(schema.items())[:2]))
_SCHEMA = st.recursive(st.booleans() | _SMALL, _deeper, max_leaves=4)
_PROBES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, 2, 3, 0.5, 1.5, "", "a", "b", "ab", [], [0], ["a"], [0, 0], [None], {}),
    *([0, "a"], ["a", 0], ["a", "b"], {"a": 0, "c": 0}, {"a": {}}, {"a": {"b": 0}}, [{"a": 0}]),
    *({"a": value} for value in (None, 0, 1, "a", True)),
    *({"b": value} for value in (0, "a")),
    *({"a": 0, "b": value} for value in (0, "a", None)),
    *({"c": value} for value in (0, "a")),
    {"a": "a", "b": "a", "c": "a"},
)

_ONE_OF_EACH: Data = {
    "string": "a", "integer": 1, "number": 0.5, "object": {}, "array": [], "boolean": True, "null": None
}  # fmt: skip


def _rewritten(schema: Any, draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    """The same schema with one spot written otherwise, which may or may not mean the same."""
    kind = draw(st.integers(0, 9))
    if kind == 8 and isinstance(schema, dict):
        return {
            **schema,
            draw(st.sampled_from(["anyOf", "oneOf", "allOf"])): [draw(_SMALL), {"type": "null"}],
        }
    if kind == 9 and isinstance(schema, dict):
        return {**schema, draw(st.sampled_from(["anyOf", "oneOf", "allOf"])): [draw(_SMALL)]}
    if kind == 7 and isinstance(schema, dict) and isinstance(schema.get("type"), list):
        union = [{"type": name} for name in schema["type"]]
        rest = {name: value for name, value in schema.items() if name != "type"}
        return {**rest, draw(st.sampled_from(["anyOf", "oneOf"])): union}
    if kind == 0 or not isinstance(schema, dict) or not schema:
        return {"allOf": [schema]}
    key = draw(st.sampled_from(sorted(schema)))
    rest = {name: value for name, value in schema.items() if name != key}
    if kind == 1:
        return rest
    if kind == 2:
        return {"allOf": [{key: schema[key]}, rest]}
    if kind == 3:
        return {"allOf": [{key: schema[key]}], **rest}
    if kind == 4:
        return {draw(st.sampled_from(["anyOf", "oneOf"])): [schema, {"type": "null"}]}
    if kind == 5 and key in ("anyOf", "oneOf", "allOf"):
        return {**rest, draw(st.sampled_from(["anyOf", "oneOf", "allOf"])): schema[key]}
    if isinstance(schema[key], dict) and key in ("items", "not", "additionalProperties"):
        return {**rest, key: _rewritten(schema[key], draw)}
    return {**rest, key: draw(_PLAIN[key]) if key in _PLAIN else schema[key]}


def _documents(fresh: Callable[[], Data], *schemas: Any, version: str = "3.1.0", **shared: Any) -> list[Data]:
    documents = []
    for schema in schemas:
        document = {**fresh(), "openapi": version}
        document["components"]["schemas"] |= {**copy.deepcopy(shared), "Page": schema}
        documents.append(document)
    return documents


def _differences(fresh: Callable[[], Data], left: Any, right: Any, **shared: Any) -> list[ApiDifference]:
    return compare_openapi(*_documents(fresh, left, right, **shared))


def _accepted(schema: Any, shared: Data) -> list[bool]:
    """Which of the probes a schema lets through, with the components that it refers to."""
    whole = json.dumps({"$ref": "#/$defs/Page", "$defs": {**shared, "Page": schema}})
    validator = Draft202012Validator(json.loads(whole.replace("#/components/schemas/", "#/$defs/")))
    return [validator.is_valid(probe) for probe in _PROBES]


# Of references in a circle a validator knows no end: the components refer to nothing.
_SHARED = st.fixed_dictionaries({}, optional={key: _PLAIN[key] for key in _PLAIN.keys() - {"$ref"}})


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(schema=_SCHEMA, shared=st.fixed_dictionaries({"A": _SHARED, "B": _SHARED}), data=st.data())
def test_schemas_that_are_found_equal_accept_the_same_values(
    fresh: Callable[[], Data], schema: Any, shared: Data, data: st.DataObject
) -> None:
    other = _rewritten(copy.deepcopy(schema), data.draw)
    if not _differences(fresh, schema, other, **shared):
        assert _accepted(schema, shared) == _accepted(other, shared)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(schema=_SCHEMA, left=_SHARED, right=_SHARED)
def test_a_component_that_accepts_other_values_is_found_wherever_it_is_referred_to(
    fresh: Callable[[], Data], schema: Any, left: Data, right: Data
) -> None:
    one, other = {"A": left, "B": {}}, {"A": right, "B": {}}
    documents = [_documents(fresh, schema, A=shared["A"], B={})[0] for shared in (one, other)]
    if not compare_openapi(*documents):
        assert _accepted(schema, one) == _accepted(schema, other)


def _as_meant(node: Any) -> Any:
    """A schema of 3.0 as later versions write it; `nullable` lets null in whatever stands beside it."""
    if isinstance(node, list):
        return [_as_meant(item) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return {"$ref": node["$ref"]}
    found = {key: value if key in ("enum", "required") else _as_meant(value) for key, value in node.items()}
    for bound, strict in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if found.pop(strict, False) is True and bound in found:
            found[strict] = found.pop(bound)
    return {"anyOf": [{"type": "null"}, found]} if found.pop("nullable", False) is True else found


_PLAIN_3_0 = {
    **{key: _PLAIN[key] for key in ("enum", "minimum", "maximum", "minLength", "required", "$ref")},
    "type": st.sampled_from(["string", "integer", "number", "object", "array", "boolean"]),
    "nullable": st.booleans(),
    "exclusiveMinimum": st.booleans(),
    "exclusiveMaximum": st.booleans(),
}
_SCHEMA_3_0 = st.recursive(
    st.fixed_dictionaries({}, optional=_PLAIN_3_0).map(lambda schema: dict(list(schema.items())[:3])),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            **_PLAIN_3_0,
            "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            "additionalProperties": inner | st.just(False),
            "items": inner,
            "not": inner,
            **dict.fromkeys(("allOf", "anyOf", "oneOf"), st.lists(inner, min_size=1, max_size=2)),
        },
    ).map(lambda schema: dict(list(schema.items())[-3:])),
    max_leaves=4,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(schema=_SCHEMA_3_0, data=st.data())
def test_schemas_of_3_0_that_are_found_equal_accept_the_same_values(
    fresh: Callable[[], Data], schema: Data, data: st.DataObject
) -> None:
    other = copy.deepcopy(schema)
    key = data.draw(st.sampled_from([*sorted(schema), "nullable", "allOf"]))
    if key in _PLAIN_3_0:
        other[key] = data.draw(_PLAIN_3_0[key])
    else:
        other[key] = [data.draw(_SCHEMA_3_0)] if key.endswith("Of") else other[key]
    kept = {"A": {}, "B": {"type": "string", "nullable": True}}
    if not _differences(fresh, schema, other, **kept, version="3.0.3"):
        meant = {name: _as_meant(value) for name, value in kept.items()}
        left, right = _accepted(_as_meant(schema), meant), _accepted(_as_meant(other), meant)
        # A list of values beside `nullable` need not name null: tools disagree on it, and the intent is clear.
        both = zip(left, right, _PROBES, strict=True)
        unsure = '"enum"' in json.dumps([schema, other])
        assert all(one == two for one, two, probe in both if not (unsure and "None" in repr(probe)))


_TYPE_LIST = st.lists(_TYPES, min_size=1, max_size=3, unique=True)
_TYPE_BRANCH = st.one_of(
    _TYPES.map(lambda name: {"type": name}),
    _TYPE_LIST.map(lambda names: {"type": names}),
    st.just({"const": None}),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    keyword=st.sampled_from(["anyOf", "oneOf"]),
    branches=st.lists(_TYPE_BRANCH, min_size=2, max_size=4),
    own=st.fixed_dictionaries({}, optional={"type": _TYPE_LIST, "minLength": st.integers(1, 2)}),
    other=_TYPE_LIST,
)
def test_a_union_of_types_found_equal_to_a_type_list_accepts_the_same_values(
    fresh: Callable[[], Data], keyword: str, branches: list[Data], own: Data, other: list[str]
) -> None:
    union = {**own, keyword: branches}
    accepts = Draft202012Validator(union)
    exact = [name for name, probe in _ONE_OF_EACH.items() if accepts.is_valid(probe)]
    for names in (exact, other):
        listed = {**own, "type": names}
        if names and not _differences(fresh, union, listed):
            takes = Draft202012Validator(listed)
            assert [accepts.is_valid(probe) for probe in _PROBES] == [
                takes.is_valid(probe) for probe in _PROBES
            ]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"type": ["string", "null"], "const": "a"}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": ["string", "null"], "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"if": {"type": "null"}, "then": False}, {"if": {"type": "null"}}),
        (
            {"type": ["string", "null"], "anyOf": [{"const": None}, {"const": None}]},
            {"type": ["string", "null"]},
        ),
        ({"type": ["string", "null"], "oneOf": [{"type": "null"}]}, {"type": ["string", "null"]}),
        ({"allOf": [{"type": "null"}, {"type": "string"}]}, {"type": "string"}),
        ({"type": ["string", "null"], "allOf": [{"type": "string"}]}, {"type": ["string", "null"]}),
        ({"type": ["string", "null"], "not": {"type": "null"}}, {"type": ["string", "null"]}),
        ({"allOf": [{"type": "null"}, {"type": ["string", "null"]}]}, {"type": ["string", "null"]}),
    ],
)
def test_schemas_that_differ_in_null_alone_are_found_different(
    fresh: Callable[[], Data], left: Data, right: Data
) -> None:
    assert _differences(fresh, left, right)
    assert _differences(fresh, right, left)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(_TYPES, min_size=2, max_size=4, unique=True), data=st.data())
def test_a_type_list_is_equal_to_any_of_its_types(
    fresh: Callable[[], Data], names: list[str], data: st.DataObject
) -> None:
    union = {"anyOf": [{"type": name} for name in data.draw(st.permutations(names))]}
    assert _differences(fresh, union, {"type": names}) == []


@pytest.mark.parametrize("branches", [["string", "integer"], ["integer", "boolean", "array"]])
def test_a_union_of_types_that_3_0_lets_be_null_is_the_later_list_with_null(
    fresh: Callable[[], Data], branches: list[str]
) -> None:
    older, newer = fresh(), {**fresh(), "openapi": "3.1.0"}
    union = [{"type": name, "items": {}} if name == "array" else {"type": name} for name in branches]
    older["components"]["schemas"] |= {"Page": {"oneOf": union, "nullable": True}}
    newer["components"]["schemas"] |= {"Page": {"type": [*branches, "null"]}}
    assert not [item for item in compare_openapi(older, newer) if item.pointer.startswith(PAGE)]
    older["components"]["schemas"]["Page"] = {"anyOf": [{**union[0], "nullable": True}, *union[1:]]}
    assert not [item for item in compare_openapi(older, newer) if item.pointer.startswith(PAGE)]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"const": 0, "enum": [1]}, {"const": 0}),
        ({"const": 0, "enum": [0]}, {"const": 0, "enum": [1]}),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
        ),
        ({"oneOf": [{"type": ["string", "null"]}, {"type": "null"}]}, {"type": ["string", "null"]}),
        ({"oneOf": [{"type": "null"}, {"const": None}]}, {"type": "null"}),
        ({"type": "string", "anyOf": [{"type": "null"}, {"const": None}]}, {"type": ["string", "null"]}),
        ({"oneOf": [{"type": "null"}, {"type": "null"}, {"type": "string"}]}, {"type": ["string", "null"]}),
        ({"oneOf": [{"type": "number"}, {"type": "integer"}]}, {"type": ["number", "integer"]}),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, {"type": "number"}),
        (
            {"oneOf": [{"type": ["string", "null"]}, {"type": ["integer", "null"]}]},
            {"type": ["string", "integer", "null"]},
        ),
        ({"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 1}]}, {"type": ["string", "integer"]}),
        ({"anyOf": [{"type": "string"}, {"enum": ["a"]}]}, {"type": "string"}),
        (
            {"type": ["string", "null"], "anyOf": [{"type": "string"}, {"type": "integer"}]},
            {"type": ["string", "null"]},
        ),
        (
            {"type": "string", "anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
            {"type": ["string", "null"]},
        ),
        ({"anyOf": [{"type": "string"}, True]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ({"anyOf": [{"enum": ["a"]}, {"const": "b"}]}, {"anyOf": [{"enum": ["a"]}, {"const": None}]}),
        ({"additionalProperties": True, "unevaluatedProperties": False}, {"unevaluatedProperties": False}),
        ({"items": {}, "unevaluatedItems": False}, {"unevaluatedItems": False}),
        (
            {"allOf": [{"unevaluatedProperties": False}], "additionalProperties": True},
            {"additionalProperties": True, "unevaluatedProperties": False},
        ),
        (
            {"allOf": [{"unevaluatedProperties": True}], "unevaluatedProperties": False},
            {"unevaluatedProperties": False},
        ),
        (
            {
                "anyOf": [{"required": ["a"], "additionalProperties": {}}, {"minProperties": 1}],
                "unevaluatedProperties": False,
            },
            {"anyOf": [{"required": ["a"]}, {"minProperties": 1}], "unevaluatedProperties": False},
        ),
        ({"allOf": [{"enum": [1]}, {"enum": [2]}]}, {"enum": [1]}),
        ({"oneOf": [{"enum": [1, 2]}, {"enum": [2, 3]}]}, {"enum": [1, 2, 3]}),
        ({"oneOf": [{"enum": [1, "a"], "type": "string"}, {"const": "b"}]}, {"enum": [1, "a", "b"]}),
        ({"allOf": [{"enum": [1]}, {"enum": [2]}]}, {"enum": [2]}),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, {"type": ["string", "integer"]}),
        ({"allOf": [{"minimum": 1}, {"minimum": 2}]}, {"minimum": 2}),
        ({"allOf": [{"type": "string"}, False]}, {"type": "string"}),
        (
            {"allOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"a": {"minLength": 2}}}]},
            {"properties": {"a": {"type": "string"}}},
        ),
        (
            {"allOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"a": {"minLength": 2}}}]},
            {"properties": {"a": {"minLength": 2}}},
        ),
        (
            {"allOf": [{"patternProperties": {"a": True}}, {"patternProperties": {"a": {"type": "null"}}}]},
            {"patternProperties": {"a": True}},
        ),
        (
            {"allOf": [{"additionalProperties": {"minimum": 1}}, {"additionalProperties": {"maximum": 2}}]},
            {"additionalProperties": {"minimum": 1}},
        ),
        ({"allOf": [{"items": {"minimum": 1}}, {"items": {"maximum": 2}}]}, {"items": {"minimum": 1}}),
        ({"exclusiveMinimum": 0}, {}),
        ({"type": ["string", "null"], "enum": ["a"]}, {"type": ["string", "null"], "enum": ["b"]}),
        ({"enum": ["a", None]}, {"enum": ["a"]}),
        ({"contentEncoding": "base64", "format": "uri"}, {"format": "uri"}),
        ({"exclusiveMaximum": 0}, {"maximum": 0}),
        ({"uniqueItems": 0}, {"uniqueItems": False}),
        ({"minLength": 1}, {"minLength": 0}),
        (
            {"discriminator": {"propertyName": "a", "mapping": {"b": "x"}}},
            {"discriminator": {"propertyName": "a", "mapping": {"c": "x"}}},
        ),
    ],
)
def test_what_takes_other_values_is_told_in_both_directions(
    fresh: Callable[[], Data], left: Any, right: Any
) -> None:
    assert _differences(fresh, left, right)
    assert _differences(fresh, right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"const": "a", "enum": ["a", "b"]}, {"enum": ["a"]}),
        ({"anyOf": [{"type": "string"}, {"enum": [None]}]}, {"type": ["string", "null"]}),
        ({"anyOf": [{"type": "string"}, {"const": None}]}, {"type": ["string", "null"]}),
        ({"anyOf": [{"type": "string"}, {"type": ["null"]}]}, {"type": ["string", "null"]}),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, {"type": ["string", "integer"]}),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"type": ["integer", "string"]}),
        ({"anyOf": [{"type": "number"}, {"type": "integer"}]}, {"type": ["integer", "number"]}),
        (
            {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}], "minimum": 1},
            {"type": ["string", "integer", "null"], "minimum": 1},
        ),
        (
            {"anyOf": [{"type": "string", "title": "T"}, {"type": ["integer", "null"]}]},
            {"type": ["string", "integer", "null"]},
        ),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer"}, {"const": None}]},
            {"type": ["string", "integer", "null"]},
        ),
        (
            {"enum": ["a", 1, None], "anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
            {"enum": ["a", 1, None], "type": ["string", "integer", "null"]},
        ),
        (
            {"type": "string", "anyOf": [{"type": "string"}, {"type": "integer"}]},
            {"type": "string"},
        ),
        (
            {"type": ["string", "number"], "anyOf": [{"type": "boolean"}, {"type": "integer"}]},
            {"type": "integer"},
        ),
        (
            {"anyOf": [{"type": "string", "maxLength": 5}, {"type": "null"}]},
            {"type": ["string", "null"], "maxLength": 5},
        ),
        ({"allOf": [{"enum": [1, 2]}, {"enum": [2, 1]}]}, {"enum": [1, 2]}),
        ({"allOf": [{"minimum": 1}, {"minimum": 1.0}]}, {"minimum": 1}),
        ({"allOf": [{"type": "string"}, {"minLength": 1}]}, {"type": "string", "minLength": 1}),
        (
            {"allOf": [{"properties": {"a": {}}}, {"patternProperties": {"b": {}}, "required": ["a"]}]},
            {"properties": {"a": {}}, "patternProperties": {"b": {}}, "required": ["a"]},
        ),
        (
            {"allOf": [{"items": {"minimum": 1}}, {"anyOf": [{"minItems": 1}, {"maxItems": 2}]}]},
            {"items": {"minimum": 1}, "anyOf": [{"maxItems": 2}, {"minItems": 1}]},
        ),
        (
            {"discriminator": {"propertyName": "a", "mapping": {"b": "x", "c": "y"}}},
            {"discriminator": {"propertyName": "a", "mapping": {"c": "v", "b": "w"}}},
        ),
    ],
)
def test_what_takes_the_same_values_is_no_difference(
    fresh: Callable[[], Data], left: Any, right: Any
) -> None:
    assert _differences(fresh, left, right) == []
    assert _differences(fresh, right, left) == []


PAGE = "/components/schemas/Page"


@pytest.mark.parametrize(
    ("left", "right", "told"),
    [
        ({"minimum": 1}, {"maximum": 1}, [("extra", "/maximum"), ("missing", "/minimum")]),
        ({"items": {"minimum": 1}}, {}, [("missing", "/items")]),
        ({}, {"items": {"minimum": 1}}, [("extra", "/items")]),
        ({"additionalProperties": False}, {}, [("changed", "")]),
        ({"additionalProperties": {"minimum": 1}}, {}, [("missing", "/additionalProperties")]),
        ({}, {"additionalProperties": {"minimum": 1}}, [("extra", "/additionalProperties")]),
        ({"patternProperties": {"a": {}}}, {}, [("missing", "/patternProperties/a")]),
        ({}, {"properties": {"a": {}}, "required": ["a"]}, [("extra", "/properties/a")]),
        ({"properties": {"a": {}}, "required": ["a"]}, {}, [("missing", "/properties/a")]),
        (
            {"properties": {"a": {}}, "required": ["a"]},
            {"properties": {"a": {}}},
            [("changed", "/properties/a")],
        ),
        ({"required": ["a"]}, {"required": ["b"]}, [("changed", ""), ("changed", "")]),
        (
            {"properties": {"a": {}, "b": {}}, "required": ["a", "b"]},
            {"properties": {"b": {}, "c": {}}, "required": ["c"]},
            [("missing", "/properties/a"), ("changed", "/properties/b"), ("extra", "/properties/c")],
        ),
        ({"enum": [1, 2]}, {"enum": [2, 3]}, [("extra", ""), ("missing", "")]),
        (
            {"anyOf": [{"minLength": 1}, {"type": "null"}]},
            {"anyOf": [{"minLength": 1}, {"maxLength": 5}, {"type": "null"}]},
            [("extra", "/anyOf/1")],
        ),
        (
            {"oneOf": [{"minLength": 1}, {"maxLength": 5}]},
            {"oneOf": [{"maxLength": 5}]},
            [("missing", "/oneOf/0")],
        ),
        (
            {"oneOf": [{"type": "string"}, {"type": "object"}]},
            {"oneOf": [{"type": "string"}, {"type": "array", "minLength": 2}]},
            [("changed", "/oneOf/1"), ("extra", "/oneOf/1/minLength")],
        ),
        (
            {"oneOf": [{"const": 1}, {"const": 2}]},
            {"oneOf": [{"const": 2}, {"const": 3}]},
            [("extra", ""), ("missing", "")],
        ),
        (
            {"allOf": [{"minLength": 1}, {"pattern": "a"}]},
            {"minLength": 1},
            [("missing", "/allOf/1/pattern")],
        ),
        (
            {"minLength": 1},
            {"allOf": [{"minLength": 2}, {"pattern": "a"}]},
            [("changed", "/minLength"), ("extra", "/allOf/1/pattern")],
        ),
        ({}, {"enum": [2]}, [("extra", "")]),
        (
            {"oneOf": [{"minimum": 1}, {"maxLength": 5}, {"type": "array"}]},
            {"oneOf": [{"minimum": 1}, {"type": "array"}]},
            [("missing", "/oneOf/1")],
        ),
        (
            {"oneOf": [{"minimum": 1}, {"maxLength": 5}]},
            {"oneOf": [{"maxLength": 5}, {"minimum": 2}]},
            [("changed", "/oneOf/0/minimum")],
        ),
        (
            {
                "oneOf": [
                    {"type": "string", "properties": {"k": {"minimum": 1}}},
                    {"type": "object"},
                    {"type": "array"},
                ]
            },
            {
                "oneOf": [
                    {"type": "array"},
                    {"type": "string", "properties": {"k": {"minimum": 2}}},
                    {"type": "object"},
                ]
            },
            [("changed", "/oneOf/0/properties/k/minimum")],
        ),
    ],
)
def test_each_difference_is_told_at_its_place(
    fresh: Callable[[], Data], left: Any, right: Any, told: list[tuple[str, str]]
) -> None:
    found = [(item.kind, item.pointer.removeprefix(PAGE)) for item in _differences(fresh, left, right)]
    assert sorted(found) == sorted(told)


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        (
            {"type": "string"},
            {"type": ["boolean", "number"]},
            "the type is boolean or number; the contract says string:",
        ),
        ({"type": "string"}, {}, "the type is any type; the contract says string:"),
        (
            {"type": ["string", "null"]},
            {"type": "string"},
            "whether it may be null is no; the contract says yes:",
        ),
        (True, False, "whether anything is allowed is no; the contract says yes:"),
        (
            {},
            {"additionalProperties": False},
            "whether other properties are allowed is no; the contract says yes:",
        ),
        (
            {"additionalProperties": False},
            {},
            "whether other properties are allowed is yes; the contract says no:",
        ),
        (
            {"properties": {"a": {}}, "required": ["a"]},
            {"properties": {"a": {}}},
            "property `a`: it is optional; the contract says required:",
        ),
        (
            {"default": {"b": 1, "a": 2}},
            {"default": 3},
            '`default` is 3; the contract says {"a": 2, "b": 1}:',
        ),
        ({"default": 3}, {"default": ["x" * 90]}, f"""`default` is ["{"x" * 75}...; the contract says 3:"""),
        ({"default": 3}, {"default": ["x" * 76]}, f"""`default` is ["{"x" * 76}"]; the contract says 3:"""),
    ],
)
def test_a_change_is_told_with_both_values(
    fresh: Callable[[], Data], left: Any, right: Any, words: str
) -> None:
    (found,) = _differences(fresh, left, right)
    assert words in found.message


def test_a_property_of_two_parts_is_told_where_each_says_it(fresh: Callable[[], Data]) -> None:
    parts: Data = {
        "allOf": [{"properties": {"a/b": {"type": "string"}}}, {"properties": {"a/b": {"minLength": 1}}}]
    }
    found = _differences(fresh, parts, {"properties": {"a/b": {"type": "integer", "minLength": 2}}})
    one, other = (f"{PAGE}/allOf/{at}/properties/a~1b" for at in (0, 1))
    assert [item.pointer for item in found] == [one, f"{other}/minLength"]


def test_a_branch_that_is_missing_is_told_with_the_place_of_its_union(fresh: Callable[[], Data]) -> None:
    left = {"oneOf": [{"minimum": 1}, {"maxLength": 5}, {"type": "array"}]}
    (found,) = _differences(fresh, left, {"oneOf": left["oneOf"][::2]})
    assert found.message.startswith("GET /users, answer 200, application/json lacks a branch of `oneOf`")


def test_a_reference_into_another_document_is_passed_over(fresh: Callable[[], Data]) -> None:
    assert _differences(fresh, {"$ref": "other.yaml#/A"}, {"$ref": "other.yaml#/A"}) == []
    assert _differences(fresh, {"$ref": "other.yaml#/A", "minimum": 1}, {"$ref": "other.yaml#/A"})


_A, _B = {"type": "string"}, {"type": "integer"}
_REF = {"$ref": "#/components/schemas/A"}
_INSIDE: dict[str, Callable[[Any], Data]] = {
    "prefixItems": lambda schema: {"prefixItems": [schema]},
    "contains": lambda schema: {"contains": schema},
    "propertyNames": lambda schema: {"propertyNames": schema},
    "if": lambda schema: {"if": schema, "then": {"minLength": 1}},
    "then": lambda schema: {"if": {"type": "string"}, "then": schema},
    "else": lambda schema: {"if": {"type": "object"}, "else": schema},
    "dependentSchemas": lambda schema: {"dependentSchemas": {"k": schema}},
    "unevaluatedProperties": lambda schema: {"unevaluatedProperties": schema},
    "unevaluatedItems": lambda schema: {"unevaluatedItems": schema},
    "contentSchema": lambda schema: {"contentMediaType": "application/json", "contentSchema": schema},
    "$dynamicRef": lambda schema: {"$dynamicRef": "#n", "$defs": {"n": {"$dynamicAnchor": "n", "not": schema}}},
    "an anchor": lambda schema: {"$ref": "#n", "$defs": {"n": {"$anchor": "n", "not": schema}}},
    "an id": lambda schema: {"$ref": "urn:n", "$defs": {"n": {"$id": "urn:n", "not": schema}}},
}  # fmt: skip


@pytest.mark.parametrize("keyword", _INSIDE)
def test_a_schema_under_any_keyword_is_looked_into(fresh: Callable[[], Data], keyword: str) -> None:
    inside = _INSIDE[keyword]
    one, other = (_documents(fresh, inside(_REF), A=schema)[0] for schema in (_A, _B))
    assert [item.pointer for item in compare_openapi(one, other)] == ["/components/schemas/A"]
    assert _differences(fresh, inside(_REF), inside({**_A, "description": "x"}), A=_A) == []
    assert _differences(fresh, inside(_A), {})
    assert _differences(fresh, {}, inside(_A))


@pytest.mark.parametrize(
    ("parts", "poured"),
    [
        (
            [{"properties": {"a": {}}}, {"additionalProperties": False}],
            {"properties": {"a": {}}, "additionalProperties": False},
        ),
        (
            [{"patternProperties": {"a": {}}}, {"additionalProperties": _A}],
            {"patternProperties": {"a": {}}, "additionalProperties": _A},
        ),
        (
            [{"properties": {"a": {}}}, {"unevaluatedProperties": False}],
            {"properties": {"a": {}}, "unevaluatedProperties": False},
        ),
        ([{"prefixItems": [_A]}, {"items": _B}], {"prefixItems": [_A], "items": _B}),
        ([{"prefixItems": [_A]}, {"unevaluatedItems": False}], {"prefixItems": [_A], "unevaluatedItems": False}),
        ([{"contains": _A}, {"minContains": 0}], {"contains": _A, "minContains": 0}),
        ([{"if": _A}, {"then": False}], {"if": _A, "then": False}),
        ([{"anyOf": [{"oneOf": [_A, _B]}, {"type": "null"}]}, {"oneOf": [_A, True]}], {"oneOf": [_A, _B, _A, True]}),
    ],
)  # fmt: skip
def test_parts_that_mean_something_else_together_are_not_poured_into_one(
    fresh: Callable[[], Data], parts: list[Data], poured: Data
) -> None:
    assert _differences(fresh, {"allOf": parts}, poured)
    assert _differences(fresh, {"allOf": parts[:1], **parts[1]}, poured) or "unevaluated" in str(parts)
    assert _differences(fresh, {**_REF, **parts[1]}, poured, A=parts[0]) or "unevaluated" in str(parts)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"type": ["integer", "number"]}, {"type": "number"}),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, {"type": "number"}),
        ({"enum": ["a"]}, {"type": "string", "enum": ["a"]}),
        ({"const": 1}, {"type": "integer", "const": 1}),
        ({"enum": [1, 0.5, True, None]}, {"type": ["number", "boolean", "null"], "enum": [1, 0.5, True, None]}),
        ({"enum": [None]}, {"type": "null"}),
        ({"allOf": [{"type": "integer"}, {"type": "number"}]}, {"type": "integer"}),
        ({"anyOf": [{}, {"type": "null"}]}, {}),
        ({"anyOf": [{"minLength": 1}, {"type": "null"}]}, {"minLength": 1}),
        ({"type": "array", "items": {"title": "x"}}, {"type": "array"}),
        ({"additionalProperties": {"description": "x"}}, {}),
        ({"contains": {}, "minContains": 1}, {"contains": {}}),
        ({"minContains": 2}, {}),
        ({"then": {"type": "string"}}, {}),
        ({"dependentRequired": {"a": ["b", "c"], "d": []}}, {"dependentRequired": {"a": ["c", "b"]}}),
        ({"propertyNames": {}, "unevaluatedItems": True}, {}),
        ({"type": "string", "contentMediaType": "application/octet-stream"}, {"type": "string", "format": "binary"}),
        ({"allOf": [_REF, {"$ref": "#/components/schemas/A"}]}, _REF),
        ({"allOf": [_REF, {"properties": {"b": {"minLength": 1.0}, "c": _A}}]}, {"properties": {"b": {"minLength": 1}, "c": _A}}),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Any"}}, {"type": "array"}),
        (
            {"allOf": [_REF, {"properties": {"b": _A}}, {"properties": {"b": {"maxLength": 3}}}]},
            {"properties": {"b": {"type": "string", "minLength": 1, "maxLength": 3}}},
        ),
        (
            {"allOf": [{"items": {"type": ["string", "null"]}}, {"items": _A}]},
            {"items": _A},
        ),
        ({"allOf": [{"enum": ["a", "b"]}, {"enum": ["c", "b"]}]}, {"const": "b"}),
        (
            {"oneOf": [{"type": "string", "enum": ["a", "b"], "description": "x"}, {"type": "string", "const": "c"}]},
            {"type": "string", "enum": ["c", "a", "b"]},
        ),
        ({"anyOf": [{"enum": ["a", 1]}, {"enum": [1, None]}]}, {"enum": ["a", 1, None]}),
        ({"anyOf": [{"type": "string", "enum": ["a", 1]}, {"const": "b"}]}, {"enum": ["a", "b"]}),
        ({"type": "string", "oneOf": [{"const": "a"}, {"const": 1}]}, {"type": "string", "const": "a"}),
        ({"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False}, {"properties": {"a": {}}, "unevaluatedProperties": False}),
    ],
)  # fmt: skip
def test_another_way_to_say_the_same_is_no_difference(
    fresh: Callable[[], Data], left: Data, right: Data
) -> None:
    shared = {"A": {"properties": {"b": {"minLength": 1}}}, "Any": {"description": "x"}}
    assert _differences(fresh, left, right, **shared) == []
    assert _differences(fresh, right, left, **shared) == []


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"$ref": "other.yaml#/A"}, {"$ref": "other.yaml#/B"}),
        ({"$ref": "#/components/schemas/None"}, {}),
        ({"$ref": "#gone"}, {"$ref": "#away"}),
    ],
)
def test_references_that_lead_nowhere_are_known_by_their_text(
    fresh: Callable[[], Data], left: Data, right: Data
) -> None:
    assert _differences(fresh, left, right)
    assert _differences(fresh, right, left)
    assert _differences(fresh, left, left) == []


@pytest.mark.parametrize(
    ("nullable", "plain"),
    [({"nullable": True}, {}), ({"nullable": True, "type": "string"}, {"type": "string", "nullable": True, "enum": ["a"]})],
)  # fmt: skip
def test_nullable_of_3_0_says_nothing_beside_no_type_and_all_beside_one(
    fresh: Callable[[], Data], nullable: Data, plain: Data
) -> None:
    found = _differences(fresh, nullable, plain, version="3.0.3")
    assert [item.kind for item in found] == (["extra"] if "enum" in plain else [])


def _chosen(mapping: Data | None, *names: str, kind: str = "k") -> Data:
    """A union whose branch a property chooses."""
    return {
        "oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in names],
        "discriminator": {"propertyName": kind, **({"mapping": mapping} if mapping else {})},
    }


_PETS = {
    name: {"type": "object", "properties": {"k": {}, name: {"type": "string"}}} for name in ("Cat", "Dog")
}


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (_chosen({"c": "Cat", "d": "Dog"}, "Cat", "Dog"), _chosen({"c": "Dog", "d": "Cat"}, "Cat", "Dog"), False),
        (_chosen({"c": "Cat"}, "Cat", "Dog"), _chosen({"c": "#/components/schemas/Cat", "Dog": "Dog"}, "Dog", "Cat"), True),
        (_chosen(None, "Cat", "Dog"), _chosen({"Cat": "Cat", "Dog": "Dog"}, "Cat", "Dog"), True),
        (_chosen(None, "Cat", "Dog"), _chosen(None, "Kitty", "Dog"), False),
        (_chosen({"c": "Cat"}, "Cat", "Dog"), _chosen({"c": "Kitty"}, "Kitty", "Dog"), True),
        (_chosen(None, "Cat", "Dog"), {**_chosen(None), "oneOf": [_PETS["Cat"], _PETS["Dog"]]}, True),
        (_chosen({"c": "Cat"}, "Cat", "Dog"), {**_chosen(None), "oneOf": [_PETS["Cat"], _PETS["Dog"]]}, False),
        (_chosen(None, "Cat", "Dog"), {**_chosen(None, "Cat", "Dog"), "discriminator": {"propertyName": "k", "defaultMapping": "Cat"}}, False),
    ],
)  # fmt: skip
def test_a_discriminator_is_known_by_what_each_value_leads_to(
    fresh: Callable[[], Data], left: Data, right: Data, same: bool
) -> None:
    shared = {**_PETS, "Kitty": _PETS["Cat"]}
    assert (_differences(fresh, left, right, **shared) == []) is same
    assert (_differences(fresh, right, left, **shared) == []) is same
