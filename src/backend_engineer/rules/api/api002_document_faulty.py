"""The API description that a change ships is valid by itself.

Owns: this rule and its examples.
Must never know: other rules, how a document is judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.api.samples import DOCUMENT, EMITTED_PATH, changed, shipped
from backend_engineer.rules.contracts import Emitted, contract, emitted_openapi
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

if TYPE_CHECKING:
    from backend_engineer.apis import ApiProblem

__all__ = ["RULE"]

_MOST = 20
# The specification lets these stand; they do not say what their author meant.
_MEANS_LITTLE = frozenset(("nullable", "required-unnamed"))
# What these miss may be in a file that all components, or all of a kind, are read from.
_NAMES_COMPONENTS = frozenset(("dangling-ref", "undeclared-security"))
_DEPTH_OF_COMPONENTS = 2
# How many levels above its pointer a problem still depends on: a path's parameters stand beside the operation,
# the properties beside the list of required names.
_LOOKS_AROUND = {"path-parameter": 1, "required-unnamed": 2}


def _check(context: Context) -> Iterable[Hit | Silence]:
    emitted = emitted_openapi(context)
    if emitted is None or not emitted.changed:
        yield Silence(Verdict.NOT_APPLICABLE, "the change ships no OpenAPI document.")
    elif emitted.absent:
        yield Silence(Verdict.NOT_CHECKED, emitted.problem)
    elif emitted.problem:
        yield Hit(emitted.path, emitted.problem, title="The API description cannot be read")
    else:
        yield from _faults(emitted, context)


def _faults(emitted: Emitted, context: Context) -> Iterable[Hit | Silence]:
    from backend_engineer.apis import openapi_problems

    # The contract's own faults are questions to its author; the change had to follow it.
    given = contract(context)
    if given is not None and given.document == emitted.document.data:
        return
    problems = openapi_problems(emitted.document)
    if any(item.code == "external-ref" for item in problems):
        # A source in several files is read by a bundler; what of it stands here is no whole document.
        yield Silence(
            Verdict.NEEDS_REVIEW,
            f"`{emitted.path}` refers to other files; bundle it into one document and check that one.",
        )
        outside = list(_references_out(emitted.document.data))
        problems = [item for item in problems if not _may_stand_outside(item, outside)]
    for item in problems[:_MOST]:
        line = emitted.line_of(item.pointer)
        means_little = item.code in _MEANS_LITTLE
        yield Hit(
            emitted.path,
            f"{item.message} ({item.pointer or '/'})",
            (line, line) if line else None,
            title="The API description says what means nothing" if means_little else None,
            severity=Severity.MINOR if means_little else None,
        )


def _references_out(data: Any) -> Iterator[str]:
    """Every object that refers to another file, also where the specification has no reference: bundlers read it."""
    from backend_engineer.apis.pointers import join

    waiting: list[tuple[Any, str]] = [(data, "")]
    while waiting:
        node, place = waiting.pop()
        if isinstance(node, dict):
            target = node.get("$ref")
            if isinstance(target, str) and not target.startswith("#"):
                yield place
            waiting += [(value, join(place, key)) for key, value in node.items()]
        elif isinstance(node, list):
            waiting += [(value, join(place, at)) for at, value in enumerate(node)]


def _may_stand_outside(problem: ApiProblem, outside: list[str]) -> bool:
    """Whether a problem may be gone once the other files are in: each of `outside` holds a reference to one."""
    if problem.code == "external-ref":
        return True
    if problem.code in _NAMES_COMPONENTS and any(
        place.startswith("/components") and place.count("/") <= _DEPTH_OF_COMPONENTS for place in outside
    ):
        return True
    around = problem.pointer
    for _ in range(_LOOKS_AROUND.get(problem.code, 0)):
        around = around.rpartition("/")[0]
    return any(_within(place, around) or _within(problem.pointer, place) for place in outside)


def _within(pointer: str, place: str) -> bool:
    return f"{pointer}/".startswith(f"{place}/")


RULE = Rule(
    code="API002",
    title="The API description is not valid",
    clauses=("APID-01",),
    severity=Severity.MAJOR,
    category=Category.API,
    reason="Generators, mocks and gateways refuse a faulty document, or read it as something else.",
    recommendation="Mend the document at the place that is named.",
    check=_check,
    valid=(
        Example(files=shipped(DOCUMENT), note="valid"),
        Example(files={"docs/openapi.md": "# The API\n"}, note="a page about it"),
        Example(
            files=shipped(
                changed(
                    ("/components/schemas/UserPage/properties/items/items", {"$ref": "./user.json#/User"})
                )
            ),
            note="a description in several files is for a bundler",
        ),
        Example(
            files=shipped(
                changed(
                    ("/components/schemas/UserPage/properties/items/items", {"$ref": "./user.json#/User"}),
                    ("/components/securitySchemes", {"$ref": "./security.json"}),
                )
            ),
            note="what is not here may be in the other file",
        ),
    ),
    invalid=(
        Example(
            files=shipped(
                changed(
                    ("/components/schemas/UserPage/properties/items/items", {"$ref": "#/components/none"})
                )
            ),
            note="a reference that leads nowhere",
        ),
        Example(
            files=shipped(
                changed(
                    ("/components/schemas/UserPage/properties/items/items", {"$ref": "./user.json#/User"}),
                    ("/paths/~1users/get/parameters/1/schema/type", "int"),
                )
            ),
            note="a fault beside a reference into another file",
        ),
        Example(files={EMITTED_PATH: '{"openapi": "3.0.3",\n'}, note="no JSON"),
    ),
)
