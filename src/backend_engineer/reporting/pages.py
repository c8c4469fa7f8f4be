"""Pages and schemas that are generated from the code, so that documentation cannot drift from it.

Owns: the text of docs/contract.md and the set of generated files.
Must never know: files; the wording of clauses and rules (it only lays them out).
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Mapping

from backend_engineer.contract import CLAUSES, IDENTITY, Clause, Parameters, Section, Subject
from backend_engineer.inputs import (
    APIContract,
    ChangeRequest,
    DataModel,
    NotApplicable,
    OpsGuides,
    PerfTargets,
    SecurityPolicy,
    StageInputs,
    TechSpec,
)
from backend_engineer.outputs import Change, Clarification, FileChange, Finding, Plan, SchemaChange
from backend_engineer.prompts import DIALECTS, PROMPT_PHASES, render
from backend_engineer.reporting.schemas import SCHEMA_NAMES, schema, schema_file
from backend_engineer.rules.registry import built_in_rules
from backend_engineer.rules.rule import Rule

__all__ = ["api_page", "clause_gaps", "contract_page", "generated_files", "prompt_statements", "rule_table"]


_PLAN = Plan(summary="any", files=(), schema_change=SchemaChange(kind="none", reason="any"))
_FINDING = Finding.model_validate(
    {
        "type": "question",
        "category": "plan",
        "severity": "info",
        "title": "any",
        "where": {"path": ""},
        "evidence": "",
        "recommendation": "",
    }
)


def _smallest_inputs() -> StageInputs:
    """Complete inputs with as little in them as the types allow: every field that can be is not applicable."""
    absent = NotApplicable("only the contract is of interest here")
    return StageInputs(
        tech_spec=TechSpec(
            stack=absent,
            layout=absent,
            error_handling=absent,
            database=absent,
            migrations=absent,
            commands=absent,
        ),
        api_contract=APIContract(
            kind="openapi", document={}, authorization=absent, rate_limits=absent, pagination=absent
        ),
        data_model=DataModel(entities=absent),
        security_policy=SecurityPolicy(
            authentication=absent, authorization=absent, crypto=absent, compliance=absent, logging=absent
        ),
        perf_targets=PerfTargets(slos=absent, peak_load=absent, latency=absent, caching=absent),
        ops_guides=OpsGuides(alerts=absent, runbooks=absent, rollout=absent, rollback=absent),
        request=ChangeRequest(title="any", description="any", acceptance=("any",)),
    )


def prompt_statements() -> Mapping[str, tuple[str, str]]:
    """Clause id -> the prompt's section and span that state it, where every phase and dialect agrees."""
    inputs = _smallest_inputs()
    seen: dict[str, set[tuple[str, str]]] = {}
    for dialect in DIALECTS:
        for phase in PROMPT_PHASES:
            prompt = render(
                inputs,
                Parameters(),
                request=inputs.request,
                plan=_PLAN,
                change=Change((FileChange("docs/any.md", "any\n"),)),
                findings=(_FINDING,),
                gaps=Clarification(gaps=()),
                phase=phase,
                dialect=dialect,
            )
            for span in prompt.spans:
                for clause_id in span.clauses if span.id.startswith("clause/") else ():
                    seen.setdefault(clause_id, set()).add((str(span.section), span.id))
    return {clause_id: next(iter(places)) for clause_id, places in seen.items() if len(places) == 1}


def rule_table(rules: Iterable[Rule] | None = None) -> Mapping[str, tuple[Rule, ...]]:
    """Clause id -> the rules that serve it."""
    table: dict[str, list[Rule]] = {}
    for rule in built_in_rules() if rules is None else rules:
        for clause_id in rule.clauses:
            table.setdefault(clause_id, []).append(rule)
    return {clause_id: tuple(found) for clause_id, found in table.items()}


def _checks(row: Clause, table: Mapping[str, tuple[Rule, ...]]) -> str:
    """What checks a clause, in words; empty when nothing does."""
    if row.subject is Subject.LIBRARY:
        return f"`{row.shown_by}`"
    parts = [f"`{rule.code}`" for rule in table.get(row.id, ())]
    if row.derived_from:
        parts.append("follows " + ", ".join(row.derived_from))
    if row.judgement:
        parts.append(f"a reviewer: {row.judgement}")
    if row.needs_attestation:
        parts.append("the reply's attestation")
    return ", ".join(parts)


