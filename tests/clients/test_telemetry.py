"""Log records and spans of a call."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import Any

import httpx
import pytest

from backend_engineer.clients import Client, Message, ModelRequest, Telemetry, telemetry

REQUEST = ModelRequest(id="call-7", phase="plan", messages=(Message(role="user", content="CONFIDENTIAL"),))
STREAM = (
    'data: {"model":"gpt-5-x","choices":[{"index":0,"delta":{"content":"OWN WORDS"}}]}\n\n'
    'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],'
    '"usage":{"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":5}}}\n\n'
    "data: [DONE]\n\n"
)


def client(status: int = 200, **more: Any) -> Client:
    headers = {"content-type": "text/event-stream", "x-request-id": "req-1"}
    transport = httpx.MockTransport(lambda _: httpx.Response(status, headers=headers, text=STREAM))
    return Client("gpt-5", "openai-chat", key="k", http=httpx.Client(transport=transport), **more)


def records(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [vars(record) for record in caplog.records if record.name == "backend_engineer.clients"]


def test_a_call_writes_two_labelled_records(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    list(client().stream(REQUEST))
    first, last = records(caplog)
    assert (first["event"], last["event"]) == ("model.call.start", "model.call.end")
    assert (first["model_call"], first["model_phase"], first["model_provider"]) == (
        "call-7",
        "plan",
        "openai",
    )
    assert (last["model_finish"], last["model_request_id"], last["model_answered_by"]) == (
        *("complete", "req-1", "gpt-5-x"),
    )
    assert (last["model_input_tokens"], last["model_output_tokens"], last["model_cached_tokens"]) == (9, 4, 5)
    assert last["model_seconds"] >= last["model_first_event_seconds"] >= 0


def test_a_failure_is_a_warning_with_its_kind(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    list(client(503).stream(REQUEST))
    last = records(caplog)[-1]
    assert (last["levelname"], last["model_error"]) == ("WARNING", "Overloaded")


def test_a_reader_who_leaves_early_is_an_aborted_call(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    events = client().stream(REQUEST)
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert records(caplog)[-1]["model_finish"] == "aborted"


def test_neither_prompt_nor_answer_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    list(client().stream(REQUEST))
    assert "CONFIDENTIAL" not in str(records(caplog))
    assert "OWN WORDS" not in str(records(caplog))


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Any:
    pytest.importorskip("opentelemetry.sdk", reason="the SDK of OpenTelemetry is not installed")
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", lambda: provider.get_tracer("test"))
    return exporter


def test_a_span_carries_the_attributes_of_the_conventions(spans: Any) -> None:
    list(client().stream(REQUEST))
    (span,) = spans.get_finished_spans()
    assert span.name == "chat gpt-5"
    assert dict(span.attributes) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "server.address": "api.openai.com",
        "gen_ai.request.model": "gpt-5",
        "gen_ai.request.stream": True,
        "gen_ai.request.reasoning.level": "medium",
        "gen_ai.request.max_tokens": 0,
        "backend_engineer.call.id": "call-7",
        "backend_engineer.phase": "plan",
        "gen_ai.response.id": "req-1",
        "gen_ai.response.model": "gpt-5-x",
        "gen_ai.response.finish_reasons": ("complete",),
        "gen_ai.usage.input_tokens": 9,
        "gen_ai.usage.output_tokens": 4,
        "gen_ai.usage.cache_read.input_tokens": 5,
        "gen_ai.usage.cache_write.input_tokens": 0,
        "gen_ai.usage.reasoning.output_tokens": 0,
    }


def test_a_span_of_a_failed_call_says_so(spans: Any) -> None:
    list(client(503).stream(REQUEST))
    (span,) = spans.get_finished_spans()
    assert span.attributes["error.type"] == "Overloaded"
    assert span.status.status_code.name == "ERROR"


def test_content_is_in_a_span_only_when_it_was_asked_for(spans: Any) -> None:
    list(client().stream(REQUEST))
    list(client(telemetry=Telemetry(content=True)).stream(REQUEST))
    without, with_content = (str(dict(span.attributes)) for span in spans.get_finished_spans())
    assert "CONFIDENTIAL" not in without
    assert "CONFIDENTIAL" in with_content


def test_spans_can_be_switched_off(spans: Any) -> None:
    list(client(telemetry=Telemetry(spans=False)).stream(REQUEST))
    assert spans.get_finished_spans() == ()


def test_importing_the_room_pulls_in_no_http_library_and_no_telemetry() -> None:
    code = (
        "import sys, backend_engineer.clients as room;"
        "print([m for m in ('httpx', 'httpx2', 'opentelemetry', 'jsonschema', 'jinja2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
