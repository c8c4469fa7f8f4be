"""The six typed documents and the request.

Owns: the fields of the inputs, their meaning and units (INPT-02 to INPT-07).
Must never know: file formats, how a gap is found or worded, prompts, rules.
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

    packages: the names under which manifests and imports know it (`express`, `@nestjs/core`,
    `org.springframework.boot`); empty means the component's own name.
    """

    name: str
    kind: Literal["language", "runtime", "framework", "library", "database", "service", "tool"]
    version: str | None = None
    packages: tuple[str, ...] = ()


class Module(Document):
    """A folder of the source tree (POSIX path, no leading slash), its purpose, and its section if it has one."""

    path: str
    purpose: str
    section: Section | None = None


class Database(Document):
    """The database that migrations are written for."""

    dialect: Literal["postgresql", "sqlite", "mysql"]
    version: str | None = None


class MigrationConventions(Document):
    """Where migrations stand and how the tool that runs them works.

    folder: POSIX path. tool: the runner's name (`golang-migrate`, `flyway`, `own runner`, ...).
    transactional: whether the runner wraps each script in one transaction.
    """

    folder: str
    tool: str
    transactional: bool


class Commands(Document):
    """The project's own commands as argument lists, run without a shell at the root of the tree."""

    tests: tuple[str, ...] | NotApplicable
    types: tuple[str, ...] | NotApplicable
    lint: tuple[str, ...] | NotApplicable


class TechSpec(Document):
    """Stack, layout and error handling (INPT-02), the database, migrations and commands."""

    stack: tuple[Component, ...] | NotApplicable
    layout: tuple[Module, ...] | NotApplicable
    error_handling: str | NotApplicable
    database: Database | NotApplicable
    migrations: MigrationConventions | NotApplicable
    commands: Commands | NotApplicable
    entry_points: tuple[str, ...] = ()


class Pagination(Document):
    """How lists are paged: the style, and the names of its parameters and of the field with the next cursor."""

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

    kind: `openapi` or `graphql`. document: the OpenAPI document as JSON data, or the SDL text.
    authorization: who may call what. rate_limits: requests per unit of time and caller.
    exceptions: confirmed deviations from the stage's defaults.
    """

    kind: Literal["openapi", "graphql"]
    document: dict[str, Any] | str
    authorization: str | NotApplicable
    rate_limits: str | NotApplicable
    pagination: Pagination | NotApplicable
    exceptions: tuple[ContractException, ...] = ()


class Column(Document):
    """A field of an entity: SQL type as the dialect writes it; `pii` marks personal data."""

    name: str
    type: str
    nullable: bool
    default: str | None = None
    primary_key: bool = False
    unique: bool = False
    pii: bool = False


class Relation(Document):
    """A foreign key: own columns, the entity and columns that they point at, and the ON DELETE action."""

    columns: tuple[str, ...]
    entity: str
    references: tuple[str, ...]
    on_delete: str | None = None


class Index(Document):
    """An index over columns in order; the name is optional."""

    columns: tuple[str, ...]
    unique: bool = False
    name: str | None = None


class Entity(Document):
    """An entity with its table (INPT-04); `retention` says how long rows are kept (ISO 8601 or prose)."""

    name: str
    table: str
    fields: tuple[Column, ...]
    relations: tuple[Relation, ...] | NotApplicable
    indexes: tuple[Index, ...] | NotApplicable
    constraints: tuple[str, ...] | NotApplicable
    retention: str | NotApplicable


class DataModel(Document):
    """The entities as they are to be after the change (INPT-04)."""

    entities: tuple[Entity, ...] | NotApplicable


class SecurityPolicy(Document):
    """Authentication, authorization, cryptography, compliance and logging rules, as text (INPT-05)."""

    authentication: str | NotApplicable
    authorization: str | NotApplicable
    crypto: str | NotApplicable
    compliance: str | NotApplicable
    logging: str | NotApplicable


class SLO(Document):
    """A service level objective: `METHOD /path` or a job's name, what is measured, and its target.

    metric: such as `latency_p95`, `availability`, `error_rate`. target: the number. unit: `ms`, `s`, `%`.
    """

    route: str
    metric: str
    target: float
    unit: str


class PerfTargets(Document):
    """Service level objectives, peak load, latency and caching (INPT-06)."""

    slos: tuple[SLO, ...] | NotApplicable
    peak_load: str | NotApplicable
    latency: str | NotApplicable
    caching: str | NotApplicable


class OpsGuides(Document):
    """Alerts, runbooks, rollout and rollback, as text (INPT-07)."""

    alerts: str | NotApplicable
    runbooks: str | NotApplicable
    rollout: str | NotApplicable
    rollback: str | NotApplicable


class ChangeRequest(Document):
    """The change that is wanted: a title, a description, and what must hold for it to be accepted."""

    title: str
    description: str
    acceptance: tuple[str, ...]
