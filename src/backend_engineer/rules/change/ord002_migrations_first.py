"""The schema is migrated before the code that depends on it.

Owns: this rule and its examples.
Must never know: other rules.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.reading import has_order, sorted_files
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit | Silence]:
    files = sorted_files(context)
    scripts = {file.path for file in (*files.migrations, *files.rollbacks)}
    code = {file.path for file in files.code}
    if not scripts:
        yield Silence(Verdict.NOT_APPLICABLE, "the change holds no migration.")
        return
    if not has_order(context):
        yield Silence(
            Verdict.NEEDS_REVIEW,
            "a folder or a git range has no order of its own; the deployment decides that migrations run first.",
        )
        return
    first_code: str | None = None
    for file in context.change:
        if file.path in code:
            first_code = first_code or file.path
        elif file.path in scripts and first_code is not None:
            yield Hit(file.path, f"The migration `{file.path}` stands after the code `{first_code}`.")


_UP = "-- OPERATIONS: under one second, no throttling.\nALTER TABLE t ADD COLUMN c TEXT;\n-- VERIFY: SELECT c FROM t;\n"
_SCRIPTS = {
    "db/migrations/0001_c.up.sql": _UP,
    "db/migrations/0001_c.down.sql": "ALTER TABLE t DROP COLUMN c;\n",
}
_CODE = {"src/models/t.py": "COLUMNS = ('c',)\n"}
_REST = {
    "tests/test_t.py": "def test_c():\n    assert COLUMNS\n",
    "observability/t.yaml": "groups: []\n",
    "docs/t.md": "# t\n",
}

RULE = Rule(
    code="ORD002",
    title="A migration stands after the code that depends on it",
    clauses=("MIGR-01",),
    severity=Severity.MAJOR,
    category=Category.MIGRATIONS,
    reason="Code that runs before its migration fails on the first request.",
    recommendation="Put every migration and rollback before the first file of code.",
    check=_check,
    valid=(
        Example(files={**_SCRIPTS, **_CODE, **_REST}, note="migrations, then code"),
        Example(files={**_CODE, **_REST}, note="no migration"),
        Example(
            files={**_CODE, "store/seed/10001__t.sql": "INSERT INTO t (c) VALUES ('a');\n", **_REST},
            note="rows to begin with",
        ),
    ),
    invalid=(
        Example(files={**_CODE, **_SCRIPTS, **_REST}, note="the model before both scripts"),
        Example(
            files={
                "db/migrations/0001_c.up.sql": _UP,
                **_CODE,
                "db/migrations/0001_c.down.sql": "ALTER TABLE t DROP COLUMN c;\n",
                **_REST,
            },
            note="the model before the rollback",
        ),
    ),
)
