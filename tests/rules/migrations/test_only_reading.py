"""A script that only looks at the database is judged by no rule on migrations."""

from __future__ import annotations

import pytest

from backend_engineer.outputs import Change, FileChange
from backend_engineer.rules import check
from backend_engineer.rules.examples import bundle

INPUTS = {"tech_spec": {"database": {"dialect": "postgresql"}}}


def _codes(sql: str) -> set[str]:
    change = Change((FileChange("db/migrations/0001_precheck.up.sql", sql),))
    return {
        item.code or ""
        for item in check(change, inputs=bundle(INPUTS), select=["MIGR", "FLOW-03"]).findings
        if (item.code or "").startswith("MIG")
    }


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM users WHERE email IS NULL;\n",
        "-- Before the rename.\nSELECT count(*) FROM users;\nSELECT id FROM teams LIMIT 1;\n",
    ],
)
def test_a_check_before_others_needs_no_way_back(sql: str) -> None:
    assert _codes(sql) == set()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT move_users();\n",
        "SELECT id INTO old_users FROM users;\n",
        "SELECT id FROM users;\nALTER TABLE users ADD COLUMN nick text;\n",
    ],
)
def test_a_query_that_may_change_something_does(sql: str) -> None:
    assert "MIG001" in _codes(sql)
