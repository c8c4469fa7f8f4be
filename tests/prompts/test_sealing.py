"""Seals: words that occur nowhere in what they fence, the same every time."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.errors import UsageError
from backend_engineer.prompts import parse_prompt, render
from backend_engineer.prompts.characters import HIDDEN
from backend_engineer.prompts.sealing import (
    LABEL_LIMIT,
    answer_seal,
    check_label,
    check_seal,
    line_count,
    name_of_pointer,
    numbered,
    seal,
    seal_word,
)
from backend_engineer.prompts.spans import Document, SectionName

TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=200)


@given(TEXT, TEXT)
def test_a_seal_word_is_eight_hexadecimal_digits_that_stand_nowhere_inside(name, text):
    word = seal_word(name, text)
    assert re.fullmatch("[0-9a-f]{8}", word)
    assert word not in text


def test_a_text_that_holds_its_own_word_gets_the_next_one():
    first = seal_word("spec", "text")
    # The word depends on the text, so the text is grown until it holds the word that it would be given.
    text = "text"
    for _ in range(20):
        text += seal_word("spec", text)
        assert seal_word("spec", text) not in text
    assert first != seal_word("spec", text)


def test_a_word_is_skipped_when_the_text_holds_it(monkeypatch):
    """The first digest is forced into the text, so that the counter has to be raised."""
    word = answer_seal("facts", ())
    other = answer_seal("facts", (f"the text says {word}",))
    assert other != word
    assert answer_seal("facts", (f"{word} {other}",)) not in (word, other)


def test_a_key_changes_every_word_and_stays_stable():
    keyed = seal_word("spec", "text", b"key")
    assert keyed == seal_word("spec", "text", b"key")
    assert len({keyed, seal_word("spec", "text"), seal_word("spec", "text", b"other")}) == 3


def test_the_answer_seal_occurs_in_no_document_and_only_in_the_last_section(prompts):
    prompt = prompts.render_phase("all")
    places = [span for span in prompt.spans if prompt.answer_seal in prompt.text_of(span)]
    assert [span.id for span in places] == ["setting/seal/1"]
    assert places[0].section is SectionName.TASK


def test_the_answer_seal_follows_from_what_the_call_was_given(prompts):
    one = prompts.render_phase("all").answer_seal
    assert one == prompts.render_phase("all", dialect="gpt").answer_seal
    assert one != prompts.render_phase("all", base={"a.py": "x"}).answer_seal


def test_a_document_that_holds_the_answer_seal_moves_it(prompts):
    text = ""
    for _ in range(5):
        prompt = render(prompts.make_inputs(upstream={"a": text}), phase="all")
        assert prompt.answer_seal not in text
        text += prompt.answer_seal


def test_phases_that_emit_no_files_have_no_answer_seal(prompts, phase):
    prompt = prompts.render_phase(phase)
    emits = phase in ("implement", "all", "repair", "continue")
    assert bool(prompt.answer_seal) is emits


def test_a_continued_answer_keeps_its_seal(prompts):
    seal_before = prompts.render_phase("implement").answer_seal
    prompt = prompts.render_phase("continue", answer_seal=seal_before)
    assert prompt.answer_seal == seal_before
    assert prompt.messages[1].content.count(seal_before) == 1


@pytest.mark.parametrize("word", ["", "abc", "a b c d", "x" * 65, "añbc", "abcd\n", "ab-cd"])
def test_a_seal_that_could_not_stand_in_a_header_is_refused(word):
    with pytest.raises(UsageError):
        check_seal(word)


@pytest.mark.parametrize(
    ("text", "lines"), [("", 0), ("a", 1), ("a\n", 1), ("a\nb", 2), ("\n\n", 2), ("a\r\nb", 2)]
)
def test_a_fence_states_the_lines_of_its_text(text, lines):
    assert line_count(text) == lines
    sealed = seal(Document("d", text, "text/plain", SectionName.REQUEST, "test"))
    assert f'lines="{lines}"' in sealed
    assert parse_prompt(sealed)[0].text == text


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=120))
def test_line_numbers_can_be_taken_off_again(text):
    rows = numbered(text).split("\n")
    assert "\n".join(row.partition("| ")[2] for row in rows) == text
    assert [int(row.partition("| ")[0]) for row in rows] == list(range(1, len(rows) + 1))


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=400))
def test_every_json_pointer_has_a_name_that_can_stand_in_a_fence(pointer):
    name = name_of_pointer("/" + pointer)
    assert len(name) <= LABEL_LIMIT
    assert check_label(name, "a pointer") == name


@given(st.text(max_size=60, alphabet='ab%/"\n~'), st.text(max_size=60, alphabet='ab%/"\n~'))
def test_two_pointers_never_share_a_name(first, second):
    assert (name_of_pointer(first) == name_of_pointer(second)) is (first == second)


@pytest.mark.parametrize(
    "label", ["src/app/[id]/(group)/page.tsx", "docs/ünï.md", "a b.py", "漢字.md", "x" * 200]
)
def test_ordinary_names_are_labels(label):
    assert check_label(label, "a path") == label


def test_every_hidden_character_that_this_python_knows_is_refused_in_a_label():
    """Format controls, private characters and surrogates, by the tables of the running Python."""
    missed = [
        hex(code)
        for code in range(0x80, 0x110000)
        if unicodedata.category(chr(code)) in ("Cf", "Co", "Cs", "Zl", "Zp") and not HIDDEN.match(chr(code))
    ]
    assert missed == []


def test_no_letter_digit_or_mark_counts_as_hidden():
    """But for the fillers and selectors that have no width, among them a few marks and letters."""
    hit = {
        hex(code)
        for code in range(0x80, 0x110000)
        if unicodedata.category(chr(code))[0] in "LNPS" and HIDDEN.match(chr(code))
    }
    assert hit == {"0x115f", "0x1160", "0x3164", "0xffa0"}
