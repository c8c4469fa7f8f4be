"""`run`: the stage from the command line, on a replayed record."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def replay(cli: Callable[..., Any], last_login: Path, record: Path) -> Callable[..., Any]:
    def call(*arguments: object, base: Path | None = None, spec: Path | None = None) -> Any:
        folders = (spec or last_login / "spec", "--base", base or last_login / "service")
        return cli("run", *folders, "--replay", record, "--no-verify", *arguments)

    return call


@pytest.fixture
def service(last_login: Path, tmp_path: Path) -> Path:
    target = tmp_path / "service"
    shutil.copytree(last_login / "service", target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def test_checklist_plan_files_and_verdicts_are_shown_in_their_order(replay: Callable[..., Any]) -> None:
    shown = replay()
    marks = [
        "Checklist: ",
        "Plan: ",
        "Section: Migrations",
        "File: openapi.json",
        "Attestations: 21",
        "Status: ready",
        "Verdicts",
    ]
    places = [shown.out.index(mark) for mark in marks]
    assert places == sorted(places)
    assert shown.code == 5


def test_a_replayed_record_is_labelled_and_no_model_is_named(replay: Callable[..., Any]) -> None:
    assert replay().err == "Client: replay of a record, hand-written; no model is called.\n"


def test_a_plan_that_did_not_change_is_told_once(replay: Callable[..., Any]) -> None:
    out = replay().out
    assert out.count("  File 1: db/migrations/0003_add_last_login_at.up.sql") == 1
    assert "Plan: the same as before\n" in out


def test_json_gives_the_result_and_nothing_else(replay: Callable[..., Any]) -> None:
    data = json.loads(replay("--json").out)
    assert data["status"] == "ready"
    assert len(data["changes"]) == 1
    assert data["handoffs"]["devops"]["to"] == "devops"


def test_the_change_is_written_into_the_base_when_asked(replay: Callable[..., Any], service: Path) -> None:
    shown = replay("--write", base=service)
    assert f"Change: 15 file(s) written to {service}.\n" in shown.out
    assert "last_login_at" in (service / "accounts" / "models" / "user.py").read_text("utf-8")


def test_a_dry_run_shows_the_diff_and_writes_nothing(replay: Callable[..., Any], service: Path) -> None:
    before = {path: path.read_bytes() for path in service.rglob("*") if path.is_file()}
    shown = replay("--dry-run", base=service)
    assert "+++ b/accounts/models/user.py" in shown.out
    assert "15 file(s) would be written" in shown.out
    assert {path: path.read_bytes() for path in service.rglob("*") if path.is_file()} == before


def test_a_stale_base_ends_with_2_and_nothing_is_written(
    replay: Callable[..., Any], last_login: Path, service: Path
) -> None:
    (service / "accounts" / "models" / "user.py").write_text("# somebody else was here\n")
    shown = replay("--write", service)
    assert shown.code == 2
    assert "Nothing was written" in shown.err
    assert not (service / "db" / "migrations" / "0003_add_last_login_at.up.sql").exists()


def test_a_saved_record_replays_the_run(
    replay: Callable[..., Any], cli: Callable[..., Any], last_login: Path, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.json"
    assert replay("--save-record", saved).code == 5
    shown = cli(
        "run", last_login / "spec", "--base", last_login / "service", "--replay", saved, "--no-verify"
    )
    assert "Status: ready\n" in shown.out


def test_another_prompt_than_the_recorded_one_ends_with_4_and_says_what_moved(
    replay: Callable[..., Any], last_login: Path, tmp_path: Path
) -> None:
    spec = tmp_path / "spec"
    shutil.copytree(last_login / "spec", spec)
    policy = spec / "security_policy.md"
    policy.write_text(policy.read_text("utf-8").replace("five\nminutes", "six\nminutes"), "utf-8")
    shown = replay(spec=spec)
    assert shown.code == 4
    assert "what moved: inputs" in shown.err


def test_the_report_can_go_to_a_file_in_any_format(replay: Callable[..., Any], tmp_path: Path) -> None:
    target = tmp_path / "report.sarif"
    assert replay("--output", target, "--format", "sarif").code == 5
    assert json.loads(target.read_text("utf-8"))["version"] == "2.1.0"


def test_gaps_end_with_3_before_any_model_is_asked_for(cli: Callable[..., Any], incomplete: Path) -> None:
    shown = cli("run", incomplete)
    assert shown.code == 3
    assert "nothing was guessed" in shown.out
    assert shown.err == ""


def test_answers_close_gaps(cli: Callable[..., Any], last_login: Path, tmp_path: Path) -> None:
    spec = tmp_path / "spec"
    shutil.copytree(last_login / "spec", spec)
    targets = json.loads((spec / "perf_targets.json").read_text("utf-8"))
    del targets["peak_load"]
    (spec / "perf_targets.json").write_text(json.dumps(targets), "utf-8")
    first = cli("run", spec, "--json")
    assert first.code == 3
    (gap,) = json.loads(first.out)["gaps"]
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps({gap["pointer"]: "50 calls a second"}), "utf-8")
    second = cli("run", spec, "--answers", answers)
    assert second.code == 2
    assert "No model was named." in second.err


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format": 1, "exchanges": []}'])
def test_a_record_that_cannot_be_replayed_ends_with_2(
    cli: Callable[..., Any], last_login: Path, tmp_path: Path, text: str
) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text(text)
    shown = cli("run", last_login / "spec", "--replay", wrong)
    assert shown.code == 2
    assert shown.err.splitlines()[-1].startswith("What to do: ")


def test_writing_needs_a_place(cli: Callable[..., Any], last_login: Path, record: Path) -> None:
    shown = cli("run", last_login / "spec", "--replay", record, "--write")
    assert shown.code == 2
    assert "--write does not say where" in shown.err


def test_a_missing_key_ends_with_4_and_is_named_by_its_variable(
    cli: Callable[..., Any], last_login: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    shown = cli(
        "run", last_login / "spec", "--preset", "anthropic", "--model", "claude-sonnet-4-5", "--no-verify"
    )
    assert shown.code == 4
    assert "ANTHROPIC_API_KEY" in shown.err


@pytest.mark.parametrize(
    ("typed", "code"), [(b"yes\n", 5), (b"y\n", 5), (b"use fewer files\n", 4), (b"no\n", 1), (b"", 1)]
)
def test_the_plan_can_be_approved_rejected_or_sent_back_on_the_terminal(
    cli: Callable[..., Any], last_login: Path, record: Path, typed: bytes, code: int
) -> None:
    """No blocks the run; a plan that is asked for anew is one that the record cannot answer."""
    folders = (last_login / "spec", "--base", last_login / "service")
    shown = cli("run", *folders, "--replay", record, "--no-verify", "--approve", stdin=typed)
    assert "Approve the plan? Type yes, no, or what to plan differently:" in shown.err
    assert shown.code == code, shown.err
    assert "Traceback" not in shown.err


def test_a_blocked_run_writes_nothing_and_says_so(
    cli: Callable[..., Any], last_login: Path, record: Path, service: Path, tmp_path: Path
) -> None:
    document = json.loads(record.read_text("utf-8"))
    for exchange in document["exchanges"]:
        if exchange["request"].get("phase") == "plan":
            exchange["answer"]["text"] = "I will not do this."
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(document), "utf-8")
    folders = (last_login / "spec", "--base", service)
    shown = cli("run", *folders, "--replay", broken, "--no-verify", "--write")
    assert shown.code == 4
    assert not (service / "db" / "migrations" / "0003_add_last_login_at.up.sql").exists()
