"""`render`: prompts, where their parts come from, and what moved."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def test_the_messages_are_printed_with_their_roles(cli: Callable[..., Any], last_login: Path) -> None:
    shown = cli("render", last_login / "spec", "--base", last_login / "service")
    assert shown.code == 0
    assert shown.out.startswith("=== Message 1 of ")
    assert "Record when a user last logged in" in shown.out


@pytest.mark.parametrize("phase", ["plan", "implement", "all"])
@pytest.mark.parametrize("dialect", ["claude", "gpt", "plain"])
def test_every_phase_and_dialect_can_be_explained(
    cli: Callable[..., Any], last_login: Path, phase: str, dialect: str
) -> None:
    shown = cli("render", last_login / "spec", "--phase", phase, "--dialect", dialect, "--explain", "--json")
    data = json.loads(shown.out)
    assert (data["phase"], data["dialect"]) == (phase, dialect)
    assert abs(sum(data["sections"].values()) - data["tokens"]) <= len(data["spans"])
    assert 0 < data["cacheable_tokens"] <= data["tokens"]


def test_an_explanation_names_the_origin_of_each_span(cli: Callable[..., Any], last_login: Path) -> None:
    shown = cli("render", last_login / "spec", "--explain")
    assert "Tokens by section\n" in shown.out
    assert "can be cached, from " in shown.out


def test_the_review_phase_takes_the_change_of_a_reply(cli: Callable[..., Any], last_login: Path) -> None:
    reply = last_login / "hand-written" / "reply.md"
    shown = cli(
        "render", last_login / "spec", "--base", last_login / "service", "--phase", "verify", "--reply", reply
    )
    assert shown.code == 0
    assert "UPDATE users SET last_login_at" in shown.out


def test_a_difference_names_what_moved(cli: Callable[..., Any], last_login: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    assert cli("render", last_login / "spec", "--json", "--output", old).code == 0
    assert (
        cli("render", last_login / "spec", "--diff", old).out
        == "Difference: none, the prompts are the same.\n"
    )
    shown = cli("render", last_login / "spec", "--effort", "high", "--diff", old)
    assert "Parameters: reasoning_effort 'medium' became 'high'\n" in shown.out
    data = json.loads(cli("render", last_login / "spec", "--verbosity", "terse", "--diff", old, "--json").out)
    assert "verbosity" in data["parameters"]
    assert "clauses_reworded" not in data


def test_another_request_takes_the_place_of_the_folders_own(
    cli: Callable[..., Any], last_login: Path, tmp_path: Path
) -> None:
    request = tmp_path / "other.json"
    request.write_text(
        json.dumps({"title": "Sort by name", "description": "Sort.", "acceptance": ["It is sorted."]})
    )
    shown = cli("render", last_login / "spec", "--request", request)
    assert "Sort by name" in shown.out
    assert "Record when a user last logged in" not in shown.out


def test_a_budget_that_is_too_small_ends_with_2_and_names_sections(
    cli: Callable[..., Any], last_login: Path
) -> None:
    shown = cli("render", last_login / "spec", "--budget", "500")
    assert shown.code == 2
    assert "tokens over the budget of 500" in shown.err


def test_gaps_end_with_3_and_list_every_question(cli: Callable[..., Any], incomplete: Path) -> None:
    shown = cli("render", incomplete)
    assert shown.code == 3
    assert shown.out.startswith("Outcome: Clarification needed: ")
    assert "  Option 1: " in shown.out
    assert json.loads(cli("render", incomplete, "--json").out)["gaps"]


def test_the_context_phase_takes_the_gaps_of_the_folder_itself(
    cli: Callable[..., Any], incomplete: Path
) -> None:
    shown = cli("render", incomplete, "--phase", "context")
    assert shown.code == 0, shown.err
    assert '<document name="gaps"' in shown.out
    gaps = json.loads(cli("render", incomplete, "--json").out)["gaps"]
    assert gaps
    assert all(json.dumps(gap["pointer"]) in shown.out for gap in gaps)


def test_the_context_phase_takes_a_clarification_from_a_file(
    cli: Callable[..., Any], last_login: Path, incomplete: Path, tmp_path: Path
) -> None:
    asked = tmp_path / "gaps.json"
    asked.write_text(cli("render", incomplete, "--json").out)
    shown = cli("render", last_login / "spec", "--phase", "context", "--gaps", asked)
    assert shown.code == 0, shown.err
    assert '<document name="gaps"' in shown.out


def test_the_context_phase_without_gaps_ends_with_2(cli: Callable[..., Any], last_login: Path) -> None:
    shown = cli("render", last_login / "spec", "--phase", "context")
    assert shown.code == 2
    assert "no gaps" in shown.err


def test_gaps_outside_the_context_phase_end_with_2(
    cli: Callable[..., Any], last_login: Path, tmp_path: Path
) -> None:
    shown = cli("render", last_login / "spec", "--gaps", tmp_path / "gaps.json")
    assert shown.code == 2
    assert "--phase context" in shown.err


@pytest.mark.parametrize("text", ["{", "[]", '{"gaps": []}', '{"gaps": [{"pointer": 1}]}', ""])
def test_gaps_that_are_none_end_with_2(
    cli: Callable[..., Any], last_login: Path, tmp_path: Path, text: str
) -> None:
    wrong = tmp_path / "gaps.json"
    wrong.write_text(text)
    shown = cli("render", last_login / "spec", "--phase", "context", "--gaps", wrong)
    assert shown.code == 2, shown.err
    assert "defect" not in shown.err


def test_a_lean_prompt_leaves_out_what_the_phase_does_not_need(
    cli: Callable[..., Any], last_login: Path
) -> None:
    phase = (last_login / "spec", "--phase", "plan", "--explain", "--json")
    whole = json.loads(cli("render", *phase).out)
    lean = json.loads(cli("render", *phase, "--lean").out)
    assert lean["tokens"] < whole["tokens"]


@pytest.mark.parametrize("option", ["--diff", "--plan", "--answers", "--request"])
def test_a_file_that_is_not_what_it_should_be_ends_with_2(
    cli: Callable[..., Any], last_login: Path, tmp_path: Path, option: str
) -> None:
    wrong = tmp_path / "wrong.json"
    for text in ("{", "[]", '{"a": 1}', "prose", ""):
        wrong.write_text(text)
        shown = cli("render", last_login / "spec", option, wrong)
        if option == "--answers" and text == '{"a": 1}':
            continue
        assert shown.code == 2, (option, text, shown.err)
        assert "Traceback" not in shown.err
        assert "defect" not in shown.err


def test_a_folder_that_is_not_there_or_holds_no_document_ends_with_2(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    assert cli("render", tmp_path / "nothing").code == 2
    assert cli("render", tmp_path).code == 2


def test_a_phase_without_what_it_needs_ends_with_2(cli: Callable[..., Any], last_login: Path) -> None:
    shown = cli("render", last_login / "spec", "--phase", "verify")
    assert shown.code == 2
    assert shown.err.startswith("Error: ")
