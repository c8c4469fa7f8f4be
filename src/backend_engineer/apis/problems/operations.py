"""Faults of paths and operations: parameters, ids, templates, security.

Owns: what the specification asks of operations beyond the meta-schema.
Must never know: schema keywords, how references are checked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from backend_engineer.apis.openapi import ApiDocument, Operation, template_of
from backend_engineer.apis.pointers import join
from backend_engineer.apis.problems.problem import ApiProblem

__all__ = ["operation_problems"]

_NAME = re.compile(r"\{([^{}]*)\}")


def operation_problems(api: ApiDocument) -> Iterator[ApiProblem]:
    """Clashing templates, path parameters, ids that stand twice, security that nobody declared."""
    yield from _template_clashes(api)
    yield from _duplicate_ids(api)
    yield from _security(api, api.data.get("security"), "/security")
    for operation in api.operations:
        yield from _path_parameters(operation)
        yield from _duplicate_parameters(api, operation)
        if "security" in operation.raw:
            yield from _security(api, operation.raw["security"], join(operation.pointer, "security"))


def _template_clashes(api: ApiDocument) -> Iterator[ApiProblem]:
    paths = api.data.get("paths")
    first: dict[str, str] = {}
    for path in paths if isinstance(paths, dict) else ():
        template = template_of(path)
        if template in first:
            yield ApiProblem(
                join("/paths", path),
                "template-clash",
                f"`{path}` and `{first[template]}` are the same path with other parameter names: keep one.",
            )
        first.setdefault(template, path)


def _duplicate_ids(api: ApiDocument) -> Iterator[ApiProblem]:
    first: dict[str, Operation] = {}
    for operation in api.operations:
        identifier = operation.operation_id
        if identifier is None:
            continue
        other = first.setdefault(identifier, operation)
        # Two paths may share one path item by reference: that is one operation on two routes.
        if other is not operation and other.pointer != operation.pointer:
            yield ApiProblem(
                join(operation.pointer, "operationId"),
                "duplicate-operation-id",
                f"The operationId `{identifier}` is also that of {other.route}: give each its own.",
            )


def _path_parameters(operation: Operation) -> Iterator[ApiProblem]:
    wanted = _NAME.findall(operation.path)
    declared = {item.name for item in operation.parameters if item.location == "path"}
    for name in dict.fromkeys(wanted):
        if name not in declared:
            yield ApiProblem(
                operation.pointer,
                "path-parameter",
                f"{operation.route} does not declare its path parameter `{name}`: add it with `in: path`.",
            )
    for parameter in operation.parameters:
        if parameter.location == "path" and parameter.name not in wanted:
            yield ApiProblem(
                parameter.pointer,
                "path-parameter",
                f"`{parameter.name}` is no parameter of the path {operation.path}: remove it or name it in the path.",
            )
    for name, times in Counter(wanted).items():
        if times > 1:
            yield ApiProblem(
                operation.pointer,
                "path-parameter",
                f"`{name}` stands {times} times in {operation.path}: rename one.",
            )


def _duplicate_parameters(api: ApiDocument, operation: Operation) -> Iterator[ApiProblem]:
    listed = operation.raw.get("parameters")
    seen: set[tuple[str, str]] = set()
    for index, item in enumerate(listed if isinstance(listed, list) else ()):
        raw = api.resolve(item)
        if (
            not isinstance(raw, dict)
            or not isinstance(raw.get("name"), str)
            or not isinstance(raw.get("in"), str)
        ):
            continue
        name = raw["name"].lower() if raw["in"] == "header" else raw["name"]
        if (raw["in"], name) in seen:
            yield ApiProblem(
                join(operation.pointer, "parameters", index),
                "duplicate-parameter",
                f"{operation.route} lists the {raw['in']} parameter `{raw['name']}` twice: keep one.",
            )
        seen.add((raw["in"], name))


def _security(api: ApiDocument, requirements: Any, pointer: str) -> Iterator[ApiProblem]:
    for index, requirement in enumerate(requirements if isinstance(requirements, list) else ()):
        for name in requirement if isinstance(requirement, Mapping) else ():
            if name not in api.security_schemes:
                yield ApiProblem(
                    join(pointer, index, name),
                    "undeclared-security",
                    f"No security scheme `{name}` is declared: add it under components/securitySchemes.",
                )
