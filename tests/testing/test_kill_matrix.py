"""Each mutator is caught with its code at every seed, each rule is needed, and valid replies raise no alarm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_engineer.contract import Verdict
from backend_engineer.errors import UsageError
from backend_engineer.inputs import partial
from backend_engineer.rules.registry import built_in_rules
from backend_engineer.testing import build
from backend_engineer.testing.mutators import MUTATORS, Mutator, judge, mutate

SEEDS = 20
VALID = 1000
CHUNK = 50


@pytest.mark.parametrize("mutator", MUTATORS, ids=lambda item: f"{item.code} {item.name}")
def test_a_mutant_is_caught_with_its_code_at_every_seed(mutator: Mutator) -> None:
    missed = [
        seed
        for seed in range(SEEDS)
        if mutator.code not in {item.code for item in judge(mutate(mutator, seed)).findings}
    ]
    assert missed == []


@pytest.mark.parametrize("first", range(0, VALID, CHUNK))
def test_valid_replies_have_no_finding_that_violates(first: int) -> None:
    alarms = [
        (seed, item.code, item.evidence)
        for seed in range(first, first + CHUNK)
        for item in judge(build(seed)).findings
        if item.violates
    ]
    assert alarms == []


@pytest.mark.parametrize("code", sorted({item.code for item in MUTATORS}))
def test_a_rule_switched_off_lets_its_mutants_live(code: str) -> None:
    others = [rule for rule in built_in_rules() if rule.code != code]
    for mutator in MUTATORS:
        if mutator.code == code:
            broken = mutate(mutator, 0)
            assert code not in {item.code for item in judge(broken, others).findings}
            assert code in {item.code for item in judge(broken).findings}


def test_every_rule_has_a_mutator() -> None:
    # A rule without an invalid example finds nothing by design: it only says what was not checked.
    assert {rule.code for rule in built_in_rules() if rule.invalid} == {item.code for item in MUTATORS}


@pytest.mark.parametrize(
    ("document", "field", "clause"),
    [
        ("tech_spec", "stack", "INPT-02"),
        ("api_contract", "rate_limits", "INPT-03"),
        ("data_model", "entities", "INPT-04"),
        ("security_policy", "crypto", "INPT-05"),
        ("perf_targets", "slos", "INPT-06"),
        ("ops_guides", "rollback", "INPT-07"),
    ],
)
def test_an_input_taken_out_is_said_to_be_unchecked(document: str, field: str, clause: str) -> None:
    built = build(3)
    data = built.inputs.model_dump(mode="json")
    del data[document][field]
    report = judge(replace(built, partial_inputs=partial(data)))
    assert report.clauses[clause] is Verdict.NOT_CHECKED
    assert report.clauses["INCO-01"] is Verdict.NOT_CHECKED


def test_no_two_mutators_share_a_name() -> None:
    names = [item.name for item in MUTATORS]
    assert len(names) == len(set(names))


def test_a_mutant_that_equals_its_original_is_refused() -> None:
    with pytest.raises(UsageError, match="changed nothing"):
        mutate(Mutator("nothing", "CAP001", lambda built, chance: built), 1)


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert build(7).text() == build(7).text()
    assert mutate(MUTATORS[0], 7) == mutate(MUTATORS[0], 7)


def test_no_valid_reply_has_a_violated_clause() -> None:
    assert Verdict.VIOLATED not in judge(build(1)).clauses.values()
