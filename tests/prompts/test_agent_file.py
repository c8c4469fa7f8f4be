"""The contract as an agent file: written out, read back, and held against clause by clause (META-06)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_engineer.contract import CLAUSES, IDENTITY
from backend_engineer.errors import InvalidDocument, UnencodableInput, UnreadableDocument
from backend_engineer.prompts import read_agent_file, render, write_agent_file
from backend_engineer.prompts.agent_file.marks import MARKS, METADATA

WRITTEN = write_agent_file()
SPREAD = {mark.clause for mark in MARKS if mark.whole}

# The same contract in other words and another order, as somebody else might write it.
FOREIGN_SECTION = """\
## Operating Constraints (always)
1. Stay inside the approved stack; never bring in a dependency of your own
2. A change has no more than 15 files, unless you were asked to split the work
3. Tests, documentation, observability hooks, migrations and rollback scripts ship together
4. Never expose a secret or personal data; no schema drift; no unbounded queries
"""


def lacks(text):
    return {lack.clause: lack.reason for lack in read_agent_file(text).lacking}


def without_section(title):
    head, _, rest = WRITTEN.partition(f"## {title}\n")
    _, heading, tail = rest.partition("\n## ")
    return head + ("## " + tail if heading else "")


def test_the_written_file_has_the_form_of_an_agent_file():
    agent = read_agent_file(WRITTEN)
    assert agent.front_matter == {"mode": "agent"}
    assert agent.role == "Developer"
    assert agent.metadata["ID"] == IDENTITY.id
    assert agent.metadata["Pipeline Stage"] == "4"


def test_what_was_written_is_read_back_with_nothing_lacking():
    assert read_agent_file(WRITTEN).lacking == ()


def test_every_clause_of_a_section_is_stated_by_one_line():
    stated = [clause for line in read_agent_file(WRITTEN).lines for clause in line.clauses]
    assert sorted(stated) == sorted(mark.clause for mark in MARKS)


def test_the_table_knows_every_clause_of_the_contract():
    assert {mark.clause for mark in MARKS} | set(METADATA) | {"META-06"} == set(CLAUSES)


def test_the_table_puts_each_clause_into_its_own_part():
    assert {mark.clause: mark.section for mark in MARKS} == {
        row.id: row.part for row in CLAUSES.values() if row.part != "Header"
    }


@pytest.mark.parametrize("clause", [mark.clause for mark in MARKS if mark.clause not in SPREAD])
def test_a_line_taken_out_is_missed_by_name(clause):
    rows = [row for row in WRITTEN.splitlines() if not row.endswith(f"({clause})")]
    assert set(lacks("\n".join(rows))) == {clause}


@pytest.mark.parametrize("title", sorted({mark.section for mark in MARKS}))
def test_a_section_taken_out_is_missed_with_all_its_clauses(title):
    found = lacks(without_section(title))
    assert set(found) == {mark.clause for mark in MARKS if mark.section == title}
    assert set(found.values()) == {f"there is no section {title!r}"}


@pytest.mark.parametrize("key", [key for keys in METADATA.values() for key in keys])
def test_a_metadata_line_that_says_something_else_is_missed(key):
    clause = next(name for name, keys in METADATA.items() if key in keys)
    rows = [f"**{key}:** other" if row.startswith(f"**{key}:**") else row for row in WRITTEN.splitlines()]
    found = lacks("\n".join(rows))
    assert set(found) == {clause}
    assert f"**{key}:**" in found[clause]


def test_front_matter_without_the_agent_mode_is_missed():
    assert lacks(WRITTEN.replace("mode: agent", "mode: chat")) == {
        "META-06": "the front matter does not say `mode: agent`"
    }


def test_other_words_with_the_same_facts_state_the_clauses():
    text = without_section("Operating Constraints").rstrip() + "\n" + FOREIGN_SECTION
    assert lacks(text) == {}
    stated = {
        line.text[:1]: line.clauses
        for line in read_agent_file(text).lines
        if line.clauses and "CONS" in line.clauses[0]
    }
    assert stated == {
        "1": ("CONS-01",),
        "2": ("CONS-02",),
        "3": ("CONS-03",),
        "4": ("CONS-04", "CONS-05", "CONS-06"),
    }


def test_a_weaker_line_is_missed_with_the_fact_that_it_lacks():
    weaker = FOREIGN_SECTION.replace("no more than 15 files", "no more than 40 files")
    found = lacks(without_section("Operating Constraints").rstrip() + "\n" + weaker)
    assert set(found) == {"CONS-02"}
    assert "15" in found["CONS-02"]


def test_headings_inside_a_code_block_open_no_section():
    text = WRITTEN.replace("## Purpose\n", "## Purpose\n```text\n## Role\n```\n")
    assert lacks(text) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "front matter"),
        ("# Title\n", "front matter"),
        ("---\nmode: agent\n", "does not end"),
        ("---\nmode agent\n---\n# T\n", "key: value"),
        ("---\nmode: agent\n---\nprose\n", "title"),
        ("---\nmode: agent\n---\n# T\n## Role\na\n## Role\nb\n", "twice"),
    ],
)
def test_a_file_without_the_form_is_refused_with_the_line(text, words):
    with pytest.raises(InvalidDocument, match=words) as caught:
        read_agent_file(text)
    assert caught.value.line is not None


@given(st.text(max_size=120))
def test_any_text_is_read_or_refused_by_name(text):
    for candidate in (text, "---\nmode: agent\n---\n# T\n" + text):
        try:
            read_agent_file(candidate)
        except (InvalidDocument, UnencodableInput):
            continue


def test_an_own_agent_file_takes_the_place_of_the_clauses(prompts, tmp_path):
    path = tmp_path / "agent.md"
    text = without_section("Operating Constraints").rstrip() + "\n" + FOREIGN_SECTION
    path.write_text(
        text.replace("Never expose a secret or personal data; ", "{{ 7 * 7 }} {% raw %} "), encoding="utf-8"
    )
    prompt = render(prompts.make_inputs(), phase="all", templates=path)
    assert [lack.clause for lack in prompt.lacking] == ["CONS-04"]
    assert "{{ 7 * 7 }} {% raw %} no schema drift" in prompt.messages[0].content
    assert "CONS-02: Touch" not in prompt.messages[0].content
    assert prompt.fingerprints["contract"] != prompts.render_phase("all").fingerprints["contract"]


def test_the_written_contract_as_an_own_agent_file_lacks_nothing(prompts, tmp_path):
    path = tmp_path / "agent.md"
    path.write_text(WRITTEN, encoding="utf-8")
    prompt = render(prompts.make_inputs(), phase="plan", templates=str(path))
    assert prompt.lacking == ()


def test_an_agent_file_that_cannot_be_read_is_named(prompts, tmp_path):
    with pytest.raises(UnreadableDocument, match=r"absent\.md"):
        render(prompts.make_inputs(), templates=tmp_path / "absent.md")
