"""The OpenAPI document of the tree equals the contract's: nothing missing, nothing undocumented.

Owns: this rule and its examples.
Must never know: other rules, how two documents are compared.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity
from backend_engineer.rules.api.samples import DOCUMENT, changed, inputs_of, shipped, without
from backend_engineer.rules.api.surface import Surface, place, surface
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]

_TITLES = {
    "missing": "The API lacks what the contract promises",
    "extra": "The API has what the contract does not",
    "changed": "The API states it otherwise than the contract",
}
_MOST = 50


def _check(context: Context) -> Iterable[Hit | Silence]:
    from backend_engineer.apis import compare_openapi

    found = surface(context)
    if isinstance(found, Silence):
        yield found
        return
    differences = compare_openapi(found.wanted, found.given)
    for item in differences[:_MOST]:
        yield Hit(
            found.path,
            f"{item.message} ({item.pointer})",
            _lines(found, item.pointer),
            title=_TITLES[item.kind],
        )
    if len(differences) > _MOST:
        yield Hit(
            found.path,
            f"There are {len(differences) - _MOST} differences more.",
            title="The two APIs are far apart",
        )


def _lines(found: Surface, pointer: str) -> tuple[int, int] | None:
    return place(found, pointer)


RULE = Rule(
    code="API001",
    title="The API differs from the contract",
    clauses=("APID-01",),
    severity=Severity.MAJOR,
    category=Category.API,
    reason="Other teams build against the contract before this code runs.",
    recommendation="Follow the contract, or have the contract changed first.",
    check=_check,
    valid=(
        Example(files=shipped(DOCUMENT), inputs=inputs_of(DOCUMENT), note="equal"),
        Example(
            files=shipped(changed(("/info/title", "People"), ("/paths/~1users/get/summary", "All users"))),
            inputs=inputs_of(DOCUMENT),
            note="only texts for people differ",
        ),
    ),
    invalid=(
        Example(
            files=shipped(without("/paths/~1users~1{id}")),
            inputs=inputs_of(DOCUMENT),
            note="a path is missing",
        ),
        Example(
            files=shipped(changed(("/components/schemas/User/required", ["id", "name"]))),
            inputs=inputs_of(DOCUMENT),
            note="a field became required",
        ),
    ),
)
