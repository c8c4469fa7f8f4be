"""One contradiction, before it becomes a gap.

Owns: the value and how it becomes a gap.
Must never know: which checks there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from backend_engineer.inputs.sources import RawInputs
from backend_engineer.outputs.clarification import Gap, Option

__all__ = ["TEXT", "Contradiction", "shape", "value"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEXT: dict[str, Any] = {"type": "string", "pattern": r"[^\s]"}


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Pointer, clause, kind and reason of a gap, its options, and the schema of an answer at the pointer."""

    pointer: str
    clause: str
    reason: str
    options: tuple[Option, ...]
    kind: str = "contradiction"
    schema: dict[str, Any] = field(default_factory=dict)

    def gap(self, raw: RawInputs) -> Gap:
        """The gap, with the file and line of what it speaks of where they are known."""
        path, line = raw.place(self.pointer)
        place = f" ({path}{f':{line}' if line else ''})" if path else ""
        return Gap(
            pointer=self.pointer,
            clause=self.clause,
            kind=self.kind,
            reason=f"{self.reason}{place}",
            options=self.options,
            answer_schema={"$schema": _DRAFT, **self.schema},
        )


def shape(label: str) -> Option:
    """An option that the requester fills in."""
    return Option(label=label)


def value(label: str, answer: Any) -> Option:
    """An option that can be merged as it is."""
    return Option(label=label, value=answer)
