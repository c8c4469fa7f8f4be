"""The demo and its records: current, labelled, and failing when something in them fails."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backend_engineer.outputs import RunRecord

ROOT = Path(__file__).resolve().parents[2]


def demo(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1"}
    command = [sys.executable, str(root / "examples" / "demo.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)


@pytest.fixture(scope="module")
def shown() -> subprocess.CompletedProcess[str]:
    return demo(ROOT)


def test_the_demo_runs_every_step_and_ends_with_0(shown: subprocess.CompletedProcess[str]) -> None:
    assert shown.returncode == 0, (
        shown.stdout[-2000:] + shown.stderr + " (was a prompt changed? then: make record-demo)"
    )
    assert re.findall(r"^=== Step (\d)", shown.stdout, re.MULTILINE) == list("123456")
    assert "FAILED" not in shown.stdout
    assert "Traceback" not in shown.stderr


def test_the_demo_says_which_client_it_uses_and_how_to_use_a_real_model(
    shown: subprocess.CompletedProcess[str],
) -> None:
    assert "replay of a hand-written reply. No model is called" in shown.stdout
    assert "make demo-live" in shown.stdout


def test_the_demo_shows_that_things_were_really_run(shown: subprocess.CompletedProcess[str]) -> None:
    assert "accounts rollback 2: passed. rolled back: [3]" in shown.stdout
    assert re.search(r"Tests: passed\. Ran 52 tests in", shown.stdout)
    assert "Back: passed. the columns and every row are as they were" in shown.stdout


@pytest.mark.parametrize("calls", ["phases", "single"])
def test_the_records_say_that_they_were_written_by_hand(example: Path, calls: str) -> None:
    record = RunRecord.model_validate_json((example / "records" / f"{calls}.json").read_text("utf-8"))
    assert record.label == "hand-written"
    texts = [item.answer["text"] for item in record.exchanges if item.kind == "call-model"]
    assert texts
    assert all("written by hand" in text.split("\n")[0] for text in texts)


def copied(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_demo_refuses_a_record_of_another_prompt_in_one_sentence(tmp_path: Path) -> None:
    root = copied(tmp_path)
    request = root / "examples" / "last-login" / "spec" / "change_request.md"
    request.write_text(request.read_text("utf-8") + "- It is quick.\n", "utf-8")
    ended = demo(root)
    assert ended.returncode == 4
    assert "what moved: request" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_demo_fails_when_the_change_breaks_a_test(tmp_path: Path) -> None:
    """The record is altered where the service's own test notices: the page's limit is ignored."""
    root = copied(tmp_path)
    path = root / "examples" / "last-login" / "records" / "single.json"
    record = json.loads(path.read_text("utf-8"))
    (call,) = [item for item in record["exchanges"] if item["kind"] == "call-model"]
    assert "tuple(found[:limit])" in call["answer"]["text"]
    call["answer"]["text"] = call["answer"]["text"].replace("tuple(found[:limit])", "tuple(found[:])")
    path.write_text(json.dumps(record), "utf-8")
    ended = demo(root, "--calls", "single")
    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
