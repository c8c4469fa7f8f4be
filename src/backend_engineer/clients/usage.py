"""Tokens that nobody counted for us, and a budget that is looked at before each call.

Owns: the estimate of tokens from text, and the budget of a run.
Must never know: providers, the wire, sessions.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend_engineer.clients.protocol import ModelRequest
from backend_engineer.errors import BudgetExceeded
from backend_engineer.outputs import Usage
from backend_engineer.outputs.value import Value
from backend_engineer.tokens import DEFAULT_COUNTER

__all__ = ["TokenBudget", "estimate_tokens", "estimate_usage"]


def estimate_tokens(text: str) -> int:
    """About how many tokens a text is; `tokens.ESTIMATE_BOUNDS` says how far off it may be."""
    return DEFAULT_COUNTER.count(text)


def estimate_usage(request: ModelRequest, received: str = "") -> Usage:
    """What a call has cost that ended before its provider said so: both sides estimated, and marked as such."""
    return charge(request, estimate_tokens(received))


def charge(request: ModelRequest, output_tokens: int) -> Usage:
    """The same from a number of tokens that came."""
    sent = _sent(message.content for message in request.messages)
    return Usage(
        calls=1, input_tokens=sent, output_tokens=output_tokens, estimated_tokens=sent + output_tokens
    )


def _sent(texts: Iterable[str]) -> int:
    return sum(estimate_tokens(text) for text in texts)


class TokenBudget(Value):
    """How many tokens, input and output together, a run may still use; each charge gives a new budget.

    limit: of the whole run. spent: what the calls so far used, estimates of aborted streams included.
    """

    limit: int
    spent: Usage = Usage()

    @property
    def left(self) -> int:
        """Tokens that are left; never below zero."""
        return max(0, self.limit - self.spent.input_tokens - self.spent.output_tokens)

    def admit(self, request: ModelRequest) -> None:
        """Raise `BudgetExceeded` when the request's input and the most it may write do not fit into what is left."""
        sections = {"input": _sent(message.content for message in request.messages)}
        if request.max_output_tokens is not None:
            sections["output"] = request.max_output_tokens
        over = sum(sections.values()) - self.left
        if over > 0:
            raise BudgetExceeded(by=over, budget=self.left, per_section=sections)

    def charged(self, usage: Usage) -> TokenBudget:
        """The budget after a call."""
        return self.model_copy(update={"spent": self.spent + usage})
