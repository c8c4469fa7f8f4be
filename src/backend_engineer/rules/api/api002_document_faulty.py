"""The API description that a change ships is valid by itself.

Owns: this rule and its examples.
Must never know: other rules, how a document is judged.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.contract import Category, Severity, Verdict
from backend_engineer.rules.api.samples import DOCUMENT, EMITTED_PATH, changed, shipped
from backend_engineer.rules.contracts import Emitted, contract, emitted_openapi
from backend_engineer.rules.rule import Context, Example, Hit, Rule, Silence

__all__ = ["RULE"]

_MOST = 20
# The specification lets these stand; they do not say what their author meant.
_MEANS_LITTLE = frozenset(("nullable", "required-unnamed"))


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
        return
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
        Example(files={EMITTED_PATH: '{"openapi": "3.0.3",\n'}, note="no JSON"),
    ),
)
