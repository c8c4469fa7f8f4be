"""SQL303: a list read has neither a WHERE nor a LIMIT.

Owns: this one rule. Must never know: migrations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.rules.code.source import sources
from backend_engineer.rules.code.sql_text import SqlText, sql_texts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

_BOUND = re.compile(
    r"\b(WHERE|LIMIT|FETCH|TOP|GROUP\s+BY|JOIN)\b|\b(COUNT|SUM|MIN|MAX|AVG|EXISTS|COALESCE|EXTRACT|NEXTVAL)\s*\(|\bFROM\s+(?:DUAL|pg_|sys\.|sysibm\.|system\.|information_schema|sqlite_|alembic_version|schema_migrations|(?:\w+\.)?db_?versions?\b|flyway_schema_history)|\bFROM\s+(?:EXA_|[\w.\"]+\s*\()|^\s*SELECT\s+(?:[0-9]+|'')\s+FROM\b|\.nextval\b",
    re.IGNORECASE,
)
_READ = re.compile(r"^\s*SELECT\b[\s\S]*\bFROM\s+(?!SELECT\b)[A-Za-z_]", re.IGNORECASE)


# Calls that take one row, or put a condition or a limit behind the statement that they are given.
_BOUNDS = re.compile(
    r"(?:^|\.)(?:fetch_?one|fetch_?val|fetch_?row|scalar\w*|QueryRow\w*|queryForObject|getOne|get_one|selectOne|\w*page\w*|\w*paginat\w*)$",
    re.IGNORECASE,
)


def _is_bounded_outside(context: Context, item: SqlText) -> bool:
    return any(
        call.line <= item.line <= call.end_line
        and _BOUNDS.search(call.callee)
        and any(argument.value == item.text for argument in call.arguments)
        for view in sources(context)
        if view.path == item.file.path
        for call in view.calls
    )


def _check(context: Context) -> Iterator[Hit | Silence]:
    statements = [item for item in sql_texts(context) if _READ.match(item.bare)]
    if not statements:
        yield Silence(Verdict.NEEDS_REVIEW, "no read in SQL was recognised in the change's code")
    for item in statements:
        if not (
            _BOUND.search(item.bare) or item.may_continue or item.bare.rstrip().endswith("{}")
        ) and not _is_bounded_outside(context, item):
            yield Hit(
                item.file.path,
                f"`{item.bare.strip()[:80]}` has neither WHERE nor LIMIT",
                (item.line, item.end_line),
            )


RULE = Rule(
    code="SQL303",
    title="List read without a limit",
    clauses=("CONS-06",),
    severity=Severity.MINOR,
    category=Category.DATA,
    type=FindingType.RISK,
    reason="A read of a whole table grows with the table and not with what the caller needs.",
    recommendation="Give the read a LIMIT, or confirm that the table stays small.",
    check=_check,
    exact=False,
    question="Is every list read of this change limited?",
    look="repositories and data access code in the change",
    settles="each list read has a LIMIT or a key range",
    line_rule=True,
    invalid=(
        Example({"src/repo.py": 'Q = "SELECT id, email FROM users ORDER BY id"\n'}),
        Example({"src/repo.ts": "const q = 'SELECT id FROM orders';\n"}),
    ),
    valid=(
        Example(
            {
                "src/repo.py": 'async def page(db, filters):\n    await db.fetchone("SELECT id, theme FROM settings")\n'
                '    return await db.fetch_page("SELECT id, name FROM assets", ["owner = :owner"], filters)\n'
            },
            note="one row, and a page of them",
        ),
        Example(
            {"src/a.ts": "const q = 'SELECT id FROM app.create_team($1, $2)';\n"}, note="a function's rows"
        ),
        Example({"src/probe.py": 'PING = "SELECT 1 FROM SYSIBM.SYSDUMMY1"\n'}, note="one row by nature"),
        Example({"src/repo.py": 'Q = "SELECT id, email FROM users ORDER BY id LIMIT ?"\n'}),
        Example({"src/repo.ts": "const q = 'SELECT id FROM orders WHERE user_id = $1';\n"}),
    ),
)
