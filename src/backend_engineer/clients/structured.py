"""Schemas of the JSON parts of a reply, in the dialect and within the limits that each vendor publishes.

Owns: which models have a schema, the change into a vendor's dialect, and the limits as a table.
Must never know: requests, the wire, prompts.

What a vendor cannot express is made narrower where that is possible (an optional property that holds free-form
data is left out) and said in words where it is not (a bound, a pattern). So an answer that keeps the changed schema
has every key that the original asks for, and only a bound that was put into words can still be missed.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backend_engineer.errors import UsageError
from backend_engineer.outputs import Clarification, ReviewFindings
from backend_engineer.outputs.plan import PlanDocument
from backend_engineer.outputs.value import Value

__all__ = [
    "ANTHROPIC",
    "MASKING",
    "OPENAI",
    "REPLY_SCHEMAS",
    "SchemaDialect",
    "limit_problems",
    "reply_schema",
    "schema_for",
]

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SchemaDialect:
    """What one vendor's structured output takes; a limit of None is not published.

    kept: the keywords that may stay besides the structural ones. formats: the string formats that are known.
    """

    name: str
    kept: frozenset[str]
    formats: frozenset[str]
    max_properties: int | None = None
    max_depth: int | None = None
    max_name_characters: int | None = None
    max_enum_values: int | None = None
    max_unions: int | None = None
    max_optional: int | None = 0
    verified_on: str = "2026-11-23"


_FORMATS = frozenset(
    {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"}
)

OPENAI = SchemaDialect(
    "openai",
    kept=frozenset(
        {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems"}
    ),
    formats=_FORMATS - {"uri"},
    max_properties=5_000,
    max_depth=10,
    max_name_characters=120_000,
    max_enum_values=1_000,
)

ANTHROPIC = SchemaDialect("anthropic", kept=frozenset(), formats=_FORMATS, max_unions=16, max_optional=24)

MASKING = SchemaDialect(
    "masking",
    kept=OPENAI.kept | {"minLength", "maxLength"},
    formats=frozenset({"date-time", "date", "time", "uuid"}),
)
"""Servers that mask tokens by a grammar made of the schema: bounds hold, look-aheads in patterns are refused."""


class ClarificationDocument(Value):
    """The JSON block that carries a clarification in a reply; no vendor's dialect has room for its `wording`."""

    clarification: Clarification


REPLY_SCHEMAS: dict[str, tuple[type[Value], tuple[str, ...]]] = {
    "plan": (PlanDocument, ()),
    "clarification": (ClarificationDocument, ()),
    # A model has no business with a rule's code or a fingerprint: both are made by code.
    "findings": (ReviewFindings, ("code", "fingerprint")),
}
"""The JSON parts of a reply: the model behind each, and the optional properties that are not asked for."""


def reply_schema(name: str) -> Schema:
    """The JSON Schema (draft 2020-12) of one JSON part: `plan`, `clarification` or `findings`."""
    if name not in REPLY_SCHEMAS:
        raise UsageError(
            f"There is no reply schema {name!r}.", hint=f"Use one of {', '.join(REPLY_SCHEMAS)}."
        )
    model, left_out = REPLY_SCHEMAS[name]
    schema = model.model_json_schema()
    for node in _objects(schema):
        for key in left_out:
            if key not in node.get("required", ()):
                node["properties"].pop(key, None)
    return schema


def schema_for(schema: Mapping[str, Any], dialect: SchemaDialect) -> Schema:
    """The schema in a vendor's dialect.

    Raises `UsageError` where the schema cannot be expressed: a root that is no object, a required free-form value,
    recursion, an outside reference, a keyword without a counterpart, or a published limit passed.
    """
    changed = _Change(schema, dialect).whole()
    problems = limit_problems(changed, dialect)
    if problems:
        raise UsageError(f"The schema does not fit {dialect.name}: {problems[0]}.", hint="Make it smaller.")
    return changed


_WORDS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
)
_UNSUPPORTED = (
    "allOf",
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "dependentSchemas",
    "dependentRequired",
    "prefixItems",
    "contains",
    "propertyNames",
    "unevaluatedProperties",
    "$dynamicRef",
)


class _Inexpressible(Exception):
    """A node that the vendor cannot express; the nearest optional property is left out, else the caller hears."""


