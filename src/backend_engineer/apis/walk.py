"""The objects of a document that the specification reads as such, each with its pointer.

Owns: the walk over them, and the names that schemas give themselves (`$anchor`, `$id`, `$self`).
Must never know: what is in an object, what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend_engineer.apis.pointers import join

__all__ = ["names_of", "walk"]

_DATA = frozenset(
    {"example", "examples", "default", "enum", "const", "value", "dataValue", "mapping", "scopes"}
)
_NAMED = frozenset(
    {"properties", "patternProperties", "definitions", "$defs", "dependentSchemas", "responses", "headers",
     "schemas", "parameters", "requestBodies", "securitySchemes", "links", "callbacks", "pathItems", "mediaTypes",
     "content", "encoding", "variables", "paths", "webhooks", "additionalOperations"}
)  # fmt: skip


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


def names_of(data: Any) -> dict[str, str]:
    """Name -> pointer: anchors with their `#`, identifiers as they are written; of two that are alike the first."""
    found: dict[str, str] = {}
    own = data.get("$self") if isinstance(data, dict) else None
    if isinstance(own, str) and own:
        found[own] = ""
    for node, pointer in walk(data):
        for keyword, before in (("$anchor", "#"), ("$dynamicAnchor", "#"), ("$id", "")):
            name = node.get(keyword)
            if isinstance(name, str) and name:
                found.setdefault(before + name, pointer)
    return found
