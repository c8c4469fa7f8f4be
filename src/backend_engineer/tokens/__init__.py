"""Counting tokens: the protocol of a counter, and the estimator that needs no vocabulary.

Owns: `TokenCounter`, the estimator and its documented error bounds.
Must never know: prompts, providers, budgets.
"""

from backend_engineer.tokens.counter import TokenCounter
from backend_engineer.tokens.estimator import DEFAULT_COUNTER, ESTIMATE_BOUNDS, Estimator

__all__ = ["DEFAULT_COUNTER", "ESTIMATE_BOUNDS", "Estimator", "TokenCounter"]
