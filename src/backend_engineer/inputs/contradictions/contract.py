"""Faults of the API contract's own document: they are questions to its author, not findings on a change.

Owns: how a fault of the document becomes a gap, and where its answer belongs.
Must never know: how faults are found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backend_engineer.apis.graphql import graphql_problems
from backend_engineer.apis.openapi import ApiDocument
from backend_engineer.apis.pointers import join, split
from backend_engineer.apis.problems import ApiProblem, openapi_problems
from backend_engineer.errors import MissingExtra
from backend_engineer.inputs.contradictions.finding import TEXT, Contradiction, shape

__all__ = ["contract_faults"]

_DOCUMENT = "/api_contract/document"
_OPTIONS = (
    shape("Answer with what belongs at this place"),
    shape("Mend the document's file and gather again"),
)


def contract_faults(data: Mapping[str, Any], api: ApiDocument | None) -> Iterator[Contradiction]:
    """The faults of the OpenAPI document or of the GraphQL schema."""
    kind, document = data["api_contract"]["kind"], data["api_contract"]["document"]
    if kind == "graphql":
        yield from _graphql(document)
        return
    if not isinstance(document, dict):
        yield _gap(_DOCUMENT, "An OpenAPI document is an object, and here stands text.", {"type": "object"})
        return
    for problem in openapi_problems(document):
        yield _fault(problem)


def _graphql(document: Any) -> Iterator[Contradiction]:
    if not isinstance(document, str):
        yield _gap(_DOCUMENT, "A GraphQL schema is text, and here stands an object.", TEXT)
        return
    try:
        problems = graphql_problems(document)
    except MissingExtra:
        # The rules say `not checked` for the contract; gathering goes on, since nothing is known to be wrong.
        return
    for problem in problems:
        yield _gap(_DOCUMENT, problem.message, TEXT)


def _fault(problem: ApiProblem) -> Contradiction:
    pointer = problem.pointer
    if problem.code == "undeclared-security":
        # The answer that mends it is the declaration, not another value where the name is used.
        pointer = join("/components/securitySchemes", split(problem.pointer)[-1])
    text = split(pointer)[-1:] in (("operationId",), ("$ref",))
    return _gap(_DOCUMENT + pointer, problem.message, TEXT if text else {})


def _gap(pointer: str, reason: str, schema: dict[str, Any]) -> Contradiction:
    return Contradiction(pointer, "INPT-03", reason, _OPTIONS, "invalid", schema)
