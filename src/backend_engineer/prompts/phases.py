"""What each phase of the protocol needs in its prompt: parts of the answer and documents.

Owns: the nine prompt phases as a table, and the order in which material is shed.
Must never know: templates, dialects, how a document is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backend_engineer.errors import UsageError

__all__ = [
    "LEAN_SHEDDING",
    "PROMPT_PHASES",
    "SHEDDING",
    "SPECIFICATIONS",
    "PhasePlan",
    "PromptPhase",
    "Shed",
    "phase_plan",
]

SPECIFICATIONS: tuple[str, ...] = (
    "tech_spec",
    "security_policy",
    "ops_guides",
    "data_model",
    "api_contract",
    "perf_targets",
)
"""The typed documents in the order in which a prompt gives them."""


class PromptPhase(StrEnum):
    """The five phases of the protocol, all of them in one call, and three targeted calls."""

    CONTEXT = "context"
    PLAN = "plan"
    SELF_CHECK = "self-check"
    IMPLEMENT = "implement"
    VERIFY = "verify"
    ALL = "all"
    REPAIR = "repair"
    CONTINUE = "continue"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class PhasePlan:
    """What one phase asks for.

    parts: of the answer, in order: `checklist`, `clarification`, `plan`, `files`, `attestations`,
    `findings`. documents: the specifications that the phase cannot do without. emits_files: whether
    the answer has file headers, which carry the seal. gutter: whether the change is shown with line
    numbers, because the answer has to name lines.
    """

    phase: PromptPhase
    parts: tuple[str, ...]
    documents: tuple[str, ...]
    gutter: bool = False

    @property
    def emits_files(self) -> bool:
        """Whether the answer holds files."""
        return "files" in self.parts


_CODE = ("tech_spec", "security_policy", "data_model", "api_contract", "perf_targets")
_REVIEW = ("security_policy", "data_model", "api_contract", "perf_targets")

PROMPT_PHASES: dict[PromptPhase, PhasePlan] = {
    row.phase: row
    for row in (
        PhasePlan(PromptPhase.CONTEXT, ("clarification",), ()),
        PhasePlan(PromptPhase.PLAN, ("checklist", "plan"), SPECIFICATIONS),
        PhasePlan(PromptPhase.SELF_CHECK, ("plan",), ("security_policy", "perf_targets")),
        PhasePlan(PromptPhase.IMPLEMENT, ("files",), SPECIFICATIONS),
        PhasePlan(PromptPhase.VERIFY, ("attestations", "findings"), _REVIEW, gutter=True),
        PhasePlan(
            PromptPhase.ALL,
            ("checklist", "plan", "files", "attestations", "findings"),
            SPECIFICATIONS,
        ),
        PhasePlan(PromptPhase.REPAIR, ("files",), _CODE),
        PhasePlan(PromptPhase.CONTINUE, ("files",), _CODE),
        PhasePlan(PromptPhase.SPLIT, ("plan",), ("tech_spec", "data_model", "api_contract")),
    )
}


class Shed(StrEnum):
    """What may be left out to fit a budget; never a clause, nor the request.

    The first five take out what the phase can do without. The others take out a specification that
    it may need, and are tried only where a call names them or is lean.
    """

    EXAMPLE = "example"
    UPSTREAM = "upstream"
    OTHER_PARTS = "other-parts"
    OTHER_DOCUMENTS = "other-documents"
    BASE_LISTING = "base-listing"
    OPS_GUIDES = "ops_guides"
    PERF_TARGETS = "perf_targets"
    SECURITY_POLICY = "security_policy"
    DATA_MODEL = "data_model"
    API_CONTRACT = "api_contract"
    TECH_SPEC = "tech_spec"


SHEDDING: tuple[Shed, ...] = (
    Shed.EXAMPLE,
    Shed.UPSTREAM,
    Shed.OTHER_PARTS,
    Shed.OTHER_DOCUMENTS,
    Shed.BASE_LISTING,
)
"""The order of shedding: the worked example, upstream documents, the format of answer parts that the
phase does not ask for, specifications that it does not need, the list of the base's paths."""

LEAN_SHEDDING: tuple[Shed, ...] = (*SHEDDING, *(step for step in Shed if step not in SHEDDING))
"""The order for lean prompts, which are made for small models: in the end whole specifications, each
of them named in the prompt and in the result."""


def phase_plan(phase: str) -> PhasePlan:
    """The table's row for a phase; `UsageError` for an unknown name."""
    try:
        return PROMPT_PHASES[PromptPhase(phase)]
    except ValueError:
        names = ", ".join(PromptPhase)
        raise UsageError(f"There is no prompt for the phase {phase!r}.", hint=f"Use {names}.") from None
