"""Operations declare what happens to a caller who asks too often.

Owns: this rule and its examples.
Must never know: other rules, how a limit is enforced.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.api.samples import DOCUMENT, inputs_of, shipped, without
from backend_engineer.rules.api.surface import place, surface
from backend_engineer.rules.reading import field
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]


def _check(context: Context) -> Iterable[Hit | Silence]:
    found = surface(context)
    if isinstance(found, Silence) or field(found.contract, "rate_limits") is None:
        return
    for operation in found.given.operations:
        if any(operation.response(status) is not None for status in ("429", "4XX")):
            continue
        twin = found.twin(operation)
        # Where the contract declares none either, adding one would break it: its author may want to know.
        promised = twin is None or twin.response("429") is not None
        yield Hit(
            found.path,
            f"`{operation.route}` declares no answer 429, and the contract limits rates.",
            place(found, operation.pointer),
            severity=Severity.MAJOR if promised else Severity.INFO,
            clauses=("FLOW-05",),
        )


RULE = Rule(
    code="API006",
    title="An operation declares no rate limit",
    clauses=(),
    also=("FLOW-05",),
    severity=Severity.MAJOR,
    category=Category.API,
    reason="A client that does not know of the limit cannot wait for it.",
    recommendation="Declare the answer 429 on every operation.",
    check=_check,
    valid=(
        Example(files=shipped(DOCUMENT), inputs=inputs_of(DOCUMENT), note="429 on every operation"),
        Example(
            files=shipped(without("/paths/~1users~1{id}/get/responses/429")),
            inputs=inputs_of(
                without("/paths/~1users~1{id}/get/responses/429"),
                rate_limits={"not_applicable": "an internal network"},
            ),
            note="no limits",
        ),
    ),
    invalid=(
        Example(
            files=shipped(without("/paths/~1users~1{id}/get/responses/429")),
            inputs=inputs_of(DOCUMENT),
            note="one operation without",
        ),
        Example(
            files=shipped(without("/paths/~1users/get/responses/429", "/paths/~1users/post/responses/429")),
            inputs=inputs_of(DOCUMENT),
            note="two operations without",
        ),
    ),
)
