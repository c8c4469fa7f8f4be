"""IDM310: routes that create or patch, and no idempotency key is read anywhere in the change.

Owns: this one rule. Must never know: the document checks of idempotency.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.rules.code.routes import routes
from backend_engineer.rules.code.source import language_of, unread
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

_KEY = re.compile(r"idempotency|if-match|if_match|precondition|\betag\b", re.IGNORECASE)

# Operations that may run twice: they prove who somebody is, look something up, or bring about one state.
_HARMLESS = re.compile(
    r"log-?in|log-?out|sign-?(?:in|out)|(?:^|[/_-])(?:auth|token|session|preview|search|query|validate|check|decode|flush|reload|refresh|confirm|test)(?:[/_-]|$)",
    re.IGNORECASE,
)


def _check(context: Context) -> Iterator[Hit | Silence]:
    contract = getattr(context.inputs, "api_contract", None)
    if contract is not None and any(item.clause == "APID-02" for item in contract.exceptions):
        yield Silence(Verdict.NEEDS_REVIEW, "the contract has an idempotency scheme of its own")
        return
    for item in unread(context):
        yield Silence(Verdict.NOT_CHECKED, f"{item.path}: {item.reason}")
    seen = any(_KEY.search(file.content or "") for file in context.change.files if language_of(file.path))
    named: set[str] = set()
    for route in routes(context):
        if (
            route.method in ("POST", "PATCH")
            and not seen
            and route.view.path not in named
            and not _HARMLESS.search(route.path)
        ):
            named.add(route.view.path)  # one question a file says as much as one a route
            yield Hit(
                route.view.path,
                f"no idempotency key is read in the change that declares `{route.method} {route.path}`",
                (route.line, route.line),
            )


RULE = Rule(
    code="IDM310",
    title="No idempotency key visible",
    clauses=("APID-02",),
    severity=Severity.MINOR,
    category=Category.API,
    type=FindingType.QUESTION,
    reason="A request that is sent twice must have its effect once.",
    recommendation="Read `Idempotency-Key` (or a precondition) before the write, and keep the answer under it.",
    check=_check,
    exact=False,
    question="Does a repeated request have its effect once, also when both arrive together?",
    look="handlers of POST and PATCH, and the table that keeps the keys",
    settles="a test sends the same request twice, at the same time too, and sees one effect and one answer",
    line_rule=True,
    invalid=(
        Example(
            {
                "src/users.py": '@router.post("/users", dependencies=[Depends(authorize)])\ndef add(body: NewUser):\n    return service.add(body)\n'
            }
        ),
        Example(
            {"src/users.ts": "router.post('/users', requireRole('admin'), (req, res) => add(req, res));\n"}
        ),
    ),
    valid=(
        Example(
            {"src/login.ts": "router.post('/auth/local/login', limited, (req, res) => logIn(req, res));\n"},
            note="whoever logs in twice is logged in",
        ),
        Example(
            {
                "src/users.py": '@router.post("/users", dependencies=[Depends(authorize)])\ndef add(body: NewUser, idempotency_key: str):\n    return service.add(body, idempotency_key)\n'
            }
        ),
        Example(
            {"src/users.ts": "router.put('/users/:id', requireRole('admin'), (req, res) => set(req, res));\n"}
        ),
    ),
)
