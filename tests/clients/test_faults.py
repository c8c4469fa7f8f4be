"""Every fault that a wire is known to have, played by a loopback server, with its declared outcome.

Both clients, the synchronous and the asynchronous one, meet each row.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field
from email.utils import formatdate

import httpx
import pytest

from backend_engineer.clients import (
    AsyncClient,
    Client,
    Completion,
    GiveUp,
    Message,
    ModelEvent,
    ModelRequest,
    StreamLimits,
    Timeouts,
    Wait,
    afold,
    decide,
    fold,
)

KEY = "sk-test-0123456789abcdef"
CAP = 50
QUICK = Timeouts(connect=5, first_byte=0.4, idle=0.4, total=5)


class Peer:
    """The server's end of one connection, with the ways in which a server misbehaves."""

    def __init__(self, connection: socket.socket, visit: int) -> None:
        self._connection, self.visit = connection, visit

    def send(self, *parts: bytes) -> None:
        self._connection.sendall(b"".join(parts))

    def head(self, status: str = "200 OK", media: str = "text/event-stream", **more: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {media}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
        self.send("\r\n".join([*lines, "", ""]).encode())

    def stream(self, *pieces: bytes, **more: str) -> None:
        """A stream with its length unknown and its clean end said."""
        self.open_stream(**more)
        for piece in pieces:
            self.chunk(piece)
        self.send(b"0\r\n\r\n")

    def open_stream(self, **more: str) -> None:
        self.head(Transfer_Encoding="chunked", **more)

    def chunk(self, piece: bytes) -> None:
        self.send(f"{len(piece):x}\r\n".encode(), piece, b"\r\n")

    def answer(self, status: str, body: object, **more: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        media = more.pop("media", "application/json")
        self.head(status, media, Content_Length=str(len(data)), **more)
        self.send(data)

    def reset(self) -> None:
        """Break the connection at once, as a crashed server does."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()

    def half_close(self) -> None:
        self._connection.shutdown(socket.SHUT_WR)
        time.sleep(0.05)


def sse(*events: object, name: bool = False) -> bytes:
    lines = []
    for event in events:
        if name and isinstance(event, dict):
            lines.append(f"event: {event['type']}\n")
        lines.append(
            f"data: {event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)}\n\n"
        )
    return "".join(lines).encode()


def piece(text: str | None, finish: str | None = None, **more: object) -> dict[str, object]:
    delta = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": {**delta, **more}, "finish_reason": finish}
    return {"object": "chat.completion.chunk", "model": "m", "choices": [choice]}


def counted(tokens: int = 2) -> dict[str, object]:
    return {"model": "m", "choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": tokens}}


HELLO = (piece("Hel"), piece("lo"))
CHAT = sse(*HELLO, piece(None, "stop"), counted(), "[DONE]")


def numbered(*events: dict[str, object]) -> bytes:
    return sse(*({**event, "sequence_number": n} for n, event in enumerate(events)), name=True)


CREATED: dict[str, object] = {"type": "response.created", "response": {"model": "m", "status": "in_progress"}}


def said(text: str) -> dict[str, object]:
    return {"type": "response.output_text.delta", "delta": text}


def completed(text: str, status: str = "completed", tokens: int = 2, **more: object) -> dict[str, object]:
    output = [{"type": "message", "content": [{"type": "output_text", "text": text}]}]
    usage = {"input_tokens": 9, "output_tokens": tokens}
    response = {"model": "m", "status": status, "output": output, "usage": usage, **more}
    return {"type": f"response.{status}", "response": response}


BEGUN: dict[str, object] = {"type": "message_start", "message": {"model": "m", "usage": {"input_tokens": 9}}}
OPENED: dict[str, object] = {
    "type": "content_block_start",
    "index": 0,
    "content_block": {"type": "text", "text": ""},
}
CLOSED: dict[str, object] = {"type": "content_block_stop", "index": 0}
STOPPED: dict[str, object] = {"type": "message_stop"}
PING: dict[str, object] = {"type": "ping"}


def wrote(text: str, index: int = 0) -> dict[str, object]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": text}}


def stop(reason: str, **more: object) -> dict[str, object]:
    return {"type": "message_delta", "delta": {"stop_reason": reason, **more}, "usage": {"output_tokens": 2}}


def spoken(*events: dict[str, object]) -> bytes:
    return sse(*events, name=True)


MESSAGE = spoken(BEGUN, OPENED, wrote("Hel"), wrote("lo"), CLOSED, stop("end_turn"), STOPPED)


@dataclass(frozen=True)
class Fault:
    """One row: what the server does, and what a client must make of it.

    outcome: an ending, or the kind of an error. text: what must have arrived. wait: seconds to wait, `give up`, or
    None where it is not looked at. visits: how often the server must have been called.
    """

    name: str
    play: Callable[[Peer], None]
    outcome: str
    text: str = ""
    preset: str = "openai-chat"
    timeouts: Timeouts = field(default=Timeouts(connect=5, first_byte=5, idle=5, total=20))
    limits: StreamLimits = field(default=StreamLimits())
    wait: float | str | None = None
    visits: int = 1
    slowly: bool = False
    detail: str = ""


def plain(*pieces: bytes) -> Callable[[Peer], None]:
    return lambda peer: peer.stream(*pieces)


def broken(*pieces: bytes) -> Callable[[Peer], None]:
    def play(peer: Peer) -> None:
        peer.open_stream()
        for item in pieces:
            peer.chunk(item)

    return play


def refused(status: str, body: object = None, **more: str) -> Callable[[Peer], None]:
    words = {"error": {"message": "no", "type": "some_error"}} if body is None else body
    return lambda peer: peer.answer(status, words, **more)


def stalled(peer: Peer) -> None:
    peer.open_stream()
    peer.chunk(sse(*HELLO))
    time.sleep(1.2)


def silent(peer: Peer) -> None:
    time.sleep(1.2)


def pinging(peer: Peer) -> None:
    peer.open_stream()
    peer.chunk(spoken(BEGUN, OPENED))
    for _ in range(6):
        time.sleep(0.12)
        peer.chunk(spoken(PING))
    peer.chunk(spoken(wrote("Hello"), CLOSED, stop("end_turn"), STOPPED))
    peer.send(b"0\r\n\r\n")


def dripping(peer: Peer) -> None:
    peer.open_stream()
    peer.chunk(sse(*HELLO))
    for _ in range(30):
        time.sleep(0.05)
        peer.chunk(b": still here\n\n")


def dripping_head(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 200 OK\r\n")
    for number in range(60):
        time.sleep(0.05)
        peer.send(b"X-%d: still here\r\n" % number)


def by_byte(data: bytes) -> Callable[[Peer], None]:
    return lambda peer: peer.stream(*(data[i : i + 1] for i in range(len(data))))


def padded(megabytes: int, padding: bytes) -> Callable[[Peer], None]:
    def play(peer: Peer) -> None:
        peer.open_stream()
        block = padding * (1024 * 1024 // len(padding))
        for _ in range(megabytes):
            peer.chunk(block)
        peer.chunk(CHAT)
        peer.send(b"0\r\n\r\n")

    return play


def bomb(status: str) -> Callable[[Peer], None]:
    packed = gzip.compress(b"\0" * 30_000_000)
    return lambda peer: peer.answer(status, packed, media="text/event-stream", Content_Encoding="gzip")


def once_dead(peer: Peer) -> None:
    if peer.visit > 1:
        peer.stream(CHAT)


def half_closed(peer: Peer) -> None:
    peer.open_stream()
    peer.chunk(sse(*HELLO))
    peer.half_close()


def short_of_its_length(peer: Peer) -> None:
    peer.head(Content_Length=str(len(CHAT) + 100))
    peer.send(CHAT[: len(CHAT) // 2])


def odd_chunk(peer: Peer) -> None:
    peer.open_stream()
    peer.chunk(sse(*HELLO))
    peer.send(b"zz\r\n")


def early_hints(peer: Peer) -> None:
    peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
    peer.stream(CHAT)


def long_text(peer: Peer) -> None:
    peer.stream(*(sse(piece("x" * 1000)) for _ in range(400)), sse(piece(None, "stop"), "[DONE]"))


def redirecting(peer: Peer) -> None:
    peer.answer("307 Temporary Redirect", b"", Location="/elsewhere")


def in_a_minute(peer: Peer) -> None:
    peer.answer("429 Slow", {}, Retry_After=formatdate(time.time() + 60, usegmt=True))


def reset_inside(peer: Peer) -> None:
    broken(sse(*HELLO))(peer)
    time.sleep(0.1)
    peer.reset()


LONG_AGO = formatdate(1_000_000_000, usegmt=True)
QUOTA = {"error": {"message": "spent", "code": "insufficient_quota", "type": "insufficient_quota"}}
SPENT = {
    "type": "error",
    "error": {
        "type": "rate_limit_error",
        "message": "no",
        "details": {"error_code": "enforced_spend_limit_reached"},
    },
}
OVERLOAD = {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}
UTF8 = sse(*HELLO) + 'data: {"choices":[{"index":0,"delta":{"content":"né'.encode()[:-1]

# One row a fault, however long.
# fmt: off
CHAT_FAULTS = (
    Fault("a whole answer is complete", plain(CHAT), "complete", "Hello"),
    Fault("a cut inside a character of UTF-8", broken(UTF8), "dropped", "Hello"),
    Fault("a cut inside a line", broken(CHAT[:200]), "dropped", "Hel"),
    Fault("a break before the terminal event", broken(sse(*HELLO)), "dropped", "Hello"),
    Fault("a break inside the reasoning", broken(sse(piece(None, reasoning="Hm."))), "ConnectionFailed"),
    Fault("a break between finish_reason and [DONE]", broken(sse(*HELLO, piece(None, "stop"))), "dropped", "Hello"),
    Fault("a clean end without finish_reason", plain(sse(*HELLO)), "dropped", "Hello"),
    Fault("[DONE] without finish_reason", plain(sse(*HELLO, "[DONE]")), "dropped", "Hello"),
    Fault("a clean end without [DONE]", plain(sse(*HELLO, piece(None, "stop"))), "complete", "Hello"),
    Fault("an empty stream", plain(), "dropped"),
    Fault("an error inside the stream", plain(sse(*HELLO, {"error": {"code": 500, "message": "x"}})), "Overloaded", "Hello"),
    Fault("a rate limit inside the stream", plain(sse({"error": {"code": "rate_limit_exceeded"}})), "RateLimited"),
    Fault("stop at the cap", plain(sse(*HELLO, piece(None, "stop"), counted(CAP), "[DONE]")), "truncated", "Hello"),
    Fault("finish_reason length", plain(sse(*HELLO, piece(None, "length"), "[DONE]")), "truncated", "Hello"),
    Fault("tool calls that nobody offered", plain(sse(*HELLO, piece(None, "tool_calls"), "[DONE]")), "paused", "Hello"),
    Fault("an unknown finish_reason", plain(sse(*HELLO, piece(None, "weary"), "[DONE]")), "dropped", "Hello"),
    Fault("content_filter", plain(sse(*HELLO, piece(None, "content_filter"), "[DONE]")), "filtered", "Hello"),
    Fault("a refusal", plain(sse(piece(None, refusal="I will not"), piece(None, "stop"), "[DONE]")), "refused", detail="I will not"),
    Fault("text after finish_reason", plain(sse(piece("Hello", "stop"), piece("more"))), "ProtocolViolation", "Hello"),
    Fault("finish_reason twice", plain(sse(*HELLO, piece(None, "stop"), piece(None, "stop"), "[DONE]")), "complete", "Hello"),
    Fault("[DONE] with a blank behind it", plain(sse(*HELLO, piece(None, "stop"), "[DONE] ")), "complete", "Hello"),
    Fault("events without data", plain(b"data:\n\n", sse(*HELLO), b"event: ping\ndata\n\n", sse(piece(None, "stop"), "[DONE]")), "complete", "Hello"),
    Fault("events after [DONE]", plain(CHAT, sse(piece("more"))), "complete", "Hello"),
    Fault("a second choice", plain(sse({"choices": [{"index": 1, "delta": {"content": "x"}}]})), "ProtocolViolation"),
    Fault("malformed JSON", plain(sse(*HELLO, '{"choices": [')), "ProtocolViolation", "Hello"),
    Fault("JSON that is no object", plain(sse(*HELLO, "[1]")), "ProtocolViolation", "Hello"),
    Fault("JSON of another shape", plain(sse({"choices": 7})), "ProtocolViolation"),
    Fault("JSON nested too deeply", plain(sse("[" * 200_000)), "ProtocolViolation"),
    Fault("a line that is not UTF-8", plain(sse(*HELLO), b"data: \xff\xfe\n\n"), "ProtocolViolation", "Hello"),
    Fault("one byte at a time, CRLF", by_byte(CHAT.replace(b"\n", b"\r\n")), "complete", "Hello"),
    Fault("one byte at a time, CR", by_byte(CHAT.replace(b"\n", b"\r")), "complete", "Hello"),
    Fault(
        "line separators of Unicode inside a line",
        plain(sse(piece("a\u2028b\u0085c\u000cd"), piece(None, "stop"), "[DONE]")),
        "complete",
        "a\u2028b\u0085c\u000cd",
    ),
    Fault(
        "a surrogate pair in two pieces",
        plain(b'data: {"choices":[{"index":0,"delta":{"content":"a\\ud83d"}}]}\n\n', b'data: {"choices":[{"index":0,"delta":{"content":"\\ude00b"}}]}\n\n', sse(piece(None, "stop"), "[DONE]")),
        "complete",
        "a\U0001f600b",
    ),
    Fault(
        "a lone surrogate",
        plain(b'data: {"choices":[{"index":0,"delta":{"content":"a\\udc00b"}}]}\n\n', sse(piece(None, "stop"), "[DONE]")),
        "complete",
        "a\ufffdb",
    ),
    Fault("comments between the events", plain(b": hi\n\n" * 50, CHAT), "complete", "Hello"),
    Fault("40 MB of padding", padded(40, b": " + b"x" * 4093 + b"\n"), "complete", "Hello"),
    Fault("100 MB of padding", padded(100, b": " + b"x" * 4093 + b"\n"), "ProtocolViolation"),
    Fault("100 MB in one line", padded(100, b"x" * 4096), "ProtocolViolation"),
    Fault("one event larger than allowed", plain(b"data: " + b"x" * 900 + b"\n", b"data: " + b"x" * 900 + b"\n"), "ProtocolViolation", limits=StreamLimits(line=1000, event=1500)),
    Fault("a gzip bomb", bomb("200 OK"), "ProtocolViolation"),
    Fault("a gzip bomb with a server error", bomb("500 Oops"), "Overloaded"),
    Fault("a half-closed connection", half_closed, "dropped", "Hello"),
    Fault("fewer bytes than announced", short_of_its_length, "dropped", "Hel"),
    Fault("a reset inside the stream", reset_inside, "dropped", "Hello"),
    Fault("a slow reader", long_text, "complete", "x" * 400_000, slowly=True),
    Fault("a stalled stream", stalled, "TimedOut", "Hello", timeouts=QUICK, detail="idle"),
    Fault("no first byte", silent, "TimedOut", timeouts=QUICK, detail="first byte"),
    Fault("a header that drips beyond the first byte's limit", dripping_head, "TimedOut", "", timeouts=Timeouts(connect=0.2, first_byte=0.3, idle=5, total=20), detail="first byte"),
    Fault("a header that drips beyond the total", dripping_head, "TimedOut", "", timeouts=Timeouts(connect=5, first_byte=5, idle=5, total=0.5), detail="total"),
    Fault("a drip beyond the total", dripping, "TimedOut", "Hello", timeouts=Timeouts(idle=1, total=0.5), detail="total"),
    Fault("a connection that dies once", once_dead, "complete", "Hello", visits=2),
    Fault("a connection that dies twice", lambda peer: None, "ConnectionFailed", visits=2),
    Fault("a reset before the status", Peer.reset, "ConnectionFailed", visits=2),
    Fault("garbage in place of HTTP", lambda peer: peer.send(b"SSH-2.0-OpenSSH\r\n\r\n"), "ConnectionFailed", visits=2),
    Fault("early hints", early_hints, "complete", "Hello"),
    Fault("headers of 300 KB", refused("200 OK", {}, X_Long="x" * 300_000), "ConnectionFailed", visits=2),
    Fault("a length that is said twice", lambda peer: peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), "ConnectionFailed", visits=2),
    Fault("a chunk without a size", odd_chunk, "dropped", "Hello"),
    Fault("usage that comes twice", plain(sse(*HELLO, counted(1), piece(None, "stop"), counted(), counted(), "[DONE]")), "complete", "Hello"),
    Fault("usage of another shape", plain(sse(*HELLO, piece(None, "stop"), {"choices": [], "usage": [9]}, "[DONE]")), "ProtocolViolation", "Hello"),
    Fault("a lone byte of a character", plain(sse(*HELLO), b"data: \x80\n\n"), "ProtocolViolation", "Hello"),
    Fault("a web page with status 200", refused("200 OK", b"<html>", media="text/html"), "ProtocolViolation"),
    Fault("an answer that is not streamed", refused("200 OK", {"model": "m", "choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]}), "complete", "Hello"),
    Fault("an error in an answer that is not streamed", refused("200 OK", QUOTA), "QuotaExceeded", wait="give up"),
    Fault("a redirect", redirecting, "ProtocolViolation"),
    Fault("no content", refused("204 No Content", b""), "ProtocolViolation", wait="give up"),
    Fault("a part of an answer", refused("206 Partial Content", CHAT, media="text/event-stream"), "ProtocolViolation", wait="give up"),
)

STATUS_FAULTS = (
    Fault("429 without Retry-After", refused("429 Slow"), "RateLimited"),
    Fault("429 with seconds", refused("429 Slow", Retry_After="7"), "RateLimited", wait=7.0),
    Fault("429 with a fraction", refused("429 Slow", Retry_After="1.5"), "RateLimited", wait=1.5),
    Fault("429 with milliseconds", refused("429 Slow", Retry_After_Ms="250"), "RateLimited", wait=0.25),
    Fault("429 with a date", in_a_minute, "RateLimited", wait=60.0),
    Fault("429 with a date long ago", refused("429 Slow", Retry_After=LONG_AGO), "RateLimited", wait=0.0),
    Fault("429 with an infinite wait", refused("429 Slow", Retry_After="inf"), "RateLimited", wait="give up"),
    Fault("429 with an overflow", refused("429 Slow", Retry_After="9" * 400), "RateLimited", wait="give up"),
    Fault("429 with a wait of days", refused("429 Slow", Retry_After="4294967"), "RateLimited", wait="give up"),
    Fault("429 with a negative wait", refused("429 Slow", Retry_After="-5"), "RateLimited"),
    Fault("429 with nonsense", refused("429 Slow", Retry_After="soon"), "RateLimited"),
    Fault("429 with the reset of a spent limit", refused("429 Slow", X_RateLimit_Remaining_Requests="0", X_RateLimit_Reset_Requests="1m3s"), "RateLimited", wait=63.0),
    Fault("429 for an empty account", refused("429 Slow", QUOTA), "QuotaExceeded", wait="give up"),
    Fault("429 for a spending limit", refused("429 Slow", SPENT), "QuotaExceeded", wait="give up", preset="anthropic"),
    Fault("500", refused("500 Oops"), "Overloaded"),
    Fault("500 that says not to come back", refused("500 Oops", X_Should_Retry="false"), "Overloaded", wait="give up"),
    Fault("502 with a web page", refused("502 Bad", b"<html>bad gateway</html>", media="text/html"), "Overloaded"),
    Fault("503", refused("503 Busy"), "Overloaded"),
    Fault("504", refused("504 Late"), "TimedOut"),
    Fault("529", refused("529 Busy", OVERLOAD), "Overloaded", preset="anthropic"),
    Fault("408", refused("408 Late"), "TimedOut"),
    Fault("409", refused("409 Conflict"), "Overloaded"),
    Fault("400", refused("400 Bad"), "RequestRejected", wait="give up"),
    Fault("401 that repeats the key", refused("401 No", {"error": {"message": f"bad key {KEY}"}}), "AuthenticationFailed", wait="give up", detail="***"),
    Fault("402", refused("402 Pay"), "QuotaExceeded", wait="give up"),
    Fault("403", refused("403 No"), "AuthenticationFailed", wait="give up"),
    Fault("404", refused("404 No"), "RequestRejected", wait="give up"),
    Fault("413", refused("413 Big"), "RequestRejected", wait="give up"),
    Fault("418", refused("418 Teapot"), "RequestRejected", wait="give up"),
    Fault("an error with a body of 3 MB", refused("500 Oops", b"x" * 3_000_000), "Overloaded"),
)

RESPONSES_FAULTS = tuple(
    Fault(name, play, outcome, text, preset="openai", detail=detail)
    for name, play, outcome, text, detail in (
        ("a whole response", plain(numbered(CREATED, said("Hel"), said("lo"), completed("Hello"))), "complete", "Hello", ""),
        ("a break before response.completed", broken(numbered(CREATED, said("Hello"))), "dropped", "Hello", ""),
        ("a clean end before response.completed", plain(numbered(CREATED, said("Hello"))), "dropped", "Hello", ""),
        ("an event that comes twice", plain(sse({**CREATED, "sequence_number": 0}, {**said("Hello"), "sequence_number": 1}, {**said("Hello"), "sequence_number": 1}, {**completed("Hello"), "sequence_number": 2})), "complete", "Hello", ""),
        ("events in another order", plain(sse({**said("lo"), "sequence_number": 2}, {**said("Hel"), "sequence_number": 1})), "ProtocolViolation", "lo", ""),
        ("a piece that is lost", plain(numbered(CREATED, said("Hel"), completed("Hello"))), "ProtocolViolation", "Hel", ""),
        ("completed at the cap", plain(numbered(CREATED, said("Hello"), completed("Hello", tokens=CAP))), "truncated", "Hello", "cap"),
        ("incomplete at the cap", plain(numbered(CREATED, said("Hello"), completed("Hello", "incomplete", incomplete_details={"reason": "max_output_tokens"}))), "truncated", "Hello", ""),
        ("incomplete by the filter", plain(numbered(CREATED, said("Hello"), completed("Hello", "incomplete", incomplete_details={"reason": "content_filter"}))), "filtered", "Hello", ""),
        ("a refusal in the response", plain(numbered(CREATED, {"type": "response.refusal.delta", "delta": "never"}, completed(""))), "refused", "", "never"),
        ("response.failed", plain(numbered(CREATED, {"type": "response.failed", "response": {"error": {"code": "server_error", "message": "x"}}})), "Overloaded", "", ""),
        ("[DONE] in place of response.completed", plain(numbered(CREATED, said("Hello")), sse("[DONE]")), "dropped", "Hello", ""),
        ("an error event", plain(sse({"type": "error", "code": "rate_limit_exceeded", "message": "x"}, name=True)), "RateLimited", "", ""),
        ("events of a later day", plain(numbered(CREATED, {"type": "response.dream.delta", "delta": 7}, said("Hello"), completed("Hello"))), "complete", "Hello", ""),
    )

)

MESSAGES_FAULTS = tuple(
    Fault(name, play, outcome, text, preset="anthropic", detail=detail)
    for name, play, outcome, text, detail in (
        ("a whole message", plain(MESSAGE), "complete", "Hello", ""),
        ("a break before message_stop", broken(spoken(BEGUN, OPENED, wrote("Hello"))), "dropped", "Hello", ""),
        ("a clean end before message_stop", plain(spoken(BEGUN, OPENED, wrote("Hello"), CLOSED, stop("end_turn"))), "dropped", "Hello", ""),
        ("[DONE] in place of message_stop", plain(spoken(BEGUN, OPENED, wrote("Hello"), CLOSED, stop("end_turn")), sse("[DONE]")), "dropped", "Hello", ""),
        ("[DONE] before message_stop", plain(spoken(BEGUN, OPENED, wrote("Hello"), CLOSED, stop("end_turn")), sse("[DONE]"), spoken(STOPPED)), "complete", "Hello", ""),
        ("message_stop without a reason", plain(spoken(BEGUN, OPENED, wrote("Hello"), CLOSED, STOPPED)), "dropped", "Hello", ""),
        ("an overload after status 200", plain(spoken(BEGUN, OPENED, wrote("Hello"), OVERLOAD)), "Overloaded", "Hello", ""),
        ("an unknown error after status 200", plain(spoken({"type": "error", "error": {"type": "odd_error"}})), "Overloaded", "", ""),
        ("a message that begins twice", plain(spoken(BEGUN, BEGUN)), "ProtocolViolation", "", ""),
        ("a block that begins twice", plain(spoken(BEGUN, OPENED, OPENED)), "ProtocolViolation", "", ""),
        ("a piece before its block", plain(spoken(BEGUN, wrote("Hello"), OPENED)), "ProtocolViolation", "", ""),
        ("a piece of a closed block", plain(spoken(BEGUN, OPENED, wrote("Hello"), CLOSED, wrote("more"))), "ProtocolViolation", "Hello", ""),
        ("a block still open at the end", plain(spoken(BEGUN, OPENED, wrote("Hello"), stop("end_turn"), STOPPED)), "truncated", "Hello", "open"),
        ("a block after the stop reason", plain(spoken(BEGUN, OPENED, wrote("Hello"), CLOSED, stop("end_turn"), {**OPENED, "index": 1}, wrote("more", 1), {**CLOSED, "index": 1}, STOPPED)), "ProtocolViolation", "Hello", "ended"),
        ("a piece after the stop reason", plain(spoken(BEGUN, OPENED, wrote("Hello"), stop("end_turn"), wrote("more"), CLOSED, STOPPED)), "ProtocolViolation", "Hello", "ended"),
        ("max_tokens", plain(spoken(BEGUN, OPENED, wrote("Hello"), CLOSED, stop("max_tokens"), STOPPED)), "truncated", "Hello", ""),
        ("the end of the context window", plain(spoken(BEGUN, OPENED, wrote("Hello"), CLOSED, stop("model_context_window_exceeded"), STOPPED)), "truncated", "Hello", ""),
        ("a refusal with its category", plain(spoken(BEGUN, stop("refusal", stop_details={"type": "refusal", "category": "cyber"}), STOPPED)), "refused", "", "cyber"),
        ("pause_turn", plain(spoken(BEGUN, OPENED, wrote("Hello"), CLOSED, stop("pause_turn"), STOPPED)), "paused", "Hello", ""),
    )
)
PING_FAULTS = (
    Fault("pings in a long silence", pinging, "complete", "Hello", preset="anthropic", timeouts=QUICK),
)
# fmt: on

FAULTS = CHAT_FAULTS + STATUS_FAULTS + RESPONSES_FAULTS + MESSAGES_FAULTS + PING_FAULTS


class FaultServer:
    """A server on a loopback port that plays the row whose number stands in the path."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.visits: dict[str, int] = {}
        self.gone = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            head = b""
            while b"\r\n\r\n" not in head:
                if not (received := connection.recv(65_536)):
                    return
                head += received
            label = head.split(b"/", 2)[1].decode()
            body = head.partition(b"\r\n\r\n")[2]
            length = next(
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            )
            while len(body) < length:
                body += connection.recv(65_536)
            self.visits[label] = self.visits.get(label, 0) + 1
            FAULTS[int(label.partition("-")[2])].play(Peer(connection, self.visits[label]))
        except OSError:
            self.gone.set()
        finally:
            connection.close()

    def close(self) -> None:
        self._listener.close()


@pytest.fixture(scope="module")
def fault_server() -> Iterator[FaultServer]:
    server = FaultServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def shared_http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as http:
        yield http


REQUEST = ModelRequest(
    id="call-1", phase="plan", messages=(Message(role="user", content="Hello?"),), max_output_tokens=CAP
)


def check_outcome(row: Fault, answer: Completion, visits: int) -> None:
    got = answer.error.kind if answer.error is not None else str(answer.ending)
    assert (got, answer.text) == (row.outcome, row.text), answer.error or answer.detail
    assert visits == row.visits
    assert KEY not in repr(answer)
    words = answer.error.message if answer.error is not None else answer.detail
    assert row.detail in words
    if answer.error is not None:
        decision = decide(answer.error, 1, 0.0)
        if row.wait == "give up":
            assert isinstance(decision, GiveUp)
        elif row.wait is not None:
            assert isinstance(decision, Wait)
            assert decision.seconds == pytest.approx(row.wait, abs=5 if row.wait == 60.0 else 0.01)


@pytest.mark.parametrize("number", range(len(FAULTS)), ids=[row.name for row in FAULTS])
def test_the_synchronous_client_gives_each_fault_its_declared_outcome(
    number: int, fault_server: FaultServer, shared_http: httpx.Client
) -> None:
    row, label = FAULTS[number], f"sync-{number}"
    client = Client(
        "m", row.preset, key=KEY, base_url=f"{fault_server.url}/{label}", http=shared_http,
        timeouts=row.timeouts, limits=row.limits,
    )  # fmt: skip

    def events() -> Iterator[ModelEvent]:
        for index, event in enumerate(client.stream(REQUEST)):
            if row.slowly and index % 40 == 0:
                time.sleep(0.02)
            yield event

    check_outcome(row, fold(events()), fault_server.visits.get(label, 0))


@pytest.mark.parametrize("number", range(len(FAULTS)), ids=[row.name for row in FAULTS])
def test_the_asynchronous_client_gives_each_fault_its_declared_outcome(
    number: int, fault_server: FaultServer
) -> None:
    row, label = FAULTS[number], f"async-{number}"

    async def call() -> Completion:
        async with httpx.AsyncClient(trust_env=False, verify=False) as http:
            client = AsyncClient(
                "m", row.preset, key=KEY, base_url=f"{fault_server.url}/{label}", http=http,
                timeouts=row.timeouts, limits=row.limits,
            )  # fmt: skip
            if not row.slowly:
                return await afold(client.stream(REQUEST))
            events = []
            async for event in client.stream(REQUEST):
                events.append(event)
                if len(events) % 40 == 0:
                    await asyncio.sleep(0.02)
            return fold(events)

    check_outcome(row, asyncio.run(call()), fault_server.visits.get(label, 0))


def test_the_table_holds_at_least_forty_faults() -> None:
    assert len({row.name for row in FAULTS}) == len(FAULTS) >= 40


def test_a_port_that_nobody_listens_on_is_a_failed_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Client("m", "openai-chat", key=KEY, base_url=f"http://127.0.0.1:{port}") as client:
        answer = fold(client.stream(REQUEST))
    assert answer.error is not None
    assert (answer.error.kind, answer.error.retryable) == ("ConnectionFailed", True)


ENDLESS = next(number for number, row in enumerate(FAULTS) if row.name == "a drip beyond the total")


def test_closing_the_iterator_early_closes_the_connection(fault_server: FaultServer) -> None:
    fault_server.gone.clear()
    with Client("m", "openai-chat", key=KEY, base_url=f"{fault_server.url}/early-{ENDLESS}") as client:
        events = client.stream(REQUEST)
        assert next(events).kind == "start"
        events.close()  # type: ignore[attr-defined]
        assert fault_server.gone.wait(3), "the server could still write"


def test_cancelling_the_task_closes_the_connection(fault_server: FaultServer) -> None:
    fault_server.gone.clear()

    async def call() -> None:
        async with AsyncClient(
            "m", "openai-chat", key=KEY, base_url=f"{fault_server.url}/cancel-{ENDLESS}"
        ) as client:
            begun = asyncio.Event()

            async def read() -> None:
                async with aclosing(client.stream(REQUEST)) as events:  # type: ignore[type-var]
                    async for _ in events:
                        begun.set()

            task = asyncio.create_task(read())
            await asyncio.wait_for(begun.wait(), 3)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await asyncio.to_thread(fault_server.gone.wait, 3), "the server could still write"

    asyncio.run(call())


def test_one_asynchronous_client_serves_two_event_loops_in_turn(fault_server: FaultServer) -> None:
    client = AsyncClient("m", "openai-chat", key=KEY, base_url=f"{fault_server.url}/loops-0")
    answers = [asyncio.run(afold(client.stream(REQUEST))) for _ in range(2)]
    assert [(answer.text, str(answer.ending)) for answer in answers] == [("Hello", "complete")] * 2


def test_event_loops_in_several_threads_keep_their_own_connections() -> None:
    client = AsyncClient("m", "openai-chat", key=KEY)
    met = threading.Barrier(3, timeout=5)

    async def twice() -> bool:
        first = client._client()
        met.wait()
        kept = client._client() is first
        met.wait()
        await client.aclose()
        return kept and bool(first.is_closed)

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda _: asyncio.run(twice()), range(3))) == [True] * 3


def test_threads_share_one_client_and_its_connections(fault_server: FaultServer) -> None:
    with Client("m", "openai-chat", key=KEY, base_url=f"{fault_server.url}/threads-0") as client:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: fold(client.stream(REQUEST)), range(24)))
        opened = client._http
        assert fold(client.stream(REQUEST)).text == "Hello"
        assert client._http is opened
    assert [(answer.text, str(answer.ending)) for answer in answers] == [("Hello", "complete")] * 24
