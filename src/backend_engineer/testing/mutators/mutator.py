"""What a mutator is: one known way to break a valid reply, and the code that has to find it.

Owns: `Mutator`, the judging of a built reply, and the refusal of a mutant that equals its original.
Must never know: any particular mutator.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from backend_engineer.errors import UsageError
from backend_engineer.outputs import Report
from backend_engineer.parsing import parse_reply
from backend_engineer.rules import Rule, check
from backend_engineer.testing.builders import Built, build
from backend_engineer.workspace import SourceTree

__all__ = ["Mutator", "judge", "mutate"]


TODAY = date(2026, 1, 1)
"""The day on which built replies are judged, so that suppressions expire the same everywhere."""


@dataclass(frozen=True, slots=True)
class Mutator:
    """One way to break a valid reply.

    name: unique. code: the rule that has to find it. apply: takes a valid reply and a seeded chance.
    """

    name: str
    code: str
    apply: Callable[[Built, random.Random], Built]


def judge(built: Built, rules: Iterable[Rule | str] | None = None) -> Report:
    """Parse a built reply and check it against its own inputs and base."""
    base = SourceTree.from_mapping(built.base)
    reply = parse_reply(built.text(), base=base)
    inputs = built.partial_inputs or built.inputs
    subject = replace(built.change, origin="caller") if built.as_change else reply
    return check(subject, inputs, base, built.verified, rules, run=built.run, today=TODAY)


def mutate(mutator: Mutator, seed: int) -> Built:
    """A valid reply of this seed, broken; `UsageError` when the mutant equals its original."""
    original = build(seed)
    broken = mutator.apply(original, random.Random(f"{mutator.name}/{seed}"))  # noqa: S311  repeatable, not secret
    if broken == original:
        raise UsageError(f"The mutator {mutator.name} changed nothing at seed {seed}.")
    return broken
