"""Mutators of the API document and of the stack: drifts from the contract, and what TechSpec does not name.

Owns: these mutators.
Must never know: how the rules find them.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from backend_engineer.contract import Section
from backend_engineer.inputs import StageInputs
from backend_engineer.testing.builders import Built
from backend_engineer.testing.mutators.mutator import Mutator

__all__ = ["MUTATORS"]

_OPENAPI = "docs/openapi.json"
_Edit = Callable[[dict[str, Any], random.Random], None]


def _emitted(edit: _Edit) -> Callable[[Built, random.Random], Built]:
    """A mutator of the API document that the change emits."""

    def apply(built: Built, chance: random.Random) -> Built:
        file = built.change.get(_OPENAPI)
        assert file is not None
        document = json.loads(file.content or "{}")
        edit(document, chance)
        return built.with_file(replace(file, content=json.dumps(document, indent=2) + "\n"))

    return apply


def _both(edit: _Edit) -> Callable[[Built, random.Random], Built]:
    """A mutator of the contract and of the emitted document alike, so that they agree and are both wrong."""

    def apply(built: Built, chance: random.Random) -> Built:
        document = json.loads(built.change.get(_OPENAPI).content or "{}")  # type: ignore[union-attr]
        edit(document, chance)
        data = built.inputs.model_dump(mode="json")
        data["api_contract"]["document"] = document
        file = replace(built.change.get(_OPENAPI), content=json.dumps(document, indent=2) + "\n")  # type: ignore[type-var]
        return replace(built.with_file(file), inputs=StageInputs.model_validate(data))  # type: ignore[arg-type]

    return apply


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def _patch(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(path["patch"] for path in document["paths"].values() if "patch" in path)
    return found


def _listing(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(path["get"] for path in document["paths"].values() if "get" in path)
    return found


def _undocumented_path(document: dict[str, Any], chance: random.Random) -> None:
    answers = {"200": {"description": "Well."}}
    document["paths"][f"/extra-{chance.randint(1, 99)}"] = {
        "get": {"operationId": "extra", "responses": answers}
    }


def _operation_missing(document: dict[str, Any], chance: random.Random) -> None:
    path = next(name for name, item in document["paths"].items() if "patch" in item)
    del document["paths"][path]


def _wrong_method(document: dict[str, Any], chance: random.Random) -> None:
    item = next(item for item in document["paths"].values() if "patch" in item)
    item["put"] = item.pop("patch")


def _status_dropped(document: dict[str, Any], chance: random.Random) -> None:
    operation = chance.choice(_operations(document))
    del operation["responses"][chance.choice(("401", "403", "500"))]


def _type_changed(document: dict[str, Any], chance: random.Random) -> None:
    schemas = document["components"]["schemas"]
    name = next(key for key in schemas if key.endswith("Page"))[: -len("Page")]
    schemas[name]["properties"]["id"] = {"type": chance.choice(("string", "number", "boolean"))}


def _parameter_renamed(document: dict[str, Any], chance: random.Random) -> None:
    _listing(document)["parameters"][1]["name"] = f"size{chance.randint(1, 99)}"


def _security_dropped(document: dict[str, Any], chance: random.Random) -> None:
    chance.choice(_operations(document))["security"] = []


def _dangling(document: dict[str, Any], chance: random.Random) -> None:
    answers = _patch(document)["responses"]["200"]["content"]["application/json"]
    answers["schema"] = {"$ref": f"#/components/schemas/Ghost{chance.randint(1, 99)}"}


def _same_operation_id(document: dict[str, Any], chance: random.Random) -> None:
    _patch(document)["operationId"] = _listing(document)["operationId"]


def _key_dropped(document: dict[str, Any], chance: random.Random) -> None:
    operation = _patch(document)
    operation["parameters"] = [item for item in operation["parameters"] if item["name"] != "Idempotency-Key"]


def _envelope_changed(document: dict[str, Any], chance: random.Random) -> None:
    error = document["components"]["schemas"]["Error"]["properties"]["error"]
    name = chance.choice(("code", "message", "correlation_id", "details"))
    del error["properties"][name]
    error["required"] = [item for item in error["required"] if item != name]


def _by_offset(document: dict[str, Any], chance: random.Random) -> None:
    cursor = _listing(document)["parameters"][0]
    cursor.update(name=chance.choice(("offset", "page")), schema={"type": "integer"})


def _no_limit(document: dict[str, Any], chance: random.Random) -> None:
    for operation in _operations(document):
        operation["responses"].pop("429", None)


def _open(document: dict[str, Any], chance: random.Random) -> None:
    document.pop("security", None)


def _graphql_drift(built: Built, chance: random.Random) -> Built:
    theme = built.theme
    sdl = f"type Query {{\n  {theme.many}(after: String, first: Int): [String!]!\n}}\n"
    data = built.inputs.model_dump(mode="json")
    data["api_contract"].update(kind="graphql", document=sdl)
    drift = sdl.replace("first: Int", chance.choice(("first: Int!", "last: Int", "first: Float")))
    built = built.without(_OPENAPI)
    return replace(
        built.add(Section.DOCS, "docs/schema.graphql", drift), inputs=StageInputs.model_validate(data)
    )


def _manifest(built: Built, chance: random.Random) -> Built:
    name = chance.choice(("flask", "requests", "django", "celery", "boto3"))
    path, text = chance.choice(
        (
            ("requirements.txt", f"{name}=={chance.randint(1, 9)}.0\n"),
            ("package.json", json.dumps({"name": "x", "dependencies": {name: "1.0.0"}}, indent=2) + "\n"),
            ("go.mod", f"module x\n\ngo 1.22\n\nrequire github.com/x/{name} v1.0.0\n"),
        )
    )
    return built.add(Section.DOCS, path, text)


def _import(built: Built, chance: random.Random) -> Built:
    name = chance.choice(("flask", "requests", "django", "celery", "boto3"))
    file = built.file(Section.SERVICES)
    return built.edit(
        file.path, f"from src.models.{built.theme.one}", f"import {name}\nfrom src.models.{built.theme.one}"
    )


MUTATORS: tuple[Mutator, ...] = (
    Mutator("undocumented path", "API001", _emitted(_undocumented_path)),
    Mutator("operation missing", "API001", _emitted(_operation_missing)),
    Mutator("wrong method", "API001", _emitted(_wrong_method)),
    Mutator("answer's status dropped", "API001", _emitted(_status_dropped)),
    Mutator("field's type changed", "API001", _emitted(_type_changed)),
    Mutator("parameter renamed", "API001", _emitted(_parameter_renamed)),
    Mutator("security dropped from an operation", "API001", _emitted(_security_dropped)),
    Mutator("reference that leads nowhere", "API002", _emitted(_dangling)),
    Mutator("two operations with one id", "API002", _emitted(_same_operation_id)),
    Mutator("no idempotency key in the document", "API003", _emitted(_key_dropped)),
    Mutator("error without the envelope", "API004", _emitted(_envelope_changed)),
    Mutator("list without a cursor", "API005", _emitted(_by_offset)),
    Mutator("no rate limit declared", "API006", _both(_no_limit)),
    Mutator("operation open to anyone", "API007", _emitted(_open)),
    Mutator("GraphQL field differs", "API008", _graphql_drift),
    Mutator("dependency outside the stack", "STK001", _manifest),
    Mutator("import outside the stack", "STK002", _import),
)
