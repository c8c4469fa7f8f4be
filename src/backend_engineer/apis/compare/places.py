"""Places of schemas in a document, and where their references lead.

Owns: what a place is, that of two schemas which both hold, the keywords that are for people only, following references.
Must never know: what a schema accepts.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from backend_engineer.apis.openapi import ApiDocument
from backend_engineer.apis.pointers import MISSING, follow, split

__all__ = ["FOR_PEOPLE", "LONGEST_CHAIN", "Place", "both", "says_nothing", "settled", "shown_pointer"]

Place = tuple[Any, str]
"""A node of a document and its pointer."""

FOR_PEOPLE = frozenset(
    {"title", "description", "example", "examples", "externalDocs", "$comment", "deprecated", "$id", "$schema",
     "$anchor", "$dynamicAnchor", "$defs", "definitions", "$vocabulary"}
)  # fmt: skip
LONGEST_CHAIN = 200
"""How many references, or parts of parts, are followed."""


_MARK = "\x00"
"""Around what is no part of a pointer, but tells a place that is made of two from the first of them."""


def both(one: Place, other: Place) -> Place:
    """The place of a schema that has these two as its parts; it stands where the first one does."""
    parts = [
        part
        for node, pointer in (one, other)
        for part in (node["allOf"] if _MARK in pointer else [{"$ref": f"#{quote(pointer)}"}])
    ]
    return {"allOf": parts}, f"{one[1]}{_MARK}{other[1].replace(_MARK, '&')}{_MARK}"


def shown_pointer(pointer: str) -> str:
    """A pointer as it leads into the document."""
    return re.sub(f"{_MARK}[^{_MARK}]*{_MARK}", "", pointer) if _MARK in pointer else pointer


def settled(api: ApiDocument, node: Any, pointer: str) -> Place:
    """A place, or where its reference leads, up to the first node that says something of its own.

    Beside a reference 3.0 reads nothing; later versions read what stands there as one more part. A
    reference that leads nowhere, or round in a circle, is itself the end.
    """
    start = node, pointer
    for _ in range(LONGEST_CHAIN):
        if not isinstance(node, dict) or "$ref" not in node or not isinstance(node["$ref"], str):
            return node, pointer
        if (
            len(node) > 1
            and api.version != "3.0"
            and any(key not in FOR_PEOPLE and key != "$ref" and not key.startswith("x-") for key in node)
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
