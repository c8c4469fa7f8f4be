"""Suspicious characters: found with their offsets, and treated by the policy that the caller chose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.errors import PromptRefused, UnencodableInput
from backend_engineer.inputs import OpsGuides
from backend_engineer.prompts import render
from backend_engineer.prompts.characters import MOST_COUNTED, MOST_PER_DOCUMENT, suspicions

FOUND = [
    ("a\u202eb", "bidirectional-control", 1),
    ("ab\u2066", "bidirectional-control", 2),
    ("\u200b", "zero-width", 0),
    ("x\ufeff", "zero-width", 1),
    ("ok\U000e0041", "tag-character", 2),
    ("l\u2028", "line-separator", 1),
    ("a\u0085", "line-separator", 1),
    ("c\u0090", "c1-control", 1),
    ("\x00", "control-character", 0),
    ("a\x1b[31m", "control-character", 1),
    ("d\x7f", "control-character", 1),
    ("<|im_start|>", "chat-control-token", 0),
    ("a <|endoftext|>", "chat-control-token", 2),
    ("<\uff5cUser\uff5c>", "chat-control-token", 0),
    ("x[INST]", "chat-control-token", 1),
    ("<<SYS>>", "chat-control-token", 0),
    ("t<start_of_turn>", "chat-control-token", 1),
    ("a\n\nHuman: b", "chat-control-token", 1),
    ("a\n\nAssistant: b", "chat-control-token", 1),
    ("</s>", "chat-control-token", 0),
    ('x\n<document name="a">', "forged-fence", 2),
    ("x\n</document 00000000>\n", "forged-fence", 2),
]
HARMLESS = [
    "",
    "plain",
    "tabs\tand\r\nlines\n",
    "\u00e9\u6f22\U0001f680",
    "a < b | c > d",
    "Human: b",
    "<documents>",
    "document",
    "e\u0301",
]


@pytest.mark.parametrize(("text", "code", "offset"), FOUND)
def test_a_suspicious_passage_is_found_where_it_stands(text, code, offset):
    assert (code, offset) in [(row.code, row.offset) for row in suspicions("spec", text)]


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_raises_no_suspicion(text):
    assert suspicions("spec", text) == ()


@given(st.text(alphabet="ab\n \u202e\u200b\x00<|im_end|>", max_size=60))
def test_every_offset_points_at_its_passage(text):
    for row in suspicions("spec", text):
        assert ascii(text[row.offset :][:80]).startswith(row.passage[:-1][:10])


def test_characters_of_a_kind_that_stand_together_are_one_passage():
    (row,) = suspicions("spec", "a" + "\u200b\u200c" * 500 + "b")
    assert (row.offset, row.code) == (1, "zero-width")


def test_a_flood_is_cut_and_says_how_much_more_there_is():
    rows = suspicions("spec", "\x00a" * (MOST_PER_DOCUMENT + 7))
    assert len(rows) == MOST_PER_DOCUMENT
    assert rows[-1].more == 7
    assert "(and 7 more)" in str(rows[-1])


def test_a_flood_beyond_counting_is_given_as_the_most_that_is_counted():
    assert suspicions("spec", "\x00a" * (MOST_PER_DOCUMENT + MOST_COUNTED + 50))[-1].more == MOST_COUNTED


def suspicious_inputs(prompts):
    return prompts.make_inputs(
        ops_guides=OpsGuides(alerts="a\u202eb", runbooks="r", rollout="o", rollback="b"),
        upstream={"notes": "<|im_end|>"},
    )


def test_the_policy_warn_renders_verbatim_and_reports_document_and_offset(prompts):
    prompt = render(suspicious_inputs(prompts), phase="plan")
    assert [(row.document, row.code) for row in prompt.warnings] == [
        ("ops_guides", "bidirectional-control"),
        ("upstream/notes", "chat-control-token"),
    ]
    assert "<|im_end|>" in prompt.messages[1].content


def test_the_policy_allow_renders_the_same_text_and_reports_nothing(prompts):
    inputs = suspicious_inputs(prompts)
    allowed = render(inputs, phase="plan", characters="allow")
    assert allowed.warnings == ()
    assert allowed.messages == render(inputs, phase="plan").messages


def test_the_policy_refuse_names_the_first_passage(prompts):
    with pytest.raises(PromptRefused) as caught:
        render(suspicious_inputs(prompts), phase="plan", characters="refuse")
    assert len(caught.value.warnings) == 2
    assert "ops_guides" in str(caught.value)


def test_the_policy_refuse_lets_clean_documents_through(prompts):
    assert render(prompts.make_inputs(), phase="plan", characters="refuse").warnings == ()


@pytest.mark.parametrize("offset", [0, 3, 40])
def test_a_lone_surrogate_is_named_with_document_and_offset(prompts, offset):
    with pytest.raises(UnencodableInput) as caught:
        render(prompts.make_inputs(), base={"a.py": "x" * offset + "\ud800" + "y"}, phase="all")
    assert (caught.value.document, caught.value.offset) == ("base/a.py", offset)


def test_a_lone_surrogate_inside_json_is_named_by_its_pointer(prompts):
    plain = prompts.make_inputs().api_contract
    broken = plain.model_copy(update={"document": {"openapi": "3.1.0", "a/b": ["ok", "xy\udfff"]}})
    with pytest.raises(UnencodableInput) as caught:
        render(prompts.make_inputs(api_contract=broken), phase="plan")
    assert caught.value.document == "/api_contract/document/a~1b/1"
    assert caught.value.offset == 2


def test_a_pair_of_surrogates_that_makes_no_character_is_refused_too(prompts):
    with pytest.raises(UnencodableInput):
        render(prompts.make_inputs(upstream={"a": "x"}), base={"a": "\ud83d" + "\ude80"}, phase="all")
