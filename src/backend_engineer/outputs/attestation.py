"""What a reply claims about a clause: that it is kept, with the place and a quote to prove it.

Owns: the shape of an attestation.
Must never know: whether the quote really stands there (a rule finds out).
"""

from __future__ import annotations

from pydantic import Field

from backend_engineer.outputs.findings import LineRange
from backend_engineer.outputs.value import Value

__all__ = ["Attestation", "Attestations"]


class Attestation(Value):
    """One claim: `clause` is kept at `path`, `lines`, where `quote` stands word for word."""

    clause: str = Field(pattern=r"^[A-Z]{4}-[0-9]{2}(?![\s\S])")
    path: str
    lines: LineRange = ""
    quote: str


class Attestations(Value):
    """The JSON block that carries them in a reply."""

    attestations: tuple[Attestation, ...]
