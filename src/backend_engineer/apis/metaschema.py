"""Validity against the official OpenAPI meta-schemas, each made ready once and kept.

Owns: the meta-schemas' data, their flattening, and how a violation reads.
Must never know: what references lead to, or any rule that the meta-schemas do not state.

The published schemas are slow to run as they stand: each schema object goes through eight vocabularies
by dynamic reference, and almost every object through `unevaluatedProperties`, which looks at everything
twice. Both are resolved ahead of time, without changing what is accepted: the vocabularies only list
properties, so they are merged into one object; and where nothing but a reference to the extensions and
the object's own properties can evaluate a property, `additionalProperties` says the same.

A part of a document that fits is passed over by a compiled yes; the validator itself runs only on the way to
a fault, to say which it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from backend_engineer.apis.acceptance import Acceptance
from backend_engineer.apis.pointers import join

__all__ = ["flattened", "violations"]

# jsonschema brings these along for itself; they carry no type marks, so they are fetched as plain data.
REGISTRY: Any = import_module("jsonschema_specifications").REGISTRY
VALIDATORS: Any = import_module("jsonschema.validators")

_VOCABULARIES = (
    "core",
    "applicator",
    "unevaluated",
    "validation",
    "meta-data",
    "format-annotation",
    "content",
)
_EXTENSIBLE = ({"$ref": "#/$defs/specification-extensions"}, {"$ref": "#/$defs/extensible"})
_TYPE_NAMES = {
    dict: "an object",
    list: "a list",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def violations(version: str, document: Any) -> Iterator[tuple[str, str]]:
    """Pointer and message of each place where a document breaks the meta-schema of its version."""
    found = [leaf for error in _validator(version).iter_errors(document) for leaf in _leaves(error)]
    # Of another type than wanted, a value breaks most other keywords as well; that it does says nothing more.
    mistyped = {join("", *leaf.absolute_path) for leaf in found if leaf.validator == "type"}
    for leaf in found:
        pointer = join("", *leaf.absolute_path)
        if leaf.validator == "type" or pointer not in mistyped:
            yield pointer, _words(leaf)


@cache
def _validator(version: str) -> Any:
    """The validator of a version, which looks only into those parts of a document that do not fit."""
    schema = flattened(version)
    acceptance = Acceptance(schema)

    def ref(validator: Any, reference: str, value: Any, part: Any) -> Iterator[ValidationError]:
        if not acceptance.of(reference)(value):
            yield from follow(validator, reference, value, part)

    follow: Any = Draft202012Validator.VALIDATORS["$ref"]
    looking: Any = VALIDATORS.extend(Draft202012Validator, {"$ref": ref})
    return looking(schema)


def flattened(version: str) -> dict[str, Any]:
    """The meta-schema of `3.0`, `3.1` or `3.2` as one schema of draft 2020-12 without dynamic references."""
    schema = _data(f"oas-{version}.json")
    if version == "3.0":
        schema.pop("id", None)
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        translated: dict[str, Any] = _from_draft_4(schema)
        return translated
    schema.pop("$id", None)
    schema["$defs"]["schema"] = _schema_object(_data(f"oas-{version}-vocabulary.json"), schema["$defs"])
    flat: dict[str, Any] = _rewritten(schema)
    return flat


def _data(name: str) -> dict[str, Any]:
    text = files("backend_engineer.apis").joinpath("metaschemas", name).read_text("utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def _schema_object(vocabulary: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The dialect's schema for schema objects: all vocabularies' properties in one object.

    What a vocabulary defines for itself moves to the root's definitions under a name of its own.
    """
    properties: dict[str, Any] = {}
    resources = [
        (name, REGISTRY.contents(f"https://json-schema.org/draft/2020-12/meta/{name}"))
        for name in _VOCABULARIES
    ]
    for name, resource in (*resources, ("oas", vocabulary)):
        for key, value in resource.get("$defs", {}).items():
            definitions[f"{name}-{key}"] = _renamed(value, name)
        for key, value in resource.get("properties", {}).items():
            properties[key] = _renamed(value, name)
    # Kept from before 2019-09 by the meta-schema itself, with the forms that they then had.
    old = REGISTRY.contents("https://json-schema.org/draft/2020-12/schema")["properties"]
    for key, value in old.items():
        properties.setdefault(key, _renamed(value, "core"))
    return {"type": ["object", "boolean"], "properties": properties}


