"""PAG308: a list is paged by offset where the contract pages by cursor.

Owns: this one rule. Must never know: the document checks of pagination.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.rules.code.routes import routes
from backend_engineer.rules.code.sql_text import sql_texts
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

_OFFSET = re.compile(r"\bOFFSET\s+(?:\{\}|\?|:\w+|\$[0-9]+|%s|[1-9])", re.IGNORECASE)
_PAGEABLE = re.compile(r"\bPageable\b|\bpage\s*:\s*int\b|\boffset\s*:\s*int\b")


def _style(context: Context) -> str | None:
    contract = getattr(context.inputs, "api_contract", None)
    if contract is None:
        return None
    if any(item.clause == "APID-04" for item in contract.exceptions):
        return "exception"
    return getattr(contract.pagination, "style", None)


def _check(context: Context) -> Iterator[Hit | Silence]:
    style = _style(context)
    if style not in (None, "cursor"):
        yield Silence(Verdict.NOT_APPLICABLE, "the contract pages in another way")
        return
    severity = None if style == "cursor" else Severity.INFO
    for item in sql_texts(context):
        if _OFFSET.search(item.bare):
            yield Hit(
                item.file.path,
                f"`{item.bare.strip()[:80]}` skips rows by OFFSET",
                (item.line, item.end_line),
                severity=severity,
            )
    for route in routes(context):
        if route.method == "GET" and _PAGEABLE.search(route.around):
            yield Hit(
                route.view.path,
                f"the route `GET {route.path}` takes a page number",
                (route.line, route.line),
                severity=severity,
            )


RULE = Rule(
    code="PAG308",
    title="List paged by offset",
    clauses=("APID-04",),
    severity=Severity.MINOR,
    category=Category.API,
    type=FindingType.RISK,
    reason="An offset shows rows twice or not at all when rows come and go, and costs more with every page.",
    recommendation="Page by a cursor over a stable, indexed order.",
    check=_check,
    exact=False,
    question="Does each list keep a stable order and hand out a cursor?",
    look="list handlers and their queries",
    settles="a test walks a list while rows are added and sees each row once",
    line_rule=True,
    invalid=(
        Example({"src/repo.py": 'Q = "SELECT id FROM users ORDER BY id LIMIT ? OFFSET ?"\n'}),
        Example(
            {
                "src/api/UserApi.java": '@RestController class UserApi {\n  @GetMapping("/users") Page<User> list(Pageable pageable) { return repo.all(pageable); }\n}\n'
            }
        ),
    ),
    valid=(
        Example({"src/repo.py": 'Q = "SELECT id FROM users WHERE id > ? ORDER BY id LIMIT ?"\n'}),
        Example({"src/repo.py": 'Q = "SELECT id FROM users ORDER BY id LIMIT 1 OFFSET 0"\n'}),
    ),
)
