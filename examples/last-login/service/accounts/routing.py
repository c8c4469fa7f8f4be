"""Requests, answers and routes, apart from any server."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One call: header names in lower case, query values as the last one sent."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    params: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """One answer; the body is JSON data."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """A method and path template, the scope it demands, and whether it changes anything.

    A route that mutates takes an Idempotency-Key, and its answer is stored with the change itself.
    """

    method: str
    template: str
    operation: str
    scope: str
    handle: Callable[[Request], Response]
    mutates: bool = False

    def match(self, path: str) -> dict[str, str] | None:
        """The path's parameters, or None when the path is another."""
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template)
        found = re.fullmatch(pattern, path)
        return found.groupdict() if found else None
