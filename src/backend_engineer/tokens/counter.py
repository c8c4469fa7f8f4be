"""What a token counter is: one method.

Owns: the protocol.
Must never know: any tokenizer.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

__all__ = ["TokenCounter"]


@runtime_checkable
class TokenCounter(Protocol):
    """Anything with this one method counts; pass a provider's or a tokenizer's own for exact budgets."""

    def count(self, text: str, /) -> int:
        """How many tokens the text has; 0 for the empty text, never less for a longer text of the same start."""
        ...
