"""The demonstrations: the walk through the phases, and what their exit codes mean."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend_engineer.clients import ModelEvent, ModelRequest
from backend_engineer.contract import Ending
from backend_engineer.contrib.plain import FunctionClient

EXAMPLES = Path(__file__).parents[2] / "examples"

CHECKLIST = "- Add the column\n- Serve it\n- Show it\n\n"
PLAN = (
    '```json\n{"plan":{"summary":"Two files.","files":[{"path":"src/services/users.py","action":"add",'
    '"section":"Services/Use-Cases","purpose":"why"}],"traceability":[],"schema_change":{"kind":"none",'
    '"reason":"no"},"security":["held"],"slo":["held"]}}\n```\n'
)
FILES = "## Services/Use-Cases\n\n```python\n# file: src/services/users.py {seal}\nx = 1\n```\nValidation: it stands\n"
REVIEW = (
    '```json\n{"attestations":[{"clause":"SECU-01","path":"src/services/users.py","lines":"1","quote":"x = 1"}]}\n```\n\n'
    '```json\n{"tool":"backend-engineer","version":"2025-08-13","status":"ready","findings":[]}\n```\n'
)
REPLIES = {"plan": CHECKLIST + PLAN, "self-check": PLAN, "implement": FILES, "verify": REVIEW}


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> Any:
    if not (EXAMPLES / "last-login" / "spec").is_dir():
        pytest.skip("the last-login example does not stand here")
    monkeypatch.syspath_prepend(str(EXAMPLES))
    for name in ("demo_local", "demo_live"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module("demo_local")


def walked(
    demo: Any, replies: dict[str, str], ending: Ending = Ending.COMPLETE, budget: int = 3_400
) -> tuple[int, list[ModelRequest]]:
    seen: list[ModelRequest] = []

    def client_for(seal: str | None) -> FunctionClient:
        def speak(request: ModelRequest) -> Iterator[str | ModelEvent]:
            seen.append(request)
            yield replies[request.phase].replace("{seal}", seal or "")
            yield ModelEvent(kind="end", ending=ending)

        return FunctionClient(speak)

    walk = demo.start(client_for, budget=budget, most_reply=1_200)
    return demo.show(walk), seen


def test_four_well_formed_replies_end_with_0(demo: Any, capsys: pytest.CaptureFixture[str]) -> None:
    code, seen = walked(demo, REPLIES)
    out = capsys.readouterr().out
    assert code == 0, out
    assert [request.phase for request in seen] == ["plan", "self-check", "implement", "verify"]
    assert "All 4 completed replies are well-formed" in out
    assert "The rules find" in out


@pytest.mark.parametrize(
    ("phase", "text"),
    [
        ("plan", "I would rather not."),
        ("implement", FILES.replace("Validation: it stands\n", "")),
        ("verify", REVIEW.partition("\n\n")[0]),
    ],
)
def test_a_reply_that_is_not_well_formed_ends_with_1(demo: Any, phase: str, text: str) -> None:
    assert walked(demo, {**REPLIES, phase: text})[0] == 1


def test_replies_that_were_all_cut_off_prove_nothing(demo: Any) -> None:
    assert walked(demo, REPLIES, ending=Ending.TRUNCATED)[0] == 1


def test_the_live_demo_sends_nothing_without_a_key(demo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert importlib.import_module("demo_live").main([]) == 2
