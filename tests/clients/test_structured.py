"""The schemas of the JSON parts, held against the limits that both vendors publish."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend_engineer import parse_reply
from backend_engineer.clients import reply_schema, schema_for
from backend_engineer.clients.structured import (
    ANTHROPIC,
    OPENAI,
    REPLY_SCHEMAS,
    SchemaDialect,
    limit_problems,
)
from backend_engineer.errors import UsageError
from backend_engineer.reporting.schemas import schema

DIALECTS = [OPENAI, ANTHROPIC]
EACH = [(name, dialect) for name in REPLY_SCHEMAS for dialect in DIALECTS]


def named(value: object) -> str:
    return value if isinstance(value, str) else getattr(value, "name", "")


@pytest.mark.parametrize(("name", "dialect"), EACH, ids=named)
def test_each_part_keeps_every_published_limit(name: str, dialect: SchemaDialect) -> None:
    assert limit_problems(schema_for(reply_schema(name), dialect), dialect) == []


@pytest.mark.parametrize("name", REPLY_SCHEMAS)
def test_each_untransformed_part_breaks_a_limit_so_that_the_check_can_fail(name: str) -> None:
    assert limit_problems(reply_schema(name), OPENAI)


@pytest.mark.parametrize(("name", "dialect"), EACH, ids=named)
def test_each_part_stays_a_valid_json_schema(name: str, dialect: SchemaDialect) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_for(reply_schema(name), dialect))


def answers(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Any answer that a transformed schema allows, with the bounds that stand in words."""
    if "anyOf" in schema:
        return st.one_of([answers(choice) for choice in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    words = schema.get("description", "")
    if schema["type"] == "object":
        return st.fixed_dictionaries({key: answers(value) for key, value in schema["properties"].items()})
    if schema["type"] == "array":
        return st.lists(answers(schema["items"]), min_size=schema.get("minItems", 0), max_size=2)
    if schema["type"] == "string":
        if "pattern" in words:
            return st.sampled_from(["", "7", "88-129"])
        return st.text(st.characters(codec="utf-8"), min_size=1 if "minLength 1" in words else 0, max_size=5)
    return {
        "integer": st.integers(1, 9),
        "boolean": st.booleans(),
        "null": st.none(),
        "number": st.floats(1, 2),
    }[schema["type"]]


@pytest.mark.parametrize(("name", "dialect"), EACH, ids=named)
def test_an_answer_that_keeps_the_transformed_schema_is_a_value_of_the_model(
    name: str, dialect: SchemaDialect
) -> None:
    model, _ = REPLY_SCHEMAS[name]

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(answers(schema_for(reply_schema(name), dialect)))
    def check(answer: Any) -> None:
        model.model_validate_json(json.dumps(answer))

    check()


@pytest.mark.parametrize(("name", "dialect"), EACH, ids=named)
def test_an_answer_that_keeps_the_transformed_schema_is_read_from_a_reply(
    name: str, dialect: SchemaDialect
) -> None:
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(answers(schema_for(reply_schema(name), dialect)))
    def check(answer: Any) -> None:
        reply = parse_reply(f"```json\n{json.dumps(answer)}\n```\n")
        assert getattr(reply, name) is not None

    check()


def test_a_finding_is_asked_for_with_the_seven_keys_and_its_clauses() -> None:
    schema = schema_for(reply_schema("findings"), OPENAI)
    item = schema["properties"]["findings"]["items"]
    assert item["required"] == [
        *("type", "category", "severity", "title", "where", "evidence", "recommendation", "clauses")
    ]


def test_bounds_that_a_vendor_refuses_are_said_in_words() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}
    assert schema_for(schema, OPENAI)["properties"]["n"] == {"type": "integer", "minimum": 1}
    words = {"type": "integer", "description": "(minimum 1)"}
    assert schema_for(schema, ANTHROPIC)["properties"]["n"] == words


def thing(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


DEEP: dict[str, Any] = {"type": "string"}
for _ in range(11):
    DEEP = thing(x=DEEP)

REFUSED: dict[str, dict[str, Any]] = {
    "recursion": {**thing(x={"$ref": "#/$defs/X"}), "$defs": {"X": thing(x={"$ref": "#/$defs/X"})}},
    "another document": thing(x={"$ref": "https://example.com/x.json"}),
    "reference to nothing": thing(x={"$ref": "#/$defs/None"}),
    "allOf": thing(x={"allOf": [{"type": "string"}]}),
    "any type": thing(x={}),
    "free keys": thing(x={"type": "object"}),
    "root": {"type": "array", "items": {"type": "string"}},
    "levels of nesting": DEEP,
    "properties": thing(**{f"p{n}": {"type": "string"} for n in range(5_001)}),
    "enum values": thing(x={"enum": [f"v{n}" for n in range(1_001)]}),
    "characters": thing(**{"n" * 60_001: {"type": "string"}, "m" * 60_000: {"type": "string"}}),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_cannot_be_expressed_is_named(words: str) -> None:
    with pytest.raises(UsageError, match=words):
        schema_for(REFUSED[words], OPENAI)


def test_too_many_unions_are_named_for_the_vendor_that_counts_them() -> None:
    union = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    schema = thing(**{f"p{n}": union for n in range(17)})
    schema_for(schema, OPENAI)
    with pytest.raises(UsageError, match="17 union-typed"):
        schema_for(schema, ANTHROPIC)


def test_an_optional_property_that_cannot_be_expressed_is_left_out() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"]}
    assert list(schema_for(schema, OPENAI)["properties"]) == ["a"]


def test_a_type_list_becomes_a_choice() -> None:
    assert schema_for(thing(x={"type": ["string", "null"]}), OPENAI)["properties"]["x"] == {
        "anyOf": [{"type": "string"}, {"type": "null"}]
    }


def test_the_original_schema_is_left_alone() -> None:
    schema = reply_schema("findings")
    before = json.dumps(schema)
    schema_for(schema, OPENAI)
    assert json.dumps(schema) == before


def test_an_unknown_part_is_named() -> None:
    with pytest.raises(UsageError, match="essay"):
        reply_schema("essay")


MODEL_WRITTEN = ["plan", "clarification", "attestations", "findings"]


@pytest.mark.parametrize("dialect", DIALECTS, ids=named)
@pytest.mark.parametrize("name", MODEL_WRITTEN)
def test_each_shipped_schema_of_a_part_that_a_model_writes_fits_each_vendor(
    name: str, dialect: SchemaDialect
) -> None:
    assert limit_problems(schema_for(schema(name), dialect), dialect) == []
