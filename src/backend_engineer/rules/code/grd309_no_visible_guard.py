"""GRD309: no guard is visible at a route that changes something.

Owns: this one rule. Must never know: guards that stand in other files; whether a guard is the right one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.rules.code.routes import GUARD, MUTATING, routes
from backend_engineer.rules.code.source import unread
from backend_engineer.rules.reading import has_order
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

# Operations that anybody has to be able to call.
_OPEN = re.compile(
    r"log-?in|log-?out|sign-?(?:in|up|out)|register|registration|password|refresh|webhook|callback|health|metrics|subscribe|contact",
    re.IGNORECASE,
)

# What proves who a caller is has to be open to those who have not yet proved it; `/admin` or `/roles` has not.
_ABOUT_LOGIN = re.compile(r"auth|token|session|jwt|[12]fa|mfa|verif", re.IGNORECASE)


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in unread(context):
        yield Silence(Verdict.NOT_CHECKED, f"{item.path}: {item.reason}")
    for route in routes(context):
        if (
            route.method in MUTATING
            and not route.guarded
            and not GUARD.search(route.handler)
            and not _ABOUT_LOGIN.search(route.path)
            and not _OPEN.search(route.path + " " + route.handler.split("{", 1)[0])
        ):
            yield Hit(
                route.view.path,
                f"no guard is visible at the route `{route.method} {route.path}`",
                (route.line, route.line),
                # A project keeps its guards where it likes: in a base class, a router of another file, a proxy.
                severity=None if has_order(context) else Severity.INFO,
            )


RULE = Rule(
    code="GRD309",
    title="No guard visible at a mutating route",
    clauses=("SECU-01",),
    severity=Severity.MINOR,
    category=Category.SECURITY,
    type=FindingType.QUESTION,
    reason="Authorization belongs at the boundary; where none can be seen, somebody has to say where it is.",
    recommendation="Put the guard at the route or the router, or confirm where the call is authorized.",
    check=_check,
    exact=False,
    question="Is every operation of this change authorized at the service boundary, and denied by default?",
    look="routes, routers, and the policy they call",
    settles="a test calls each operation without and with the wrong role and is refused",
    line_rule=True,
    invalid=(
        Example(
            {"src/admin.ts": "router.delete('/admin/users/:id', (req, res) => remove(req, res));\n"},
            note="a path that speaks of administrators is no guard",
        ),
        Example({"src/users.ts": "router.patch('/users/:id', (req, res) => update(req, res));\n"}),
        Example(
            {
                "src/users.ts": "import axios from 'axios';\nimport express from 'express';\nconst app = express();\napp.patch('/users/:id', (req, res) => tell(req, res));\n"
            },
            note="a server that is a client of another",
        ),
        Example(
            {
                "src/users.py": '@router.delete("/users/{id}")\ndef drop(id: int):\n    return service.drop(id)\n'
            }
        ),
    ),
    valid=(
        Example(
            {
                "src/reviews.py": '@router.put("/reviews", dependencies=[Depends(check_account_exists)])\ndef review(body: Review):\n    return service.add(body)\n'
            },
            note="a check of the account",
        ),
        Example(
            {
                "src/hooks/orders.ts": "import { useMutation } from '@tanstack/react-query';\nexport const save = (body) => api.POST('/v1/orders', { body });\n"
            },
            note="a call of an API, no route",
        ),
        Example(
            {
                "src/server.ts": "import axios from 'axios';\nimport express from 'express';\nconst api = axios.create({ baseURL });\nexport const save = (body) => api.post('/v1/orders', body);\n"
            },
            note="what a server asks of another",
        ),
        Example(
            {
                "src/users.ts": "router.patch('/users/:id', requireRole('admin'), (req, res) => update(req, res));\n"
            }
        ),
        Example(
            {
                "src/users.py": '@router.delete("/users/{id}", dependencies=[Depends(authorize)])\ndef drop(id: int):\n    return service.drop(id)\n'
            }
        ),
        Example(
            {
                "src/users.ts": "router.use(authenticate);\nrouter.patch('/users/:id', (req, res) => update(req, res));\n"
            }
        ),
    ),
)
