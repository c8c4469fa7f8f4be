"""One call of a model, without I/O: bytes and moments in, events out.

Owns: the states of a call, the reading of its answer, and the one place where a call ends.
Must never know: HTTP libraries, threads, asyncio, retries.

A call is `open` until its one terminal event, `end` or `error`, is made; after that every input is ignored. The
transports (one synchronous, one asynchronous) only carry bytes to it, so that both behave alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from backend_engineer.clients.failures import facts_of, failure, from_answer
from backend_engineer.clients.protocol import ErrorFacts, ModelEvent, ModelRequest
from backend_engineer.clients.settings import CallPlan, Settings, encoded
from backend_engineer.clients.sse import SSEDecoder
from backend_engineer.clients.usage import charge
from backend_engineer.clients.wires import Answer, Piece
from backend_engineer.contract import Ending
from backend_engineer.errors import ClientError, ProtocolViolation
from backend_engineer.outputs import Usage

__all__ = ["Call"]

_MOST_ERROR_BYTES = 64 * 1024
_LEAST_SECRET = 8
# Cut only after the key was taken out: half a key would not be known for one.
_MOST_WORDS = 500


class Call:
    """The state of one call.

    plan: what is sent. ended: whether the terminal event was made. ending: that event. answered: whether the
    server's status has come. clock: seconds that only grow; wall: seconds since the epoch, for dates in headers.
    """

    def __init__(
        self,
        settings: Settings,
        request: ModelRequest,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self.settings, self.request = settings, request
        self.plan: CallPlan = settings.plan(request)
        self.content = encoded(self.plan.body)
        self._key = settings.key.read()
        # What is shorter is a placeholder of a local server, and taking it out would maim ordinary words.
        held = {self._key, *settings.secrets}
        self._secrets = tuple(
            sorted((word for word in held if len(word) >= _LEAST_SECRET), key=len, reverse=True)
        )
        self._clock, self._wall = clock, wall
        self.deadline = clock() + settings.timeouts.total
        self.answered = False
        self.terminal: ModelEvent | None = None
        self._status = 0
        self._headers: Mapping[str, str] = {}
        self._decoder: SSEDecoder | None = None
        self._whole = bytearray()
        self._started = False
        self._spoken = False
        self._characters = 0
        self._held = ""
        self._wire = settings.wire
        self._answer = Answer(settings.target(request), secrets=self._secrets)

    @property
    def headers(self) -> dict[str, str]:
        """The headers to send, the key included."""
        return {**self.plan.headers, **dict(self.settings.headers), **self.settings.key_header(self._key)}

    @property
    def ended(self) -> bool:
        """Whether the terminal event was made."""
        return self.terminal is not None

    @property
    def streamed(self) -> bool:
        """Whether any text of the answer has come; reasoning alone loses nothing when it is made anew."""
        return self._spoken

    def begin(self, status: int, headers: Iterable[tuple[str, str]]) -> list[ModelEvent]:
        """Take the status line and the headers of the answer."""
        self.answered = True
        self._status = status
        self._headers = {name.lower(): value for name, value in headers}
        self._answer.request_id = self._headers.get("x-request-id") or self._headers.get("request-id") or ""
        encoding = self._headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", ""):
            return self._refused(
                status, f"The server compressed its answer ({encoding[:20]}), which was not allowed."
            )
        if status != 200:
            return []
        media = self._headers.get("content-type", "").partition(";")[0].strip().lower()
        if self.settings.streaming and media in ("text/event-stream", ""):
            self._decoder = SSEDecoder(self.settings.limits)
        elif media not in ("application/json", ""):
            return self._refused(
                status, f"The server answered with {media[:60]} and not with a model's answer."
            )
        return []

    def _refused(self, status: int, message: str) -> list[ModelEvent]:
        if status == 200:
            return self._fail(failure("ProtocolViolation", message, status=status))
        return self._fail(from_answer(status, self._headers, b"", now=self._wall(), secrets=self._secrets))

    def feed(self, chunk: bytes) -> list[ModelEvent]:
        """Take the next bytes of the answer."""
        if self.ended:
            return []
        if self._clock() > self.deadline:
            return self.timed_out("total")
        if self._decoder is not None:
            return self._stream(self._decoder, chunk)
        try:
            self._collect(chunk)
        except ClientError as error:
            return self._fail(self._about(error))
        return []

    def _collect(self, chunk: bytes) -> None:
        if self._status != 200:
            self._whole += chunk[: _MOST_ERROR_BYTES - len(self._whole)]
            return
        self._whole += chunk
        if len(self._whole) > self.settings.limits.answer:
            raise ProtocolViolation(
                f"The server sent an answer of more than {self.settings.limits.answer} bytes."
            )

    def _stream(self, decoder: SSEDecoder, chunk: bytes) -> list[ModelEvent]:
        events: list[ModelEvent] = []
        answer, translate = self._answer, self._wire.translate
        try:
            for name, data in decoder.events(chunk):
                if not data:
                    # Some gateways keep a connection alive with events that hold nothing.
                    continue
                if data.startswith("[DONE]"):
                    # Where the protocol has a terminal event of its own, this one ends nothing.
                    answer.finished = answer.finished or self._wire.sentinel
                elif pieces := translate(answer, name, _payload(data)):
                    events += self._events(pieces)
                if answer.finished:
                    return events + self._finish()
        except ClientError as error:
            # What came before the fault stays: it is returned together with the error.
            return events + self._fail(self._about(error))
        return events

    def has_enough(self) -> bool:
        """Whether nothing more needs to be read: the call ended, or enough of an error's body has come."""
        return self.ended or (self._status != 200 and len(self._whole) >= _MOST_ERROR_BYTES)

    def close(self) -> list[ModelEvent]:
        """Take the clean end of the answer."""
        if self.ended:
            return []
        if self._status != 200:
            body = bytes(self._whole)
            return self._fail(
                from_answer(self._status, self._headers, body, now=self._wall(), secrets=self._secrets)
            )
        if self._decoder is None:
            try:
                pieces = self._wire.read(self._answer, _payload(self._whole.decode("utf-8", "replace")))
            except ClientError as error:
                return self._fail(self._about(error))
            return self._events(pieces) + self._finish()
        if not (self._wire.sentinel and self._answer.ending is not None):
            self._answer.end(Ending.DROPPED, "the connection ended before the answer did")
        return self._finish()

    def broke(self, message: str) -> list[ModelEvent]:
        """Take a connection that failed or broke; an answer of which text had come ends as `dropped`."""
        if self.ended:
            return []
        if self.streamed:
            self._answer.end(Ending.DROPPED, message)
            return self._finish()
        return self._fail(failure("ConnectionFailed", message, status=self._status or None))

    def timed_out(self, limit: str) -> list[ModelEvent]:
        """Take a time limit that passed: `connect`, `first byte`, `idle` or `total`."""
        if self.ended:
            return []
        return self._fail(failure("TimedOut", f"The time limit passed: {limit}."))

    def _events(self, pieces: Iterable[Piece]) -> list[ModelEvent]:
        events = [] if self._started else self._start()
        for kind, text in pieces:
            text = self._encodable(text) if kind == "text" else _replaced(text)
            if text:
                self._characters += len(text)
                self._spoken = self._spoken or kind == "text"
                events.append(ModelEvent(kind=kind, text=text))
        return events

    def _start(self) -> list[ModelEvent]:
        if self._started:
            return []
        self._started = True
        answer = self._answer
        return [
            ModelEvent(
                kind="start",
                model=self._clean(answer.model)[:_MOST_WORDS] or self.settings.model,
                request_id=self._clean(answer.request_id)[:_MOST_WORDS],
                dropped=self.plan.dropped,
            )
        ]

    def _encodable(self, text: str) -> str:
        """The text without lone surrogates; a pair that two deltas share is put together again."""
        if text.isascii() and not self._held:
            return text
        text = self._held + text
        self._held = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._held = text[:-1], text[-1]
        return _replaced(text)

    def _finish(self) -> list[ModelEvent]:
        answer = self._answer
        if answer.error is not None:
            return self._fail(answer.error)
        events = self._start()
        if self._held:
            events.append(ModelEvent(kind="text", text="\ufffd"))
        ending, detail = answer.ending, answer.detail
        if ending is None:
            ending, detail = Ending.DROPPED, "the server ended the stream without saying how the answer ended"
        if ending is Ending.COMPLETE and (limit := self._limit_reached()):
            # Some servers call an answer complete that they cut.
            ending, detail = Ending.TRUNCATED, f"called complete at {limit}"
        self.terminal = ModelEvent(
            kind="end", ending=ending, usage=self._usage(), detail=self._clean(detail)[:_MOST_WORDS]
        )
        return [*events, self.terminal]

    def _limit_reached(self) -> str:
        """Which limit the counted tokens reach; empty when none does or nothing was counted."""
        usage = self._answer.usage
        if usage is None:
            return ""
        cap = self.plan.body.get(self.settings.preset.max_tokens_field)
        if isinstance(cap, int) and 0 < cap <= usage.output_tokens:
            return f"the cap of {cap} tokens"
        window = self.settings.profile.context_window
        if window is not None and usage.input_tokens + usage.output_tokens >= window:
            return f"the end of the context window of {window} tokens"
        return ""

    def _usage(self) -> Usage:
        """What the provider counted; where the answer ended before it did, an estimate from what arrived."""
        known = self._answer.usage
        # Three characters a token, which is rather too many: the text itself is not kept.
        heard = -(-self._characters // 3)
        ended_well = self._answer.finished and self._answer.error is None
        if known is not None and (known.output_tokens >= heard or (ended_well and known.output_tokens)):
            return known
        if known is None or not known.input_tokens:
            return charge(self.request, heard)
        return known.model_copy(update={"output_tokens": heard, "estimated_tokens": heard})

    def _about(self, error: ClientError) -> ErrorFacts:
        facts = facts_of(error)
        return facts.model_copy(
            update={"request_id": self._answer.request_id or None, "status": self._status}
        )

    def _fail(self, facts: ErrorFacts) -> list[ModelEvent]:
        usage = self._usage() if self._characters or self._answer.usage is not None else None
        words = {name: self._clean(value)[:_MOST_WORDS] for name, value in facts if isinstance(value, str)}
        facts = facts.model_copy(update=words)
        self.terminal = ModelEvent(kind="error", error=facts, usage=usage)
        return [self.terminal]

    def _clean(self, words: str) -> str:
        """Words of the server that go into records: encodable, and without the secrets that it repeats."""
        words = _replaced(words)
        for secret in self._secrets:
            words = words.replace(secret, "***")
        return words


_decode = json.JSONDecoder().decode


def _payload(data: str) -> dict[str, Any]:
    try:
        payload = _decode(data)
    except (ValueError, RecursionError):
        raise ProtocolViolation("The server sent malformed JSON.") from None
    if not isinstance(payload, dict):
        raise ProtocolViolation("The server sent JSON that is not an object.")
    return payload


def _replaced(text: str) -> str:
    """The text with surrogate pairs joined and lone surrogates replaced; most texts pass untouched."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
