"""A small whole reply that keeps every rule, from which the examples of this family are made.

Owns: its text, and how one part of it is put in place of another.
Must never know: rules.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

__all__ = [
    "CHECKLIST",
    "DOCS_PLAN",
    "FILES",
    "FINDINGS",
    "PLAN",
    "SERVICE_PLAN",
    "attestations",
    "finding",
    "sample_reply",
]

CHECKLIST: Final = (
    "Add the column and its way back.",
    "Write the time in the service.",
    "Test, observe and document it.",
)

UP: Final = """-- Dry run: forward and back on a copy of the database. Guard: busy_timeout is set.
ALTER TABLE users ADD COLUMN last_login_at TEXT;
-- VERIFY
-- SELECT count(*) FROM pragma_table_info('users') WHERE name = 'last_login_at';
-- OPERATIONS
-- duration: under one second on 10,000 rows
-- impact: no lock beyond the statement
-- throttling: none needed
"""
DOWN: Final = "ALTER TABLE users DROP COLUMN last_login_at;\n"
SERVICE: Final = '''def mark_login(users, user_id, now):
    """Write the time of a login."""
    users.set_last_login(user_id, now)
'''
TEST: Final = """def test_a_login_is_written():
    users = Users()
    mark_login(users, 1, "2026-01-01")
    assert users.rows[1] == "2026-01-01"
"""
ALERTS: Final = "groups:\n  - name: logins\n    rules: []\n"
RUNBOOK: Final = "# Logins\n\nThe column last_login_at is written at each login.\n"

FILES: Final[tuple[tuple[str, str, str], ...]] = (
    ("Migrations", "-- file: db/migrations/0002_last_login.up.sql", UP),
    ("Migrations", "-- file: db/migrations/0002_last_login.down.sql", DOWN),
    ("Services/Use-Cases", "# file: src/services/login.py", SERVICE),
    ("Tests", "# file: tests/test_login.py", TEST),
    ("Observability", "# file: observability/logins.yaml", ALERTS),
    ("Docs", "<!-- file: docs/logins.md -->", RUNBOOK),
)
"""Section, header line and content of each file, in order."""


def _planned(path: str, section: str, **facts: Any) -> dict[str, Any]:
    return {"path": path, "action": "add", "section": section, "purpose": "part of the change", **facts}


PLAN: Final[dict[str, Any]] = {
    "summary": "Keep the time of a user's last login.",
    "files": [
        _planned("db/migrations/0002_last_login.up.sql", "Migrations"),
        _planned("db/migrations/0002_last_login.down.sql", "Migrations"),
        _planned("src/services/login.py", "Services/Use-Cases"),
        _planned("tests/test_login.py", "Tests"),
        _planned("observability/logins.yaml", "Observability"),
        _planned("docs/logins.md", "Docs"),
    ],
    "traceability": [
        {"endpoint": "PATCH /users/{id}", "service": "mark_login", "data": ["users.last_login_at"]}
    ],
    "schema_change": {"kind": "migration", "reason": ""},
    "security": ["The caller may write only its own row."],
    "slo": ["One write by primary key; inside the latency target."],
}

SERVICE_PLAN: Final[dict[str, Any]] = {
    **PLAN,
    "files": PLAN["files"][2:],
    "schema_change": {"kind": "none", "reason": "The column is there already."},
}
"""A plan for the files from the service on."""

DOCS_PLAN: Final[dict[str, Any]] = {**SERVICE_PLAN, "files": PLAN["files"][-1:], "traceability": []}
"""A plan for the page alone."""

FINDINGS: Final[dict[str, Any]] = {
    "tool": "backend-engineer",
    "version": "2025-08-13",
    "status": "ready",
    "findings": [],
}


def finding(**facts: Any) -> dict[str, Any]:
    """The findings document with one finding, some of whose keys are put in place."""
    item = {
        "type": "risk",
        "category": "data",
        "severity": "minor",
        "title": "Old rows have no time",
        "where": {"path": "src/services/login.py", "lines": "3"},
        "evidence": "`users.set_last_login(user_id, now)` writes from now on only.",
        "recommendation": "Say in the runbook that old rows stay empty.",
        **facts,
    }
    return {**FINDINGS, "findings": [item]}


def attestations(**facts: str) -> dict[str, Any]:
    """The attestations block with one true claim, some of whose keys are put in place."""
    item = {
        "clause": "FLOW-04",
        "path": "src/services/login.py",
        "lines": "3",
        "quote": "users.set_last_login(user_id, now)",
        **facts,
    }
    return {"attestations": [item]}


def sample_reply(
    *,
    checklist: Sequence[str] = CHECKLIST,
    plan: dict[str, Any] | None = PLAN,
    files: Sequence[tuple[str, str, str]] = FILES,
    validation: str = "Validation: read again, nothing to mend.",
    claimed: dict[str, Any] | None = None,
    findings: dict[str, Any] | None = FINDINGS,
) -> str:
    """The text of the reply with some parts put in place or, as None or empty, left out."""
    parts = ["\n".join(f"- {item}" for item in checklist)]
    if plan is not None:
        parts.append(_json({"plan": plan}))
    section = ""
    for heading, header, content in files:
        if heading != section:
            parts.append(f"## {heading}")
            section = heading
        parts.append(f"```{_word(header)}\n{header}\n{content}```")
        if validation:
            parts.append(validation)
    parts += [_json(block) for block in (claimed, findings) if block is not None]
    return "\n\n".join(parts) + "\n"


def _json(block: dict[str, Any]) -> str:
    return f"```json\n{json.dumps(block, indent=1)}\n```"


def _word(header: str) -> str:
    return header.removesuffix(" -->").rpartition(".")[2].split(" ")[0]
