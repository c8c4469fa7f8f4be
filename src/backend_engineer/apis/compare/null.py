"""Whether a schema accepts null, everything in it taken together.

Owns: the question for one value, null, which the normal form keeps apart from all others.
Must never know: the normal form, what is compared with what.

3.0 is read by its intent: `nullable` lets null in whatever stands beside it, since generators write it beside
the reference or the list of values that it is meant for. Later versions have null in `type` and in `enum`, and
are read as they stand.
"""

from __future__ import annotations

from typing import Any

from backend_engineer.apis.compare.places import LONGEST_CHAIN, Place, settled
from backend_engineer.apis.openapi import ApiDocument
from backend_engineer.apis.pointers import join

__all__ = ["takes_null", "type_names"]


_TOLD_BY_MORE = frozenset({"$ref", "nullable", "enum", "const", "not", "allOf", "anyOf", "oneOf", "if"})
"""What can bar null or let it in beside `type`."""


def type_names(node: dict[str, Any]) -> frozenset[str]:
    """The names under `type`, one or a list; empty where it says nothing that can be read."""
    types = node.get("type")
    if isinstance(types, str):
        return frozenset((types,))
    if types is None:
        return frozenset()
    listed = types if isinstance(types, list) else [types]
    return frozenset(name for name in listed if isinstance(name, str))


def takes_null(api: ApiDocument, place: Place) -> bool:
    """Whether null passes the schema at a place; what cannot be followed is taken to let it through."""
    node = place[0]
    if isinstance(node, dict) and _TOLD_BY_MORE.isdisjoint(node):
        names = type_names(node)
        return not names or "null" in names
    return _Null(api).passes(*place, 0)


class _Null:
    """One question; every target of a reference is looked at once, so that shared parts cost nothing."""

    def __init__(self, api: ApiDocument) -> None:
        self.api = api
        self.known: dict[str, bool] = {}

    def passes(self, node: Any, pointer: str, depth: int) -> bool:
        node, target = settled(self.api, node, pointer)
        if target not in self.known:
            # A schema that is a part of itself says nothing more by being it.
            self.known[target] = True
            self.known[target] = self._alone(node, target, depth)
        return self.known[target]

    def _alone(self, node: Any, pointer: str, depth: int) -> bool:
        if not isinstance(node, dict) or depth > LONGEST_CHAIN:
            return node is not False
        if node.get("nullable") is True and self.api.version == "3.0":
            return True
        names = type_names(node)
        if names and "null" not in names:
            return False
        listed = node.get("enum")
        if isinstance(listed, list) and None not in listed:
            return False
        if "const" in node and node["const"] is not None:
            return False
        if not self._reference(node, pointer, depth):
            return False
        if "not" in node and self._branch(node["not"], join(pointer, "not"), depth):
            return False
        return self._unions(node, pointer, depth) and self._condition(node, pointer, depth)

    def _reference(self, node: dict[str, Any], pointer: str, depth: int) -> bool:
        """What stands beside a reference counts as well, so that the reference is asked by itself."""
        reference = node.get("$ref")
        return (
            not isinstance(reference, str)
            or len(node) == 1
            or self._branch({"$ref": reference}, join(pointer, "$ref"), depth)
        )

    def _unions(self, node: dict[str, Any], pointer: str, depth: int) -> bool:
        passed = {
            keyword: [
                self._branch(item, join(pointer, keyword, at), depth) for at, item in enumerate(node[keyword])
            ]
            for keyword in ("allOf", "anyOf", "oneOf")
            if isinstance(node.get(keyword), list) and node[keyword]
        }
        return (
            all(passed.get("allOf", ()))
            and any(passed.get("anyOf", (True,)))
            and sum(passed.get("oneOf", (True,))) == 1
        )

    def _condition(self, node: dict[str, Any], pointer: str, depth: int) -> bool:
        if "if" not in node:
            return True
        keyword = "then" if self._branch(node["if"], join(pointer, "if"), depth) else "else"
        return self._branch(node.get(keyword, True), join(pointer, keyword), depth)

    def _branch(self, node: Any, pointer: str, depth: int) -> bool:
        return self.passes(node, pointer, depth + 1)
