"""The examples of every built-in rule are its tests: invalid ones fire it, valid ones fire nothing."""

import pytest

from backend_engineer.contract import CLAUSES, Verdict
from backend_engineer.rules import Example, Hit, Rule, Silence, built_in_rules
from backend_engineer.rules.engine import check
from backend_engineer.rules.examples import bundle, context_of, subject_of
from backend_engineer.rules.found import answer_of

# Rules about what a whole change must hold along; an example of another rule is a fragment.
WHOLENESS = {
    "SHP001",
    "SHP002",
    "SHP003",
    "SHP004",
    "TST315",
    "MIG001",
    "MIG050",
    "MIG053",
    "MIG054",
    "MIG055",
}
# What cannot be otherwise: a reply that is cut lacks what would have come, a bare route or entry point lacks
# all that its neighbours would bring.
COMPANIONS = {
    # A document that breaks a default of the contract's also differs from the contract.
    "API001": {"API002"},
    "API003": {"API001"},
    "API004": {"API001"},
    "API005": {"API001"},
    "API006": {"API001"},
    "API007": {"API001"},
    "CUT001": {"PLN003", "FND001", "VAL001"},
    "GRD309": {"IDM310"},
    "SIG311": {"PRB312"},
    # A comment stands here without the finding that it would set aside.
    "SUP001": {"SUP004"},
    "SUP002": {"SUP004"},
}
# Answers by silences only: an absent document is no finding against the change.
SILENT = {"INP001"}


def example_id(rule: Rule, kind: str, number: int, example: Example) -> str:
    return f"{rule.code}-{kind}-{number}-{example.note[:30]}"


def examples(kind: str) -> list:
    return [
        pytest.param(rule, example, id=example_id(rule, kind, number, example))
        for rule in built_in_rules()
        for number, example in enumerate(getattr(rule, kind), start=1)
    ]


def hits_of(rule: Rule, example: Example) -> list[Hit]:
    answer = answer_of(rule, context_of(example, rule))
    assert not answer.unasked, answer.unasked
    return list(answer.hits)


@pytest.mark.parametrize(("rule", "example"), examples("valid"))
def test_a_valid_example_does_not_fire_its_rule(rule: Rule, example: Example) -> None:
    assert hits_of(rule, example) == []


@pytest.mark.parametrize(("rule", "example"), examples("invalid"))
def test_an_invalid_example_fires_its_rule(rule: Rule, example: Example) -> None:
    assert hits_of(rule, example) != []


def report_of(example: Example):
    return check(
        subject_of(example),
        inputs=bundle(example.inputs) if example.inputs is not None else None,
        base=context_of(example).base,
        verified=example.verified,
        run=example.run,
    )


@pytest.mark.parametrize(("rule", "example"), [*examples("valid"), *examples("invalid")])
def test_an_example_fires_no_other_rule(rule: Rule, example: Example) -> None:
    fired = {finding.code for finding in report_of(example).findings}
    assert fired - {rule.code} - WHOLENESS - COMPANIONS.get(rule.code, set()) == set()


@pytest.mark.parametrize("rule", built_in_rules(), ids=lambda rule: rule.code)
def test_a_rule_has_two_examples_of_each_kind(rule: Rule) -> None:
    if rule.code not in SILENT:
        assert len(rule.valid) >= 2
        assert len(rule.invalid) >= 2


@pytest.mark.parametrize("rule", built_in_rules(), ids=lambda rule: rule.code)
def test_a_rule_says_in_sentences_why_it_exists_and_what_to_do(rule: Rule) -> None:
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.reason.endswith(".")
    assert rule.recommendation.endswith(".")


@pytest.mark.parametrize("rule", built_in_rules(), ids=lambda rule: rule.code)
def test_a_rule_yields_only_hits_and_silences_that_name_real_clauses(rule: Rule) -> None:
    for example in (*rule.valid, *rule.invalid):
        for item in rule.check(context_of(example, rule)):
            assert isinstance(item, (Hit, Silence))
            assert set(item.clauses or ()) <= set(CLAUSES)
            if isinstance(item, Silence):
                assert item.verdict is not Verdict.VIOLATED
                assert item.reason
