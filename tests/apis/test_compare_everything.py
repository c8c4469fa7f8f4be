"""One document that says all that can be said: each spot of it is told when it changes, or is for people."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend_engineer.apis import compare_openapi

Data = dict[str, Any]
ANSWER = {"description": "Done."}
OTHER = "another-value"


def _document() -> Data:
    return copy.deepcopy(_DOCUMENT)


def _post(document: Data) -> Data:
    found: Data = document["paths"]["/x/{id}"]["post"]
    return found


def _media(document: Data) -> Data:
    found: Data = _post(document)["responses"]["200"]["content"]
    return found


def _form(document: Data) -> Data:
    found: Data = _post(document)["requestBody"]["content"]["multipart/form-data"]
    return found


_DOCUMENT: Data = {
    "openapi": "3.2.0",
    "info": {"title": "T", "version": "1"},
    "servers": [{"url": "https://a.example/v1"}],
    "security": [{"oauth": ["read"]}, {"key": []}],
    "paths": {
        "/x/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "post": {
                "operationId": "make",
                "summary": "Makes.",
                "deprecated": True,
                "parameters": [
                    {
                        "name": "q",
                        "in": "query",
                        "required": True,
                        "style": "pipeDelimited",
                        "explode": True,
                        "allowReserved": True,
                        "allowEmptyValue": True,
                        "deprecated": True,
                        "description": "Words.",
                        "example": "a",
                        "schema": {"type": "array", "items": {"type": "string"}},
                    },
                    {
                        "name": "f",
                        "in": "query",
                        "content": {"application/json": {"schema": {"type": "string", "minLength": 3}}},
                    },
                    {"name": "X-H", "in": "header", "schema": {"type": "string", "maxLength": 3}},
                    {"name": "c", "in": "cookie", "style": "cookie", "schema": {"type": "array"}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "multipart/form-data": {
                            "schema": {
                                "type": "object",
                                "properties": {"photo": {"type": "string"}, "note": {"type": "object"}},
                            },
                            "encoding": {
                                "photo": {
                                    "contentType": "image/png, image/gif",
                                    "headers": {"X-P": {"$ref": "#/components/headers/Part"}},
                                }
                            },
                        },
                        "application/jsonl": {
                            "schema": {"type": "array", "maxItems": 9},
                            "itemSchema": {"type": "object", "required": ["a"]},
                        },
                    },
                },
                "callbacks": {
                    "done": {
                        "{$request.body#/url}": {
                            "post": {"security": [], "responses": {"204": {**ANSWER, "headers": {}}}}
                        }
                    }
                },
                "responses": {
                    "200": {
                        "description": "Done.",
                        "headers": {
                            "X-Rate": {
                                "required": True,
                                "explode": True,
                                "deprecated": True,
                                "schema": {"type": "object"},
                            }
                        },
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}},
                            "application/json;v=2": {"$ref": "#/components/mediaTypes/Second"},
                        },
                    },
                    "4XX": {"description": "Wrong.", "content": {"text/plain": {"schema": {"const": "e"}}}},
                    "default": {"description": "Else.", "content": {"text/plain": {"schema": {"const": 5}}}},
                },
            },
        }
    },
    "webhooks": {
        "gone": {
            "post": {
                "requestBody": {"content": {"text/plain": {"schema": {"enum": ["a", 2]}}}},
                "responses": {"200": ANSWER},
            }
        }
    },
    "components": {
        "headers": {"Part": {"schema": {"type": "string", "maxLength": 8}}},
        "mediaTypes": {"Second": {"schema": {"type": "integer"}}},
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "query", "name": "K"},
            "oauth": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": "https://t.example/t",
                        "scopes": {"read": "Reads.", "write": "Writes."},
                    }
                },
            },
        },
        "schemas": {
            "Thing": {
                "type": ["object", "null"],
                "description": "A thing.",
                "required": ["kind"],
                "properties": {
                    "kind": {"type": "string", "default": "a", "pattern": "^a", "format": "slug"},
                    "size": {
                        "type": "number",
                        "minimum": 1,
                        "exclusiveMaximum": 9,
                        "multipleOf": 0.5,
                        "readOnly": True,
                    },
                    "any": {
                        "anyOf": [
                            {"type": "string", "maxLength": 5},
                            {"type": "array", "prefixItems": [{"type": "integer"}], "items": False},
                            {"type": "array", "contains": {"type": "boolean"}, "minContains": 2},
                        ]
                    },
                    "pet": {
                        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
                        "discriminator": {
                            "propertyName": "kind",
                            "mapping": {"cat": "Cat"},
                            "defaultMapping": "Cat",
                        },
                    },
                    "map": {
                        "type": "object",
                        "additionalProperties": {"type": "integer", "writeOnly": True},
                        "propertyNames": {"pattern": "^k"},
                        "patternProperties": {"^x": {"type": "boolean"}},
                        "dependentRequired": {"a": ["b"]},
                        "dependentSchemas": {"c": {"minProperties": 2}},
                        "maxProperties": 7,
                    },
                    "when": {
                        "if": {"type": "string"},
                        "then": {"minLength": 2},
                        "else": {"type": "integer"},
                        "not": {"const": "no"},
                    },
                    "closed": {
                        "allOf": [{"$ref": "#/components/schemas/Cat"}],
                        "unevaluatedProperties": False,
                        "minProperties": 1,
                    },
                    "blob": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "contentSchema": {"type": "array"},
                    },
                    "tree": {"$ref": "#node", "maxItems": 4},
                    "next": {"$ref": "#/components/schemas/Thing"},
                },
            },
            "Cat": {"type": "object", "properties": {"meow": {"type": "boolean"}}},
            "Dog": {"type": "object", "properties": {"bark": {"type": "boolean"}}},
            "Node": {"$anchor": "node", "type": "array", "items": {"$dynamicRef": "#leaf"}},
            "Leaf": {"$dynamicAnchor": "leaf", "type": "integer", "xml": {"name": "l"}},
        },
    },
}  # fmt: skip

# Texts for people, and hosts.
_SILENT = re.compile(r"/(info|info/.*|summary|description|example|scopes/[^/]*|servers/0/url)\Z")


def _spots(node: Any, pointer: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every value below a node, with its pointer and what holds it."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in list(items):
        place = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
        yield place, node, key
        yield from _spots(value, place)


_PLACES = {place: node[key] for place, node, key in _spots(_DOCUMENT) if place != "/openapi"}


def _changed(pointer: str, change: Callable[[Any, Any], None]) -> Data:
    document = _document()
    holder, key = next((node, key) for place, node, key in _spots(document) if place == pointer)
    change(holder, key)
    return document


def _drop(holder: Any, key: Any) -> None:
    del holder[key]


def _replace(holder: Any, key: Any) -> None:
    value = holder[key]
    if isinstance(value, bool):
        holder[key] = not value
    elif isinstance(value, (int, float)):
        holder[key] = value + 1
    elif isinstance(value, str):
        holder[key] = OTHER


def test_the_document_equals_itself() -> None:
    assert compare_openapi(_document(), _document()) == []


@pytest.mark.parametrize("pointer", [place for place in _PLACES if not place.endswith("/operationId")])
def test_what_is_dropped_is_told_or_says_nothing(pointer: str) -> None:
    emitted = _changed(pointer, _drop)
    found = compare_openapi(_document(), emitted), compare_openapi(emitted, _document())
    assert bool(found[0]) == bool(found[1])
    if not found[0]:
        assert _SILENT.search(pointer) or re.search(r"/(servers|servers/0|responses/204/headers)\Z", pointer)


@pytest.mark.parametrize(
    "pointer", [place for place, value in _PLACES.items() if not isinstance(value, (dict, list))]
)
def test_what_is_written_otherwise_is_told_or_is_for_people(pointer: str) -> None:
    emitted = _changed(pointer, _replace)
    found = compare_openapi(_document(), emitted), compare_openapi(emitted, _document())
    assert bool(found[0]) == bool(found[1])
    if not found[0]:
        assert _SILENT.search(pointer)


def _parts_of_path(document: Data) -> None:
    """The path item in the components, and what stands beside the reference to it."""
    item = document["paths"]["/x/{id}"]
    document["components"]["pathItems"] = {"X": {"post": item.pop("post")}}
    item["$ref"] = "#/components/pathItems/X"


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda d: d["components"]["securitySchemes"]["oauth"]["flows"]["clientCredentials"]["scopes"].update(read="Else."),
        lambda d: d["components"]["securitySchemes"]["oauth"]["flows"].update({"x-note": 1}),
        lambda d: _form(d)["encoding"].update(note={"contentType": "application/json"}),
        lambda d: _form(d)["encoding"]["photo"].update(contentType="image/GIF,image/png"),
        lambda d: _form(d)["encoding"]["photo"].update(headers={"x-p": {"schema": {"type": "string", "maxLength": 8}, "description": "W."}}),
        lambda d: _media(d).update({"application/json; charset=UTF-8": _media(d).pop("application/json")}),
        lambda d: _media(d).update({"application/json; V=2": _media(d).pop("application/json;v=2")}),
        lambda d: _media(d).update({"application/json;v=2": {"schema": {"type": "integer"}}}),
        lambda d: _media(d)["application/json"].update(encoding={"a": {"style": "form"}}),
        lambda d: _post(d)["responses"].update({"4xx": _post(d)["responses"].pop("4XX")}),
        lambda d: _post(d)["parameters"][2].update(explode=True),
        lambda d: _post(d)["parameters"][3].update(explode=True),
        lambda d: d["security"].append({"key": []}),
        lambda d: d["components"]["schemas"]["Thing"]["properties"]["pet"]["discriminator"]["mapping"].update(Dog="#/components/schemas/Dog"),
        lambda d: d["components"]["schemas"]["Thing"]["properties"]["tree"].update({"$ref": "#/components/schemas/Node"}),
        lambda d: _post(d)["responses"]["200"].update(links={"again": {"operationId": "make"}}),
        _parts_of_path,
    ],
)  # fmt: skip
def test_what_means_the_same_is_no_difference(rewrite: Callable[[Data], Any]) -> None:
    emitted = _document()
    rewrite(emitted)
    assert emitted != _DOCUMENT
    assert compare_openapi(_document(), emitted) == []
    assert compare_openapi(emitted, _document()) == []


def test_an_exploded_deep_object_is_the_only_kind_there_is() -> None:
    one, other = _document(), _document()
    for document in (one, other):
        _post(document)["parameters"].append(
            {"name": "d", "in": "query", "style": "deepObject", "schema": {"type": "object"}}
        )
    _post(other)["parameters"][-1]["explode"] = True
    assert compare_openapi(one, other) == []


@pytest.mark.parametrize(
    "expression", ["{$request.query.url}", "{$request.body#/other}", "https://a.example/{$request.body#/url}"]
)
def test_another_source_of_a_callbacks_url_is_another_callback(expression: str) -> None:
    emitted = _document()
    done = _post(emitted)["callbacks"]["done"]
    done[expression] = done.pop("{$request.body#/url}")
    assert {item.kind for item in compare_openapi(_document(), emitted)} == {"extra", "missing"}


def test_what_a_path_takes_from_a_reference_is_lost_with_it() -> None:
    emitted = _document()
    _parts_of_path(emitted)
    del emitted["paths"]["/x/{id}"]["parameters"]
    assert [item.kind for item in compare_openapi(_document(), emitted)] == ["missing"]


def test_two_paths_that_clash_are_told_apart_by_how_they_are_written() -> None:
    one, other = _document(), _document()
    for document, names in ((one, ("a", "b")), (other, ("b", "a"))):
        for name in names:
            answers = {"200": ANSWER, "404" if name == "a" else "409": ANSWER}
            document["paths"][f"/y/{{{name}}}"] = {"get": {"responses": answers}}
    assert compare_openapi(one, other) == []
    del other["paths"]["/y/{a}"]["get"]["responses"]["404"]
    assert [item.pointer for item in compare_openapi(one, other)] == ["/paths/~1y~1{a}/get/responses/404"]
