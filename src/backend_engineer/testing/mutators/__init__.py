"""Mutators: known ways to break a valid reply, one or more for each rule, each with the code that has to find it.

Owns: the registry of all mutators.
Must never know: how a rule finds what is broken.
"""

from backend_engineer.testing.mutators import api, change, code, migrations, privacy, reply, run
from backend_engineer.testing.mutators.mutator import Mutator, judge, mutate

__all__ = ["MUTATORS", "Mutator", "judge", "mutate"]

MUTATORS: tuple[Mutator, ...] = (
    *reply.MUTATORS,
    *change.MUTATORS,
    *api.MUTATORS,
    *code.MUTATORS,
    *privacy.MUTATORS,
    *migrations.MUTATORS,
    *run.MUTATORS,
)
"""Every mutator, family by family."""
