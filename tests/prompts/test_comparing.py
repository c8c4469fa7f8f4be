"""`diff_prompts` names what moved, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.contract import CLAUSES, Parameters
from backend_engineer.prompts import Kind, Templates, coverage, diff_prompts, render, wording
from backend_engineer.prompts.comparing import _moved
from backend_engineer.prompts.wording import PACKAGED


@pytest.fixture
def plain(prompts):
    return prompts.render_phase("plan")


def with_sources(prompts, changes):
    return prompts.render_phase("plan", templates=Templates({**PACKAGED.sources, **changes}, "own"))


def with_contract(source):
    return {"contract.j2": source}


EACH = "{% for title, rows in contract %}{% for row in rows %}"
END = "{% endfor %}{% endfor %}"


def test_a_prompt_does_not_differ_from_itself(plain):
    assert not diff_prompts(plain, plain)
    assert diff_prompts(plain, plain).to_data() == {}


@pytest.mark.parametrize("clause", ["ROLE-01", "CONS-02", "SECU-04", "INCO-02"])
def test_a_removed_clause_is_named(prompts, plain, clause):
    source = f"{EACH}{{% if row.id != '{clause}' %}}{{{{ clause(row.id) }}}}{{% endif %}}{END}"
    shorter = with_sources(prompts, with_contract(source))
    found = diff_prompts(
        with_sources(prompts, with_contract(f"{EACH}{{{{ clause(row.id) }}}}{END}")), shorter
    )
    assert found.clauses_removed == (clause,)
    assert not (found.clauses_added)
    assert not (found.clauses_reworded)
    assert not (found.clauses_moved)
    assert not (found.documents)
    assert coverage(shorter).missing == (clause,)
    assert [lack.clause for lack in shorter.lacking] == [clause]


def test_an_added_clause_is_named(prompts):
    source = EACH + "{{ clause(row.id) }}" + END
    found = diff_prompts(
        with_sources(prompts, with_contract(source)),
        with_sources(prompts, with_contract(source + "{{ clause('PARM-01') }}")),
    )
    assert found.clauses_added == ("PARM-01",)


def test_a_moved_clause_is_named_alone(prompts):
    source = EACH + "{% if row.id != 'CONS-02' %}{{ clause(row.id) }}{% endif %}" + END
    found = diff_prompts(
        with_sources(prompts, with_contract("{{ clause('CONS-02') }}" + source)),
        with_sources(prompts, with_contract(source + "{{ clause('CONS-02') }}")),
    )
    assert found.clauses_moved == ("CONS-02",)
    assert not (found.clauses_added)
    assert not (found.clauses_removed)
    assert not (found.clauses_reworded)


@pytest.mark.parametrize("clause", [row.id for row in wording.stated_clauses()])
def test_a_clause_reworded_by_one_character_moves_exactly_the_contract(prompts, plain, monkeypatch, clause):
    reworded = replace(CLAUSES[clause], statement=CLAUSES[clause].statement + "!")
    with monkeypatch.context() as patch:
        patch.setattr(wording, "CLAUSES", MappingProxyType({**CLAUSES, clause: reworded}))
        after = prompts.render_phase("plan")
    found = diff_prompts(plain, after)
    assert found.clauses_reworded == (clause,)
    assert found.fingerprints == ("contract",)
    assert not (found.documents)
    assert not (found.parameters)
    assert not (found.decoration)
    assert not (found.seal)


def test_a_changed_document_is_named(prompts, plain):
    inputs = prompts.make_inputs(upstream={"product": "# Why\nOther reasons.\n"})
    found = diff_prompts(plain, prompts.render_phase("plan", inputs))
    assert found.documents_changed == ("upstream/product",)
    assert found.fingerprints == ("inputs", "request")
    assert not (found.clauses)
    assert not (found.parameters)
    assert not (found.decoration)


def test_added_and_removed_documents_are_named(prompts, plain):
    found = diff_prompts(plain, prompts.render_phase("plan", prompts.make_inputs(upstream={"ux": "x"})))
    assert found.documents_added == ("upstream/ux",)
    assert found.documents_removed == ("upstream/product",)


def test_changed_parameters_are_named_with_both_values(prompts, plain):
    found = diff_prompts(plain, prompts.render_phase("plan", parameters=Parameters(reasoning_effort="high")))
    assert found.parameters == {"reasoning_effort": ("medium", "high")}
    assert found.fingerprints == ("parameters",)
    assert found.contract_and_documents_kept


def test_other_words_around_the_clauses_are_decoration_only(prompts, plain):
    after = with_sources(prompts, {"role.j2": PACKAGED.sources["role.j2"] + "Be kind.\n"})
    found = diff_prompts(plain, after)
    assert found.decoration_only
    assert found.fingerprints == ("templates",)
    assert found.to_data()["decoration_only"] is True


def test_a_changed_label_is_seen(prompts):
    one, two = (prompts.render_phase("repair", wanted=(name,)) for name in ("a.py", "b.py"))
    found = diff_prompts(one, two)
    assert found.labels
    assert not found.decoration_only


def test_a_prompt_read_from_json_compares_like_the_original(prompts, plain):
    assert not diff_prompts(plain, type(plain).from_json(plain.to_json()))


@given(st.permutations(list("abcdefgh")))
def test_the_moved_names_are_just_enough_to_explain_the_order(order):
    old = dict.fromkeys("abcdefgh", "")
    new = dict.fromkeys(order, "")
    moved = _moved(old, new)
    rest = [name for name in order if name not in moved]
    assert rest == sorted(rest)
    assert bool(moved) is (list(order) != list("abcdefgh"))


def test_no_document_of_a_prompt_is_a_clause(prompts, phase):
    prompt = prompts.render_phase(phase)
    assert all(not span.clauses for span in prompt.spans if span.kind is not Kind.CLAUSE)


def test_render_is_the_only_maker_of_prompts(prompts):
    assert type(render(prompts.make_inputs(), phase="plan")).__name__ == "RenderedPrompt"
