"""Mutating operations take an idempotency key, or a precondition where they change what is there.

Owns: this rule and its examples.
Must never know: other rules, how a handler treats the key.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.api.samples import DOCUMENT, changed, inputs_of, shipped, without
from backend_engineer.rules.api.surface import surface, weighed
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

if TYPE_CHECKING:
    from backend_engineer.apis import ApiDocument, Operation

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit | Silence]:
    found = surface(context)
    if isinstance(found, Silence):
        yield found
        return
    yield from weighed(found, "APID-02", _lack)


def _lack(operation: Operation, _: ApiDocument) -> tuple[str, str] | None:
    if operation.method not in ("POST", "PATCH") or _is_keyed(operation):
        return None
    return "it declares no `Idempotency-Key` header.", operation.pointer


def _is_keyed(operation: Operation) -> bool:
    if operation.parameter("header", "Idempotency-Key") is not None:
        return True
    return operation.method == "PATCH" and operation.parameter("header", "If-Match") is not None


_NO_KEY = without("/paths/~1users/post/parameters")

RULE = Rule(
    code="API003",
    title="A mutating operation takes no idempotency key",
    clauses=("APID-02",),
    severity=Severity.MAJOR,
    category=Category.API,
    reason="A client that lost the answer must be able to ask again without acting twice.",
    recommendation="Declare the header `Idempotency-Key` on POST and PATCH, or `If-Match` on PATCH.",
    check=_check,
    valid=(
        Example(files=shipped(DOCUMENT), inputs=inputs_of(DOCUMENT), note="the header is declared"),
        Example(
            files=shipped(_NO_KEY),
            inputs=inputs_of(
                _NO_KEY, {"clause": "APID-02", "follows": "none", "reason": "Posts are upserts."}
            ),
            note="the user confirmed another scheme",
        ),
    ),
    invalid=(
        Example(files=shipped(_NO_KEY), inputs=inputs_of(DOCUMENT), note="the header was dropped"),
        Example(
            files=shipped(changed(("/paths/~1users/post/parameters/0/name", "X-Request-Id"))),
            inputs=inputs_of(DOCUMENT),
            note="another header",
        ),
    ),
)
