"""What a gap says about its field, and the kinds of options.

Owns: the value and its makers.
Must never know: any particular field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend_engineer.outputs.clarification import Option

__all__ = ["FieldFacts", "absent", "facts", "shape", "value"]


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """What a gap says about its field: the clause, why the field is needed, two or three options.

    may_be_empty: an empty list is a statement here, namely that there are none.
    """

    clause: str
    reason: str
    options: tuple[Option, ...]
    may_be_empty: bool = False


def shape(label: str) -> Option:
    """An option that the requester fills in."""
    return Option(label=label)


def value(label: str, value: Any) -> Option:
    """An option that can be merged as it is."""
    return Option(label=label, value=value)


def absent(reason: str) -> Option:
    """The option that the field does not apply, with the reason to be confirmed."""
    return Option(label=f"It does not apply: {reason}", value={"not_applicable": reason})


def facts(clause: str, reason: str, *options: Option, may_be_empty: bool = False) -> FieldFacts:
    """The facts of one field."""
    return FieldFacts(clause, reason, options, may_be_empty)
