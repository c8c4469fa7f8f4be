"""GraphQL schemas: their own faults.

Owns: the reading of SDL through the extra `graphql`.
Must never know: inputs, rules, files.
"""

from __future__ import annotations

from typing import Any

from backend_engineer.apis.problems.problem import ApiProblem
from backend_engineer.errors import MissingExtra

__all__ = ["graphql_problems"]


def _library() -> Any:
    try:
        import graphql
    except ImportError as error:
        raise MissingExtra("graphql", "graphql-core", "Reading a GraphQL schema") from error
    return graphql


def graphql_problems(sdl: str) -> list[ApiProblem]:
    """Every fault of a GraphQL schema given as SDL; `pointer` is `LINE:COLUMN`, empty where unknown.

    Raises MissingExtra without the extra `graphql`.
    """
    library = _library()
    try:
        document = library.parse(sdl)
    except library.GraphQLSyntaxError as error:
        return [_problem("syntax", error)]
    except RecursionError:
        return [ApiProblem("", "too-deep", "The schema is nested too deeply to be read.")]
    from graphql.validation.validate import validate_sdl

    errors = validate_sdl(document)
    if not errors:
        schema = library.build_ast_schema(document, assume_valid_sdl=True)
        errors = library.validate_schema(schema)
    return [_problem("invalid", error) for error in errors]


def _problem(code: str, error: Any) -> ApiProblem:
    place = error.locations[0] if error.locations else None
    where = f"{place.line}:{place.column}" if place else ""
    message = error.message if error.message.endswith(".") else f"{error.message}."
    return ApiProblem(where, code, f"Line {where}: {message}" if where else message)
