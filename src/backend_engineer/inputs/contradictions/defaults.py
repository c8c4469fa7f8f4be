"""Where the contract differs from the stage's defaults: asked once, and recorded as an exception.

Owns: what counts as another error format, another paging and another idempotency scheme.
Must never know: the rules that follow the exceptions.

The answer to such a gap stands at `/api_contract/exceptions/CLAUSE`: one exception a clause, so that
answers may come in any order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from backend_engineer.apis.openapi import ApiDocument, Operation
from backend_engineer.inputs.contradictions.finding import TEXT, Contradiction, shape, value

__all__ = ["exceptions_to_defaults", "paging_against_contract"]

_ENVELOPE = ("code", "message", "correlation_id", "details")
_PAGING = {"offset": "offset", "skip": "offset", "page": "page", "page_number": "page", "pagenumber": "page"}


def exceptions_to_defaults(data: Mapping[str, Any], api: ApiDocument | None) -> Iterator[Contradiction]:
    """One question for each default that the contract does not follow and that no exception names yet."""
    contract = data["api_contract"]
    exceptions = contract.get("exceptions")
    recorded = (
        [item.get("clause") for item in exceptions if isinstance(item, dict)]
        if isinstance(exceptions, list)
        else []
    )
    found = {
        "APID-02": _idempotency(api) if api else None,
        "APID-03": _errors(api) if api else None,
        "APID-04": _paging(contract),
    }
    for clause, difference in found.items():
        if difference is not None and clause not in recorded:
            yield _exception(clause, *difference)


def _exception(clause: str, follows: str, reason: str) -> Contradiction:
    schema = {
        "type": "object",
        "properties": {"clause": {"const": clause}, "follows": TEXT, "reason": TEXT},
        "required": ["clause", "follows", "reason"],
        "additionalProperties": False,
    }
    record = {
        "clause": clause,
        "follows": follows,
        "reason": "The contract is fixed and wins over the default.",
    }
    return Contradiction(
        f"/api_contract/exceptions/{clause}",
        clause,
        reason,
        (
            value(f"Keep the contract and record the exception: {follows}", record),
            shape("Change the contract to the stage's default and gather again"),
        ),
        "exception",
        schema,
    )


def _idempotency(api: ApiDocument) -> tuple[str, str] | None:
    asked = [item for item in api.operations if item.method in ("POST", "PATCH")]
    lacking = [item for item in asked if not _keyed(item)]
    if not lacking:
        return None
    follows = "none" if len(lacking) == len(asked) else "key on some operations"
    return follows, (
        f"Mutating operations carry an Idempotency-Key by default; the contract has none on {_routes(lacking)}."
    )


def _keyed(operation: Operation) -> bool:
    precondition = operation.method == "PATCH" and operation.parameter("header", "If-Match")
    return bool(operation.parameter("header", "Idempotency-Key") or precondition)


def _routes(operations: list[Operation]) -> str:
    more = f" and {len(operations) - 3} more" if len(operations) > 3 else ""
    return ", ".join(item.route for item in operations[:3]) + more


def _errors(api: ApiDocument) -> tuple[str, str] | None:
    """The other format, where an answer for a failure declares a JSON body without the envelope's fields."""
    others = []
    follows = "own format"
    for operation in api.operations:
        for response in operation.responses:
            for media in response.content if response.is_error else ():
                if "json" not in media.type or media.schema is None:
                    continue
                if media.type == "application/problem+json":
                    follows = "rfc9457"
                elif _is_envelope(api, media.schema):
                    continue
                others.append(f"{operation.route} {response.status}")
    if not others:
        return None
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    return follows, (
        f"Errors have the stage's envelope by default (error.{', error.'.join(_ENVELOPE)}); "
        f"the contract has another format for {', '.join(others[:3])}{more}."
    )


def _is_envelope(api: ApiDocument, schema: Any) -> bool:
    error = _properties(api, schema, 0).get("error")
    return set(_ENVELOPE) <= set(_properties(api, error, 0))


def _properties(api: ApiDocument, schema: Any, depth: int) -> dict[str, Any]:
    """The properties that a schema describes, through references and `allOf`."""
    schema = api.resolve(schema)
    if not isinstance(schema, dict) or depth > 20:
        return {}
    own = schema.get("properties")
    found = dict(own) if isinstance(own, dict) else {}
    for part in schema.get("allOf", ()) if isinstance(schema.get("allOf"), list) else ():
        found = {**_properties(api, part, depth + 1), **found}
    return found


def _paging(contract: Mapping[str, Any]) -> tuple[str, str] | None:
    pagination = contract.get("pagination")
    style = pagination.get("style") if isinstance(pagination, dict) else None
    if style in ("offset", "page", "none"):
        words = "are not paged" if style == "none" else f"are paged by {style}"
        return str(style), f"Lists are paged by cursor by default; in the contract they {words}."
    return None


def paging_against_contract(data: Mapping[str, Any], api: ApiDocument | None) -> Iterator[Contradiction]:
    """Paging by cursor is stated while an operation takes an offset or a page number."""
    pagination = data["api_contract"]["pagination"]
    if api is None or pagination.get("style") != "cursor":
        return
    for operation in api.operations:
        names = [item.name for item in operation.parameters if item.location == "query"]
        other = next((name for name in names if name.lower() in _PAGING), None)
        if operation.method == "GET" and other is not None:
            style = _PAGING[other.lower()]
            yield Contradiction(
                "/api_contract/pagination",
                "INPT-03",
                f"The contract says that lists are paged by cursor, but {operation.route} takes `{other}`.",
                (
                    value(f"Lists are paged by {style}", {"style": style, "parameters": [other]}),
                    shape("Change the document to cursors and gather again"),
                ),
                schema={
                    "type": "object",
                    "properties": {
                        "style": {"enum": ["cursor", "offset", "page", "none"]},
                        "parameters": {"type": "array", "items": TEXT},
                        "next_field": TEXT,
                    },
                    "required": ["style"],
                    "additionalProperties": False,
                },
            )
            return
