"""Service level objectives for routes and operations that the API does not have.

Owns: how the route of an objective is matched with the API's operations.
Must never know: how objectives are probed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from backend_engineer.apis.graphql import graphql_operations
from backend_engineer.apis.openapi import ApiDocument, Operation, template_of
from backend_engineer.apis.pointers import join
from backend_engineer.apis.servers import placed_base_paths
from backend_engineer.errors import InvalidDocument, MissingExtra
from backend_engineer.inputs.contradictions.finding import TEXT, Contradiction, shape, value

__all__ = ["objectives_without_route"]

_FIELD = re.compile(r"(query|mutation|subscription) [_A-Za-z][_0-9A-Za-z]*\Z")
_ROUTE = re.compile(r"(?:([A-Z]+)\s+)?(/\S*)\Z")


def objectives_without_route(data: Mapping[str, Any], api: ApiDocument | None) -> Iterator[Contradiction]:
    """Each objective whose route has the form of one and is none of the API's; a job's name is free."""
    slos = data["perf_targets"]["slos"]
    if not isinstance(slos, list):
        return
    operations = [item.route for item in api.operations] if api else _fields(data["api_contract"])
    for index, slo in enumerate(slos):
        route = " ".join(slo["route"].split())
        if api is not None:
            found = _ROUTE.match(route)
            lacking = found is not None and not _exists(api, found[1], found[2])
        else:
            lacking = bool(_FIELD.match(route)) and bool(operations) and route not in operations
        if lacking:
            yield _without_route(index, route, operations)


def _fields(contract: Mapping[str, Any]) -> list[str]:
    """The operations of a GraphQL schema; none where it has faults of its own or cannot be read here."""
    if contract.get("kind") != "graphql" or not isinstance(contract["document"], str):
        return []
    try:
        return list(graphql_operations(contract["document"]))
    except (InvalidDocument, MissingExtra):
        return []


def _without_route(index: int, route: str, operations: list[str]) -> Contradiction:
    near = get_close_matches(route, operations, 2, 0.3)
    options = [
        *(value(f"It is for {name}", name) for name in near),
        shape("The route as the API has it, or a job's name"),
        shape("Add the route to the API"),
    ]
    return Contradiction(
        join("/perf_targets/slos", index, "route"),
        "INPT-06",
        f"The objective is for {route}, which the API does not have.",
        tuple(options[:3]),
        schema=TEXT,
    )


def _exists(api: ApiDocument, method: str | None, path: str) -> bool:
    wanted = template_of(path.partition("?")[0])
    pattern = re.compile(re.escape(wanted).replace(r"\*", ".*") + r"\Z")
    return any(
        (method is None or method == operation.method)
        and any(pattern.match(prefix + operation.template) for prefix in _prefixes(operation))
        for operation in api.operations
    )


def _prefixes(operation: Operation) -> set[str]:
    """The base paths of the servers that hold for an operation, which callers may have put in front or left out."""
    return {"", *(base for base, _ in placed_base_paths(operation.servers) if base is not None)}
