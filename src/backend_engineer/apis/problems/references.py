"""References that lead nowhere, outside, or round in a circle, and keys that are no strings.

Owns: the walk over every `$ref` that is a reference and not data.
Must never know: operations, schema keywords.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backend_engineer.apis.openapi import ApiDocument
from backend_engineer.apis.pointers import MISSING, follow, join, local_pointer, split
from backend_engineer.apis.problems.problem import ApiProblem

__all__ = ["key_problems", "reference_problems", "walk"]

_LEAVES = (str, int, float)
_DATA = frozenset(
    {"example", "examples", "default", "enum", "const", "value", "dataValue", "mapping", "scopes"}
)
_NAMED = frozenset(
    {"properties", "patternProperties", "definitions", "$defs", "dependentSchemas", "responses", "headers",
     "schemas", "parameters", "requestBodies", "securitySchemes", "links", "callbacks", "pathItems", "mediaTypes",
     "content", "encoding", "variables", "paths", "webhooks", "additionalOperations"}
)  # fmt: skip


def key_problems(document: Any, pointer: str = "", depth: int = 0) -> Iterator[ApiProblem]:
    """Keys of one object that become the same string, as `200` and `"200"`."""
    if depth > 250:
        return
    if isinstance(document, Mapping):
        seen: set[str] = set()
        for key, value in document.items():
            name = key if isinstance(key, str) else str(key)
            if name in seen:
                yield ApiProblem(
                    join(pointer, name),
                    "key-twice",
                    f"The key {name!r} stands twice, as a string and as a number: keep one.",
                )
            seen.add(name)
            if not isinstance(value, _LEAVES):
                yield from key_problems(value, join(pointer, name), depth + 1)
    elif isinstance(document, (list, tuple)):
        for index, value in enumerate(document):
            if not isinstance(value, _LEAVES):
                yield from key_problems(value, join(pointer, index), depth + 1)


def walk(node: Any, pointer: str = "", *, named: bool = False) -> Iterator[tuple[Any, str]]:
    """Every object that the specification reads as one, with its pointer; examples and defaults are data.

    named: the keys of `node` are names given by the author, so that none of them is a keyword.
    """
    # Generators within generators would hand each object up through all that hold it.
    waiting: list[tuple[Any, str, bool]] = [(node, pointer, named)]
    while waiting:
        node, pointer, named = waiting.pop()
        if isinstance(node, list):
            waiting += [(node[at], f"{pointer}/{at}", False) for at in range(len(node) - 1, -1, -1)]
        if not isinstance(node, dict):
            continue
        if not named:
            yield node, pointer
        below: list[tuple[Any, str, bool]] = []
        for key, value in node.items():
            if not isinstance(value, dict | list):
                continue
            if named or (key not in _DATA and not key.startswith("x-")):
                # A map of names is one only when its keys can be names: a `parameters` list is not.
                names = not named and key in _NAMED and isinstance(value, dict)
                below.append((value, join(pointer, key), names))
            elif key == "examples" and isinstance(value, dict):
                below.append((value, join(pointer, key), True))
        waiting += reversed(below)


def reference_problems(api: ApiDocument) -> Iterator[ApiProblem]:
    """A problem for each reference that cannot be followed to an object of the document."""
    for node, pointer in walk(api.data):
        reference = node.get("$ref")
        if isinstance(reference, str):
            problem = _problem(api, reference, join(pointer, "$ref"))
            if problem is not None:
                yield problem


def _problem(api: ApiDocument, reference: str, pointer: str) -> ApiProblem | None:
    seen: set[str] = set()
    step = reference
    while True:
        target = local_pointer(step)
        if target is None:
            return _outside(api, step, pointer)
        if target in seen:
            return ApiProblem(
                pointer,
                "circular-ref",
                f"`{reference}` leads back to itself: let one of the steps be an object.",
            )
        seen.add(target)
        node = follow(api.data, split(target))
        if node is MISSING:
            return ApiProblem(
                pointer, "dangling-ref", f"Nothing stands at `{step}`: add it or correct the reference."
            )
        if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
            return None
        step = node["$ref"]


def _outside(api: ApiDocument, reference: str, pointer: str) -> ApiProblem | None:
    if reference.startswith("#") and _has_anchor(api, reference[1:]):
        return None
    if any(node.get("$id") == reference.partition("#")[0] for node, _ in walk(api.data) if "$id" in node):
        return None
    if reference.startswith("#"):
        return ApiProblem(
            pointer,
            "dangling-ref",
            f"No anchor `{reference}` stands in the document: add it or correct the reference.",
        )
    return ApiProblem(
        pointer,
        "external-ref",
        f"`{reference}` leads out of the document: bundle everything into one document.",
    )


def _has_anchor(api: ApiDocument, name: str) -> bool:
    return any(name in (node.get("$anchor"), node.get("$dynamicAnchor")) for node, _ in walk(api.data))
