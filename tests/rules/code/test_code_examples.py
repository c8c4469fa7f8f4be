"""Each code rule fires on its invalid examples and stays quiet on its valid ones."""

from __future__ import annotations

import pytest

from backend_engineer.rules.code import RULES
from backend_engineer.rules.examples import context_of
from backend_engineer.rules.rule import Example, Hit, Rule


def hits(rule: Rule, example: Example) -> list[Hit]:
    return [item for item in rule.check(context_of(example)) if isinstance(item, Hit)]


CASES = [
    (rule, kind, number)
    for rule in RULES
    for kind in ("valid", "invalid")
    for number in range(len(getattr(rule, kind)))
]


@pytest.mark.parametrize(("rule", "kind", "number"), CASES, ids=[f"{r.code}-{k}-{n}" for r, k, n in CASES])
def test_an_example_does_what_it_says(rule: Rule, kind: str, number: int) -> None:
    found = hits(rule, getattr(rule, kind)[number])
    assert bool(found) is (kind == "invalid"), found
