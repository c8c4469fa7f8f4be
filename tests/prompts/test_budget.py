"""Budgets: a declared order of shedding, and nothing left out without a word."""

from __future__ import annotations

import itertools

import pytest

from backend_engineer.errors import BudgetExceeded, UsageError
from backend_engineer.prompts import SHEDDING, Shed, coverage, render


class Characters:
    """A counter that is easy to reckon with."""

    def count(self, text: str) -> int:
        return len(text)


def test_without_a_budget_nothing_is_shed(prompts, phase):
    assert prompts.render_phase(phase).shed == ()


def test_the_order_of_shedding_is_declared():
    assert SHEDDING == (
        Shed.EXAMPLE,
        Shed.UPSTREAM,
        Shed.OTHER_PARTS,
        Shed.OTHER_DOCUMENTS,
        Shed.BASE_LISTING,
    )


def test_material_is_shed_in_the_declared_order_and_no_more_than_needed(prompts):
    whole = prompts.render_phase("self-check", base=prompts.base)
    seen = []
    budget = whole.count() - 1
    while True:
        try:
            prompt = prompts.render_phase("self-check", base=prompts.base, budget=budget)
        except BudgetExceeded:
            break
        assert prompt.count() <= budget
        seen.append(prompt.shed)
        budget = prompt.count() - 1
    assert [len(item) for item in seen] == sorted(len(item) for item in seen)
    assert all(later[: len(before)] == before for before, later in itertools.pairwise(seen))
    assert seen[0] == ("the example of an answer",)
    assert seen[-1] == (
        "the example of an answer",
        "upstream/product",
        "the form of answer parts that this phase does not use",
        "tech_spec",
        "ops_guides",
        "data_model",
        "api_contract",
        "the list of the source tree's paths",
    )


def test_what_was_shed_stands_in_the_prompt_and_in_the_result(prompts):
    whole = prompts.render_phase("plan")
    prompt = prompts.render_phase("plan", budget=whole.count() - 400)
    assert prompt.shed
    for label in prompt.shed:
        assert f"- `{label}`\n" in prompt.messages[-1].content


def test_clauses_and_the_specifications_of_the_phase_are_never_shed(prompts, phase):
    with pytest.raises(BudgetExceeded) as caught:
        prompts.render_phase(phase, budget=1)
    assert "contract" in caught.value.per_section
    least = prompts.render_phase(phase).count() - caught.value.by
    assert least < prompts.render_phase(phase).count()


def test_the_prompt_with_everything_shed_still_states_every_clause(prompts):
    with pytest.raises(BudgetExceeded) as caught:
        prompts.render_phase("all", budget=1)
    smallest = caught.value.by + 1
    prompt = prompts.render_phase("all", budget=smallest)
    assert prompt.count() == smallest
    assert coverage(prompt).complete
    assert prompt.span("document/tech_spec") is not None


def test_the_error_names_the_largest_sections_and_what_was_shed(prompts):
    inputs = prompts.make_inputs(upstream={})
    big = prompts.make_inputs().request.model_copy(update={"description": "word " * 5000})
    with pytest.raises(BudgetExceeded, match="request") as caught:
        render(inputs, request=big, phase="plan", budget=3000)
    assert max(caught.value.per_section, key=caught.value.per_section.get) == "request"
    assert caught.value.shed


def test_an_own_counter_is_asked(prompts):
    prompt = prompts.render_phase("plan", counter=Characters(), budget=100_000)
    assert prompt.count(Characters()) == sum(len(message.content) for message in prompt.messages)
    with pytest.raises(BudgetExceeded):
        prompts.render_phase("plan", counter=Characters(), budget=5_000)


def test_an_own_order_sheds_only_what_it_names(prompts):
    whole = prompts.render_phase("plan")
    with pytest.raises(BudgetExceeded) as caught:
        prompts.render_phase("plan", budget=whole.count() - 2000, shedding=("upstream",))
    assert caught.value.shed == ("upstream/product",)


def test_specifications_that_the_phase_needs_are_shed_last_and_only_from_a_lean_prompt(prompts):
    with pytest.raises(BudgetExceeded) as caught:
        prompts.render_phase("plan", budget=1)
    assert "tech_spec" not in caught.value.shed
    with pytest.raises(BudgetExceeded) as caught:
        prompts.render_phase("plan", lean=True, budget=1)
    assert caught.value.shed == (
        "the example of an answer",
        "upstream/product",
        "the list of the source tree's paths",
        "ops_guides",
        "perf_targets",
        "security_policy",
        "data_model",
        "api_contract",
        "tech_spec",
    )


def test_a_specification_that_was_shed_is_named_in_the_prompt_and_nothing_of_it_is_left(prompts):
    lean = prompts.render_phase("plan", lean=True)
    sections = lean.count()
    prompt = prompts.render_phase("plan", lean=True, budget=sections - 900)
    specifications = [name for name in prompt.shed if name.endswith("_guides")]
    assert specifications == ["ops_guides"]
    assert prompt.span("document/ops_guides") is None
    assert "- `ops_guides`\n" in prompt.messages[-1].content


def test_an_unknown_step_of_shedding_is_named(prompts):
    with pytest.raises(UsageError, match="prose"):
        prompts.render_phase("plan", budget=1, shedding=("prose",))


def test_the_fingerprint_of_the_inputs_does_not_depend_on_what_was_shed(prompts):
    whole = prompts.render_phase("plan")
    prompt = prompts.render_phase("plan", budget=whole.count() - 1)
    assert prompt.fingerprints == whole.fingerprints
