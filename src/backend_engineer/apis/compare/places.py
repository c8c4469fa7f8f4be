"""Places of schemas in a document, and where their references lead.

Owns: what a place is, the keywords that are for people only, following references.
Must never know: what a schema accepts.
"""

from __future__ import annotations

from typing import Any

from backend_engineer.apis.openapi import ApiDocument
from backend_engineer.apis.pointers import MISSING, follow, split

__all__ = ["FOR_PEOPLE", "LONGEST_CHAIN", "Place", "says_nothing", "settled"]

Place = tuple[Any, str]
"""A node of a document and its pointer."""

FOR_PEOPLE = frozenset(
    {"title", "description", "example", "examples", "externalDocs", "$comment", "deprecated", "$id", "$schema",
     "$anchor", "$dynamicAnchor", "$defs", "definitions", "$vocabulary"}
)  # fmt: skip
LONGEST_CHAIN = 200
"""How many references, or parts of parts, are followed."""


def settled(api: ApiDocument, node: Any, pointer: str) -> Place:
    """A place, or where its reference leads, up to the first node that says something of its own.

    Beside a reference 3.0 reads nothing; later versions read what stands there as one more part. A
    reference that leads nowhere, or round in a circle, is itself the end.
    """
    start = node, pointer
    for _ in range(LONGEST_CHAIN):
        if not isinstance(node, dict) or not isinstance(node.get("$ref"), str):
            return node, pointer
        if api.version != "3.0" and any(
            key not in FOR_PEOPLE and key != "$ref" and not key.startswith("x-") for key in node
        ):
            return node, pointer
        target = api.target(node["$ref"])
        found = MISSING if target is None else follow(api.data, split(target))
        if found is MISSING or target is None:
            return {"$ref": node["$ref"]}, pointer
        node, pointer = found, target
    return {"$ref": start[0]["$ref"]}, start[1]


def says_nothing(schema: Any) -> bool:
    """Whether a schema lets everything through and says so only to people, if at all."""
    return (
        schema is None
        or schema is True
        or (isinstance(schema, dict) and all(key in FOR_PEOPLE or key.startswith("x-") for key in schema))
    )
