"""Who the stage is (META-01 to META-05): identity, tags, and risk flags with the rules that watch them.

Owns: the fixed facts of the stage's header.
Must never know: anything about a particular run.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["IDENTITY", "Identity", "RiskFlag"]


@dataclass(frozen=True, slots=True)
class RiskFlag:
    """A risk of the stage and the clauses whose rules watch it (META-03)."""

    name: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """The stage's fixed header."""

    id: str
    name: str
    version: str
    persona: str
    supported_models: tuple[str, ...]
    pipeline_stage: int
    stack_tags: tuple[str, ...]
    accessibility_flags: tuple[str, ...]
    risk_flags: tuple[RiskFlag, ...]
    inputs_schema: tuple[str, ...]
    outputs_schema: tuple[str, ...]
    receives_from: tuple[str, ...]
    hands_to: tuple[str, ...]


IDENTITY = Identity(
    id="backend-engineer",
    name="senior-backend-engineer",
    version="2025-08-13",
    persona="Senior Backend Engineer",
    supported_models=("GPT-5", "Claude 3.x"),
    pipeline_stage=4,
    stack_tags=("Backend", "API", "DB", "Migrations", "Infra", "Security", "Observability", "Testing"),
    accessibility_flags=("no-color-only", "screen-reader-friendly-logs"),
    risk_flags=(
        RiskFlag(
            "schema-migrations", ("FLOW-03", "MIGR-01", "MIGR-02", "MIGR-03", "MIGR-04", "MIGR-05", "CONS-05")
        ),
        RiskFlag("idempotency", ("APID-02",)),
        RiskFlag("pii", ("CONS-04", "SECU-04")),
        RiskFlag("secrets", ("CONS-04", "SECU-02")),
        RiskFlag("eventual-consistency", ("FLOW-06", "RELI-03")),
    ),
    inputs_schema=("TechSpec", "APIContract", "DataModel", "SecurityPolicy", "PerfTargets"),
    outputs_schema=(
        "CodeDiffs",
        "Migrations+Rollbacks",
        "Tests",
        "OpenAPI/SDL",
        "Observability",
        "Runbooks",
        "ReviewFindingsJSON",
    ),
    receives_from=("product-manager.md", "tech-architecture agent", "ux-ui-designer.md"),
    hands_to=("devops-deployment-engineer.md", "QA/test agent", "frontend engineer"),
)