class _Change:
    """One change of a schema; references are replaced by what they name, so that no limit hides behind one."""

    def __init__(self, schema: Mapping[str, Any], dialect: SchemaDialect) -> None:
        self._root = copy.deepcopy(dict(schema))
        self._dialect = dialect
        self._open: list[str] = []

    def whole(self) -> Schema:
        try:
            changed = self._node(self._root)
        except _Inexpressible as error:
            raise UsageError(
                f"The schema cannot be expressed for {self._dialect.name}: {error}.",
                hint="Ask for this JSON in words instead.",
            ) from None
        if changed.get("type") != "object":
            raise UsageError("The root of the schema is not an object.", hint="Wrap the value in an object.")
        return changed

    def _node(self, node: Any) -> Schema:
        if not isinstance(node, dict):
            raise _Inexpressible("a schema that allows anything")
        if "$ref" in node:
            return self._reference(node)
        unsupported = next((word for word in _UNSUPPORTED if word in node), None)
        if unsupported:
            raise _Inexpressible(f"the keyword {unsupported}")
        choices = node.get("anyOf") or node.get("oneOf")
        if choices:
            return self._described({"anyOf": [self._node(choice) for choice in choices]}, node)
        if "enum" in node or "const" in node:
            values = {key: node[key] for key in ("type", "enum", "const") if key in node}
            return self._described(values, node)
        kind = node.get("type")
        if isinstance(kind, list):
            return self._described({"anyOf": [self._node({**node, "type": one}) for one in kind]}, {})
        if kind == "object":
            return self._object(node)
        if kind == "array":
            return self._described({"type": "array", "items": self._node(node.get("items"))}, node)
        if kind in ("string", "integer", "number", "boolean", "null"):
            return self._described({"type": kind}, node)
        raise _Inexpressible("a value of any type")

    def _reference(self, node: Schema) -> Schema:
        name = str(node["$ref"])
        if not name.startswith("#/"):
            raise _Inexpressible("a reference to another document")
        if name in self._open:
            raise _Inexpressible("recursion")
        target: Any = self._root
        for step in name[2:].split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(target, dict) or step not in target:
                raise _Inexpressible(f"a reference to nothing, {name}")
            target = target[step]
        self._open.append(name)
        try:
            siblings = {key: value for key, value in node.items() if key != "$ref"}
            return self._node({**target, **siblings} if isinstance(target, dict) else target)
        finally:
            self._open.pop()

    def _object(self, node: Schema) -> Schema:
        properties: Schema = {}
        for key, value in node.get("properties", {}).items():
            try:
                properties[key] = self._node(value)
            except _Inexpressible:
                if key in node.get("required", ()):
                    raise
        if not properties:
            raise _Inexpressible("an object with free keys")
        closed = {"properties": properties, "required": list(properties), "additionalProperties": False}
        return self._described({"type": "object", **closed}, node)

    def _described(self, changed: Schema, node: Schema) -> Schema:
        in_words: list[str] = []
        for word in _WORDS:
            if word not in node:
                continue
            value = node[word]
            kept = word in self._dialect.kept or (word == "format" and value in self._dialect.formats)
            if kept or (word == "minItems" and value in (0, 1)):
                changed[word] = value
            else:
                in_words.append(f"{word} {value}")
        text = str(node.get("description", ""))
        if in_words:
            text = f"{text} ({', '.join(in_words)})".strip()
        if text:
            changed["description"] = text
        return changed


def limit_problems(schema: Mapping[str, Any], dialect: SchemaDialect) -> list[str]:
    """Every published limit of the vendor that the schema passes, in words; empty when it fits."""
    objects = list(_objects(schema))
    nodes = [node for node, _ in _walk(schema, 1)]
    names = [key for node in objects for key in node["properties"]]
    enums = [value for node in nodes for value in node.get("enum", ())]
    unions = [
        key
        for node in objects
        for key, value in node["properties"].items()
        if "anyOf" in value or isinstance(value.get("type"), list)
    ]
    counted = {
        "properties": (len(names), dialect.max_properties),
        "levels of nesting": (max((depth for _, depth in _walk(schema, 1)), default=0), dialect.max_depth),
        "characters in names and enums": (
            sum(len(name) for name in names) + sum(len(str(value)) for value in enums),
            dialect.max_name_characters,
        ),
        "enum values": (len(enums), dialect.max_enum_values),
        "union-typed parameters": (len(unions), dialect.max_unions),
        "optional parameters": (
            sum(key not in node.get("required", ()) for node in objects for key in node["properties"]),
            dialect.max_optional,
        ),
    }
    problems = [
        f"{found} {what}, at most {limit}"
        for what, (found, limit) in counted.items()
        if limit is not None and found > limit
    ]
    if schema.get("type") != "object":
        problems.append("the root is not an object")
    problems.extend(
        "an object takes other keys" for node in objects if node.get("additionalProperties") is not False
    )
    problems.extend(_keyword_problems(nodes, dialect))
    return problems


def _keyword_problems(nodes: list[Schema], dialect: SchemaDialect) -> Iterator[str]:
    refused = {*_UNSUPPORTED, *_WORDS, "default", "oneOf", "$ref"} - dialect.kept - {"format", "minItems"}
    for node in nodes:
        for word in sorted(refused & node.keys()):
            yield f"the keyword {word}"
        if "format" in node and node["format"] not in dialect.formats:
            yield f"the format {node['format']}"
        if "minItems" in node and "minItems" not in dialect.kept and node["minItems"] > 1:
            yield "minItems above 1"


def _walk(node: Any, depth: int) -> Iterator[tuple[Schema, int]]:
    """Every schema node with its level; only places where a schema may stand are entered."""
    if not isinstance(node, dict):
        return
    yield node, depth
    for key in ("properties", "$defs"):
        for child in node.get(key, {}).values():
            yield from _walk(child, depth + 1)
    for child in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        yield from _walk(child, depth)
    yield from _walk(node.get("items"), depth + 1)


def _objects(schema: Mapping[str, Any]) -> Iterator[Schema]:
    return (node for node, _ in _walk(dict(schema), 1) if "properties" in node)
