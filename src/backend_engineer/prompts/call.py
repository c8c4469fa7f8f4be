"""One call of `render`: its arguments, checked and turned into documents.

Owns: `Call`, which of its documents a prompt shows, and what each step of shedding takes out.
Must never know: templates' output, messages, how tokens are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend_engineer.contract import Parameters
from backend_engineer.prompts.dialects import Dialect
from backend_engineer.prompts.example import worked_example
from backend_engineer.prompts.material import Cut
from backend_engineer.prompts.phases import PROMPT_PHASES, SPECIFICATIONS, PhasePlan, PromptPhase, Shed
from backend_engineer.prompts.spans import Document
from backend_engineer.prompts.wording import Templates

__all__ = ["Call"]


@dataclass(frozen=True, slots=True)
class Call:
    """All that one call was given; `specifications` are by the name of the typed input, and `upstream`."""

    plan: PhasePlan
    dialect: Dialect
    parameters: Parameters
    templates: Templates
    lean: bool
    gutter: bool
    specifications: Mapping[str, tuple[Document, ...]]
    request: tuple[Document, ...]
    base: tuple[Document, ...]
    work: tuple[Document, ...]
    pinned: tuple[str, ...]
    wanted: tuple[str, ...]
    cut: Cut | None
    part: tuple[int, int] | None
    seal_key: bytes | None
    given_seal: str

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every document of the call, in the prompt's order."""
        specifications = (item for group in self.specifications.values() for item in group)
        return (*specifications, *self.request, *self.base, *self.work)

    @property
    def unneeded(self) -> tuple[str, ...]:
        """Names of the specifications that the phase can do without."""
        needed = (*self.plan.documents, "upstream")
        return tuple(name for name in self.specifications if name not in needed)

    def shown(self, shed: tuple[Shed, ...]) -> tuple[Document, ...]:
        """The documents that the prompt shows after what a lean phase omits and the budget shed."""
        left_out = set(self.unneeded) if self.lean or Shed.OTHER_DOCUMENTS in shed else set()
        left_out.update(step.value for step in shed if step in _WHOLE_GROUPS)
        specifications = (
            document
            for name, group in self.specifications.items()
            if name not in left_out
            for document in group
        )
        base = self.base[1:] if Shed.BASE_LISTING in shed else self.base
        return (*specifications, *self.request, *base, *self.work)

    def parts(self, shed: tuple[Shed, ...]) -> tuple[str, ...]:
        """The parts of an answer whose form the prompt gives.

        All of them, the same in every phase, so that phases share a prefix; only the phase's own in
        a lean prompt, under a tight budget, and where the answer is a clarification.
        """
        if self.lean or Shed.OTHER_PARTS in shed or self.plan.phase is PromptPhase.CONTEXT:
            return self.plan.parts
        return PROMPT_PHASES[PromptPhase.ALL].parts

    def can_shed(self, step: Shed, shed: tuple[Shed, ...]) -> bool:
        """Whether the step would take anything out of this prompt that was not taken out before."""
        if step in shed:
            return False
        if step is Shed.EXAMPLE:
            return bool(worked_example(self.parts(shed)))
        if step in _WHOLE_GROUPS:
            gone = self.unneeded if self.lean or Shed.OTHER_DOCUMENTS in shed else ()
            return step.value in self.specifications and step.value not in gone
        if step is Shed.OTHER_PARTS:
            return self.parts(shed) != self.plan.parts
        if step is Shed.OTHER_DOCUMENTS:
            return not self.lean and bool(self.unneeded)
        return bool(self.base)

    def shed_labels(self, shed: tuple[Shed, ...]) -> tuple[str, ...]:
        """What was shed, as the prompt and the result name it."""
        labels: list[str] = []
        for step in shed:
            if step is Shed.UPSTREAM:
                labels.extend(document.name for document in self.specifications["upstream"])
            elif step is Shed.OTHER_DOCUMENTS:
                labels.extend(self.unneeded)
            else:
                labels.append(_SHED_WORDS.get(step, step.value))
        return tuple(labels)


# Steps that take out all documents of one group, named like the step.
_WHOLE_GROUPS = frozenset((Shed.UPSTREAM, *(step for step in Shed if step.value in SPECIFICATIONS)))
_SHED_WORDS: dict[Shed, str] = {
    Shed.EXAMPLE: "the example of an answer",
    Shed.OTHER_PARTS: "the form of answer parts that this phase does not use",
    Shed.BASE_LISTING: "the list of the source tree's paths",
}
