"""How much a reply may hold before the parser stops, with a diagnostic, instead of growing.

Owns: the limits and their defaults.
Must never know: how they are counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["DEFAULT_LIMITS", "HOLD", "Limits"]

HOLD: Final = 64 * 1024
"""Characters that may be held back while a decision waits for what follows."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds, in characters unless said otherwise; what passes one ends in a diagnostic.

    total: the whole reply; reading stops there. file: the content of one file, which ends as truncated
    at the last whole line. line: one line; reading stops before it. files: number of files, later ones
    are passed over. items: number of bullets in the checklist, of validation lines, and of questions, each;
    later ones are passed over. nesting: inner fences inside one block. document: a JSON block outside of files.
    diagnostics: how many are given before one last says that more were left out.
    """

    total: int = 1 << 29
    file: int = 1 << 24
    line: int = 1 << 23
    files: int = 50_000
    items: int = 10_000
    nesting: int = 100
    document: int = 1 << 23
    diagnostics: int = 1_000


DEFAULT_LIMITS: Final = Limits()
