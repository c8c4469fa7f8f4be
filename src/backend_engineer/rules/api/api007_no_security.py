"""Every operation states who may call it.

Owns: this rule and its examples.
Must never know: other rules, how a handler checks its caller.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.api.samples import DOCUMENT, changed, inputs_of, shipped, without
from backend_engineer.rules.api.surface import place, surface
from backend_engineer.rules.reading import field
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

if TYPE_CHECKING:
    from backend_engineer.apis import Operation

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit | Silence]:
    found = surface(context)
    if isinstance(found, Silence) or field(found.contract, "authorization") is None:
        return
    unsaid: list[str] = []
    for operation in found.given.operations:
        twin = found.twin(operation)
        if _is_closed(operation):
            continue
        if twin is not None and not _is_closed(twin):
            # An empty list is a decision that somebody took; where nothing stands nobody may have thought of it.
            unsaid += [operation.route] if twin.security is None else []
            continue
        yield Hit(
            found.path,
            f"`{operation.route}` may be called by anyone.",
            place(found, operation.pointer),
            clauses=("SECU-01", "FLOW-05"),
        )
    if unsaid:
        yield Silence(
            Verdict.NEEDS_REVIEW,
            f"the contract says nothing of the security of {len(unsaid)} operation(s), `{unsaid[0]}` among them; may anyone call them?",
            ("SECU-01", "FLOW-05"),
        )


def _is_closed(operation: Operation) -> bool:
    """Whether some requirement holds; an empty one among them lets anyone in."""
    return bool(operation.security) and all(operation.security or ())


RULE = Rule(
    code="API007",
    title="An operation is open to anyone",
    clauses=(),
    also=("SECU-01", "FLOW-05"),
    severity=Severity.CRITICAL,
    category=Category.SECURITY,
    reason="What is not closed in the description is rarely closed in the code.",
    recommendation="State the contract's security requirement on the operation or for the whole document.",
    check=_check,
    valid=(
        Example(files=shipped(DOCUMENT), inputs=inputs_of(DOCUMENT), note="closed as a whole"),
        Example(
            files=shipped(changed(("/paths/~1users/get/security", []))),
            inputs=inputs_of(changed(("/paths/~1users/get/security", []))),
            note="the contract opens it",
        ),
    ),
    invalid=(
        Example(
            files=shipped(without("/security")),
            inputs=inputs_of(DOCUMENT),
            note="the requirement was dropped",
        ),
        Example(
            files=shipped(changed(("/paths/~1users/post/security", [{}, {"bearer": []}]))),
            inputs=inputs_of(DOCUMENT),
            note="an empty alternative",
        ),
    ),
)
