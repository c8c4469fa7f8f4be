"""A small API description that keeps every default, from which the examples of this family are made.

Owns: the document, the inputs around it, and how a part of it is put in place of another.
Must never know: rules.
"""

from __future__ import annotations

import copy
import json
from typing import Any, Final

__all__ = ["DOCUMENT", "EMITTED_PATH", "changed", "inputs_of", "shipped", "without"]

EMITTED_PATH: Final = "docs/openapi.json"


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _error(description: str) -> dict[str, Any]:
    return {"description": description, **_json({"$ref": "#/components/schemas/Error"})}


_ERRORS: Final = {
    "400": _error("Refused."),
    "429": _error("Too many requests."),
    "default": _error("Failed."),
}
_USER: Final = {"$ref": "#/components/schemas/User"}
_ID: Final = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
_KEY: Final = {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"}}

DOCUMENT: Final[dict[str, Any]] = {
    "openapi": "3.0.3",
    "info": {"title": "Users", "version": "1"},
    "security": [{"bearer": []}],
    "paths": {
        "/users": {
            "get": {
                "parameters": [
                    {"name": "cursor", "in": "query", "schema": {"type": "string"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                ],
                "responses": {
                    "200": {"description": "A page.", **_json({"$ref": "#/components/schemas/UserPage"})},
                    **_ERRORS,
                },
            },
            "post": {
                "parameters": [_KEY],
                "requestBody": {"required": True, **_json(_USER)},
                "responses": {"201": {"description": "Made.", **_json(_USER)}, **_ERRORS},
            },
        },
        "/users/{id}": {
            "get": {
                "parameters": [_ID],
                "responses": {"200": {"description": "One.", **_json(_USER)}, **_ERRORS},
            },
        },
    },
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "User": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
            },
            "UserPage": {
                "type": "object",
                "required": ["items"],
                "properties": {
                    "items": {"type": "array", "items": _USER},
                    "next_cursor": {"type": "string", "nullable": True},
                },
            },
            "Error": {
                "type": "object",
                "required": ["error"],
                "properties": {
                    "error": {
                        "type": "object",
                        "required": ["code", "message", "correlation_id", "details"],
                        "properties": {
                            "code": {"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$"},
                            "message": {"type": "string"},
                            "correlation_id": {"type": "string", "format": "uuid"},
                            "details": {"type": "object"},
                        },
                    }
                },
            },
        },
    },
}


def changed(*steps: tuple[str, Any]) -> dict[str, Any]:
    """A copy of the document with the values at some pointers put in place."""
    document = copy.deepcopy(DOCUMENT)
    for pointer, value in steps:
        *parents, last = _tokens(pointer)
        _walk(document, parents)[last] = value
    return document


def without(*pointers: str) -> dict[str, Any]:
    """A copy of the document without some of its parts."""
    document = copy.deepcopy(DOCUMENT)
    for pointer in pointers:
        *parents, last = _tokens(pointer)
        del _walk(document, parents)[last]
    return document


def _tokens(pointer: str) -> list[Any]:
    words = [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
    return [int(word) if word.isdigit() and len(word) == 1 else word for word in words]


def _walk(node: Any, tokens: list[Any]) -> Any:
    for token in tokens:
        node = node[token]
    return node


def inputs_of(document: dict[str, Any], *exceptions: dict[str, str], **facts: Any) -> dict[str, Any]:
    """A partial bundle whose contract is this document."""
    pagination = {"style": "cursor", "parameters": ["cursor", "limit"], "next_field": "next_cursor"}
    return {
        "api_contract": {
            "kind": "openapi",
            "document": document,
            "pagination": pagination,
            "rate_limits": "100 requests a minute for each caller",
            "authorization": "a bearer token on every operation",
            "exceptions": list(exceptions),
            **facts,
        }
    }


def shipped(document: dict[str, Any]) -> dict[str, str]:
    """The files of a change that ships this document."""
    return {EMITTED_PATH: json.dumps(document, indent=2) + "\n"}
