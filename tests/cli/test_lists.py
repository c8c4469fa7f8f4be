"""`clauses`, `rules`, `explain`, `schema`: what the library knows, as text and as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend_engineer.contract import CLAUSES
from backend_engineer.rules.registry import built_in_rules


def test_all_clauses_are_listed_by_default(cli: Callable[..., Any]) -> None:
    shown = cli("clauses")
    assert shown.out.count("Clause: ") == len(CLAUSES)
    assert shown.out.endswith(f"Clauses: {len(CLAUSES)}\n")


def test_clauses_can_be_chosen_by_id_and_by_subject(cli: Callable[..., Any]) -> None:
    assert json.loads(cli("clauses", "cons-02", "--json").out)["clauses"][0]["id"] == "CONS-02"
    rows = json.loads(cli("clauses", "--subject", "reply", "--json").out)["clauses"]
    assert {row["subject"] for row in rows} == {"reply"}


def test_the_contract_can_be_printed_as_an_agent_file(cli: Callable[..., Any]) -> None:
    shown = cli("agent-file")
    assert shown.out.startswith("---\nmode: agent\n---\n")
    assert all(f"({clause})" in shown.out for clause in ("CONS-02", "MIGR-01", "OUTF-01"))


def test_an_unknown_clause_ends_with_2(cli: Callable[..., Any]) -> None:
    shown = cli("clauses", "NOPE-01")
    assert (shown.code, shown.out) == (2, "")
    assert "There is no clause 'NOPE-01'." in shown.err


def test_all_rules_are_listed(cli: Callable[..., Any]) -> None:
    rows = json.loads(cli("rules", "--json").out)["rules"]
    assert [row["code"] for row in rows] == [rule.code for rule in built_in_rules()]
    assert cli("rules").out.endswith(f"Rules: {len(rows)}\n")


def test_rules_of_one_clause(cli: Callable[..., Any]) -> None:
    rows = json.loads(cli("rules", "--clause", "CONS-02", "--json").out)["rules"]
    assert rows
    assert all("CONS-02" in row["clauses"] for row in rows)


def test_every_rule_can_be_explained_with_its_examples(cli: Callable[..., Any]) -> None:
    for rule in built_in_rules():
        shown = cli("explain", rule.code.lower())
        assert shown.code == 0
        assert f"  Why: {rule.reason}\n" in shown.out
        assert len(re.findall(r"^  Example \d+, invalid", shown.out, re.MULTILINE)) == len(rule.invalid)
        assert len(re.findall(r"^  Example \d+, valid", shown.out, re.MULTILINE)) == len(rule.valid)


def test_a_clause_can_be_explained_with_the_rules_that_serve_it(cli: Callable[..., Any]) -> None:
    assert "CAP001" in cli("explain", "CONS-02").out
    assert "CAP001" in json.loads(cli("explain", "CONS-02", "--json").out)["rules"]


def test_an_unknown_code_ends_with_2(cli: Callable[..., Any]) -> None:
    assert cli("explain", "NOPE99").code == 2


def test_schemas_are_listed_and_printed(cli: Callable[..., Any]) -> None:
    assert "Schema: findings\n" in cli("schema").out
    assert json.loads(cli("schema", "findings").out)["$id"] == "urn:backend-engineer:schema:findings:1"
    assert cli("schema", "nonsense").code == 2


def test_the_agent_file_can_be_written_to_a_file(cli: Callable[..., Any], tmp_path: Path) -> None:
    target = tmp_path / "agent.md"
    assert cli("agent-file", "--output", target).out == f"Agent file: {target}\n"
    assert target.read_text("utf-8") == cli("agent-file").out


def test_a_file_that_cannot_be_written_ends_with_2(cli: Callable[..., Any], tmp_path: Path) -> None:
    shown = cli("agent-file", "--output", tmp_path / "no" / "such" / "folder.md")
    assert shown.code == 2
    assert "cannot be written" in shown.err
