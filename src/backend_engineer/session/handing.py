"""The handoffs to the next stages, derived from plan, changes and inputs (FLOW-12, PIPE-02).

Owns: what devops, QA and frontend are told.
Must never know: sessions' states, prompts, how a handoff is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from backend_engineer.contract import IDENTITY, Section, Verdict
from backend_engineer.inputs import NotApplicable, StageInputs
from backend_engineer.migrations import discover
from backend_engineer.outputs import Change, FileChange, Handoff, Handoffs, Plan, Report
from backend_engineer.paths import classify, is_migration_path, is_test_path

__all__ = ["handoffs"]

_READS = re.compile(
    r"""(?:os\.environ(?:\.get)?\s*[\[(]\s*|os\.getenv\(\s*|System\.getenv\(\s*|os\.Getenv\(\s*|"""
    r"""process\.env\[\s*|env::var\(\s*|ENV\[\s*|ENV\.fetch\(\s*)["']([A-Z][A-Z0-9_]*)["']"""
    r"""|process\.env\.([A-Z][A-Z0-9_]*)"""
)
_ENVIRONMENT_LINE = re.compile(r"^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)=", re.MULTILINE)
_ENVIRONMENT_FILE = re.compile(r"(?:^|/)(?:\.env(?:\.[\w.-]+)?|[\w.-]+\.env)$")
_API_FILE = re.compile(
    r"(?:^|/)[\w.-]*(?:openapi|swagger)[\w.-]*\.(?:ya?ml|json)$|\.(?:graphqls?|gql)$", re.IGNORECASE
)
_RUNBOOK = re.compile(r"runbook|playbook|operations|(?:^|/)ops(?:/|\.)", re.IGNORECASE)

_DEVOPS = frozenset(
    ("MIGR-02", "MIGR-03", "MIGR-05", "FLOW-03", "RELI-01", "RELI-02", "RELI-03", "RELI-04", "FLOW-11")
)
_QA = frozenset(("FLOW-10", "APID-02", "FLOW-08", "SECU-01", "SECU-03", "MIGR-04"))
_FRONTEND = frozenset(("APID-01", "APID-02", "APID-03", "APID-04", "FLOW-05"))
_OPEN = (Verdict.VIOLATED, Verdict.NOT_CHECKED, Verdict.NEEDS_REVIEW)


def handoffs(
    plan: Plan | None, changes: Sequence[Change], inputs: StageInputs | None, report: Report | None
) -> Handoffs | None:
    """What the three receiving stages need to know; None when there is no change."""
    files = [file for change in changes for file in change.files]
    if not files:
        return None
    devops, qa, frontend = IDENTITY.hands_to
    endpoints = (
        tuple(dict.fromkeys(trace.endpoint for trace in plan.traceability)) if plan is not None else ()
    )
    summary = plan.summary if plan is not None else f"{len(files)} file(s) changed."
    operated = [file for file in files if _is_operated(file)]
    tests = [file for file in files if is_test_path(file.path)]
    described = [file for file in files if _API_FILE.search(file.path)]
    migrations = _migrations(files)
    return Handoffs(
        devops=Handoff(
            to="devops",
            receiver=devops,
            summary=f"{summary} Migrations to run: {len(migrations)}.",
            files=_paths(operated),
            migrations=migrations,
            environment=_environment(files),
            runbooks=tuple(file.path for file in operated if _is_runbook(file)),
            attention=_attention(report, _DEVOPS),
        ),
        qa=Handoff(
            to="qa",
            receiver=qa,
            summary=f"{summary} Test files: {len(tests)}; endpoints touched: {len(endpoints)}.",
            files=_paths(tests),
            commands=_commands(inputs),
            endpoints=endpoints,
            attention=_attention(report, _QA),
        ),
        frontend=Handoff(
            to="frontend",
            receiver=frontend,
            summary=f"{summary} Endpoints touched: {', '.join(endpoints) or 'none'}.",
            files=_paths(described),
            endpoints=endpoints,
            attention=_attention(report, _FRONTEND),
        ),
    )


def _paths(files: Iterable[FileChange]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(file.path for file in files))


def _section(file: FileChange) -> Section:
    return file.section or classify(file.path, file.content)


def _is_runbook(file: FileChange) -> bool:
    return _section(file) is Section.DOCS and bool(_RUNBOOK.search(file.path))


def _is_operated(file: FileChange) -> bool:
    operated = (Section.MIGRATIONS, Section.OBSERVABILITY, Section.JOBS)
    return _section(file) in operated or _is_runbook(file) or bool(_ENVIRONMENT_FILE.search(file.path))


def _migrations(files: Iterable[FileChange]) -> tuple[tuple[str, str], ...]:
    scripts = {
        file.path: file.content
        for file in files
        if file.content is not None and (is_migration_path(file.path) or file.path.endswith(".sql"))
    }
    return tuple(
        (migration.forward.path, migration.rollback.path if migration.rollback is not None else "")
        for migration in discover(scripts)
    )


def _environment(files: Iterable[FileChange]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for file in files:
        if file.content is None or is_test_path(file.path):
            continue
        if _ENVIRONMENT_FILE.search(file.path):
            names.update(dict.fromkeys(_ENVIRONMENT_LINE.findall(file.content)))
        for match in _READS.finditer(file.content):
            names[match[1] or match[2]] = None
    return tuple(sorted(names))


def _commands(inputs: StageInputs | None) -> tuple[str, ...]:
    if inputs is None or isinstance(inputs.tech_spec.commands, NotApplicable):
        return ()
    given = inputs.tech_spec.commands
    kinds = (given.tests, given.types, given.lint)
    return tuple(" ".join(argv) for argv in kinds if not isinstance(argv, NotApplicable))


def _attention(report: Report | None, clauses: frozenset[str]) -> tuple[str, ...]:
    if report is None:
        return ()
    rows = [
        f"{row.clause} ({row.verdict.value}): {row.reason}"
        for row in report.verdicts
        if row.clause in clauses and row.verdict in _OPEN
    ]
    rows += [
        f"{'/'.join(item.clauses)} ({item.severity.value}): {item.title}, {item.where.path or 'the change'}"
        for item in report.findings
        if clauses & set(item.clauses)
    ]
    return tuple(rows)
