"""The worked example is an answer that the parser reads without a word of complaint."""

from __future__ import annotations

import pytest

from backend_engineer.parsing import parse_reply
from backend_engineer.prompts import PROMPT_PHASES
from backend_engineer.prompts.example import EXAMPLE_SEAL, example_change, worked_example
from backend_engineer.rules import check

ALL = PROMPT_PHASES["all"].parts


@pytest.fixture(scope="module")
def reply():
    return parse_reply(worked_example(ALL), seal=EXAMPLE_SEAL)


def test_the_example_parses_without_a_diagnostic(reply):
    assert reply.diagnostics == ()


def test_the_example_holds_every_part_that_the_format_names(reply):
    assert 3 <= len(reply.checklist) <= 7
    assert reply.plan is not None
    assert reply.findings is not None
    assert len(reply.attestations) == 1


def test_the_example_s_files_come_back_as_they_went_in(reply):
    assert [(file.path, file.content, file.section) for file in reply.files] == [
        (file.path, file.content, file.section) for file in example_change()
    ]


def test_the_example_s_plan_lists_its_files(reply):
    assert [file.path for file in reply.plan.files] == [file.path for file in reply.files]


def test_every_file_of_the_example_is_followed_by_its_validation(reply):
    assert [row.path for row in reply.validations] == [file.path for file in reply.files]


def test_the_example_s_attestation_is_true(reply):
    (claim,) = reply.attestations
    content = example_change().get(claim.path).content.split("\n")
    first, last = (int(part) for part in claim.lines.split("-"))
    assert claim.quote in "\n".join(content[first - 1 : last])


def test_the_example_of_a_phase_has_its_parts_and_no_others(phase):
    parts = PROMPT_PHASES[phase].parts
    reply = parse_reply(worked_example(parts), seal=EXAMPLE_SEAL)
    assert bool(reply.checklist) is ("checklist" in parts)
    assert (reply.plan is not None) is ("plan" in parts)
    assert bool(reply.files) is ("files" in parts)
    assert bool(reply.attestations) is ("attestations" in parts)
    assert (reply.findings is not None) is ("findings" in parts)


def test_the_example_stands_in_the_prompt_word_for_word(prompts):
    assert worked_example(ALL) in prompts.render_phase("all").messages[0].content


def test_the_example_shows_a_placeholder_and_never_the_seal(prompts):
    prompt = prompts.render_phase("all")
    assert prompt.answer_seal not in prompt.messages[0].content
    assert f" {EXAMPLE_SEAL} (add)" in prompt.messages[0].content


def test_the_example_s_migration_has_what_the_contract_asks_for():
    text = worked_example(("files",))
    for word in ("-- VERIFY", "-- OPERATIONS", "-- duration:", "-- impact:", "-- throttling:"):
        assert word in text


def test_the_example_keeps_the_contract_that_stands_above_it(prompts):
    """A model copies what it is shown: whatever a rule would say of the example, it would say of the answers."""
    plain = prompts.make_inputs()
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Notes", "version": "1.0.0"},
        "paths": {"/notes/{id}/archive": {"post": {"responses": {"204": {"description": "Archived."}}}}},
    }
    inputs = prompts.make_inputs(api_contract=plain.api_contract.model_copy(update={"document": document}))
    reply = parse_reply(worked_example(ALL), seal=EXAMPLE_SEAL)
    found = {item.code for item in check(reply, inputs).findings}
    # One small test is enough for an example; a service of its own has more kinds of them.
    assert found <= {"TST315"}
