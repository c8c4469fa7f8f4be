"""Why each field is needed, which clause asks for it, and the minimal safe answers to offer.

Owns: the table of fields that gaps are worded from, and the shapes of answers.
Must never know: how gaps are found, merged or shown.

An offered value is safe when taking it can break nothing that the requester has not said: it states an
absence, or the narrower of two choices. Where no such value exists the option only describes the shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from backend_engineer.outputs.clarification import Option

__all__ = ["FIELDS", "PROSE", "FieldFacts", "facts_of"]


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """What a gap says about its field: the clause, why the field is needed, two or three options.

    may_be_empty: an empty list is a statement here, namely that there are none.
    """

    clause: str
    reason: str
    options: tuple[Option, ...]
    may_be_empty: bool = False


def _shape(label: str) -> Option:
    return Option(label=label)


def _value(label: str, value: Any) -> Option:
    return Option(label=label, value=value)


def _absent(reason: str) -> Option:
    return Option(label=f"It does not apply: {reason}", value={"not_applicable": reason})


def _facts(clause: str, reason: str, *options: Option, may_be_empty: bool = False) -> FieldFacts:
    return FieldFacts(clause, reason, options, may_be_empty)


_YES_NO = (_value("No", False), _value("Yes", True))

_TECH_SPEC = {
    "tech_spec/stack": _facts(
        "INPT-02",
        "A change may only use what the stack names, so everything else would be refused.",
        _shape("List what the project already uses, each with name and kind"),
        _value("Only Python with its standard library", [{"name": "python", "kind": "language"}]),
    ),
    "tech_spec/stack/*/name": _facts(
        "INPT-02",
        "Imports and manifests are held against the component's name.",
        _shape("The name under which the project's manifest lists it"),
        _shape("The name under which it is imported"),
    ),
    "tech_spec/stack/*/kind": _facts(
        "INPT-02",
        "The kind says where the component may be used.",
        _value("A library", "library"),
        _value("A framework", "framework"),
        _value("A service that the change talks to", "service"),
    ),
    "tech_spec/layout": _facts(
        "INPT-02",
        "Files are placed and sorted into sections by the layout.",
        _shape("List each folder with its purpose"),
        _value("All code in one folder, src", [{"path": "src", "purpose": "All source code"}]),
        _absent("The tree has no fixed layout"),
    ),
    "tech_spec/layout/*/path": _facts(
        "INPT-02",
        "The folder is what files are matched with.",
        _shape("The folder's path from the root, with slashes"),
        _value("The folder src", "src"),
    ),
    "tech_spec/layout/*/purpose": _facts(
        "INPT-02",
        "The purpose says which code belongs there.",
        _shape("One sentence on what belongs there"),
        _value("Source code", "Source code"),
    ),
    "tech_spec/error_handling": _facts(
        "INPT-02",
        "Code must turn failures into answers in one way.",
        _shape("Say where errors are caught and how they become answers"),
        _value(
            "Domain errors become the error envelope in one handler; anything else is a 500 without details",
            "Domain errors are turned into the error envelope by one handler at the boundary; any other error is logged and answered as a 500 without details.",
        ),
    ),
    "tech_spec/database": _facts(
        "INPT-02",
        "Migrations are written and run for one dialect.",
        _value("SQLite", {"dialect": "sqlite"}),
        _value("PostgreSQL", {"dialect": "postgresql"}),
        _absent("The service keeps no data"),
    ),
    "tech_spec/database/dialect": _facts(
        "INPT-02",
        "Migrations are written and run for one dialect.",
        _value("SQLite", "sqlite"),
        _value("PostgreSQL", "postgresql"),
        _value("MySQL", "mysql"),
    ),
    "tech_spec/migrations": _facts(
        "INPT-02",
        "Migrations must stand where the project's runner finds them.",
        _shape("Folder, tool, and whether it wraps a script in a transaction"),
        _absent("The service keeps no data"),
    ),
    "tech_spec/migrations/folder": _facts(
        "INPT-02",
        "Migrations must stand where the project's runner finds them.",
        _shape("The folder's path from the root"),
        _value("The folder db/migrations", "db/migrations"),
    ),
    "tech_spec/migrations/tool": _facts(
        "INPT-02",
        "The runner decides how scripts are named and ordered.",
        _shape("The name of the tool"),
        _value("A runner of the project's own", "own runner"),
    ),
    "tech_spec/migrations/transactional": _facts(
        "INPT-02",
        "Some statements cannot run inside a transaction, so that the scripts differ.",
        _value("No, each script states its own transaction", False),
        _value("Yes, the tool wraps each script in one", True),
    ),
    "tech_spec/commands": _facts(
        "INPT-02",
        "The change is verified by the project's own commands.",
        _shape("The commands for tests, types and lint as lists of words"),
        _absent("The project has no commands to run"),
    ),
    "tech_spec/commands/tests": _facts(
        "INPT-02",
        "The change's tests are run by this command.",
        _value("python -m unittest", ["python", "-m", "unittest"]),
        _shape("The command as a list of words"),
        _absent("The project has no tests yet"),
    ),
    "tech_spec/commands/types": _facts(
        "INPT-02",
        "Types are checked by this command.",
        _shape("The command as a list of words"),
        _absent("The project checks no types"),
    ),
    "tech_spec/commands/lint": _facts(
        "INPT-02",
        "Style is checked by this command.",
        _shape("The command as a list of words"),
        _absent("The project runs no linter"),
    ),
}

_API_CONTRACT = {
    "api_contract/kind": _facts(
        "INPT-03",
        "OpenAPI and GraphQL are checked in different ways.",
        _value("OpenAPI", "openapi"),
        _value("GraphQL", "graphql"),
    ),
    "api_contract/document": _facts(
        "INPT-03",
        "The change must match this description exactly.",
        _shape("The OpenAPI document (3.0 to 3.2), or the GraphQL schema as text"),
        _shape("Put openapi.json, openapi.yaml or schema.graphql beside the other documents"),
    ),
    "api_contract/authorization": _facts(
        "INPT-03",
        "Each operation must know who may call it.",
        _value(
            "Deny all but the owner of the data",
            "Denied by default; only the authenticated owner of the data may read or change it.",
        ),
        _shape("Say for each operation which callers may use it"),
        _absent("Every operation is open to everyone"),
    ),
    "api_contract/rate_limits": _facts(
        "INPT-03",
        "The answer 429 and its headers follow from the limits.",
        _value(
            "60 requests a minute and caller",
            "60 requests per minute and caller; beyond that 429 with Retry-After.",
        ),
        _shape("Requests per unit of time and caller"),
        _absent("Limits are enforced in front of the service"),
    ),
    "api_contract/pagination": _facts(
        "INPT-03",
        "Lists must be paged in the way that clients expect.",
        _value(
            "Cursor: cursor, limit, next_cursor",
            {"style": "cursor", "parameters": ["cursor", "limit"], "next_field": "next_cursor"},
        ),
        _shape("Style, parameters, and the field with the next cursor"),
        _absent("The API has no lists"),
    ),
    "api_contract/pagination/style": _facts(
        "INPT-03",
        "Lists must be paged in the way that clients expect.",
        _value("By cursor, the stage's default", "cursor"),
        _value("By offset", "offset"),
        _value("Lists are not paged", "none"),
    ),
    "api_contract/exceptions/*": _facts(
        "INPT-03",
        "An exception holds only with its clause, what holds instead, and why.",
        _shape("Clause, what holds instead, reason"),
        _shape("Strike the exception"),
    ),
}

_DATA_MODEL = {
    "data_model/entities": _facts(
        "INPT-04",
        "Migrations and models are held against the entities.",
        _shape("Each entity with its table, fields, relations, indexes, constraints and retention"),
        _absent("The service keeps no data"),
    ),
    "data_model/entities/*/name": _facts(
        "INPT-04",
        "Relations and the API speak of an entity by its name.",
        _shape("The entity's name, in the singular"),
        _shape("The name that the code uses for it"),
    ),
    "data_model/entities/*/table": _facts(
        "INPT-04",
        "Migrations build the table under this name.",
        _shape("The table's name as the database has it"),
        _shape("The table's name with its schema"),
    ),
    "data_model/entities/*/fields": _facts(
        "INPT-04",
        "Migrations and models are held against the fields.",
        _shape("Each column with name, type and whether it may be null"),
        _shape("Copy the columns from the table's definition"),
    ),
    "data_model/entities/*/fields/*/name": _facts(
        "INPT-04",
        "The column is known by its name.",
        _shape("The column's name as the database has it"),
        _shape("The name that the migration gives it"),
    ),
    "data_model/entities/*/fields/*/type": _facts(
        "INPT-04",
        "What migrations build must have this type.",
        _shape("The SQL type as the dialect writes it"),
        _value("Text", "text"),
    ),
    "data_model/entities/*/fields/*/nullable": _facts(
        "INPT-04",
        "A column that may not be null needs a value for the rows that already exist.",
        _value("It may be null, which existing rows allow", True),
        _value("It may not be null", False),
    ),
    "data_model/entities/*/relations": _facts(
        "INPT-04",
        "Foreign keys are built and checked by the relations.",
        _absent("The entity points at no other"),
        _shape("Own columns, the entity, the columns there"),
        may_be_empty=True,
    ),
    "data_model/entities/*/relations/*/columns": _facts(
        "INPT-04",
        "A foreign key needs its own columns.",
        _shape("The columns that hold the key"),
        _shape("The one column that holds the other entity's id"),
    ),
    "data_model/entities/*/relations/*/entity": _facts(
        "INPT-04",
        "A foreign key needs what it points at.",
        _shape("The name of the entity"),
        _shape("Strike the relation"),
    ),
    "data_model/entities/*/relations/*/references": _facts(
        "INPT-04",
        "A foreign key needs the columns that it points at.",
        _shape("The columns in the other entity, in the same order"),
        _value("Its column id", ["id"]),
    ),
    "data_model/entities/*/indexes": _facts(
        "INPT-04",
        "Queries must be covered by an index.",
        _absent("The primary key is enough"),
        _shape("The columns of each index, in order"),
        may_be_empty=True,
    ),
    "data_model/entities/*/indexes/*/columns": _facts(
        "INPT-04",
        "An index is known by its columns.",
        _shape("The columns in order"),
        _shape("Strike the index"),
    ),
    "data_model/entities/*/constraints": _facts(
        "INPT-04",
        "Rules that the database enforces must stand in the migration.",
        _absent("There are none beyond types and keys"),
        _shape("Each constraint as the dialect writes it"),
        may_be_empty=True,
    ),
    "data_model/entities/*/retention": _facts(
        "INPT-04",
        "Whether rows may be deleted, and when, must be known before code deletes or keeps them.",
        _value(
            "Kept until the owner deletes them", "Kept until the owner deletes them; never deleted by a job."
        ),
        _shape("A duration such as P2Y, or a sentence"),
        _absent("No rule asks for a limit"),
    ),
}

_SECURITY_POLICY = {
    "security_policy/authentication": _facts(
        "INPT-05",
        "Every request must be tied to a caller, or refused.",
        _value(
            "A bearer token on each request, else 401",
            "A bearer token on every request; a missing or invalid one is answered with 401.",
        ),
        _shape("How callers prove who they are"),
        _absent("The service has no callers from outside"),
    ),
    "security_policy/authorization": _facts(
        "INPT-05",
        "Access is denied by default, so what is allowed must be said.",
        _value(
            "Deny by default; owners reach their own data",
            "Denied by default at the service boundary; callers reach their own data only.",
        ),
        _shape("Roles and what each may do"),
        _absent("Every caller may do everything"),
    ),
    "security_policy/crypto": _facts(
        "INPT-05",
        "What is encrypted, and with what, decides on columns and connections.",
        _value(
            "TLS in transit, the platform's encryption at rest",
            "TLS for every connection; the platform's encryption at rest; no cryptography of our own.",
        ),
        _shape("What is encrypted in transit and at rest, and where keys live"),
        _absent("The platform takes care of it"),
    ),
    "security_policy/compliance": _facts(
        "INPT-05",
        "Rules such as the GDPR decide on retention, deletion and documentation.",
        _shape("The rules that hold, and what they ask of this service"),
        _absent("No rule beyond this policy holds"),
    ),
    "security_policy/logging": _facts(
        "INPT-05",
        "Logs must say enough and give nothing away.",
        _value(
            "Structured, without secrets and personal data",
            "Structured logs with a correlation id; never secrets, tokens or personal data.",
        ),
        _shape("What is logged, what never is, how long logs are kept"),
        _absent("The service writes no logs"),
    ),
}

_PERF_TARGETS = {
    "perf_targets/slos": _facts(
        "INPT-06",
        "Probes and tests are held against the objectives.",
        _shape("Route, metric, target and unit of each objective"),
        _absent("No objective is agreed"),
    ),
    "perf_targets/slos/*/route": _facts(
        "INPT-06", "An objective belongs to a route or a job.", _shape("Method and path as in the contract, such as GET /users"), _shape("The job's name")
    ),
    "perf_targets/slos/*/metric": _facts(
        "INPT-06",
        "What is measured decides on the probe.",
        _value("The 95th percentile of latency", "latency_p95"),
        _value("Availability", "availability"),
        _value("The rate of errors", "error_rate"),
    ),
    "perf_targets/slos/*/target": _facts(
        "INPT-06", "The objective is met or missed by this number.", _shape("The number that may not be passed"), _shape("What is measured today")
    ),
    "perf_targets/slos/*/unit": _facts(
        "INPT-06", "A number means nothing without its unit.", _value("Milliseconds", "ms"), _value("Per cent", "%"), _value("Seconds", "s")
    ),
    "perf_targets/peak_load": _facts(
        "INPT-06", "Indexes, pools and batches are sized for the peak.", _shape("Requests per second at the peak, and rows in the largest table"), _absent("The load is negligible")
    ),
    "perf_targets/latency": _facts(
        "INPT-06", "Queries and timeouts are chosen for the latency.", _shape("The time that a caller may wait, for reads and for writes"), _absent("No latency is agreed")
    ),
    "perf_targets/caching": _facts(
        "INPT-06",
        "A cache that nobody asked for serves stale data.",
        _value("Nothing is cached", "Nothing is cached."),
        _shape("What is cached, for how long, and what makes it stale"),
        _absent("There is nothing to cache"),
    ),
}  # fmt: skip

_OPS_GUIDES = {
    "ops_guides/alerts": _facts(
        "INPT-07",
        "What the change measures must reach someone.",
        _shape("What raises an alert, and whom it reaches"),
        _absent("Nobody is on call for the service"),
    ),
    "ops_guides/runbooks": _facts(
        "INPT-07",
        "The change updates the runbooks that it touches.",
        _shape("Where runbooks stand and what each must say"),
        _absent("The service has no runbooks"),
    ),
    "ops_guides/rollout": _facts(
        "INPT-07",
        "Migrations and code must fit the order in which they are brought out.",
        _value(
            "Migrations first, then the code, in one step",
            "Migrations run first, then all instances are replaced.",
        ),
        _shape("The order of the steps, and who starts them"),
        _absent("The service is not deployed yet"),
    ),
    "ops_guides/rollback": _facts(
        "INPT-07",
        "Rollback scripts are written for the way back.",
        _value(
            "The code first, then the rollback scripts",
            "The previous code is deployed first, then the rollback scripts run in reverse order.",
        ),
        _shape("The order of the steps, and when data may be lost"),
        _absent("The service is not deployed yet"),
    ),
}

_REQUEST = {
    "request": _facts(
        "FLOW-01",
        "Without the change that is wanted there is nothing to do.",
        _shape("Title, description and acceptance criteria"),
        _shape("Put change_request.md beside the other documents"),
    ),
    "request/title": _facts(
        "FLOW-01",
        "The change is known by its title.",
        _shape("One line that names the change"),
        _shape("The title of the ticket"),
    ),
    "request/description": _facts(
        "FLOW-01",
        "The description says what to build.",
        _shape("What is wanted, and for whom"),
        _shape("The text of the ticket"),
    ),
    "request/acceptance": _facts(
        "FLOW-01",
        "Tests are written for what must hold in the end.",
        _shape("Each criterion as a sentence that can be tested"),
        _shape("What a reviewer would try first"),
    ),
}

FIELDS: Mapping[str, FieldFacts] = MappingProxyType(
    {
        **_TECH_SPEC,
        **_API_CONTRACT,
        **_DATA_MODEL,
        **_SECURITY_POLICY,
        **_PERF_TARGETS,
        **_OPS_GUIDES,
        **_REQUEST,
    }
)
"""Facts by the field's path, `*` standing for any index."""

