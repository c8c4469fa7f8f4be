"""One fault of an API document.

Owns: the value.
Must never know: how faults are found.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ApiProblem"]


@dataclass(frozen=True, slots=True)
class ApiProblem:
    """A fault: JSON pointer into the document, a stable code, and a message that says what to do."""

    pointer: str
    code: str
    message: str
