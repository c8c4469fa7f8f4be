"""Routes as source code declares them, in the frameworks that are modelled.

Owns: recognising a route of FastAPI, Flask, Express, NestJS, Spring, chi, gin, echo and net/http, and what guards
are visible at it.
Must never know: whether a guard is the right one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend_engineer.rules.code.source import Call, Function, SourceView, sources
from backend_engineer.rules.rule import Context

__all__ = ["GUARD", "MUTATING", "Route", "routes"]

MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_MAPPING = re.compile(r"^(Get|Post|Put|Patch|Delete)(Mapping)?$")
_ROUTERS = re.compile(
    r"(?:^|\.)(?:app|router|routes?|api|server|bp|blueprint|mux|r|e|g|group|v[0-9]+)\w*(?:\(.*\))?$",
    re.IGNORECASE,
)
_CLIENT = re.compile(
    r"\buse(?:Mutation|Query|SWR)\b|[\"'](?:axios|openapi-fetch|ky|got|supertest|@tanstack/[\w-]+|swr)[\"']"
)
_SERVER = re.compile(r"[\"'](?:express|fastify|koa|@?koa[/-]router|hono|restify|@hapi/hapi|@nestjs/\w+)[\"']")
_MADE = re.compile(r"\b(\w+)\s*=\s*(?:await\s+)?(?:axios|got|ky|createClient)\b")
_BROWSER = re.compile(r"(?:^|/)(?:static|frontend|clients?|client-app|public|assets|ui)/|\.(?:tsx|jsx)$")
_BESIDE = re.compile(r"(?:^|/)(?:suites?|examples?|samples?|mocks?|e2e)/", re.IGNORECASE)
_PREFIXED = re.compile(r"^(GET|POST|PUT|PATCH|DELETE)\s+/")

GUARD = re.compile(
    r"auth|guard|permission|require|polic|role|login|session|token|protect|secure|jwt|acl|access|current_?user|can_|scope|csrf|[12]fa|mfa|identity|verif|signed|owner|allow|deny|admin"
    r"|check_\w*(?:account|user|wallet)|api_?key",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Route:
    """One declared route: method in capitals, path as written, and what stands around the handler."""

    view: SourceView
    method: str
    path: str
    line: int
    end_line: int
    around: str
    handler: str = ""

    @property
    def guarded(self) -> bool:
        """Whether something that reads like a guard stands at this route or before all routes of the file."""
        return bool(GUARD.search(self.around)) or any(
            call.name in ("use", "Use", "before_request", "add_middleware", "hook", "register")
            and GUARD.search(" ".join(item.text for item in call.arguments))
            for call in self.view.calls
        )


def routes(context: Context) -> tuple[Route, ...]:
    """Every route that the change's source declares; tests and examples are left out."""
    kept: tuple[Route, ...] = context.shared(
        "code.routes",
        lambda: tuple(
            route
            for view in sources(context)
            if not view.test and not _BESIDE.search(view.path)
            for route in _routes(view)
        ),
    )
    return kept


def _routes(view: SourceView) -> Iterator[Route]:
    for function in view.functions:
        for mark in function.decorators:
            yield from _decorated(view, function, mark)
    others: set[str] = set()
    if view.language in ("typescript", "javascript"):
        # Calls of a client of an API, not routes that are served; asked once, since it reads the whole file.
        client = _CLIENT.search(view.content) is not None
        if _BROWSER.search(view.path) or (client and not _SERVER.search(view.content)):
            return
        # A server may call others, too.
        others = set(_MADE.findall(view.content)) if client else others
    for call in view.calls:
        if call.callee.split(".")[0] not in others:
            yield from _called(view, call)


def _decorated(view: SourceView, function: Function, mark: Call) -> Iterator[Route]:
    around = " ".join(
        [function.parameters, *(_written(item) for item in function.decorators + function.owner_decorators)]
    )
    path = next((item.value for item in mark.arguments if item.value is not None), "")
    mapping = _MAPPING.match(mark.callee)
    owned = {item.callee for item in function.owner_decorators}
    if mapping and (mapping[2] or owned & {"Controller", "RestController"}):
        yield _route(view, function, mapping[1].upper(), path, around)
    elif view.language == "python" and mark.name in _METHODS and path.startswith("/"):
        yield _route(view, function, mark.name.upper(), path, around)
    elif view.language == "python" and mark.name == "route" and path.startswith("/"):
        methods = mark.keyword("methods")
        for method in re.findall(r"[A-Z]+", methods.text) if methods else ["GET"]:
            yield _route(view, function, method, path, around)


def _route(view: SourceView, function: Function, method: str, path: str, around: str) -> Route:
    return Route(view, method, path, function.line, function.end_line, around, function.body)


def _called(view: SourceView, call: Call) -> Iterator[Route]:
    if view.language not in ("typescript", "javascript", "go") or len(call.arguments) < 2:
        return
    if view.language != "go" and call.name.isupper():
        # A call of a typed client, not a route that is served.
        return
    first = call.arguments[0]
    receiver = call.callee.rsplit(".", 1)[0]
    around = " ".join([receiver, *(item.text.split("{", 1)[0] for item in call.arguments[1:])])
    handler = call.arguments[-1].text
    if call.name == "HandleFunc" and first.value and (prefixed := _PREFIXED.match(first.value)):
        yield Route(
            view, prefixed[1], first.value.split(None, 1)[1], call.line, call.end_line, around, handler
        )
    elif (
        call.name.lower() in _METHODS
        and first.value is not None
        and first.value.startswith("/")
        and _ROUTERS.search(receiver)
        and "." in call.callee
    ):
        yield Route(view, call.name.upper(), first.value, call.line, call.end_line, around, handler)


def _written(call: Call) -> str:
    return f"{call.callee}({', '.join(item.text for item in call.arguments)})"
