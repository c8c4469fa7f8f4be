"""Each code rule fires on its invalid examples and stays quiet on its valid ones."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from backend_engineer.inputs import APIContract, DataModel, PerfTargets
from backend_engineer.outputs import Change, FileChange
from backend_engineer.rules.code import RULES
from backend_engineer.rules.rule import Context, Example, Hit, Rule

_DOCUMENTS: dict[str, Any] = {
    "data_model": DataModel,
    "perf_targets": PerfTargets,
    "api_contract": APIContract,
}


def hits(rule: Rule, example: Example) -> list[Hit]:
    inputs = SimpleNamespace(**dict.fromkeys(("tech_spec", "api_contract", "data_model", "perf_targets")))
    for name, data in (example.inputs or {}).items():
        if name in _DOCUMENTS:
            setattr(inputs, name, _DOCUMENTS[name].model_validate(data))
    files = tuple(FileChange(path, text) for path, text in example.files.items())
    context = Context(change=Change(files), inputs=inputs if example.inputs else None)
    return [item for item in rule.check(context) if isinstance(item, Hit)]


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
