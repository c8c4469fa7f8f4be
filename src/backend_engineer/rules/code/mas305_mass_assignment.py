"""MAS305: a request's whole body is copied into an entity.

Owns: this one rule. Must never know: how a body is validated elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.code.source import Argument, Call, sources, unread
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

_BODY = re.compile(
    r"^(?:\.\.\.|\*\*)?(?:await\s+)?(?:req|request|ctx\.request|c\.req|ctx)\.(?:body|json(?:\(\))?|data|form|get_json\(\)|POST)$"
)
_WRITERS = frozenset(
    {
        "create",
        "update",
        "insert",
        "save",
        "updateOne",
        "insertOne",
        "findByIdAndUpdate",
        "build",
        "updateMany",
    }
)


_NO_ENTITY = re.compile(
    r"(?:Dto|DTO|Request|Response|Command|Query|Error|Exception|Service|Validator|Schema|Params|Form|FormData|Event|Message"
    r"|Map|Set|Array|Blob|Buffer|Date|Stream|Uint8Array)$"
)


def _whole_body(call: Call) -> str | None:
    """The argument that is a request's whole body, where the call writes an entity."""
    for item in call.arguments:
        spread = (
            item.text
            if item.kind == "spread"
            else next((key for key in item.keys if key.startswith("**")), "")
        )
        if call.callee == "Object.assign":
            # Into an object of its own it is a copy, not an entity.
            if item is not call.arguments[0] and call.arguments[0].text != "{}" and _BODY.match(item.text):
                return item.text
            continue
        if (
            (_makes_entity(call, item) or call.name in _WRITERS)
            and _BODY.match(item.text)
            and item.kind != "spread"
        ):
            return item.text
        capital = call.name[:1].isupper() or call.name in _WRITERS or call.callee.startswith("new ")
        if capital and spread and _BODY.match(spread):
            return spread
    return None


def _makes_entity(call: Call, item: Argument) -> bool:
    """Whether the argument is what an object is made from: the first one, of what is no validated or other thing."""
    return call.callee.startswith("new ") and item is call.arguments[0] and not _NO_ENTITY.search(call.callee)


def _check(context: Context) -> Iterator[Hit | Silence]:
    for item in unread(context):
        yield Silence(Verdict.NOT_CHECKED, f"{item.path}: {item.reason}")
    for view in sources(context):
        if view.test:
            continue
        for call in view.calls:
            if (body := _whole_body(call)) is not None:
                yield Hit(view.path, f"`{call.callee}` takes the whole `{body}`", (call.line, call.end_line))


RULE = Rule(
    code="MAS305",
    title="Mass assignment from a request body",
    clauses=("SECU-03",),
    severity=Severity.MAJOR,
    category=Category.SECURITY,
    reason="Whoever sends the request then decides which fields are written, ownership and roles included.",
    recommendation="Name the fields that a caller may set, or pass the validated object.",
    check=_check,
    exact=False,
    question="Can a caller set only the fields that the contract lets it set?",
    look="handlers and services that create or update entities",
    settles="each write names its fields or takes a validated object",
    line_rule=True,
    invalid=(
        Example(
            {
                "src/users.ts": "export async function patch(req: Req, user: User) {\n  Object.assign(user, req.body);\n}\n"
            }
        ),
        Example({"src/users.js": "async function add(req) {\n  return new User(req.body);\n}\n"}),
        Example({"src/users.py": "def add(request):\n    return User(**request.json)\n"}),
    ),
    valid=(
        Example({"src/log.js": "const shown = (req) => mask(Object.assign({}, req.body));\n"}, note="a copy"),
        Example(
            {
                "src/users.js": "const add = (req) => new RestWrite(req.config, '_User', req.body).execute();\nconst read = (req) => new NewUserDto(req.body);\n"
            },
            note="what writes or checks the values",
        ),
        Example(
            {
                "src/users.ts": "export async function patch(req: Req, user: User) {\n  user.name = parse(req.body).name;\n}\n"
            }
        ),
        Example({"src/users.py": "def add(payload):\n    return User(name=payload.name)\n"}),
    ),
)
