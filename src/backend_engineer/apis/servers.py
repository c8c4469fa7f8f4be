"""Where the URLs of an API begin: the base path of each of its servers.

Owns: how a Server Object becomes a base path.
Must never know: hosts, which differ from one deployment to the next; other documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

__all__ = ["base_paths", "placed_base_paths"]

_VARIABLE = re.compile(r"\{([^{}]*)\}")


def base_paths(servers: Any) -> frozenset[str] | None:
    """The base paths of a `servers` list, without a slash at their end, so that the root is the empty text.

    Variables take their defaults. A list that is absent or empty stands for the root, as the specification
    says. None where one of them cannot be told: a URL such as `v1`, which is relative to the place that the
    document is read from, or one that is no URL.
    """
    found = [base for base, _ in placed_base_paths(servers)]
    return None if None in found else frozenset(base for base in found if base is not None)


def placed_base_paths(servers: Any) -> list[tuple[str | None, int | None]]:
    """Each base path with the index of its server; the root with none where no server is stated."""
    stated = list(_stated(servers))
    return [(_base_path(server), index) for index, server in stated] or [("", None)]


def _stated(servers: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for index, server in enumerate(servers if isinstance(servers, list) else ()):
        if isinstance(server, Mapping) and isinstance(server.get("url"), str):
            yield index, server


def _base_path(server: Mapping[str, Any]) -> str | None:
    variables = server.get("variables")
    known = variables if isinstance(variables, Mapping) else {}

    def default(match: re.Match[str]) -> str:
        variable = known.get(match[1])
        value = variable.get("default") if isinstance(variable, Mapping) else None
        return value if isinstance(value, str) else match[0]

    url = _VARIABLE.sub(default, server["url"]).strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if not parts.netloc and not url.startswith("/"):
        return None
    return _plain(parts.path)


def _plain(path: str) -> str:
    """A path without empty segments, dots, and a slash at its end."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return "".join(f"/{segment}" for segment in kept)
