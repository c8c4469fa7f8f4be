"""Figures for the API checks: validity of ten operations, and what real documents give.

    python benchmarks/apis.py                        validity of ten operations, in milliseconds
    python benchmarks/apis.py DOCUMENT.json ...      for each real document: faults by code, what comparing
                                                     it with itself gives, and how many of 100 drifts, each
                                                     made at a place that an operation reaches, are found
                                                     as exactly one difference

Owns: the measuring.
Must never know: how anything is checked.
"""

from __future__ import annotations

import collections
import copy
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from backend_engineer.apis import compare_openapi, load_openapi, openapi_problems

Undo = Callable[[], None]
_METHODS = ("get", "put", "post", "delete", "patch")


def ten_operations(version: str) -> dict[str, Any]:
    """A document of ten operations with shared schemas, headers, bodies and failures."""
    failure = {"$ref": "#/components/responses/Failure"}
    thing = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    answers = {
        "200": {"description": "Done.", "content": thing},
        "404": failure,
        "429": failure,
        "default": failure,
    }
    text = {"type": "string"}
    key = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": text}
    identifier = {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
    }
    paths = {
        f"/things{number}/{{id}}": {
            "parameters": [identifier],
            "get": {"operationId": f"get{number}", "responses": answers},
            "patch": {
                "operationId": f"change{number}",
                "parameters": [key],
                "requestBody": {"required": True, "content": thing},
                "responses": answers,
            },
        }
        for number in range(5)
    }
    error = {"type": "object", "properties": dict.fromkeys(("code", "message", "correlation_id"), text)}
    return {
        "openapi": version,
        "info": {"title": "Things", "version": "1"},
        "paths": paths,
        "components": {
            "responses": {
                "Failure": {
                    "description": "A failure.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
                }
            },
            "schemas": {
                "Thing": {"type": "object", "properties": {f"field{number}": text for number in range(20)}},
                "Error": {"type": "object", "required": ["error"], "properties": {"error": error}},
            },
        },
    }


def milliseconds(act: Callable[[], Any], times: int = 5) -> float:
    """The best of several runs."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        act()
        best = min(best, time.perf_counter() - start)
    return best * 1000


def reachable_objects(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Every object schema that an operation reaches, each once."""
    found: dict[int, dict[str, Any]] = {}
    waiting: list[Any] = [document["paths"]]
    seen: set[str] = set()
    while waiting:
        for node in _objects(waiting.pop()):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference.startswith("#/") and reference not in seen:
                seen.add(reference)
                target: Any = document
                for token in reference[2:].split("/"):
                    target = target[token.replace("~1", "/").replace("~0", "~")]
                waiting.append(target)
            if (
                isinstance(node.get("type"), str)
                and isinstance(node.get("properties"), dict)
                and node["properties"]
            ):
                found[id(node)] = node
    return list(found.values())


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for key, value in node.items():
            if key not in ("example", "examples") and not key.startswith("x-"):
                yield from _objects(value)
    elif isinstance(node, list):
        for value in node:
            yield from _objects(value)


def _set(holder: dict[str, Any], key: str, value: Any) -> Undo:
    had, before = key in holder, holder.get(key)
    holder[key] = value

    def undo() -> None:
        if had:
            holder[key] = before
        else:
            del holder[key]

    return undo


def drift(
    document: dict[str, Any], objects: list[dict[str, Any]], pick: random.Random
) -> tuple[str, Undo] | None:
    """One change to the API, in place, and how to take it back."""
    item = document["paths"][pick.choice(sorted(document["paths"]))]
    methods = [name for name in _METHODS if name in item]
    kind = pick.choice(["property", "type", "required", "answer", "parameter", "operation"])
    if kind in ("property", "type", "required"):
        if not objects:
            return None
        schema = pick.choice(objects)
        name = pick.choice(sorted(schema["properties"]))
        field = schema["properties"][name]
        if kind == "property":
            return kind, _set(
                schema,
                "properties",
                {key: value for key, value in schema["properties"].items() if key != name},
            )
        if kind == "required":
            names = schema.get("required", [])
            return kind, _set(
                schema, "required", [key for key in names if key != name] if name in names else [*names, name]
            )
        if not isinstance(field, dict) or not isinstance(field.get("type"), str):
            return None
        return kind, _set(field, "type", "string" if field["type"] == "boolean" else "boolean")
    if not methods:
        return None
    method = pick.choice(methods)
    operation = item[method]
    if kind == "operation":
        gone = item.pop(method)
        return kind, lambda: item.__setitem__(method, gone)
    if kind == "answer" and operation.get("responses"):
        status = pick.choice(sorted(operation["responses"]))
        return kind, _set(
            operation,
            "responses",
            {key: value for key, value in operation["responses"].items() if key != status},
        )
    if kind == "parameter" and operation.get("parameters"):
        listed = operation["parameters"]
        place = pick.randrange(len(listed))
        return kind, _set(operation, "parameters", listed[:place] + listed[place + 1 :])
    return None


def report(path: Path, wanted: int = 100) -> None:
    """The figures of one real document."""
    document = json.loads(path.read_text("utf-8"))
    api = load_openapi(document)
    start = time.perf_counter()
    codes = collections.Counter(problem.code for problem in openapi_problems(document))
    faults_in = time.perf_counter() - start
    start = time.perf_counter()
    own = len(compare_openapi(api, copy.deepcopy(document)))
    compared_in = time.perf_counter() - start
    print(f"{path.name}: OpenAPI {api.version}, {len(api.operations)} operations")
    print(
        f"  faults {dict(codes) or 'none'} in {faults_in:.2f} s; differences from itself {own} in {compared_in:.2f} s"
    )
    objects, pick, made, exact, unseen = reachable_objects(document), random.Random(1), 0, 0, 0
    for _ in range(wanted * 5):
        changed = drift(document, objects, pick) if made < wanted else None
        if changed is not None:
            found = compare_openapi(api, document)
            changed[1]()
            made, exact, unseen = made + 1, exact + (len(found) == 1), unseen + (not found)
    print(f"  drifts {made}: as exactly one difference {exact}, not seen {unseen}")


def main(arguments: list[str]) -> None:
    """Measure what the arguments name."""
    for version in ("3.0.3", "3.1.0", "3.2.0"):
        document = ten_operations(version)
        start = time.perf_counter()
        assert openapi_problems(document) == []
        first = (time.perf_counter() - start) * 1000
        kept = milliseconds(lambda document=document: openapi_problems(document))  # type: ignore[misc]
        same = milliseconds(lambda document=document: compare_openapi(document, document))  # type: ignore[misc]
        print(
            f"ten operations, {version}: validity {first:.0f} ms first, {kept:.0f} ms then; comparison {same:.0f} ms"
        )
    for name in arguments:
        report(Path(name))


if __name__ == "__main__":
    main(sys.argv[1:])