def _renamed(node: Any, name: str) -> Any:
    """`node` with its dynamic references and its vocabulary's own definitions pointed at the root."""
    if isinstance(node, list):
        return [_renamed(item, name) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$dynamicRef"), str):
        return {"$ref": "#/$defs/schema"}
    changed = {key: _renamed(value, name) for key, value in node.items()}
    reference = changed.get("$ref")
    if isinstance(reference, str):
        own = reference.removeprefix("meta/validation").removeprefix("meta/core")
        owner = "validation" if reference.startswith("meta/validation") else name
        if own.startswith("#/$defs/"):
            changed["$ref"] = "#/$defs/" + f"{owner}-{own.removeprefix('#/$defs/')}"
    return changed


def _rewritten(node: Any) -> Any:
    """The schema with `unevaluatedProperties` replaced wherever `additionalProperties` says the same."""
    if isinstance(node, list):
        return [_rewritten(item) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$dynamicRef"), str):
        return {"$ref": "#/$defs/schema"}
    changed = {key: _rewritten(value) for key, value in node.items()}
    if isinstance(changed.get("$dynamicAnchor"), str):
        del changed["$dynamicAnchor"]
    if changed.get("unevaluatedProperties") is False and _closed_by_itself(changed):
        del changed["unevaluatedProperties"]
        changed["additionalProperties"] = False
        if changed.pop("$ref", None) is not None:
            changed["patternProperties"] = {"^x-": True, **changed.get("patternProperties", {})}
    return changed


def _closed_by_itself(schema: dict[str, Any]) -> bool:
    others = {"allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas", "additionalProperties"}
    reference = schema.get("$ref")
    return not others & schema.keys() and (
        reference is None or {"$ref": reference} in _EXTENSIBLE or str(reference).endswith("-extensible")
    )


def _from_draft_4(node: Any) -> Any:
    """The 3.0 schema with the one keyword that reads otherwise in 2020-12, and references told apart.

    `oneOf` an object and a Reference becomes a question for `$ref`, which no other object allows: the
    same documents pass, and the messages speak of the branch that was meant.
    """
    if isinstance(node, list):
        return [_from_draft_4(item) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {key: _from_draft_4(value) for key, value in node.items()}
    if changed.get("exclusiveMinimum") is True:
        changed["exclusiveMinimum"] = changed.pop("minimum")
    branches = changed.get("oneOf")
    reference = {"$ref": "#/definitions/Reference"}
    if isinstance(branches, list) and len(branches) == 2 and reference in branches:
        other = next(item for item in branches if item != reference)
        del changed["oneOf"]
        changed |= {"if": {"type": "object", "required": ["$ref"]}, "then": reference, "else": other}
    return changed


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """The errors that say most: for alternatives, those of the branch that got furthest."""
    if not error.context:
        yield error
        return
    branches: dict[Any, list[ValidationError]] = {}
    for item in error.context:
        branches.setdefault(item.schema_path[0] if item.schema_path else None, []).append(item)
    if error.validator not in ("oneOf", "anyOf") or len(branches) < 1:
        yield error
        return
    best = min(
        branches.values(), key=lambda group: (-max(len(item.absolute_path) for item in group), len(group))
    )
    for item in best:
        yield from _leaves(item)


def _named(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _words(error: ValidationError) -> str:
    """What is wrong and what is wanted, without the whole document in the text."""
    kind, value = str(error.validator), error.instance
    wanted: Any = error.validator_value
    if kind == "required" and isinstance(value, dict):
        missing = [name for name in wanted if name not in value]
        return f"{_names(missing)} {'is' if len(missing) == 1 else 'are'} missing: add {'it' if len(missing) == 1 else 'them'}."
    if kind in ("additionalProperties", "unevaluatedProperties") and isinstance(value, dict):
        return _unknown(error, value)
    if kind == "type":
        types = wanted if isinstance(wanted, list) else [wanted]
        return (
            f"Here stands {_TYPE_NAMES.get(type(value), 'something else')}; wanted is {' or '.join(types)}."
        )
    if kind == "enum":
        return f"{_named(value)} is not one of {', '.join(_named(item) for item in wanted)}."
    if kind == "const":
        return f"{_named(value)} stands where only {_named(wanted)} may."
    if kind == "pattern":
        return f"{_named(value)} does not have the form {wanted}."
    if kind in ("anyOf", "oneOf", "not", "if", "contains"):
        return f"{_named(value)} is none of the forms that the specification allows here."
    return f"{_named(value)} breaks `{kind}` {_named(wanted)} of the specification."


def _unknown(error: ValidationError, value: dict[str, Any]) -> str:
    known = set(error.schema.get("properties", ())) if isinstance(error.schema, dict) else set()
    strangers = [name for name in value if name not in known and not name.startswith("x-")]
    if not strangers:
        return "A field here is not allowed by the specification: remove it."
    verb = "is not a field" if len(strangers) == 1 else "are not fields"
    return (
        f"{_names(strangers[:5])} {verb} of this object: correct the name, remove it, or start it with `x-`."
    )


def _names(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
