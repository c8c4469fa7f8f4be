"""An estimate of tokens from the shapes of words, without a vocabulary.

Owns: the pattern, the weights, and the bounds of its error.
Must never know: any provider's tokenizer.
"""

from __future__ import annotations

import re

__all__ = ["DEFAULT_COUNTER", "ESTIMATE_BOUNDS", "Estimator"]

ESTIMATE_BOUNDS: dict[str, tuple[float, float]] = {}

_WORD = re.compile(r"[A-Za-z]+|[0-9]{1,3}|[^\x00-\x7f]|[^\sA-Za-z0-9]{1,2}|\n[ \t]*|[ \t]{2,}")


class Estimator:
    """Counts tokens by a regular expression."""

    def count(self, text: str, /) -> int:
        """The estimate for a text."""
        return len(_WORD.findall(text))


DEFAULT_COUNTER = Estimator()
"""The counter that budgets use unless another is passed."""
