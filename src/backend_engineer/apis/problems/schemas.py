"""Faults of schema objects that the meta-schemas let pass.

Owns: what a schema says about itself: required names, defaults, leftovers of another version.
Must never know: operations, references between documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend_engineer.apis.openapi import ApiDocument
from backend_engineer.apis.pointers import join
from backend_engineer.apis.problems.problem import ApiProblem
from backend_engineer.apis.walk import walk

__all__ = ["schema_problems"]

_COMPOSED = frozenset(
    {
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "$ref",
        "$dynamicRef",
        "patternProperties",
        "dependentSchemas",
    }
)
_BRANCHES = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"})


def schema_problems(api: ApiDocument) -> Iterator[ApiProblem]:
    """Names that are required but not described, defaults of another type, `nullable` after 3.0, ring-shaped `allOf`."""
    for node, pointer in walk(api.data):
        yield from _required(node, pointer)
        yield from _default(api, node, pointer)
        if api.version != "3.0" and isinstance(node.get("nullable"), bool) and _looks_like_schema(node):
            yield ApiProblem(
                join(pointer, "nullable"),
                "nullable",
                f'OpenAPI {api.version} has no `nullable`: write the type as a list with "null" in it.',
            )
        if isinstance(node.get("allOf"), list) and _contains_itself(api, node):
            yield ApiProblem(
                join(pointer, "allOf"),
                "circular-ref",
                "This schema is a part of itself through `allOf`: break the circle.",
            )


def _looks_like_schema(node: dict[str, Any]) -> bool:
    return bool(
        {"type", "properties", "items", "enum", "format", "$ref", "allOf", "oneOf", "anyOf"} & node.keys()
    )


def _required(node: dict[str, Any], pointer: str) -> Iterator[ApiProblem]:
    """Only where the object can be read alone: a branch of a composition may describe the name elsewhere."""
    required, properties = node.get("required"), node.get("properties")
    if not isinstance(required, list) or not isinstance(properties, dict) or _COMPOSED & node.keys():
        return
    if isinstance(node.get("additionalProperties"), dict) or _BRANCHES & set(pointer.split("/")):
        return
    for index, name in enumerate(required):
        if isinstance(name, str) and name not in properties:
            yield ApiProblem(
                join(pointer, "required", index),
                "required-unnamed",
                f"`{name}` is required but not among the properties: describe it or strike it.",
            )


def _default(api: ApiDocument, node: dict[str, Any], pointer: str) -> Iterator[ApiProblem]:
    if "default" not in node or not ({"type", "enum"} & node.keys()):
        return
    value, types = node["default"], node.get("type")
    types = types if isinstance(types, list) else [types]
    names = [name for name in types if isinstance(name, str)]
    if value is None and (node.get("nullable") is True or "null" in names):
        return
    if names and not any(_is(value, name) for name in names):
        yield ApiProblem(
            join(pointer, "default"),
            "default-type",
            f"The default is not of the type {' or '.join(names)}: correct one of them.",
        )
    elif isinstance(node.get("enum"), list) and not any(_same(value, item) for item in node["enum"]):
        yield ApiProblem(
            join(pointer, "default"),
            "default-type",
            "The default is not among the values of `enum`: correct one of them.",
        )


def _same(left: Any, right: Any) -> bool:
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def _is(value: Any, name: str) -> bool:
    """Whether a value is of a JSON Schema type; a type that is not known is the meta-schema's affair."""
    if name == "boolean":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return name not in ("null", "array", "object", "string", "number", "integer")
    if name == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    kinds: dict[str, type | tuple[type, ...]] = {
        "null": type(None), "array": list, "object": dict, "string": str, "number": (int, float)
    }  # fmt: skip
    return isinstance(value, kinds[name]) if name in kinds else True


def _contains_itself(api: ApiDocument, node: dict[str, Any]) -> bool:
    """Whether following `allOf` alone leads from a schema back to it, so that no value could end it."""
    waiting, seen = list(node["allOf"]), set()
    while waiting:
        part = api.resolve(waiting.pop())
        if part is node:
            return True
        if isinstance(part, dict) and id(part) not in seen:
            seen.add(id(part))
            waiting.extend(part["allOf"] if isinstance(part.get("allOf"), list) else ())
    return False
