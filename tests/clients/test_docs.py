"""The page on clients keeps its word: its examples run, and a third party's client takes thirty lines."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend_engineer.clients import PRESETS, Message, ModelClient, ModelRequest, fold
from backend_engineer.contract import Ending

PAGE = (Path(__file__).parents[2] / "docs" / "clients.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
OWN_CLIENT = PAGE.partition("<!-- example: third-party client -->")[2].split("```python\n")[1].split("```")[0]
REQUEST = ModelRequest(
    id="1", phase="plan", messages=(Message(role="user", content="Hello?"),), max_output_tokens=9
)


def own_client(lines: list[dict[str, Any]], status: int = 200) -> Any:
    names: dict[str, Any] = {}
    exec(OWN_CLIENT, names)
    body = "".join(json.dumps(line) + "\n" for line in lines)
    http = httpx.Client(
        base_url="http://ollama.test",
        transport=httpx.MockTransport(lambda _: httpx.Response(status, text=body)),
    )
    return names["NativeOllama"]("m", http)


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"message": {"content": text}, "done": False, **more}


LAST = said("", done=True, done_reason="stop", prompt_eval_count=5, eval_count=2)


def test_the_third_partys_class_has_at_most_thirty_lines() -> None:
    lines = [
        line for line in OWN_CLIENT.splitlines() if line.strip() and not line.startswith(("import", "from"))
    ]
    assert len(lines) <= 30


def test_the_third_partys_client_works() -> None:
    client = own_client([said("Hel"), said("lo"), LAST])
    assert isinstance(client, ModelClient)
    answer = fold(client.stream(REQUEST))
    assert (answer.text, answer.ending, answer.usage.output_tokens) == ("Hello", Ending.COMPLETE, 2)


def test_the_third_partys_client_needs_no_care_for_a_broken_stream() -> None:
    answer = fold(own_client([said("Hel")]).stream(REQUEST))
    assert (answer.text, answer.ending) == ("Hel", Ending.DROPPED)


def test_the_third_partys_client_reports_errors_as_facts() -> None:
    answer = fold(own_client([], status=503).stream(REQUEST))
    assert answer.error is not None
    assert answer.error.retryable


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_every_example_of_the_page_runs(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    import backend_engineer.clients.http as transport

    dead = httpx.MockTransport(lambda _: httpx.Response(503))
    monkeypatch.setattr(transport.Client, "_client", lambda self: httpx.Client(transport=dead))
    monkeypatch.setenv("OPENAI_API_KEY", "a-key-for-the-page")
    exec(BLOCKS[number], {})


def test_the_page_names_every_preset() -> None:
    assert [name for name in PRESETS if f"`{name}`" not in PAGE] == []
    assert f"{_number(len(PRESETS))} kinds of server" in PAGE


def _number(count: int) -> str:
    return [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ][count]