def clause_gaps() -> tuple[str, ...]:
    """Clauses that no prompt states, or that nothing checks and nothing marks as judgement; empty when whole."""
    stated, table = prompt_statements(), rule_table()
    problems = []
    for row in CLAUSES.values():
        if row.subject is not Subject.LIBRARY and row.id not in stated:
            problems.append(f"{row.id} is not stated in every prompt")
        if not _checks(row, table):
            problems.append(f"{row.id} is checked nowhere and not marked as judgement")
    return tuple(problems)


def contract_page() -> str:
    """The page docs/contract.md: every clause, where the prompt states it, what checks it, and how."""
    stated, table = prompt_statements(), rule_table()
    lines = [
        "# The contract",
        "",
        "This page is generated by `make generate` from the clause table, the prompts and the rules.",
        "",
        f"Stage `{IDENTITY.id}` ({IDENTITY.name}), version {IDENTITY.version}, pipeline stage {IDENTITY.pipeline_stage}: "
        f"{len(CLAUSES)} clauses. How a clause can be shown: *static* by reading, *executed* by really running, "
        "*attested* by the reply's claim with a quote that stands where it says, *judgement* by a person only. "
        "Clauses about the library are shown by this project's own tests and do not appear in a run's verdicts.",
        "",
        "## Risk flags",
        "",
        "| flag | clauses | rules that watch it |",
        "| --- | --- | --- |",
    ]
    for flag in IDENTITY.risk_flags:
        codes = sorted({rule.code for clause_id in flag.clauses for rule in table.get(clause_id, ())})
        lines.append(f"| {flag.name} | {', '.join(flag.clauses)} | {', '.join(codes)} |")
    lines += ["", "## Sections of a reply, in order", ""]
    lines += [f"{section.position}. {section}" for section in Section]
    part = ""
    for row in CLAUSES.values():
        if row.part != part:
            part = row.part
            lines += [
                "",
                f"## {part}",
                "",
                "| clause | speaks of | requirement | stated in | checked by | how |",
            ]
            lines.append("| --- | --- | --- | --- | --- | --- |")
        where = (
            "not in a prompt"
            if row.id not in stated
            else f"system message, section {stated[row.id][0]}, span `{stated[row.id][1]}`"
        )
        statement = row.statement.replace("|", "\\|")
        how = ", ".join(row.evidence)
        lines.append(f"| {row.id} | {row.subject} | {statement} | {where} | {_checks(row, table)} | {how} |")
    return "\n".join(lines) + "\n"


def _signature(value: object) -> str:
    if not callable(value):
        return ""
    try:
        text = str(inspect.signature(value))
    except (ValueError, TypeError):
        return ""
    # A default that is an object shows its address, which differs from run to run.
    text = re.sub(r"<(?:function )?(?:[\w.]*\.)?(\w+)(?: object)? at 0x[0-9a-f]+>", r"\1", text)
    return re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z])", "", text)


def api_page() -> str:
    """The page docs/api.md: every public name with its room, its signature and what its docstring says."""
    import backend_engineer

    lines = [
        "# Public names",
        "",
        "This page is generated by `make generate` from the docstrings.",
        "",
        f"`from backend_engineer import ...` offers these {len(backend_engineer.__all__)} names; everything else is "
        "reached through its room, such as `backend_engineer.clients`. Errors are one tree, drawn in "
        "`backend_engineer.errors`.",
    ]
    for name in backend_engineer.__all__:
        value = getattr(backend_engineer, name)
        shown = _signature(value) if inspect.isfunction(value) else ""
        room = backend_engineer.room_of(name)
        lines += ["", f"## {name}", "", f"`backend_engineer.{room}`", ""]
        if shown:
            lines += ["```python", f"{name}{shown}", "```", ""]
        lines.append(inspect.cleandoc(value.__doc__ or ""))
    return "\n".join(lines) + "\n"


def generated_files() -> Mapping[str, str]:
    """Every generated file: path relative to the checkout -> text."""
    from backend_engineer.rules.documentation import rules_page

    files = {
        f"schemas/{schema_file(name)}": json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"
        for name in SCHEMA_NAMES
    }
    files["docs/contract.md"] = contract_page()
    files["docs/rules.md"] = rules_page()
    files["docs/api.md"] = api_page()
    return files
