"""The six documents and the request of a theme, complete and without contradiction.

Owns: valid `StageInputs` for any seed.
Must never know: replies, rules.
"""

from __future__ import annotations

from typing import Any

from backend_engineer.testing.vocabulary import Theme

__all__ = ["inputs_of", "openapi_of"]


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(text: str, name: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": _reference(name)}}}


def _nullable(version: str, kind: str) -> dict[str, Any]:
    if version.startswith("3.0"):
        return {"type": kind, "nullable": True}
    return {"type": [kind, "null"]}


def openapi_of(theme: Theme) -> dict[str, Any]:
    """The OpenAPI document of a theme: a list with a cursor and a patch with an idempotency key."""
    errors = {
        "400": _answer("The request is malformed.", "Error"),
        "401": _answer("No caller is known.", "Error"),
        "403": _answer("The caller may not do this.", "Error"),
        "429": _answer("Too many requests.", "Error"),
        "500": _answer("The service failed.", "Error"),
    }
    listing = {
        "operationId": f"list{theme.type_name}s",
        "summary": f"List {theme.many}",
        "parameters": [
            {"name": "cursor", "in": "query", "required": False, "schema": {"type": "string"}},
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "minimum": 1, "maximum": 100},
            },
        ],
        "responses": {"200": _answer("A page.", f"{theme.type_name}Page"), **errors},
    }
    patch = {
        "operationId": f"patch{theme.type_name}",
        "summary": f"Change one {theme.one}",
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
            {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"}},
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _reference(f"{theme.type_name}Patch")}},
        },
        "responses": {
            "200": _answer(f"The {theme.one}.", theme.type_name),
            "404": _answer("There is no such row.", "Error"),
            **errors,
        },
    }
    item = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "integer"}, theme.column: _nullable(theme.openapi, "string")},
    }
    page = {
        "type": "object",
        "required": ["items", "next_cursor"],
        "properties": {
            "items": {"type": "array", "items": _reference(theme.type_name)},
            "next_cursor": _nullable(theme.openapi, "string"),
        },
    }
    error = {
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
    }
    return {
        "openapi": theme.openapi,
        "info": {"title": f"{theme.type_name} service", "version": "1.1.0"},
        "security": [{"bearer": []}],
        "paths": {f"/{theme.many}": {"get": listing}, f"/{theme.many}/{{id}}": {"patch": patch}},
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                theme.type_name: item,
                f"{theme.type_name}Page": page,
                f"{theme.type_name}Patch": {
                    "type": "object",
                    "properties": {theme.column: {"type": "string", "format": "date-time"}},
                },
                "Error": error,
            },
        },
    }


def _tech_spec(theme: Theme) -> dict[str, Any]:
    return {
        "stack": [
            {"name": "Python", "kind": "language", "version": "3.11"},
            {
                "name": theme.dialect,
                "kind": "database",
                "packages": ["sqlite3"] if theme.dialect == "sqlite" else ["psycopg"],
            },
            {"name": "hypothesis", "kind": "library"},
        ],
        "layout": [
            {"path": "db/migrations", "purpose": "schema changes", "section": "Migrations"},
            {"path": "src/models", "purpose": "rows and tables", "section": "Schema/Models"},
            {"path": "src/ports", "purpose": "what services need", "section": "Ports/Adapters"},
            {"path": "src/services", "purpose": "business logic", "section": "Services/Use-Cases"},
            {"path": "src/controllers", "purpose": "the HTTP layer", "section": "Controllers/Resolvers"},
            {"path": "src/validation", "purpose": "input and authorization", "section": "Validation & Auth"},
            {"path": "tests", "purpose": "tests", "section": "Tests"},
            {"path": "observability", "purpose": "alerts and dashboards", "section": "Observability"},
            {"path": "docs", "purpose": "documents", "section": "Docs"},
        ],
        "error_handling": "Services raise named errors; one handler answers them with the envelope.",
        "database": {"dialect": theme.dialect, "version": None},
        "migrations": {"folder": "db/migrations", "tool": "own runner", "transactional": True},
        "commands": {
            "tests": ["python3", "-m", "unittest", "discover"],
            "types": {"not_applicable": "the project is not typed"},
            "lint": {"not_applicable": "the project has no linter"},
        },
        "entry_points": ["src/server.py"],
    }


def _data_model(theme: Theme) -> dict[str, Any]:
    text = "TEXT" if theme.dialect == "sqlite" else "text"
    number = "INTEGER" if theme.dialect == "sqlite" else "bigint"
    time = "TEXT" if theme.dialect == "sqlite" else "timestamp with time zone"
    return {
        "entities": [
            {
                "name": theme.type_name,
                "table": theme.many,
                "fields": [
                    {"name": "id", "type": number, "nullable": False, "primary_key": True},
                    {"name": theme.personal, "type": text, "nullable": False, "pii": True},
                    {"name": theme.column, "type": time, "nullable": True},
                ],
                "relations": {"not_applicable": "the table stands alone"},
                "indexes": [{"columns": [theme.column, "id"], "name": f"ix_{theme.many}_{theme.column}"}],
                "constraints": {"not_applicable": "the key suffices"},
                "retention": f"{theme.days} days after the row was closed",
            }
        ]
    }


def inputs_of(theme: Theme) -> dict[str, Any]:
    """All documents of a theme as JSON data."""
    many, column = theme.many, theme.column
    return {
        "tech_spec": _tech_spec(theme),
        "api_contract": {
            "kind": "openapi",
            "document": openapi_of(theme),
            "authorization": f"Callers with the role `{theme.team}` may read; editors may change.",
            "rate_limits": f"{theme.rate} requests a minute and caller",
            "pagination": {"style": "cursor", "parameters": ["cursor", "limit"], "next_field": "next_cursor"},
        },
        "data_model": _data_model(theme),
        "security_policy": {
            "authentication": "Bearer tokens that the gateway has checked.",
            "authorization": "Deny by default; the service asks the policy before each operation.",
            "crypto": "TLS in front of the service; the disk is encrypted.",
            "compliance": f"`{theme.personal}` is personal data and never leaves the service.",
            "logging": "Structured logs with identifiers only.",
        },
        "perf_targets": {
            "slos": [
                {"route": f"GET /{many}", "metric": "latency_p95", "target": theme.latency, "unit": "ms"},
                {"route": f"PATCH /{many}/{{id}}", "metric": "error_rate", "target": 1, "unit": "%"},
            ],
            "peak_load": f"{theme.rate} requests a second",
            "latency": f"95 % under {theme.latency} ms",
            "caching": {"not_applicable": "answers differ by caller"},
        },
        "ops_guides": {
            "alerts": f"The team `{theme.team}` is paged when an objective is missed for ten minutes.",
            "runbooks": "Runbooks stand in docs.",
            "rollout": "Migrate, then deploy one instance, then the rest.",
            "rollback": "Deploy the earlier version, then run the rollback script.",
        },
        "request": {
            "title": f"Keep {column} of {many}",
            "description": f"Add `{column}` to {many}, let editors set it, and list by it.",
            "acceptance": [f"PATCH /{many}/{{id}} sets {column}", f"GET /{many} is paged by cursor"],
        },
    }
