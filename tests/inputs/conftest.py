"""A complete set of inputs, and ways to write it down."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ENVELOPE: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "correlation_id"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "correlation_id": {"type": "string", "format": "uuid"},
                "details": {"type": "object"},
            },
        }
    },
}
FAILURE: dict[str, Any] = {
    "description": "A failure.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}
OPENAPI: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/users": {
            "get": {
                "operationId": "listUsers",
                "parameters": [
                    {"name": "cursor", "in": "query", "schema": {"type": "string"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 20}},
                ],
                "responses": {
                    "200": {
                        "description": "A page.",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {
                                        "items": {
                                            "type": "array",
                                            "items": {"$ref": "#/components/schemas/User"},
                                        },
                                        "next_cursor": {"type": "string", "nullable": True},
                                    },
                                }
                            }
                        },
                    },
                    "default": FAILURE,
                },
            },
            "post": {
                "operationId": "createUser",
                "parameters": [
                    {
                        "name": "Idempotency-Key",
                        "in": "header",
                        "required": True,
                        "schema": {"type": "string"},
                    }
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}},
                },
                "responses": {"201": {"description": "Made."}, "default": FAILURE},
            },
        },
        "/users/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "getUser",
                "responses": {
                    "200": {
                        "description": "The user.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}},
                    },
                    "default": FAILURE,
                },
            },
        },
    },
    "components": {
        "schemas": {
            "User": {"type": "object", "properties": {"id": {"type": "string"}, "email": {"type": "string"}}},
            "Error": ENVELOPE,
        }
    },
}
COMPLETE: dict[str, Any] = {
    "tech_spec": {
        "stack": [
            {"name": "python", "kind": "language", "version": "3.11"},
            {"name": "PostgreSQL", "kind": "database", "packages": ["psycopg"]},
        ],
        "layout": [
            {"path": "app/services", "purpose": "Business logic", "section": "Services/Use-Cases"},
            {"path": "tests", "purpose": "Tests of every layer"},
        ],
        "error_handling": "One handler turns domain errors into the envelope.",
        "database": {"dialect": "postgresql", "version": "16"},
        "migrations": {"folder": "db/migrations", "tool": "own runner", "transactional": True},
        "commands": {
            "tests": ["python", "-m", "unittest"],
            "types": {"not_applicable": "the project checks no types"},
            "lint": ["ruff", "check", "."],
        },
        "entry_points": ["app/__main__.py"],
    },
    "api_contract": {
        "kind": "openapi",
        "document": OPENAPI,
        "authorization": "Owners reach their own data.",
        "rate_limits": "60 requests per minute and caller.",
        "pagination": {"style": "cursor", "parameters": ["cursor", "limit"], "next_field": "next_cursor"},
    },
    "data_model": {
        "entities": [
            {
                "name": "User",
                "table": "users",
                "fields": [
                    {"name": "id", "type": "uuid", "nullable": False, "primary_key": True},
                    {"name": "email", "type": "text", "nullable": False, "unique": True, "pii": True},
                ],
                "relations": [],
                "indexes": [{"columns": ["email"], "unique": True, "name": "users_email"}],
                "constraints": ["CHECK (length(email) > 3)"],
                "retention": "P2Y after the last login",
            },
            {
                "name": "Todo",
                "table": "todos",
                "fields": [
                    {"name": "id", "type": "uuid", "nullable": False},
                    {"name": "owner", "type": "uuid", "nullable": True, "default": "NULL"},
                ],
                "relations": [
                    {"columns": ["owner"], "entity": "User", "references": ["id"], "on_delete": "CASCADE"}
                ],
                "indexes": {"not_applicable": "the key is enough"},
                "constraints": {"not_applicable": "none beyond keys"},
                "retention": {"not_applicable": "no rule asks for a limit"},
            },
        ]
    },
    "security_policy": {
        "authentication": "A bearer token on every request.",
        "authorization": "Denied by default.",
        "crypto": "TLS for every connection.",
        "compliance": {"not_applicable": "no rule beyond this policy"},
        "logging": "Structured, without personal data.",
    },
    "perf_targets": {
        "slos": [
            {"route": "GET /users/{user_id}", "metric": "latency_p95", "target": 300, "unit": "ms"},
            {"route": "nightly-cleanup", "metric": "duration", "target": 12.5, "unit": "s"},
        ],
        "peak_load": "50 requests per second.",
        "latency": "300 ms for reads.",
        "caching": "Nothing is cached.",
    },
    "ops_guides": {
        "alerts": "On a burnt error budget.",
        "runbooks": "docs/runbooks, one for each alert.",
        "rollout": "Migrations first.",
        "rollback": "Code first.",
    },
    "upstream": {"prd.md": "# Product\n\nWhat is wanted.\n"},
    "request": {
        "title": "Show the last login",
        "description": "Owners see when they last logged in.",
        "acceptance": ["PATCH /users/{id} keeps the field", "GET /users shows it"],
    },
}


@pytest.fixture
def complete() -> dict[str, Any]:
    """A fresh copy of inputs that have no gap."""
    return copy.deepcopy(COMPLETE)


@pytest.fixture
def fresh() -> Callable[[], dict[str, Any]]:
    """A maker of fresh copies, for property tests."""
    return lambda: copy.deepcopy(COMPLETE)


@pytest.fixture
def spec(tmp_path: Path, complete: dict[str, Any]) -> Path:
    """The complete inputs as a folder of JSON documents."""
    folder = tmp_path / "spec"
    folder.mkdir()
    for name, data in complete.items():
        if name == "upstream":
            (folder / name).mkdir()
            for file, text in data.items():
                (folder / name / file).write_text(text, "utf-8")
        else:
            stem = "change_request" if name == "request" else name
            (folder / f"{stem}.json").write_text(json.dumps(data, indent=2), "utf-8")
    return folder
