"""The strict line reader refuses what no renderer wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.errors import InvalidDocument
from backend_engineer.prompts import parse_prompt


def test_documents_are_found_with_their_offsets(prompts):
    prompt = prompts.render_phase("all")
    for row in parse_prompt(prompt):
        assert prompt.messages[row.message].content[row.start : row.end] == row.text


def test_a_prompt_can_be_read_from_its_messages_or_from_one_text(prompts):
    prompt = prompts.render_phase("all")
    names = [row.name for row in parse_prompt(prompt)]
    assert [row.name for row in parse_prompt(prompt.messages)] == names
    assert [row.name for row in parse_prompt(prompt.messages[1].content)] == names


def test_a_cut_prompt_is_refused(prompts):
    content = prompts.render_phase("all").messages[1].content
    with pytest.raises(InvalidDocument, match="does not close"):
        parse_prompt(content[: content.index("</document") - 5])


def test_a_document_that_lost_a_line_is_refused(prompts):
    content = prompts.render_phase("all").messages[1].content
    with pytest.raises(InvalidDocument, match="lines"):
        parse_prompt(content.replace('"alerts":"page on errors",\n', "", 1))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_by_name(text):
    try:
        parse_prompt(text)
    except InvalidDocument:
        return


def test_an_opening_in_the_middle_of_a_line_opens_nothing():
    text = 'see <document name="a" media="b" lines="0" end="00000000">\n\n</document 00000000>\n'
    assert parse_prompt(text) == ()
