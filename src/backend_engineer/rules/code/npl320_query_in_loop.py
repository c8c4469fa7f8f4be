"""NPL320: a query runs inside a loop.

Owns: this one rule. Must never know: whether the loop is short, or a retry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.rules.code.source import sources, unread
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

_QUERY = re.compile(
    r"(?:^|\.)(?:db|conn|connection|cursor|cur|session|tx|client|pool|repo|repository|prisma\.\w+|\w+Repository|\w+_repo)\."
    r"(?:query|execute|exec|fetch_?one|fetchrow|fetchval|find\w*|get_by\w*|QueryRow|Query|Exec|select)$",
    re.IGNORECASE,
)
_STATEMENT = re.compile(r"^\s*(SELECT|UPDATE|DELETE)\b")


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in unread(context):
        yield Silence(Verdict.NOT_CHECKED, f"{item.path}: {item.reason}")
    for view in sources(context):
        if view.test:
            continue
        for call in view.calls:
            if call.in_loop and _QUERY.search(call.callee) and "retry" not in call.function.lower():
                first = call.arguments[0] if call.arguments else None
                if first is None or first.value is None or _STATEMENT.match(first.value):
                    yield Hit(view.path, f"`{call.callee}` runs inside a loop", (call.line, call.end_line))


RULE = Rule(
    code="NPL320",
    title="Query inside a loop",
    clauses=("FLOW-08",),
    severity=Severity.INFO,
    category=Category.PERFORMANCE,
    type=FindingType.QUESTION,
    reason="One query a row is the slowest way to read a list.",
    recommendation="Read the rows in one query by a list of keys, or confirm that the loop is short.",
    check=_check,
    exact=False,
    question="Is no query run once for each row?",
    look="loops around data access",
    settles="a test that counts the queries of a list request",
    line_rule=True,
    invalid=(
        Example(
            {
                "src/repo.py": 'def names(db, ids):\n    for key in ids:\n        yield db.execute("SELECT name FROM users WHERE id = ?", (key,))\n'
            }
        ),
        Example(
            {
                "src/repo.ts": "async function names(db: Db, ids: string[]) {\n  for (const id of ids) {\n    await db.query('SELECT name FROM users WHERE id = $1', [id]);\n  }\n}\n"
            }
        ),
    ),
    valid=(
        Example(
            {
                "src/repo.py": 'def names(db, key):\n    return db.execute("SELECT name FROM users WHERE id = ?", (key,))\n'
            }
        ),
        Example(
            {
                "src/Rates.java": "class Rates {\n  void all() {\n    for (Rate rate : rateRepository.findAll()) { use(rate); }\n  }\n}\n"
            },
            note="what is looped over is read once",
        ),
        Example(
            {
                "src/rates.go": "package rates\n\nfunc all(db DB) {\n\tfor _, rate := range db.Query(byName) {\n\t\tuse(rate)\n\t}\n}\n"
            }
        ),
        Example({"src/repo.py": "def total(rows):\n    for row in rows:\n        add(row)\n"}),
    ),
)
