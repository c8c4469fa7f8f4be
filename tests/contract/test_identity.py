"""The fixed facts of the stage's header (META-01, META-03, META-04, META-05, PIPE-01)."""

from __future__ import annotations

from backend_engineer.contract import CLAUSES, IDENTITY


def test_the_identity_is_fixed() -> None:
    assert (IDENTITY.id, IDENTITY.name, IDENTITY.version) == (
        "backend-engineer",
        "senior-backend-engineer",
        "2025-08-13",
    )
    assert IDENTITY.persona == "Senior Backend Engineer"
    assert IDENTITY.pipeline_stage == 4


def test_stack_tags_keep_their_order() -> None:
    assert IDENTITY.stack_tags == (
        "Backend", "API", "DB", "Migrations", "Infra", "Security", "Observability", "Testing",
    )  # fmt: skip


def test_accessibility_flags_are_data() -> None:
    assert IDENTITY.accessibility_flags == ("no-color-only", "screen-reader-friendly-logs")


def test_each_risk_flag_names_clauses_that_exist() -> None:
    names = [flag.name for flag in IDENTITY.risk_flags]
    assert names == ["schema-migrations", "idempotency", "pii", "secrets", "eventual-consistency"]
    for flag in IDENTITY.risk_flags:
        assert flag.clauses
        assert set(flag.clauses) <= set(CLAUSES)


def test_each_risk_flag_is_watched_by_a_rule() -> None:
    from backend_engineer.rules.registry import built_in_rules

    served = {clause: rule.code for rule in built_in_rules() for clause in rule.clauses}
    for flag in IDENTITY.risk_flags:
        assert any(clause in served for clause in flag.clauses), flag.name


def test_inputs_and_outputs_are_named_in_order() -> None:
    assert IDENTITY.inputs_schema == ("TechSpec", "APIContract", "DataModel", "SecurityPolicy", "PerfTargets")
    assert IDENTITY.outputs_schema[0] == "CodeDiffs"
    assert IDENTITY.outputs_schema[-1] == "ReviewFindingsJSON"
    assert len(IDENTITY.outputs_schema) == 7


def test_the_neighbours_in_the_pipeline_are_named() -> None:
    assert IDENTITY.receives_from == ("product-manager.md", "tech-architecture agent", "ux-ui-designer.md")
    assert IDENTITY.hands_to == ("devops-deployment-engineer.md", "QA/test agent", "frontend engineer")
