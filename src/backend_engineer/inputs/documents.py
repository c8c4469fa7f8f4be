"""The six typed documents and the request.

Owns: the fields of the inputs, their meaning and units (INPT-02 to INPT-07).
Must never know: file formats, how a gap is found or worded, prompts, rules.

A field that may be `NotApplicable` is required all the same: the absence is a statement with a reason.
Only fields with a default may be left out.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend_engineer.contract import Section

__all__ = [
    "SLO",
    "APIContract",
    "ChangeRequest",
    "Column",
    "Commands",
    "Component",
    "ContractException",
    "DataModel",
    "Database",
    "Document",
    "Entity",
    "Index",
    "MigrationConventions",
    "Module",
    "NotApplicable",
    "OpsGuides",
    "Pagination",
    "PerfTargets",
    "Relation",
    "SecurityPolicy",
    "TechSpec",
]


class Document(BaseModel):
    """What all documents share: frozen, closed, nothing defaulted that the stage needs."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, regex_engine="python-re")


class NotApplicable(Document):
    """A full answer to a field that truly does not apply: `{"not_applicable": "the reason"}`."""

    not_applicable: str = Field(min_length=3, description="Why the field does not apply.")

    def __init__(self, reason: str | None = None, /, **data: Any) -> None:
        if reason is not None:
            data["not_applicable"] = reason
        super().__init__(**data)

    @property
    def reason(self) -> str:
        """Why the field does not apply."""
        return self.not_applicable


class Component(Document):
    """One part of the stack that a change may use (CONS-01).

    name: as the project speaks of it. kind: what it is; `database` is held against `TechSpec.database`.
    version: as the project pins it, as text, None where any will do. packages: the names under which
    manifests and imports know it (`express`, `@nestjs/core`, `org.springframework.boot`); empty means
    the component's own name.
    """

    name: str
    kind: Literal["language", "runtime", "framework", "library", "database", "service", "tool"]
    version: str | None = None
    packages: tuple[str, ...] = ()


class Module(Document):
    """A folder of the source tree and what belongs there.

    path: POSIX path from the root, without a leading slash. purpose: one sentence. section: the group of
    the output that its files belong to, None where the path alone says nothing (OUTF-01).
    """

    path: str
    purpose: str
    section: Section | None = None


class Database(Document):
    """The database that migrations are written and run for (MIGR-01).

    dialect: the SQL that it speaks. version: the server's version as text, such as `16`.
    """

    dialect: Literal["postgresql", "sqlite", "mysql"]
    version: str | None = None


class MigrationConventions(Document):
    """Where migrations stand and how the tool that runs them works (MIGR-02).

    folder: POSIX path from the root. tool: the runner's name (`golang-migrate`, `flyway`, `own runner`, ...).
    transactional: whether the runner wraps each script in one transaction.
    """

    folder: str
    tool: str
    transactional: bool


class Commands(Document):
    """The project's own commands as argument lists, run without a shell at the root of the tree.

    tests: runs the tests and ends with 0 when they pass. types: checks types. lint: checks style.
    """

    tests: tuple[str, ...] | NotApplicable
    types: tuple[str, ...] | NotApplicable
    lint: tuple[str, ...] | NotApplicable


class TechSpec(Document):
    """Stack, layout and error handling (INPT-02), the database, migrations and commands.

    stack: everything that a change may use; what is not in it is a violation (CONS-01, ROLE-01).
    layout: folders and what belongs there. error_handling: where errors are caught and how they become
    answers, as text. database, migrations, commands: see there. entry_points: POSIX paths of the files
    that start the service, where shutdown and probes are looked for (RELI-04).
    """

    stack: tuple[Component, ...] | NotApplicable
    layout: tuple[Module, ...] | NotApplicable
    error_handling: str | NotApplicable
    database: Database | NotApplicable
    migrations: MigrationConventions | NotApplicable
    commands: Commands | NotApplicable
    entry_points: tuple[str, ...] = ()


class Pagination(Document):
    """How lists are paged (APID-04).

    style: `cursor` is the stage's default. parameters: names of the query parameters, such as `cursor`
    and `limit`. next_field: the field of the answer that holds the next cursor, None where there is none.
    """

    style: Literal["cursor", "offset", "page", "none"]
    parameters: tuple[str, ...] = ()
    next_field: str | None = None


class ContractException(Document):
    """A deviation of the contract from a stage default, confirmed by the user and followed by the rules.

    clause: the default's clause (`APID-02`, `APID-03`, `APID-04`). follows: what holds instead
    (`rfc9457`, `offset`, `if-match`, ...). reason: why.
    """

    clause: Literal["APID-02", "APID-03", "APID-04"]
    follows: str
    reason: str


