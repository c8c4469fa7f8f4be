"""The typed question that lists every gap in the inputs (PROT-01, INCO-01, INCO-02).

Owns: gaps, their options, and the JSON form of the answers.
Must never know: how a gap is found or how answers are merged.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from backend_engineer.outputs.value import Value

__all__ = ["Clarification", "Gap", "Option"]


class Option(Value):
    """A minimal safe answer: what it means, and the value to answer with.

    value: ready to merge, or None where the option is a shape that the requester fills in.
    """

    label: str
    value: Any = None


class Gap(Value):
    """One field that is missing, empty, a placeholder, or in contradiction.

    pointer: JSON pointer into the inputs, such as `/tech_spec/stack`.
    clause: the clause that asks for the field.
    kind: `missing`, `empty`, `placeholder`, `contradiction`, `invalid` or `exception`.
    reason: why the field is needed. options: two or three minimal safe answers.
    answer_schema: JSON Schema (draft 2020-12) of an answer.
    """

    pointer: str
    clause: str
    kind: str = "missing"
    reason: str
    options: tuple[Option, ...]
    answer_schema: dict[str, Any] = Field(default_factory=dict)


class Clarification(Value):
    """Every gap at once; answer with a mapping of pointer to value.

    wording: a model's friendlier wording for each pointer, where one was asked for.
    """

    gaps: tuple[Gap, ...]
    wording: dict[str, str] = Field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.gaps)
