"""SIG311: the entry point is touched and nothing in it handles a stop signal.

Owns: this one rule. Must never know: changes that leave the entry point alone (they say nothing about shutdown).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, FindingType, Severity, Verdict
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence
from backend_engineer.rules.shipping import lacked_before, without_comments

_STOP = re.compile(
    r"SIGTERM|enableShutdownHooks|signal\.Notify|add_signal_handler|NotifyContext|lifespan|on_event\(|@PreDestroy"
    r"|shutdown:\s*graceful|server\.shutdown|\.Shutdown\(|terminus|gunicorn|uvicorn\.run|asynccontextmanager"
)
_ENTRY = re.compile(
    r"(?:^|/)(?:main|server|app|index|__main__|asgi|wsgi|\w*Application)\.(?:py|ts|js|mjs|go|java)$"
)
# Spring Boot closes its context on SIGTERM by itself, so its entry points are not asked.
_SERVES = re.compile(
    r"(?<!event)(?<!events)(?<!manager)\.listen\(|serve_forever\(|ListenAndServe|app\.run\(|web\.run_app|HTTPServer\(|createServer\("
)


def _check(context: Context) -> Iterator[Hit | Silence]:
    named = tuple(getattr(getattr(context.inputs, "tech_spec", None), "entry_points", ()) or ())
    touched = [
        file
        for file in context.change.files
        if file.content is not None
        and (file.path in named or (_ENTRY.search(file.path) and _SERVES.search(without_comments(file))))
    ]
    if not touched:
        yield Silence(
            Verdict.NEEDS_REVIEW,
            "the change does not touch an entry point, so it says nothing about shutdown",
        )
        return
    for file in touched:
        if _STOP.search(file.content or "") is not None:
            continue
        told = "no handling of a stop signal is visible in the entry point"
        if lacked_before(context, file.path):
            yield Silence(Verdict.NEEDS_REVIEW, f"{told} `{file.path}`, which stood before")
        else:
            yield Hit(file.path, told)


RULE = Rule(
    code="SIG311",
    title="No handling of a stop signal in the entry point",
    clauses=("RELI-04",),
    severity=Severity.INFO,
    category=Category.OBSERVABILITY,
    type=FindingType.QUESTION,
    reason="A process that is stopped without draining cuts requests in flight.",
    recommendation="On SIGTERM stop accepting requests, wait for those in flight, then end.",
    check=_check,
    exact=False,
    question="Are requests in flight drained when the service is stopped?",
    look="the entry point and the server it starts",
    settles="a test stops the service during a slow request and the request still gets its answer",
    invalid=(
        Example({"src/server.js": "const app = build();\napp.listen(8080);\n"}),
        Example({"cmd/main.go": 'package main\n\nfunc main() {\n\thttp.ListenAndServe(":80", handler)\n}\n'}),
    ),
    valid=(
        Example(
            {
                "src/server.js": "const server = app.listen(8080);\nprocess.on('SIGTERM', () => server.close());\n"
            }
        ),
        Example({"src/users.js": "export const name = (user) => user.name;\n"}),
        Example(
            {
                "app.go": "package app\n\n// Serve it with http.ListenAndServe(addr, app.Router()).\nfunc Router() {}\n"
            }
        ),
        Example(
            {
                "src/main/java/ShopApplication.java": "class ShopApplication {\n  void main() { SpringApplication.run(ShopApplication.class); }\n}\n"
            }
        ),
    ),
)
