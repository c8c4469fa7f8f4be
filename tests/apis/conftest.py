"""A small API in 3.0, and the same in 3.1."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

ERROR = {"$ref": "#/components/responses/Failure"}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "version": "1"},
    "security": [{"bearer": []}],
    "paths": {
        "/users": {
            "get": {
                "operationId": "listUsers",
                "parameters": [
                    {"name": "cursor", "in": "query", "schema": {"type": "string"}},
                    {"$ref": "#/components/parameters/Limit"},
                ],
                "responses": {
                    "200": {
                        "description": "A page.",
                        "headers": {"X-Total": {"schema": {"type": "integer"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}},
                    },
                    "429": ERROR,
                    "default": ERROR,
                },
            },
            "post": {
                "operationId": "createUser",
                "parameters": [
                    {
                        "name": "Idempotency-Key",
                        "in": "header",
                        "required": True,
                        "schema": {"type": "string", "maxLength": 64},
                    }
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}},
                },
                "responses": {
                    "201": {
                        "description": "Made.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}},
                    },
                    "default": ERROR,
                },
                "security": [{"bearer": []}, {"key": []}],
            },
        },
        "/users/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
            ],
            "get": {
                "operationId": "getUser",
                "responses": {
                    "200": {
                        "description": "The user.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}},
                    },
                    "default": ERROR,
                },
            },
        },
    },
    "components": {
        "parameters": {
            "Limit": {
                "name": "limit",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
            }
        },
        "responses": {
            "Failure": {
                "description": "A failure.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            }
        },
        "schemas": {
            "User": {
                "type": "object",
                "required": ["id", "email"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "email": {"type": "string"},
                    "role": {"type": "string", "enum": ["owner", "guest"]},
                    "nickname": {"type": "string", "nullable": True},
                    "age": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
                    "friends": {"type": "array", "items": {"$ref": "#/components/schemas/User"}},
                    "contact": {"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/Error"}]},
                },
                "additionalProperties": False,
            },
            "Page": {
                "type": "object",
                "required": ["items"],
                "properties": {
                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/User"}},
                    "next_cursor": {"type": "string", "nullable": True},
                },
            },
            "Error": {
                "type": "object",
                "required": ["error"],
                "properties": {
                    "error": {
                        "type": "object",
                        "required": ["code", "message"],
                        "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
                    }
                },
            },
        },
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        },
    },
}


def _as_3_1(node: Any) -> Any:
    """The document as 3.1 writes it: null in type lists, numeric exclusive bounds."""
    if isinstance(node, list):
        return [_as_3_1(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _as_3_1(value) for key, value in node.items()}
    if node.pop("nullable", False) is True:
        node["type"] = [node["type"], "null"]
    if node.get("exclusiveMinimum") is True:
        node["exclusiveMinimum"] = node.pop("minimum")
    return node


@pytest.fixture
def document() -> dict[str, Any]:
    """A fresh copy of a valid 3.0 document."""
    return copy.deepcopy(DOCUMENT)


@pytest.fixture
def fresh() -> Callable[[], dict[str, Any]]:
    """A maker of fresh copies, for property tests."""
    return lambda: copy.deepcopy(DOCUMENT)


@pytest.fixture
def newer() -> dict[str, Any]:
    """The same API as a valid 3.1 document."""
    found: dict[str, Any] = _as_3_1(copy.deepcopy(DOCUMENT))
    return {**found, "openapi": "3.1.0"}
