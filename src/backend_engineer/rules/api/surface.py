"""The two API descriptions that the rules of this family hold against each other, or why they cannot.

Owns: when a change touches the API at all, and what is missing for a comparison.
Must never know: any particular rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_engineer.contract import Section, Verdict
from backend_engineer.inputs import APIContract, StageInputs
from backend_engineer.rules.contracts import (
    Emitted,
    contract,
    contract_openapi,
    deleted_description,
    emitted_openapi,
    emitted_sdl,
)
from backend_engineer.rules.reading import section_of
from backend_engineer.rules.rule import Context, Hit, Silence

if TYPE_CHECKING:
    from backend_engineer.apis import ApiDocument, Operation

__all__ = ["Surface", "place", "surface", "touches_api", "weighed"]


@dataclass(frozen=True, slots=True)
class Surface:
    """What can be compared: the contract and its OpenAPI document, and the one that the tree ships."""

    contract: APIContract
    wanted: ApiDocument
    given: ApiDocument
    emitted: Emitted

    @property
    def path(self) -> str:
        """Where the shipped document stands."""
        return self.emitted.path

    def follows(self, clause: str) -> str | None:
        """What the user confirmed to hold in place of a clause's default, None where the default holds."""
        given = (item.follows for item in self.contract.exceptions or () if item.clause == clause)
        return next(given, None)

    def twin(self, operation: Operation) -> Operation | None:
        """The contract's operation of the same method and path."""
        return self.wanted.operation(operation.method, operation.path)


def surface(context: Context) -> Surface | Silence:
    """Both documents, or the answer of every rule that needs them."""
    given = contract(context)
    if given is None:
        if not touches_api(context):
            return Silence(Verdict.NOT_APPLICABLE, "the change touches no API.")
        return Silence(Verdict.NOT_CHECKED, "no APIContract was given; pass it among the inputs.")
    if given.kind != "openapi":
        return Silence(Verdict.NOT_APPLICABLE, "the contract is a GraphQL schema.")
    emitted = emitted_openapi(context)
    if not touches_api(context) and (emitted is None or not emitted.changed):
        return Silence(Verdict.NOT_APPLICABLE, "the change touches no API.")
    if emitted is None:
        where = "the change" if context.base is None else "the change or the base"
        gone = deleted_description(context)
        if gone:
            return Silence(
                Verdict.NOT_CHECKED, f"the change deletes `{gone}`, and no other describes the API."
            )
        return Silence(
            Verdict.NOT_CHECKED, f"{where} holds no OpenAPI document (`openapi.yaml` and the like)."
        )
    wanted = contract_openapi(context)
    if wanted is None:
        return Silence(Verdict.NOT_CHECKED, "the contract's own document cannot be read; `gather` says why.")
    if emitted.problem:
        return Silence(Verdict.NOT_CHECKED, f"`{emitted.path}` cannot be read: {emitted.problem}")
    fault = _contract_fault(context, given)
    if fault:
        return Silence(Verdict.NOT_CHECKED, f"the contract itself has a fault: {fault}")
    if _stands_in_parts(context, emitted.document):
        return Silence(
            Verdict.NOT_CHECKED,
            f"`{emitted.path}` refers to other files; bundle it into one document and check that one.",
        )
    return Surface(given, wanted, emitted.document, emitted)


def _stands_in_parts(context: Context, document: ApiDocument) -> bool:
    """Whether a description refers to other documents: what stands there would seem to be missing."""

    def make() -> bool:
        from backend_engineer.apis.problems.references import reference_problems

        return any(item.code == "external-ref" for item in reference_problems(document))

    parts: bool = context.shared("api.in-parts", make)
    return parts


def _contract_fault(context: Context, given: APIContract) -> str:
    """The first fault of the contract's document; gathered inputs have none, since each would be a gap."""
    if isinstance(context.inputs, StageInputs):
        return ""

    def make() -> str:
        from backend_engineer.apis import openapi_problems

        return next((item.message for item in openapi_problems(given.document)), "")

    fault: str = context.shared("api.contract-fault", make)
    return fault


def touches_api(context: Context) -> bool:
    """Whether the change holds a controller or an API description, or deletes the only one."""

    def make() -> bool:
        emitted = (emitted_openapi(context), emitted_sdl(context))
        if not any(emitted) and deleted_description(context):
            return True
        return any(item is not None and item.changed for item in emitted) or any(
            section_of(file, context) is Section.CONTROLLERS for file in context.change
        )

    touched: bool = context.shared("api.touched", make)
    return touched


def place(found: Surface, pointer: str) -> tuple[int, int] | None:
    """The line of a pointer into the shipped document; that of its nearest parent where it has none."""
    line_of: Callable[[str], int | None] = found.emitted.line_of
    while pointer:
        line = line_of(pointer)
        if line is not None:
            return (line, line)
        pointer = pointer.rpartition("/")[0]
    return None


def weighed(
    found: Surface, clause: str, lack_of: Callable[[Operation, ApiDocument], tuple[str, str] | None]
) -> Iterator[Hit | Silence]:
    """Hits for the operations that lack something: where the contract's own twin lacks it too, the fault is not the change's.

    lack_of: what an operation of a document lacks and the pointer to it, None for nothing. What the contract
    lacks is a question to its author, unless an exception for the clause was recorded.
    """
    excepted = found.follows(clause) is not None
    shared: list[str] = []
    for operation in found.given.operations:
        lack = lack_of(operation, found.given)
        if lack is None:
            continue
        what, pointer = lack
        evidence = f"`{operation.route}`: {what}"
        twin = found.twin(operation)
        # Without a twin the operation itself is the difference; a default that was set aside adds nothing.
        if (twin is None and excepted) or (twin is not None and lack_of(twin, found.wanted) is not None):
            shared.append(evidence)
        else:
            yield Hit(found.path, evidence, place(found, pointer), clauses=(clause,))
    if shared and not excepted:
        yield Silence(
            Verdict.NEEDS_REVIEW,
            f"the contract deviates from the default without a recorded exception: {shared[0]}",
            (clause,),
        )
