"""References that lead nowhere, outside, or round in a circle, and keys that are no strings.

Owns: what is wrong with a `$ref` that is a reference and not data.
Must never know: operations, schema keywords.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backend_engineer.apis.openapi import ApiDocument
from backend_engineer.apis.pointers import MISSING, follow, join, split
from backend_engineer.apis.problems.problem import ApiProblem
from backend_engineer.apis.walk import walk

__all__ = ["key_problems", "reference_problems"]

_LEAVES = (str, int, float)


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
        target = api.target(step)
        if target is None:
            return _outside(step, pointer)
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


def _outside(reference: str, pointer: str) -> ApiProblem:
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
