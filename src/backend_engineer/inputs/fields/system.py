"""The fields of the technical specification and of the API contract.

Owns: their clauses, reasons and options (INPT-02, INPT-03).
Must never know: how gaps are found, merged or shown.
"""

from __future__ import annotations

from backend_engineer.inputs.fields.facts import absent, facts, shape, value

__all__ = ["API_CONTRACT", "TECH_SPEC"]

TECH_SPEC = {
    "tech_spec/stack": facts(
        "INPT-02",
        "A change may only use what the stack names, so everything else would be refused.",
        shape("List what the project already uses, each with name and kind"),
        value("Only Python with its standard library", [{"name": "python", "kind": "language"}]),
    ),
    "tech_spec/stack/*/name": facts(
        "INPT-02",
        "Imports and manifests are held against the component's name.",
        shape("The name under which the project's manifest lists it"),
        shape("The name under which it is imported"),
    ),
    "tech_spec/stack/*/kind": facts(
        "INPT-02",
        "The kind says where the component may be used.",
        value("A library", "library"),
        value("A framework", "framework"),
        value("A service that the change talks to", "service"),
    ),
    "tech_spec/layout": facts(
        "INPT-02",
        "Files are placed and sorted into sections by the layout.",
        shape("List each folder with its purpose"),
        value("All code in one folder, src", [{"path": "src", "purpose": "All source code"}]),
        absent("The tree has no fixed layout"),
    ),
    "tech_spec/layout/*/path": facts(
        "INPT-02",
        "The folder is what files are matched with.",
        shape("The folder's path from the root, with slashes"),
        value("The folder src", "src"),
    ),
    "tech_spec/layout/*/purpose": facts(
        "INPT-02",
        "The purpose says which code belongs there.",
        shape("One sentence on what belongs there"),
        value("Source code", "Source code"),
    ),
    "tech_spec/error_handling": facts(
        "INPT-02",
        "Code must turn failures into answers in one way.",
        shape("Say where errors are caught and how they become answers"),
        value(
            "Domain errors become the error envelope in one handler; anything else is a 500 without details",
            "Domain errors are turned into the error envelope by one handler at the boundary; any other error is logged and answered as a 500 without details.",
        ),
    ),
    "tech_spec/database": facts(
        "INPT-02",
        "Migrations are written and run for one dialect.",
        value("SQLite", {"dialect": "sqlite"}),
        value("PostgreSQL", {"dialect": "postgresql"}),
        absent("The service keeps no data"),
    ),
    "tech_spec/database/dialect": facts(
        "INPT-02",
        "Migrations are written and run for one dialect.",
        value("SQLite", "sqlite"),
        value("PostgreSQL", "postgresql"),
        value("MySQL", "mysql"),
    ),
    "tech_spec/migrations": facts(
        "INPT-02",
        "Migrations must stand where the project's runner finds them.",
        shape("Folder, tool, and whether it wraps a script in a transaction"),
        absent("The service keeps no data"),
    ),
    "tech_spec/migrations/folder": facts(
        "INPT-02",
        "Migrations must stand where the project's runner finds them.",
        shape("The folder's path from the root"),
        value("The folder db/migrations", "db/migrations"),
    ),
    "tech_spec/migrations/tool": facts(
        "INPT-02",
        "The runner decides how scripts are named and ordered.",
        shape("The name of the tool"),
        value("A runner of the project's own", "own runner"),
    ),
    "tech_spec/migrations/transactional": facts(
        "INPT-02",
        "Some statements cannot run inside a transaction, so that the scripts differ.",
        value("No, each script states its own transaction", False),
        value("Yes, the tool wraps each script in one", True),
    ),
    "tech_spec/commands": facts(
        "INPT-02",
        "The change is verified by the project's own commands.",
        shape("The commands for tests, types and lint as lists of words"),
        absent("The project has no commands to run"),
    ),
    "tech_spec/commands/tests": facts(
        "INPT-02",
        "The change's tests are run by this command.",
        value("python -m unittest", ["python", "-m", "unittest"]),
        shape("The command as a list of words"),
        absent("The project has no tests yet"),
    ),
    "tech_spec/commands/types": facts(
        "INPT-02",
        "Types are checked by this command.",
        shape("The command as a list of words"),
        absent("The project checks no types"),
    ),
    "tech_spec/commands/lint": facts(
        "INPT-02",
        "Style is checked by this command.",
        shape("The command as a list of words"),
        absent("The project runs no linter"),
    ),
}


API_CONTRACT = {
    "api_contract/kind": facts(
        "INPT-03",
        "OpenAPI and GraphQL are checked in different ways.",
        value("OpenAPI", "openapi"),
        value("GraphQL", "graphql"),
    ),
    "api_contract/document": facts(
        "INPT-03",
        "The change must match this description exactly.",
        shape("The OpenAPI document (3.0 to 3.2), or the GraphQL schema as text"),
        shape("Put openapi.json, openapi.yaml or schema.graphql beside the other documents"),
    ),
    "api_contract/authorization": facts(
        "INPT-03",
        "Each operation must know who may call it.",
        value(
            "Deny all but the owner of the data",
            "Denied by default; only the authenticated owner of the data may read or change it.",
        ),
        shape("Say for each operation which callers may use it"),
        absent("Every operation is open to everyone"),
    ),
    "api_contract/rate_limits": facts(
        "INPT-03",
        "The answer 429 and its headers follow from the limits.",
        value(
            "60 requests a minute and caller",
            "60 requests per minute and caller; beyond that 429 with Retry-After.",
        ),
        shape("Requests per unit of time and caller"),
        absent("Limits are enforced in front of the service"),
    ),
    "api_contract/pagination": facts(
        "INPT-03",
        "Lists must be paged in the way that clients expect.",
        value(
            "Cursor: cursor, limit, next_cursor",
            {"style": "cursor", "parameters": ["cursor", "limit"], "next_field": "next_cursor"},
        ),
        shape("Style, parameters, and the field with the next cursor"),
        absent("The API has no lists"),
    ),
    "api_contract/pagination/style": facts(
        "INPT-03",
        "Lists must be paged in the way that clients expect.",
        value("By cursor, the stage's default", "cursor"),
        value("By offset", "offset"),
        value("Lists are not paged", "none"),
    ),
    "api_contract/exceptions/*": facts(
        "INPT-03",
        "An exception holds only with its clause, what holds instead, and why.",
        shape("Clause, what holds instead, reason"),
        shape("Strike the exception"),
    ),
}
