"""Seeded builders of valid inputs and replies, and mutators that break them in one known way each.

Owns: material for tests of prompts, parsers, rules and clients; the standard library suffices for it.
Must never know: pytest, networks; how a rule finds what a mutator broke.
"""

from backend_engineer.testing.builders import Built, build, build_inputs, build_reply

__all__ = ["Built", "build", "build_inputs", "build_reply"]
