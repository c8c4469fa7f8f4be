"""API documents, OpenAPI and GraphQL: read, checked by themselves, and compared for equality.

Owns: the normal forms of API descriptions (APID-01) and the official meta-schemas.
Must never know: inputs, files, replies, rules, findings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_engineer.first_use import names_on_first_use

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

__getattr__, __dir__ = names_on_first_use(
    __name__,
    {
        "compare": ("ApiDifference", "compare_openapi"),
        "graphql": ("compare_graphql", "graphql_operations", "graphql_problems"),
        "openapi": (
            "ApiDocument",
            "Media",
            "Operation",
            "Parameter",
            "Response",
            "load_openapi",
            "template_of",
        ),
        "problems": ("ApiProblem", "openapi_problems"),
    },
)
