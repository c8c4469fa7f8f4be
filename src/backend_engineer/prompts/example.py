"""The worked example of an answer.

Owns: a tiny change, and its text as the writer of replies gives it.
Must never know: templates, the caller's documents.
"""

from __future__ import annotations

__all__ = ["worked_example"]


def worked_example(parts: tuple[str, ...]) -> str:
    """An answer with these parts, in the form that the parser reads; empty where there is none."""
    return ""
