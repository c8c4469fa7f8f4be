"""One difference between two API documents, and the place where they are gathered.

Owns: the value, and how a difference reads.
Must never know: how differences are found.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

from backend_engineer.apis.compare.places import shown_pointer

__all__ = ["ApiDifference", "Differences", "shown"]


@dataclass(frozen=True, slots=True)
class ApiDifference:
    """`missing`, `extra` or `changed`, the JSON pointer of the place, and what to do about it.

    The pointer leads into the contract, for `extra` into the emitted document.
    """

    kind: Literal["missing", "extra", "changed"]
    pointer: str
    message: str


@dataclass(slots=True)
class Differences:
    """The differences found so far; one that is reached in several ways is kept as it was first reached."""

    found: dict[tuple[str, ...], ApiDifference] = field(default_factory=dict)

    def missing(self, pointer: str, where: str, what: str) -> None:
        """Note what the contract has and the emitted document lacks."""
        self._add("missing", pointer, what, f"{where} lacks {what} of the contract: add it.")

    def surplus(self, pointer: str, where: str, what: str) -> None:
        """Note what the emitted document has and the contract lacks."""
        advice = "remove it, or have the contract changed first"
        self._add("extra", pointer, what, f"{where} has {what}, which the contract does not have: {advice}.")

    def changed(self, pointer: str, where: str, what: str, wanted: Any, given: Any) -> None:
        """Note what both have and state differently."""
        message = (
            f"{where}: {what} is {shown(given)}; the contract says {shown(wanted)}: follow the contract."
        )
        self._add("changed", pointer, f"{what} {shown(given)}", message)

    def _add(
        self, kind: Literal["missing", "extra", "changed"], pointer: str, what: str, message: str
    ) -> None:
        pointer = shown_pointer(pointer)
        self.found.setdefault((kind, pointer, what), ApiDifference(kind, pointer, message))

    def sorted(self) -> list[ApiDifference]:
        """All of them by pointer, kind and message."""
        return sorted(self.found.values(), key=lambda item: (item.pointer, item.kind, item.message))


def shown(value: Any) -> str:
    """A value as it reads in a message; words that the caller made are taken as they are."""
    if isinstance(value, str):
        return value
    text = json.dumps(value, sort_keys=True, default=str)
    return text if len(text) <= 80 else text[:77] + "..."
