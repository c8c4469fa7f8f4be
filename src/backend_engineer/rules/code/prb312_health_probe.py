"""PRB312: an entry point is touched and no health route is visible; manifests probe routes that code does not declare.

Owns: this one rule. Must never know: whether a probe really looks at its dependencies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence
from backend_engineer.rules.shipping import lacked_before, without_comments

_PROBE = re.compile(r"/(?:health|healthz|livez|readyz|ready|live|actuator/health|_health|status)\b")
_SERVES = re.compile(
    r"(?<!event)(?<!events)(?<!manager)\.listen\(|serve_forever\(|ListenAndServe|SpringApplication\.run|app\.run\(|web\.run_app|HTTPServer\(|createServer\("
)
_SOURCE = re.compile(r"\.(?:py|ts|js|mjs|go|java|yaml|yml)$")


def _texts(context: Context) -> Iterator[str]:
    for file in context.change.files:
        yield file.content or ""
    if context.base is not None:
        for path in context.base.paths:
            if _SOURCE.search(path) and context.change.get(path) is None:
                yield context.base.get(path) or ""


def _check(context: Context) -> Iterator[Hit | Silence]:
    touched = [
        file
        for file in context.change.files
        if file.content and _is_code(file.path) and _SERVES.search(without_comments(file))
    ]
    if not touched:
        yield Silence(Verdict.NEEDS_REVIEW, "the change does not touch an entry point")
        return
    if not any(_PROBE.search(text) for text in _texts(context)):
        brought = [file for file in touched if not lacked_before(context, file.path)]
        if not brought:
            yield Silence(
                Verdict.NEEDS_REVIEW,
                f"`{touched[0].path}` starts a server, as it did before, and no health route is visible",
            )
        for file in brought:
            yield Hit(
                file.path,
                "the server is started here and no health route is visible in the change or its base",
            )


def _is_code(path: str) -> bool:
    return (
        bool(re.search(r"(?:^|/)(?!test)[^/]*(?<!\.min)\.(?:py|ts|js|mjs|go|java)$", path))
        and "test" not in path.lower()
    )


RULE = Rule(
    code="PRB312",
    title="No health route visible",
    clauses=("FLOW-07",),
    severity=Severity.INFO,
    category=Category.OBSERVABILITY,
    type=FindingType.QUESTION,
    reason="Whatever runs the service needs to know whether it lives and whether it is ready.",
    recommendation="Serve a liveness and a readiness route, and let readiness look at the dependencies.",
    check=_check,
    exact=False,
    question="Do logs, metrics, health probes and the domain's key figures cover what this change adds?",
    look="the files of the Observability section and the handlers",
    settles="each new operation logs, counts and times itself, and readiness fails when a dependency is down",
    invalid=(
        Example(
            {
                "src/server.js": "const server = app.listen(8080);\nprocess.on('SIGTERM', () => server.close());\n"
            }
        ),
        Example(
            {
                "cmd/main.go": 'package main\n\nfunc main() {\n\tctx := signal.NotifyContext\n\thttp.ListenAndServe(":80", handler)\n}\n'
            }
        ),
    ),
    valid=(
        Example(
            {"src/models.py": "event.listen(Engine, 'connect', on_connect)\napp.events_manager.listen()\n"},
            note="no server",
        ),
        Example(
            {
                "src/server.js": "app.get('/healthz', ok);\nconst server = app.listen(8080);\nprocess.on('SIGTERM', () => server.close());\n"
            }
        ),
        Example({"src/users.js": "export const name = (user) => user.name;\n"}),
        Example(
            {
                "app.go": "package app\n\n// Serve it with http.ListenAndServe(addr, app.Router()).\nfunc Router() {}\n"
            }
        ),
    ),
)
