"""Every error answer has the one envelope: code, message, correlation id, details.

Owns: this rule and its examples.
Must never know: other rules, what handlers really send.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.api.samples import DOCUMENT, changed, inputs_of, shipped
from backend_engineer.rules.api.surface import surface, weighed
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

if TYPE_CHECKING:
    from backend_engineer.apis import ApiDocument, Operation

__all__ = ["RULE"]

_FIELDS = {"code": "string", "message": "string", "correlation_id": "string", "details": "object"}
_PROBLEMS = re.compile(r"rfc[ -]?(?:9457|7807)|problem\+json|problem details", re.IGNORECASE)
_UPPER_SNAKE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\Z")


def _check(context: Context) -> Iterable[Hit | Silence]:
    found = surface(context)
    if isinstance(found, Silence):
        yield found
        return
    problems = _PROBLEMS.search(found.follows("APID-03") or "") is not None
    yield from weighed(found, "APID-03", _problem_fault if problems else _fault)


def _problem_fault(operation: Operation, _: ApiDocument) -> tuple[str, str] | None:
    """The first JSON error answer that is no problem document, where the contract follows RFC 9457."""
    for response in operation.responses:
        for media in response.content if response.is_error else ():
            if "json" in media.type and media.type != "application/problem+json":
                what = f"answer {response.status}: `{media.type}`, where the contract follows RFC 9457."
                return what, media.pointer
    return None


def _fault(operation: Operation, document: ApiDocument) -> tuple[str, str] | None:
    """What is wrong with an operation's error answers, and where; None if nothing is."""
    errors = [response for response in operation.responses if response.is_error]
    if not errors:
        return "no error answer is declared.", operation.pointer
    for response in errors:
        # An answer without a body, 404 on a HEAD say, has nothing to shape.
        for media in response.content:
            if "json" in media.type and (lack := _lack(media.schema, document)):
                return f"answer {response.status}: {lack}", media.pointer
    return None


def _lack(schema: Any, document: ApiDocument) -> str | None:
    error = properties_of(schema, document).get("error")
    fields = properties_of(error, document)
    if error is None:
        return "the body has no `error` object."
    for name, kind in _FIELDS.items():
        if name not in fields:
            return f"`error.{name}` is not declared."
        told = _types(document.resolve(fields[name]))
        if told and kind not in told:
            return f"`error.{name}` is of type {' or '.join(sorted(told))}, not {kind}."
    return _code_lack(document.resolve(fields["code"])) or _id_lack(
        document.resolve(fields["correlation_id"])
    )


def _code_lack(schema: Any) -> str | None:
    values = schema.get("enum", []) if isinstance(schema, dict) else []
    wrong = next(
        (value for value in values if not isinstance(value, str) or not _UPPER_SNAKE.match(value)), None
    )
    return f"the code {wrong!r} is not in UPPER_SNAKE." if wrong is not None else None


def _id_lack(schema: Any) -> str | None:
    told = schema.get("format") if isinstance(schema, dict) else None
    if told == "uuid" or (isinstance(schema, dict) and "pattern" in schema):
        return None
    return "`error.correlation_id` does not say that it is a uuid."


def _types(schema: Any) -> set[str]:
    told = schema.get("type") if isinstance(schema, dict) else None
    return {told} if isinstance(told, str) else set(told) if isinstance(told, list) else set()


def properties_of(schema: Any, document: ApiDocument, depth: int = 0) -> dict[str, Any]:
    """The properties that a schema describes, through references and `allOf`."""
    schema = document.resolve(schema)
    if not isinstance(schema, dict) or depth > 20:
        return {}
    found: dict[str, Any] = {}
    parts = schema.get("allOf")
    for part in parts if isinstance(parts, list) else ():
        found |= properties_of(part, document, depth + 1)
    own = schema.get("properties")
    return {**found, **(own if isinstance(own, dict) else {})}


_ERROR = "/components/schemas/Error/properties/error/properties"
_PLAIN = {"type": "object", "properties": {"message": {"type": "string"}}}
_OTHER = changed(("/components/schemas/Error", _PLAIN))

RULE = Rule(
    code="API004",
    title="An error answer has not the envelope",
    clauses=("APID-03",),
    severity=Severity.MAJOR,
    category=Category.API,
    reason="A client can only handle errors that all look alike.",
    recommendation="Give each 4xx, 5xx and default answer the envelope `error` with code, message, correlation_id and details.",
    check=_check,
    valid=(
        Example(files=shipped(DOCUMENT), inputs=inputs_of(DOCUMENT), note="the envelope everywhere"),
        Example(
            files=shipped(_OTHER),
            inputs=inputs_of(
                _OTHER, {"clause": "APID-03", "follows": "own format", "reason": "Older clients."}
            ),
            note="the user confirmed another format",
        ),
    ),
    invalid=(
        Example(files=shipped(_OTHER), inputs=inputs_of(DOCUMENT), note="a message alone"),
        Example(
            files=shipped(changed((f"{_ERROR}/code", {"type": "integer"}))),
            inputs=inputs_of(DOCUMENT),
            note="a number as the code",
        ),
    ),
)
