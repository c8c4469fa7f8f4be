"""What streaming costs: 500 streams at once, memory for each, and the overhead of an event over bare httpx.

    python benchmarks/clients.py            # all figures, exit code 1 if a target is missed
    python benchmarks/clients.py --quick    # fewer events and rounds, the same checks

The server runs in a process of its own, so that its work is not counted. Figures are the least of several
interleaved rounds, because other work on the machine can only add.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import multiprocessing
import os
import sys
import time
import tracemalloc
from multiprocessing.connection import Connection

import httpx

from backend_engineer.clients import AsyncClient, Client, Message, ModelRequest, Telemetry, afold

STREAMS = 500
PIECES = 60
TARGET_MEMORY = 256 * 1024
TARGET_RATIO = 2.0

PROTOCOLS = ("openai", "openai-chat", "anthropic")


def _event(preset: str, text: str) -> dict[str, object]:
    if preset == "openai":
        return {
            "type": "response.output_text.delta",
            "item_id": "msg_1",
            "output_index": 0,
            "content_index": 0,
            "delta": text,
            "logprobs": [],
        }
    if preset == "anthropic":
        return {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    return {
        "id": "c-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": None,
    }


def _frame(event: object) -> bytes:
    name = f"event: {event['type']}\n" if isinstance(event, dict) and "type" in event else ""
    return f"{name}data: {event if isinstance(event, str) else json.dumps(event)}\n\n".encode()


def _edges(preset: str, text: str) -> tuple[bytes, bytes]:
    """What stands before and after the pieces of a stream."""
    if preset == "openai":
        output = [{"type": "message", "content": [{"type": "output_text", "text": text}]}]
        usage = {"input_tokens": 1, "output_tokens": 1}
        last = {
            "type": "response.completed",
            "response": {"status": "completed", "output": output, "usage": usage},
        }
        return _frame({"type": "response.created", "response": {"model": "m"}}), _frame(last)
    if preset == "anthropic":
        opened = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        first = _frame({"type": "message_start", "message": {"model": "m"}}) + _frame(opened)
        stop = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}}
        return first, b"".join(
            map(_frame, ({"type": "content_block_stop", "index": 0}, stop, {"type": "message_stop"}))
        )
    return b"", _frame({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}) + _frame("[DONE]")


def piece(stream: str, number: int) -> str:
    return f"[{stream}:{number}] some words of code\n"


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One stream: path `/PRESET/STREAM/PIECES/PAUSE/...` says which, how long and how slowly."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0] or b"0")
        await reader.readexactly(length)
        _, preset, stream, pieces, pause, *_ = head.split(b" ")[1].decode().split("/")
        texts = [piece(stream, number) for number in range(int(pieces))]
        first, last = _edges(preset, "".join(texts))
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        for data in (first, *(_frame(_event(preset, text)) for text in texts), last, b""):
            if data or not pieces:
                writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            if float(pause):
                await writer.drain()
                await asyncio.sleep(float(pause))
        writer.write(b"0\r\n\r\n")
        await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


def _serve(report: Connection) -> None:
    async def main() -> None:
        server = await asyncio.start_server(_answer, "127.0.0.1", 0, backlog=1024)
        report.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def request(number: int = 0) -> ModelRequest:
    return ModelRequest(id=str(number), phase="implement", messages=(Message(role="user", content="Go on."),))


def client_of(preset: str, url: str, http: httpx.AsyncClient) -> AsyncClient:
    return AsyncClient("m", preset, key="a-key", base_url=url, http=http, telemetry=Telemetry(spans=False))


def unlimited() -> httpx.AsyncClient:
    return httpx.AsyncClient(limits=httpx.Limits(max_connections=None), trust_env=False, verify=False)


async def concurrent(url: str, streams: int) -> tuple[float, float, int]:
    """Seconds, bytes of memory for each stream at the peak, and how many texts were lost or crossed."""
    async with unlimited() as http:
        presets = [PROTOCOLS[number % 3] for number in range(streams)]
        clients = [client_of(p, f"{url}/{p}/{n}/{PIECES}/0.02", http) for n, p in enumerate(presets)]
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        began = time.perf_counter()
        answers = await asyncio.gather(
            *(afold(client.stream(request(n))) for n, client in enumerate(clients))
        )
        seconds = time.perf_counter() - began
        peak = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
    wrong = 0
    for number, answer in enumerate(answers):
        expected = "".join(piece(str(number), index) for index in range(PIECES))
        wrong += answer.text != expected or str(answer.ending) != "complete"
    return seconds, peak / streams, wrong


def bare(url: str, http: httpx.Client, body: bytes) -> int:
    """The least that anyone could do: bytes from httpx, lines, json.loads."""
    count = 0
    with http.stream("POST", url, content=body, headers={"content-type": "application/json"}) as response:
        rest = b""
        for chunk in response.iter_bytes():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                if line.startswith(b"data: ") and line != b"data: [DONE]":
                    json.loads(line[6:])
                    count += 1
    return count


def overhead(url: str, preset: str, events: int, rounds: int) -> tuple[float, float]:
    """Microseconds an event: ours, and bare httpx with json.loads."""
    best = {"ours": float("inf"), "bare": float("inf")}
    with httpx.Client(trust_env=False, verify=False) as http:
        base = f"{url}/{preset}/x/{events}/0"
        client = Client("m", preset, key="a-key", base_url=base, http=http, telemetry=Telemetry(spans=False))
        plan = client.plan(request())
        body = json.dumps(plan.body).encode()
        for _ in range(rounds):
            began = time.process_time()
            seen = sum(event.kind == "text" for event in client.stream(request()))
            best["ours"] = min(best["ours"], time.process_time() - began)
            assert seen == events
            began = time.process_time()
            assert bare(plan.url, http, body) >= events
            best["bare"] = min(best["bare"], time.process_time() - began)
    return best["ours"] / events * 1e6, best["bare"] / events * 1e6


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true")
    quick = arguments.parse_args().quick
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("fork").Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{ours.recv()}"
    missed = 0
    try:
        seconds, memory, wrong = asyncio.run(concurrent(url, STREAMS))
        print(
            f"{STREAMS} streams at once, {PIECES} pieces each, three protocols: {seconds:.1f} s, {os.cpu_count()} cores"
        )
        print(f"  lost or crossed: {wrong} (target 0)")
        print(f"  memory for each at the peak: {memory / 1024:.1f} KiB (target < {TARGET_MEMORY // 1024})")
        missed += wrong > 0 or memory >= TARGET_MEMORY
        for preset in PROTOCOLS:
            mine, least = overhead(url, preset, 5_000 if quick else 20_000, 3 if quick else 7)
            print(
                f"  {preset:12} {mine:6.2f} us an event, bare httpx {least:6.2f} us: {mine / least:.2f} x (target <= 2)"
            )
            missed += mine / least > TARGET_RATIO
    finally:
        server.terminate()
        server.join()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