class APIContract(Document):
    """The API that the change must match exactly (INPT-03).

    kind: `openapi` or `graphql`. document: the OpenAPI document (3.0 to 3.2) as JSON data, or the SDL
    text. authorization: who may call what, as text. rate_limits: requests per unit of time and caller,
    as text. pagination: how lists are paged. exceptions: confirmed deviations from the stage's defaults,
    at most one a clause.
    """

    kind: Literal["openapi", "graphql"]
    document: dict[str, Any] | str
    authorization: str | NotApplicable
    rate_limits: str | NotApplicable
    pagination: Pagination | NotApplicable
    exceptions: tuple[ContractException, ...] = ()


class Column(Document):
    """A field of an entity.

    name: the column's name. type: the SQL type as the dialect writes it. nullable: whether it may be
    null. default: the SQL expression of the default, None without one. primary_key, unique: whether the
    column alone is one. pii: whether it holds personal data (SECU-04).
    """

    name: str
    type: str
    nullable: bool
    default: str | None = None
    primary_key: bool = False
    unique: bool = False
    pii: bool = False


class Relation(Document):
    """A foreign key.

    columns: the entity's own columns. entity: the name of the entity that they point at. references: the
    columns there, in the same order. on_delete: the action in SQL words, None for the dialect's default.
    """

    columns: tuple[str, ...]
    entity: str
    references: tuple[str, ...]
    on_delete: str | None = None


class Index(Document):
    """An index.

    columns: column names or expressions, in order. unique: whether it allows a value once only.
    name: the index's name, None where any will do.
    """

    columns: tuple[str, ...]
    unique: bool = False
    name: str | None = None


class Entity(Document):
    """An entity with its table (INPT-04).

    name: in the singular, as the code and the API call it. table: the table's name. fields: the columns.
    relations: the foreign keys. indexes: those beyond the keys. constraints: each as the dialect writes
    it. An empty list in one of these three says that there are none. retention: how long rows are kept,
    as an ISO 8601 duration such as `P2Y` or as text.
    """

    name: str
    table: str
    fields: tuple[Column, ...]
    relations: tuple[Relation, ...] | NotApplicable
    indexes: tuple[Index, ...] | NotApplicable
    constraints: tuple[str, ...] | NotApplicable
    retention: str | NotApplicable


class DataModel(Document):
    """The entities as they are to be after the change (INPT-04).

    entities: all that the change touches or reads; names and tables stand once each.
    """

    entities: tuple[Entity, ...] | NotApplicable


class SecurityPolicy(Document):
    """What keeps the service safe, as text (INPT-05).

    authentication: how callers prove who they are. authorization: who may do what, denied by default
    (SECU-01). crypto: what is encrypted in transit and at rest, and where keys live (SECU-02).
    compliance: the rules that hold, and what they ask. logging: what is logged and what never is (CONS-04).
    """

    authentication: str | NotApplicable
    authorization: str | NotApplicable
    crypto: str | NotApplicable
    compliance: str | NotApplicable
    logging: str | NotApplicable


class SLO(Document):
    """A service level objective: `METHOD /path` or a job's name, what is measured, and its target.

    route: as the contract has it, names of parameters aside. metric: such as `latency_p95`,
    `availability`, `error_rate`. target: the number that may not be passed, in `unit`: `ms`, `s`, `%`.
    """

    route: str
    metric: str
    target: float
    unit: str


class PerfTargets(Document):
    """How fast and how steady the service must be (INPT-06).

    slos: the objectives that probes are held against (RELI-01). peak_load: requests per second at the
    peak and rows in the largest tables, as text. latency: how long a caller may wait, as text. caching:
    what is cached, for how long, and what makes it stale, as text.
    """

    slos: tuple[SLO, ...] | NotApplicable
    peak_load: str | NotApplicable
    latency: str | NotApplicable
    caching: str | NotApplicable


class OpsGuides(Document):
    """How the service is run, as text (INPT-07).

    alerts: what raises one and whom it reaches. runbooks: where they stand and what each must say
    (RELI-03). rollout: the order in which migrations and code are brought out. rollback: the way back.
    """

    alerts: str | NotApplicable
    runbooks: str | NotApplicable
    rollout: str | NotApplicable
    rollback: str | NotApplicable


class ChangeRequest(Document):
    """The change that is wanted (FLOW-01).

    title: one line. description: what to build, and for whom. acceptance: what must hold for the change
    to be accepted, each a sentence that can be tested.
    """

    title: str
    description: str
    acceptance: tuple[str, ...]
