"""A key is sent in its header and appears nowhere else; TLS is verified, redirects are not followed."""

from __future__ import annotations

import logging
import pickle
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend_engineer.clients import Client, Completion, Message, ModelRequest, fold, to_error
from backend_engineer.errors import AuthenticationFailed

KEY = "sk-secret-key-of-the-test-0123456789"
REQUEST = ModelRequest(id="1", phase="plan", messages=(Message(role="user", content="Hello?"),))


def call(
    status: int, body: Any, preset: str = "openai", **more: Any
) -> tuple[Completion, httpx.Request, Client]:
    sent: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(status, json=body)

    http = httpx.Client(transport=httpx.MockTransport(handle))
    client = Client("gpt-5", preset, http=http, **{"key": KEY, **more})
    return fold(client.stream(REQUEST)), sent[0], client


@pytest.mark.parametrize(
    ("preset", "header", "value"),
    [
        ("openai", "authorization", f"Bearer {KEY}"),
        ("openai-chat", "authorization", f"Bearer {KEY}"),
        ("anthropic", "x-api-key", KEY),
    ],
)
def test_the_key_travels_in_its_header_only(preset: str, header: str, value: str) -> None:
    _, sent, client = call(500, {}, preset)
    assert sent.headers[header] == value
    assert KEY not in str(sent.url)
    assert KEY.encode() not in sent.content
    assert KEY not in client.plan(REQUEST).model_dump_json()


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_a_key_that_comes_back_stays_out_of_errors_and_logs(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer, _, client = call(status, {"error": {"message": f"no: {KEY}", "code": KEY}})
    assert answer.error is not None
    records = " ".join(str(record.__dict__) for record in caplog.records)
    told = [repr(answer), answer.model_dump_json(), str(to_error(answer.error)), repr(client), records]
    told += [repr(client.settings), str(vars(client))]
    assert [text for text in told if KEY in text] == []


def test_a_key_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Client("gpt-5", key=KEY).settings.key)


def test_a_key_may_be_a_callable_that_is_asked_at_each_call() -> None:
    keys = iter(["first-key", "second-key"])
    sent: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["authorization"])
        return httpx.Response(500)

    client = Client("gpt-5", key=lambda: next(keys), http=httpx.Client(transport=httpx.MockTransport(handle)))
    fold(client.stream(REQUEST))
    fold(client.stream(REQUEST))
    assert sent == ["Bearer first-key", "Bearer second-key"]


def test_a_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    _, sent, _ = call(500, {}, "anthropic", key=None)
    assert sent.headers["x-api-key"] == KEY


def test_a_missing_key_is_an_error_event_and_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    def handle(request: httpx.Request) -> httpx.Response:
        raise AssertionError("a request was sent")

    client = Client("gpt-5", http=httpx.Client(transport=httpx.MockTransport(handle)))
    answer = fold(client.stream(REQUEST))
    assert answer.error is not None
    assert (answer.error.kind, answer.error.retryable) == ("AuthenticationFailed", False)
    assert "OPENAI_API_KEY" in answer.error.message


@pytest.mark.parametrize("key", ["with\nnewline", "non-ascii-é", "with blank"])
def test_a_key_that_no_header_can_carry_is_an_error_that_does_not_show_it(key: str) -> None:
    client = Client("gpt-5", key=key)
    with pytest.raises(AuthenticationFailed) as caught:
        client.settings.key.read()
    assert key not in str(caught.value)


def test_an_empty_key_says_that_the_server_wants_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITELLM_API_KEY", KEY)
    _, sent, _ = call(500, {}, "litellm", key="")
    assert "authorization" not in sent.headers


def test_a_local_server_needs_no_key() -> None:
    _, sent, _ = call(500, {}, "llama.cpp", key=None)
    assert "authorization" not in sent.headers


def test_the_clients_own_connection_verifies_certificates() -> None:
    with Client("gpt-5", key=KEY) as client:
        context = client._client()._transport._pool._ssl_context
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_no_source_of_this_room_switches_verification_off() -> None:
    import backend_engineer.clients as room

    sources = [file.read_text() for file in Path(room.__file__).parent.rglob("*.py")]
    assert sources
    assert not [text for text in sources if "verify=False" in text or "CERT_NONE" in text]


def test_a_redirect_is_not_followed_even_by_a_client_that_would() -> None:
    hosts: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://elsewhere.example/v1/responses"})

    http = httpx.Client(transport=httpx.MockTransport(handle), follow_redirects=True)
    answer = fold(Client("gpt-5", key=KEY, http=http).stream(REQUEST))
    assert hosts == ["api.openai.com"]
    assert answer.error is not None
    assert answer.error.kind == "ProtocolViolation"


REFUSALS: dict[str, Callable[[str], dict[str, Any]]] = {
    "openai-chat": lambda words: {"choices": [{"message": {"refusal": words}, "finish_reason": "stop"}]},
    "openai": lambda words: {
        "status": "completed",
        "output": [{"type": "message", "content": [{"type": "refusal", "refusal": words}]}],
    },
    "anthropic": lambda words: {"stop_reason": "refusal", "stop_details": {"explanation": words}},
}


@pytest.mark.parametrize("before", range(330, 401, 10))
@pytest.mark.parametrize("preset", REFUSALS)
def test_a_key_that_the_end_of_a_refusal_cuts_is_taken_out_whole(preset: str, before: int) -> None:
    answer, _, _ = call(200, REFUSALS[preset]("x" * before + KEY), preset)
    assert str(answer.ending) == "refused"
    assert "xxx" in answer.detail
    assert KEY[:5] not in answer.detail
    assert KEY[-8:] not in answer.detail


def test_what_a_provider_says_about_an_error_has_an_end() -> None:
    answer, _, _ = call(500, {"error": {"code": "c" * 50_000, "message": "m" * 10_000}})
    assert answer.error is not None
    assert len(answer.error.model_dump_json()) < 3_000


@pytest.mark.parametrize("name", ["api-key", "X-Goog-Api-Key", "Cookie", "Proxy-Authorization"])
def test_a_header_that_holds_a_key_by_its_name_is_treated_like_one(name: str) -> None:
    held = "another-secret-0123456789"
    answer, sent, client = call(
        500, {"error": {"message": f"no: {held}"}}, headers={name: held, "x-title": "shown"}
    )
    assert sent.headers[name] == held
    plan = client.plan(REQUEST)
    assert plan.headers["x-title"] == sent.headers["x-title"] == "shown"
    assert plan.headers[name.lower()] == "***"
    told = [plan.model_dump_json(), repr(client.settings), answer.model_dump_json(), repr(client)]
    assert [text for text in told if held in text] == []


@pytest.mark.parametrize(
    ("key", "words"), [(lambda: None, "no text"), (7, "no text"), (lambda: "", "empty"), ("  ", "empty")]
)
def test_a_key_that_is_none_is_an_error_event_that_says_so(key: Any, words: str) -> None:
    answer = fold(Client("gpt-5", key=key).stream(REQUEST))
    assert answer.error is not None
    assert answer.error.kind == "AuthenticationFailed"
    assert words in answer.error.message
