"""Whether a schema of 3.1 or later accepts null, everything in it taken together.

Owns: the question for one value, null, which the normal form keeps apart from all others.
Must never know: the normal form, what is compared with what.

A list of values beside a type that has null need not name null: tools disagree on it, and the intent is clear.
"""

from __future__ import annotations

from typing import Any

from backend_engineer.apis.compare.places import LONGEST_CHAIN, Place, settled
from backend_engineer.apis.openapi import ApiDocument

__all__ = ["takes_null", "type_names"]


def type_names(node: dict[str, Any]) -> frozenset[str]:
    """The names under `type`, one or a list; empty where it says nothing that can be read."""
    types = node.get("type")
    listed = types if isinstance(types, list) else [types]
    return frozenset(name for name in listed if isinstance(name, str))


def takes_null(api: ApiDocument, place: Place) -> bool:
    """Whether null passes the schema at a place; what cannot be followed is taken to let it through."""
    return _Null(api).passes(*place, 0)


class _Null:
    """One question; every target of a reference is looked at once, so that shared parts cost nothing."""

    def __init__(self, api: ApiDocument) -> None:
        self.api = api
        self.known: dict[str, bool] = {}

    def passes(self, node: Any, pointer: str, depth: int) -> bool:
        node, target = settled(self.api, node, pointer)
        if target == pointer:
            return self._alone(node, pointer, depth)
        if target not in self.known:
            self.known[target] = True
            self.known[target] = self._alone(node, target, depth)
        return self.known[target]

    def _alone(self, node: Any, pointer: str, depth: int) -> bool:
        if not isinstance(node, dict) or depth > LONGEST_CHAIN:
            return node is not False
        names = type_names(node)
        if names and "null" not in names:
            return False
        listed = node.get("enum")
        if not names and (
            (isinstance(listed, list) and None not in listed)
            or ("const" in node and node["const"] is not None)
        ):
            return False
        if isinstance(node.get("$ref"), str) and not self._branch({"$ref": node["$ref"]}, pointer, depth):
            return False
        if "not" in node and self._branch(node["not"], pointer, depth):
            return False
        passed = {
            keyword: [self._branch(item, pointer, depth) for item in node[keyword]]
            for keyword in ("allOf", "anyOf", "oneOf")
            if isinstance(node.get(keyword), list) and node[keyword]
        }
        return (
            all(passed.get("allOf", ()))
            and any(passed.get("anyOf", (True,)))
            and sum(passed.get("oneOf", (True,))) == 1
        )

    def _branch(self, node: Any, pointer: str, depth: int) -> bool:
        return self.passes(node, pointer, depth + 1)
