"""Service level objectives for routes that the API does not have.

Owns: how the route of an objective is matched with the API's operations.
Must never know: how objectives are probed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from backend_engineer.apis.openapi import ApiDocument, template_of
from backend_engineer.apis.pointers import join
from backend_engineer.inputs.contradictions.finding import TEXT, Contradiction, shape, value

__all__ = ["objectives_without_route"]

_ROUTE = re.compile(r"(?:([A-Z]+)\s+)?(/\S*)\Z")


def objectives_without_route(data: Mapping[str, Any], api: ApiDocument | None) -> Iterator[Contradiction]:
    """Each objective whose route has the form of a route and is none of the API's; a job's name is free."""
    slos = data["perf_targets"]["slos"]
    if api is None or not isinstance(slos, list):
        return
    routes = [item.route for item in api.operations]
    for index, slo in enumerate(slos):
        route = slo["route"].strip()
        found = _ROUTE.match(route)
        if not found or _exists(api, found[1], found[2]):
            continue
        near = get_close_matches(route, routes, 2, 0.3)
        yield Contradiction(
            join("/perf_targets/slos", index, "route"),
            "INPT-06",
            f"The objective is for {route}, which the API does not have.",
            (
                *(value(f"It is for {name}", name) for name in near),
                shape("The route as the API has it, or a job's name"),
                shape("Add the route to the API"),
            )[:3],
            schema=TEXT,
        )


def _exists(api: ApiDocument, method: str | None, path: str) -> bool:
    wanted = template_of(path.partition("?")[0])
    pattern = re.compile(re.escape(wanted).replace(r"\*", ".*") + r"\Z")
    prefixes = {"", *_prefixes(api)}
    return any(
        (method is None or method == operation.method)
        and any(pattern.match(prefix + operation.template) for prefix in prefixes)
        for operation in api.operations
    )


def _prefixes(api: ApiDocument) -> Iterator[str]:
    """The paths of the servers, which callers may have put in front."""
    servers = api.data.get("servers")
    for server in servers if isinstance(servers, list) else ():
        url = server.get("url") if isinstance(server, dict) else None
        if isinstance(url, str):
            try:
                yield urlsplit(url).path.rstrip("/")
            except ValueError:
                continue
