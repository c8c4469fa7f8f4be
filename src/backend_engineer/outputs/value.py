"""The one configuration of every value that is published as JSON.

Owns: frozen, closed, built on first use.
Must never know: any particular value.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError

__all__ = ["ValidationError", "Value"]


class Value(BaseModel):
    """A frozen value: unknown keys are refused, and its validator is built when it is first used.

    Patterns run on Python's own engine, the one that jsonschema uses, so that both read them alike.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, regex_engine="python-re")