_CLAUSES = {
    "tech_spec": "INPT-02",
    "api_contract": "INPT-03",
    "data_model": "INPT-04",
    "security_policy": "INPT-05",
    "perf_targets": "INPT-06",
    "ops_guides": "INPT-07",
    "request": "FLOW-01",
}

PROSE = frozenset(
    {
        "tech_spec/error_handling",
        "tech_spec/layout/*/purpose",
        "api_contract/authorization",
        "api_contract/rate_limits",
        "api_contract/exceptions/*/reason",
        "data_model/entities/*/retention",
        "data_model/entities/*/constraints/*",
        *(name for name in FIELDS if name.startswith(("security_policy/", "ops_guides/"))),
        "perf_targets/peak_load",
        "perf_targets/latency",
        "perf_targets/caching",
        "request/title",
        "request/description",
        "request/acceptance/*",
    }
)
"""Fields that hold sentences: there `todo` is a placeholder, while an entity may well be named so."""


def facts_of(pattern: str) -> FieldFacts:
    """The facts of a field, or those that any other field of its document shares."""
    found = FIELDS.get(pattern)
    if found is not None:
        return found
    return _facts(
        _CLAUSES[pattern.partition("/")[0]],
        "What stands here is neither a value nor left out, so that nobody can tell what is meant.",
        _shape("State the value"),
        _shape("Leave the field out where it is optional"),
    )
