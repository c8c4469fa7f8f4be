"""SSR306: an outgoing call goes to an address that a request gives.

Owns: this one rule. Must never know: allow-lists kept elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.code.source import sources, unread
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

_OUT = re.compile(
    r"^(fetch|axios(\.\w+)?|got(\.\w+)?|request|requests\.\w+|httpx\.\w+|urllib\.request\.urlopen|urlopen|http\.(Get|Post|get)|needle(\.\w+)?)$"
)
_FROM_REQUEST = re.compile(
    r"^(?:String\(|str\()?(req|request|ctx|c|r)\.(query|body|params|args|form|json|URL\.Query\(\)|FormValue|PathValue|GET|POST|values)(?:\b|(?<=\)))"
)


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in unread(context):
        yield Silence(Verdict.NOT_CHECKED, f"{item.path}: {item.reason}")
    for view in sources(context):
        for call in view.calls if not view.test else ():
            if call.arguments and _OUT.match(call.callee):
                first = call.arguments[0]
                if first.kind in ("name", "call", "other") and _FROM_REQUEST.search(first.text):
                    yield Hit(
                        view.path, f"`{call.callee}` opens `{first.text[:60]}`", (call.line, call.end_line)
                    )


RULE = Rule(
    code="SSR306",
    title="Outgoing call to an address from the request",
    clauses=("SECU-03",),
    severity=Severity.CRITICAL,
    category=Category.SECURITY,
    reason="A caller can make the service reach hosts that only the service may reach.",
    recommendation="Choose the address from an allow-list by a key of the request.",
    check=_check,
    exact=False,
    question="Can a caller choose where the service connects to?",
    look="outgoing calls in the change",
    settles="every address is fixed or chosen from an allow-list",
    line_rule=True,
    invalid=(
        Example(
            {
                "web/proxy.go": 'package web\n\nfunc fetch(r *http.Request) (*http.Response, error) {\n\treturn http.Get(r.URL.Query().Get("url"))\n}\n'
            }
        ),
        Example({"src/proxy.ts": "export const go = async (req: Req) => fetch(req.query.url);\n"}),
        Example(
            {
                "src/proxy.py": 'import requests\n\n\ndef go(request):\n    return requests.get(request.args["url"], timeout=3)\n'
            },
            inputs={
                "tech_spec": {
                    "stack": [{"name": "requests", "kind": "library"}, {"name": "Python", "kind": "language"}]
                }
            },
        ),
    ),
    valid=(
        Example({"src/proxy.ts": "export const go = async (req: Req) => fetch(TARGETS[req.query.name]);\n"}),
        Example({"src/proxy.py": "def go(client, key):\n    return client.get(TARGETS[key])\n"}),
    ),
)
