"""Every endpoint that the plan touches is mapped to a service and to the data it changes.

Owns: this rule and its examples.
Must never know: other rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from backend_engineer.apis import template_of
from backend_engineer.contract import Category, Section, Severity, Verdict
from backend_engineer.outputs import Plan
from backend_engineer.rules.contracts import operations_of
from backend_engineer.rules.reading import section_of
from backend_engineer.rules.reply.samples import FILES, PLAN, sample_reply
from backend_engineer.rules.rule import Context, Example, Hit, Need, Rule, Silence

__all__ = ["RULE"]

_ENDPOINT = re.compile(r"(?P<method>[A-Za-z]+) +(?P<path>\S+)\Z")


def _check(context: Context) -> Iterable[Hit | Silence]:
    plan = context.reply.plan if context.reply is not None else None
    if plan is None:
        yield Silence(Verdict.NOT_CHECKED, "the map stands in the plan, and there is no plan.")
        return
    controllers = _controllers(plan, context)
    if not plan.traceability and not controllers:
        yield Silence(Verdict.NOT_APPLICABLE, "no endpoint is touched.")
        return
    if not plan.traceability:
        yield Hit(controllers[0], f"`{controllers[0]}` serves endpoints, the plan's traceability is empty.")
    known = operations_of(context)
    for trace in plan.traceability:
        yield from _against(trace.endpoint, trace.service, known)
    if known is None and plan.traceability:
        yield Silence(
            Verdict.NEEDS_REVIEW, "no APIContract was given to hold the endpoints of the map against."
        )


def _controllers(plan: Plan, context: Context) -> list[str]:
    planned = [file.path for file in plan.files if file.section is Section.CONTROLLERS]
    given = [file.path for file in context.change if section_of(file, context) is Section.CONTROLLERS]
    return planned or given


def _against(endpoint: str, service: str, known: frozenset[tuple[str, str]] | None) -> Iterable[Hit]:
    if not service.strip():
        yield Hit("", f"The plan maps `{endpoint}` to no service.", title="An endpoint has no service")
    match = _ENDPOINT.match(endpoint.strip())
    if known is None or match is None:
        return
    if (match["method"].upper(), _template(match["path"])) not in known:
        yield Hit(
            "",
            f"The plan maps `{endpoint}`, the APIContract has no such operation.",
            title="The map names an endpoint that the contract lacks",
        )


def _template(path: str) -> str:
    """A path in the contract's normal form, the other common notation of a parameter included."""
    return template_of(re.sub(r":([A-Za-z_]\w*)", r"{\1}", path.split("?")[0].rstrip("/") or "/"))


def _contract(*paths: str) -> dict[str, Any]:
    operation = {"responses": {"200": {"description": "Done."}}}
    return {
        "api_contract": {
            "kind": "openapi",
            "document": {
                "openapi": "3.0.3",
                "info": {"title": "Users", "version": "1"},
                "paths": {path: {"patch": operation} for path in paths},
            },
        }
    }


_CONTROLLER = (
    "Controllers/Resolvers",
    "# file: src/controllers/users.py",
    "def patch_user(request):\n    ...\n",
)
_WITH_CONTROLLER = [*FILES[:3], _CONTROLLER, *FILES[3:]]
_PLANNED = [
    *PLAN["files"][:3],
    {**PLAN["files"][2], "path": "src/controllers/users.py", "section": "Controllers/Resolvers"},
    *PLAN["files"][3:],
]

RULE = Rule(
    code="TRC001",
    title="The traceability map is missing or wrong",
    clauses=("FLOW-02",),
    severity=Severity.MAJOR,
    category=Category.PLAN,
    reason="An endpoint without a service and its data is designed by accident.",
    recommendation="Give `traceability` one entry for each endpoint of the contract that the change touches.",
    check=_check,
    needs=(Need.REPLY,),
    valid=(
        Example(
            reply=sample_reply(), inputs=_contract("/users/{user}"), note="the endpoint is in the contract"
        ),
        Example(reply=sample_reply(plan={**PLAN, "traceability": []}), note="no endpoint is touched"),
        Example(
            reply=sample_reply(
                plan={**PLAN, "traceability": [{**PLAN["traceability"][0], "endpoint": "query user"}]}
            ),
            inputs={"api_contract": {"kind": "graphql", "document": "type Query {\n  user: String\n}\n"}},
            note="a field of a GraphQL contract",
        ),
    ),
    invalid=(
        Example(
            reply=sample_reply(),
            inputs=_contract("/accounts/{id}"),
            note="the contract has no such operation",
        ),
        Example(
            reply=sample_reply(plan={**PLAN, "files": _PLANNED, "traceability": []}, files=_WITH_CONTROLLER),
            note="a controller, but no map",
        ),
    ),
)
