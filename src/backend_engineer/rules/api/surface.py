"""The two API descriptions that the rules of this family hold against each other, or why they cannot.

Owns: when a change touches the API at all, and what is missing for a comparison.
Must never know: any particular rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_engineer.contract import Section, Verdict
from backend_engineer.inputs import APIContract, StageInputs
from backend_engineer.rules.contracts import Emitted, contract, contract_openapi, emitted_openapi, emitted_sdl
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

    def excepted(self, clause: str) -> bool:
        """Whether the user confirmed that the contract deviates from the default of a clause."""
        return any(item.clause == clause for item in self.contract.exceptions or ())

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
    return Surface(given, wanted, emitted.document, emitted)


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
    """Whether the change holds a controller or an API description."""

    def make() -> bool:
        emitted = (emitted_openapi(context), emitted_sdl(context))
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


def weighed(found: Surface, clause: str, hits: list[Hit], twins: list[bool]) -> list[Hit | Silence]:
    """Hits against a default: where the contract itself keeps it no better, the fault is not the change's.

    twins: for each hit, whether the contract's own operation has the same lack.
    """
    answers: list[Hit | Silence] = [hit for hit, shared in zip(hits, twins, strict=True) if not shared]
    if any(twins):
        where = next(hit.evidence for hit, shared in zip(hits, twins, strict=True) if shared)
        answers.append(
            Silence(
                Verdict.NEEDS_REVIEW,
                f"the contract deviates from the default without a recorded exception: {where}",
                (clause,),
            )
        )
    return answers
