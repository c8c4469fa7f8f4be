"""Values that are easy to lose: what a rollback that cuts, folds, rounds or strips does not bring back.

Owns: these values for texts, numbers, times, bytes and documents, and in which order they give way to plain ones.
Must never know: databases, tables; it imports the standard library only, to start fast.
"""

from __future__ import annotations

__all__ = [
    "BYTES",
    "DAY",
    "DOCUMENT",
    "MOMENT",
    "STAGES",
    "Stage",
    "fraction",
    "is_reference",
    "text",
    "whole",
]

MOMENT = "2024-02-29 23:59:58.123457"
DAY = "2024-02-29"
DOCUMENT = '{"n": -3, "text": " Ä\'b ", "none": null, "deep": {"list": [1, {"k": null}], "f": 1.50}}'
BYTES = bytes(range(0, 256, 6))

Stage = frozenset[str]
"""What is rich in a row: `text`, `number`, `sign` (numbers are negative), `other`, and columns that are `checked`."""

# A check refuses a whole row: each stage gives up what checks refuse most.
STAGES: tuple[Stage, ...] = (
    frozenset({"text", "number", "sign", "other", "checked"}),
    frozenset({"text", "number", "sign", "other"}),
    frozenset({"text", "number", "other"}),
    frozenset({"text", "other"}),
    frozenset({"number", "sign", "other"}),
    frozenset({"number", "other"}),
    frozenset({"other"}),
)

_LONG = 60


def text(name: str, length: int | None) -> str:
    """Outer blanks, both cases, a letter beyond ASCII, a quote, and the column's whole length or about 60 letters."""
    wanted = min(length or _LONG, 4 * _LONG)
    if wanted < 6:
        return "ÄbC'é"[:wanted]
    filled = f' Ä\'{name.title()} "Bc" é-' + f"{name} Q" * wanted
    return filled[: wanted - 2] + "z "


def is_reference(name: str) -> bool:
    """Whether a number seems to name a row of another table: a migration that makes it a key, or clears away rows
    without their parent, says nothing about what it does with real ones when it meets a made-up one."""
    return name.lower().endswith(("id", "_by"))


def whole(bits: int, *, negative: bool) -> int:
    """A number that the next smaller type does not hold."""
    size = {16: 12_345, 32: 70_123}.get(bits, 5_000_000_123)
    return -size if negative else size


def fraction(digits: int | None, scale: int | None, *, negative: bool) -> str:
    """A number with all the places that its column keeps."""
    before = "12345"[: max(0, digits - (scale or 0))] if digits is not None else "12345"
    after = "678917531"[: scale if scale is not None else 6]
    written = f"{before or '0'}.{after}" if after else before or "0"
    return f"-{written}" if negative else written
