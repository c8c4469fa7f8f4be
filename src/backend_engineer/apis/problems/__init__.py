"""The faults of an OpenAPI document by itself: against the meta-schema, and in what it means.

Owns: `openapi_problems`, which never raises on any JSON value.
Must never know: the API that someone else emitted, files, gaps, findings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend_engineer.apis.metaschema import violations
from backend_engineer.apis.openapi import ApiDocument, load_openapi, version_of
from backend_engineer.apis.problems.operations import operation_problems
from backend_engineer.apis.problems.problem import ApiProblem
from backend_engineer.apis.problems.references import key_problems, reference_problems
from backend_engineer.apis.problems.schemas import schema_problems
from backend_engineer.errors import InvalidDocument

__all__ = ["ApiProblem", "openapi_problems"]


def openapi_problems(document: Any) -> list[ApiProblem]:
    """Every fault of an OpenAPI 3.0, 3.1 or 3.2 document, in the order of the document's pointers.

    `document` is JSON data (keys may be integers, as YAML gives them); any JSON value is taken and
    nothing is raised. A document that `load_openapi` has read already is not read again; that two of its keys
    became one is then not seen. A document without faults gives an empty list.
    """
    version = document.version if isinstance(document, ApiDocument) else version_of(document)
    if version is None:
        return [_no_version(document)]
    try:
        return _unique(_problems(document, version))
    except InvalidDocument as error:
        return [ApiProblem("", "too-deep", error.message)]
    except RecursionError:
        return [
            ApiProblem("", "too-deep", "The document is nested too deeply to be checked: make it flatter.")
        ]


def _no_version(document: Any) -> ApiProblem:
    if not isinstance(document, dict):
        return ApiProblem(
            "",
            "not-an-object",
            "An OpenAPI document is an object: give one with `openapi`, `info` and `paths`.",
        )
    if "swagger" in document:
        return ApiProblem("/swagger", "version", "This is a Swagger 2 document: convert it to OpenAPI 3.")
    return ApiProblem(
        "/openapi", "version", 'State `openapi` as a version of 3.0, 3.1 or 3.2, such as "3.0.3".'
    )


def _problems(document: Any, version: str) -> Iterator[ApiProblem]:
    if isinstance(document, ApiDocument):
        api = document
    else:
        yield from key_problems(document)
        api = load_openapi(document)
    for pointer, message in violations(version, api.data):
        yield ApiProblem(pointer, "meta-schema", message)
    yield from reference_problems(api)
    yield from operation_problems(api)
    yield from schema_problems(api)


def _unique(problems: Iterator[ApiProblem]) -> list[ApiProblem]:
    return sorted(dict.fromkeys(problems), key=lambda item: (item.pointer, item.code, item.message))
