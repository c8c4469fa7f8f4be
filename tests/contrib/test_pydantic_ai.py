"""A model of pydantic-ai as a client."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from backend_engineer.clients import Completion, Message, ModelClient, ModelRequest, afold, fold, reply_schema
from backend_engineer.contract import Ending
from backend_engineer.contrib import pydantic_ai as adapter
from backend_engineer.errors import MissingExtra

REQUEST = ModelRequest(
    id="1",
    phase="plan",
    messages=(Message(role="system", content="Be terse."), Message(role="user", content="Hello?")),
    max_output_tokens=77,
)


@pytest.fixture(params=["sync", "async"])
def speak(request: pytest.FixtureRequest) -> Any:
    pytest.importorskip("pydantic_ai", reason="the package pydantic-ai-slim is not installed")
    from pydantic_ai.models.function import AgentInfo, FunctionModel

    def run(
        pieces: list[str], asking: ModelRequest = REQUEST, error: Exception | None = None
    ) -> tuple[Completion, Any]:
        seen: list[Any] = []

        async def function(messages: list[Any], info: AgentInfo) -> AsyncIterator[str]:
            seen.append((messages, info))
            if error is not None:
                raise error
            for piece in pieces:
                yield piece

        model = FunctionModel(stream_function=function)
        if request.param == "sync":
            client = adapter.PydanticAIClient(model, profile="claude")
            assert isinstance(client, ModelClient)
            return fold(client.stream(asking)), seen
        answer = asyncio.run(afold(adapter.AsyncPydanticAIClient(model).stream(asking)))
        return answer, seen

    return run


def test_text_arrives_whole_and_settings_are_handed_on(speak: Any) -> None:
    answer, seen = speak(["Hel", "lo"])
    assert answer.text == "Hello"
    assert answer.usage.output_tokens > 0
    messages, info = seen[0]
    parts = [type(part).__name__ for message in messages for part in message.parts]
    assert parts == ["SystemPromptPart", "UserPromptPart"]
    assert info.model_settings["max_tokens"] == 77


def test_the_effort_is_handed_on_unless_the_caller_set_it() -> None:
    pytest.importorskip("pydantic_ai", reason="the package pydantic-ai-slim is not installed")
    for settings, sent in ((None, "medium"), ({"thinking": "high"}, "high")):
        client = adapter.AsyncPydanticAIClient("test", settings=settings)
        assert client._arguments(REQUEST)["model_settings"]["thinking"] == sent


def test_a_reader_who_leaves_early_ends_the_thread(speak: Any) -> None:
    from pydantic_ai.models.function import FunctionModel

    async def endless(messages: list[Any], info: Any) -> AsyncIterator[str]:
        while True:
            await asyncio.sleep(0.001)
            yield "on "

    events = adapter.PydanticAIClient(FunctionModel(stream_function=endless)).stream(REQUEST)
    assert [next(events).kind for _ in range(3)] == ["start", "text", "text"]
    events.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name == "pydantic-ai call"]


def test_a_model_that_does_not_say_why_it_stopped_is_not_called_complete(speak: Any) -> None:
    answer, _ = speak(["Hello"])
    if answer.ending is Ending.DROPPED:
        assert answer.detail == "finish_reason not given"
    else:
        assert answer.ending is Ending.COMPLETE
        assert answer.detail == ""


def test_what_is_not_sent_as_asked_is_recorded(speak: Any) -> None:
    schema = {"json_schema": reply_schema("plan"), "schema_name": "plan"}
    answer, seen = speak(["{}"], REQUEST.model_copy(update=schema))
    assert [word.partition("=")[0].partition(":")[0] for word in answer.dropped] == [
        *("reasoning_effort", "verbosity", "json_schema"),
    ]
    assert "JSON Schema" in seen[0][0][-1].parts[-1].content


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [(429, "RateLimited", True), (503, "Overloaded", True), (401, "AuthenticationFailed", False), (400, "RequestRejected", False)],
)  # fmt: skip
def test_an_error_of_the_provider_becomes_ours(speak: Any, status: int, kind: str, retryable: bool) -> None:
    from pydantic_ai.exceptions import ModelHTTPError

    answer, _ = speak([], error=ModelHTTPError(status, "m", {"secret": "s"}))
    assert (answer.error.kind, answer.error.retryable, answer.error.status) == (kind, retryable, status)
    assert "secret" not in answer.error.message


@pytest.mark.parametrize(
    ("name", "kind", "retryable"),
    [
        ("ModelQuotaExceededError", "QuotaExceeded", False),
        ("ModelTimeoutError", "TimedOut", True),
        ("ModelConnectionError", "ConnectionFailed", True),
        ("ModelOverloadedError", "Overloaded", True),
        ("ModelRequestRejectedError", "RequestRejected", False),
    ],
)
def test_an_error_without_a_status_is_known_by_its_class(
    speak: Any, name: str, kind: str, retryable: bool
) -> None:
    from pydantic_ai import exceptions

    if not hasattr(exceptions, name):
        pytest.skip(f"this version of pydantic-ai has no {name}")
    answer, _ = speak([], error=getattr(exceptions, name)("m", "no"))
    assert (answer.error.kind, answer.error.retryable) == (kind, retryable)


def test_an_empty_account_is_not_asked_again(speak: Any) -> None:
    from pydantic_ai.exceptions import ModelHTTPError

    answer, _ = speak([], error=ModelHTTPError(429, "m", {"error": {"code": "insufficient_quota"}}))
    assert (answer.error.kind, answer.error.retryable) == ("QuotaExceeded", False)


def test_a_connection_that_breaks_is_an_error_event(speak: Any) -> None:
    httpx = pytest.importorskip("httpx")
    for error in (httpx.ReadError("cut"), ConnectionResetError("cut")):
        answer, _ = speak([], error=error)
        assert (answer.error.kind, answer.error.retryable) == ("ConnectionFailed", True)


def test_an_answer_that_pydantic_ai_cannot_read_is_a_violation(speak: Any) -> None:
    from pydantic_ai.exceptions import UnexpectedModelBehavior

    answer, _ = speak([], error=UnexpectedModelBehavior("no content"))
    assert (answer.error.kind, answer.error.retryable) == ("ProtocolViolation", False)


def test_an_answer_that_was_filtered_ends_so(speak: Any) -> None:
    exceptions: Any = pytest.importorskip("pydantic_ai.exceptions")
    if not hasattr(exceptions, "ContentFilterError"):
        pytest.skip("this version of pydantic-ai has no ContentFilterError")
    answer, _ = speak([], error=exceptions.ContentFilterError("no"))
    assert (answer.error, answer.ending) == (None, Ending.FILTERED)


def test_a_thread_without_an_event_loop_is_an_error_and_no_endless_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("pydantic_ai", reason="the package pydantic-ai-slim is not installed")

    def run(main: Any) -> None:
        main.close()
        raise OSError("too many open files")

    monkeypatch.setattr(asyncio, "run", run)
    seen: list[object] = []

    def read() -> None:
        try:
            seen.extend(adapter.PydanticAIClient("test").stream(REQUEST))
        except OSError as error:
            seen.append(str(error))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(3)
    assert seen == ["too many open files"]


def test_an_absent_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydantic_ai", None)
    with pytest.raises(MissingExtra, match="pydantic-ai-slim"):
        adapter.PydanticAIClient("openai:gpt-5")
