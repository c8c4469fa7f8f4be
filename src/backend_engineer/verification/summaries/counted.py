"""The figures of one tool's summaries.

Owns: `Counted`, and how words with numbers before them are read.
Must never know: any tool.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

__all__ = ["Counted", "words"]

_WORDS = re.compile(r"(\d+) (?:subtests |tests? |scenarios? )?([A-Za-z]+)")


class Counted(NamedTuple):
    """What one tool counts; `run` is None where it counts no tests."""

    run: int | None = None
    failed: int = 0
    skipped: int = 0
    failing: tuple[str, ...] = ()
    partial: bool = False


def words(text: str) -> Counter[str]:
    """`2 failed, 1 passed` as a count for each word, plurals as singulars."""
    found: Counter[str] = Counter()
    for number, word in _WORDS.findall(text):
        found[word.lower().removesuffix("s") if word != "pass" else word] += int(number)
    return found
