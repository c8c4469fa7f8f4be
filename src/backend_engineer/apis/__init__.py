"""API documents, OpenAPI and GraphQL: read, checked by themselves, and compared for equality.

Owns: the normal forms of API descriptions (APID-01) and the official meta-schemas.
Must never know: inputs, files, replies, rules, findings.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend_engineer.apis.compare import ApiDifference, compare_openapi
    from backend_engineer.apis.graphql import compare_graphql, graphql_operations, graphql_problems
    from backend_engineer.apis.openapi import (
        ApiDocument,
        Media,
        Operation,
        Parameter,
        Response,
        load_openapi,
        template_of,
    )
    from backend_engineer.apis.problems import ApiProblem, openapi_problems

_HOMES = {
    "ApiDifference": "compare",
    "ApiDocument": "openapi",
    "ApiProblem": "problems",
    "Media": "openapi",
    "Operation": "openapi",
    "Parameter": "openapi",
    "Response": "openapi",
    "compare_openapi": "compare",
    "compare_graphql": "graphql",
    "graphql_operations": "graphql",
    "graphql_problems": "graphql",
    "load_openapi": "openapi",
    "openapi_problems": "problems",
    "template_of": "openapi",
}

__all__ = [
    "ApiDifference",
    "ApiDocument",
    "ApiProblem",
    "Media",
    "Operation",
    "Parameter",
    "Response",
    "compare_graphql",
    "compare_openapi",
    "graphql_operations",
    "graphql_problems",
    "load_openapi",
    "openapi_problems",
    "template_of",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
