"""A rendered prompt as a value and as JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.errors import InvalidDocument
from backend_engineer.prompts import RenderedPrompt


def test_any_prompt_survives_its_json_form(prompts, phase, dialect):
    prompt = prompts.render_phase(phase, dialect=dialect)
    assert RenderedPrompt.from_json(prompt.to_json()) == prompt


def test_a_prompt_with_hostile_texts_survives_its_json_form(prompts, hostile):
    prompt = prompts.render_phase("plan", prompts.hostile_bundle(hostile))
    assert RenderedPrompt.from_json(prompt.to_json()) == prompt


def test_a_prompt_that_shed_and_lacks_something_survives_its_json_form(prompts, tmp_path):
    (tmp_path / "contract.j2").write_text("{{ clause('CONS-02') }}\n", encoding="utf-8")
    prompt = prompts.render_phase("plan", templates=tmp_path, budget=1900)
    assert prompt.shed
    assert prompt.lacking
    assert RenderedPrompt.from_json(prompt.to_json()) == prompt


@given(st.text(max_size=60))
def test_anything_else_is_refused_by_name(text):
    with pytest.raises(InvalidDocument):
        RenderedPrompt.from_json(text)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", 2),
        ("messages", [{"role": "robot", "content": ""}]),
        ("messages", []),
        ("spans", [{"id": "x"}]),
        ("fingerprints", []),
        ("parameters", {"reasoning_effort": "none"}),
        ("warnings", [1]),
    ],
)
def test_a_damaged_document_is_refused(prompts, key, value):
    data = json.loads(prompts.render_phase("plan").to_json())
    data[key] = value
    with pytest.raises(InvalidDocument):
        RenderedPrompt.from_json(json.dumps(data))


@pytest.mark.parametrize("change", [{"end": 10**9}, {"start": -1}, {"message": -1, "end": 5}, {"message": 2}])
def test_a_span_outside_its_message_is_refused(prompts, change):
    data = json.loads(prompts.render_phase("plan").to_json())
    data["spans"][0].update(change)
    with pytest.raises(InvalidDocument, match=r"outside|range"):
        RenderedPrompt.from_json(json.dumps(data))
